r"""Median frequency of the EEG, which both enantiomers slow down, S-ketamine more.

    MF = E0 - (E_S u_S + E_R u_R) / (u_S + u_R) * u^g / (1 + u^g),      u_S = C_S/IC_S,  u_R = C_R/IC_R,  u = u_S + u_R

For one enantiomer alone this is the inhibitory sigmoid of the paper; together they compete for one site. For the
racemate it then predicts a largest drop of 7.1 per s (paper: 7.6 +/- 1.7) at half concentration 1.1 ug/mL (paper: 2.0
+/- 0.5): the second is a known discrepancy. The bispectral index is not modeled; it does not tell the depth of
ketamine.

Source: schuttler1987 (read in a transcription in which two labels of enantiomers are incomplete); assumption (g, E0).
Leaves out: theta and gamma power, burst suppression, tolerance within a session, norketamine.
"""

from __future__ import annotations

from typing import ClassVar

from unwound.core.arrays import Array, Record, Scalar, jnp
from unwound.core.units import unit


class Eeg(Record):
    """Largest drops of the median frequency and the concentrations at half of them."""

    baseline: Scalar = unit("1/s")  # E0
    s_drop: Scalar = unit("1/s")  # E_S
    r_drop: Scalar = unit("1/s")  # E_R
    s_half: Scalar = unit("uM")  # IC_S
    r_half: Scalar = unit("uM")  # IC_R
    hill: Scalar = unit("1")  # g

    prefix: ClassVar[str] = "eeg"


def frequency_drop(s_ketamine: Array, r_ketamine: Array, p: Eeg) -> Array:
    """By how much [1/s] concentrations [uM] of the enantiomers slow the median frequency."""
    u_s, u_r = s_ketamine / p.s_half, r_ketamine / p.r_half
    u = u_s + u_r
    full = (p.s_drop * u_s + p.r_drop * u_r) / jnp.where(u > 0.0, u, 1.0)
    return full * u**p.hill / (1.0 + u**p.hill)


def median_frequency(s_ketamine: Array, r_ketamine: Array, p: Eeg) -> Array:
    """Median frequency of the EEG [1/s]."""
    return p.baseline - frequency_drop(s_ketamine, r_ketamine, p)
