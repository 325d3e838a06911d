r"""H0: no switch. A linear slow effect compartment followed by Emax.

    dCe/dt = k (C - Ce),     k = ln 2 / t_half,     C = C_S + f C_R
    E      = Ce / (Ce + C50)
    pain   = baseline (1 - Emax E)

There is no threshold and no permanent remission: relief lasts about ``t_half log2(peak / C50)``, and a series of
infusions adds up only through E. C50 is in the units of this compartment, whose half-life is 10.9 days: it is not a
plasma C50.

Source: dahan2011 (t_half, C50); Hill exponent 1, Emax and f are assumptions.
"""

from __future__ import annotations

import math
from typing import ClassVar

from unwound.core.arrays import Array, Record, Scalar
from unwound.core.units import unit


class Turnover(Record):
    """H0: the linear slow compartment."""

    half_life: Scalar = unit("d")
    half_effect: Scalar = unit("uM")  # C50
    emax: Scalar = unit("1")
    r_potency: Scalar = unit("1")
    """Potency of R-ketamine relative to S-ketamine (f)."""

    prefix: ClassVar[str] = "turnover"
    title: ClassVar[str] = "H0 Turnover: linear slow compartment and Emax, no switch"


def effect_in(concentration: Array, p: Turnover) -> tuple[Array, Array]:
    """The slow concentration depends on the drug alone: (rate [1/d], source [uM/d])."""
    rate = math.log(2.0) / p.half_life
    return rate, rate * concentration


def relief(slow: Array, p: Turnover) -> Array:
    """Fraction of the baseline pain that is relieved, 0..emax, at the slow concentration `slow` [uM]."""
    return p.emax * slow / (slow + p.half_effect)
