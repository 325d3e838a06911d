r"""Disinhibition: glia take the brake of the dorsal horn away, by BDNF and a loss of KCC2.

    dH/dt = (wG G - H)/tauH                            loss of inhibition, 0..1
    drive += gH H          plasticity *= 1 + kH H
    E_GABA = E0 + dE H          g_inh = 1 - dg H       in the circuit of the dorsal horn

The factor 1 + kH H stands in series with that of receptor number: a weaker brake lets the same NMDA receptors pass
more current, so the gains multiply. That is how we read the idea that GluN2B acts behind disinhibition.

Source: assumption (all numbers); prescott2006 (direction: a small shift of the anion reversal weakens inhibition much).
Leaves out: BDNF and KCC2 as states of their own, loss of interneurons, sex differences.
"""

from __future__ import annotations

from typing import ClassVar

from unwound.core.arrays import Array, Record, Scalar
from unwound.core.units import unit


class Disinhibition(Record):
    """What calls it forth, how fast, and what it does."""

    glia_weight: Scalar = unit("1")  # wG
    time: Scalar = unit("d")  # tauH
    drive_gain: Scalar = unit("1")  # gH
    series_gain: Scalar = unit("1")  # kH
    chloride_shift: Scalar = unit("mV")  # dE
    conductance_loss: Scalar = unit("1")  # dg

    prefix: ClassVar[str] = "disinhibition"


def flow(loss: Array, glia: Array, p: Disinhibition) -> Array:
    """Rate of change of H [1/d]."""
    return (p.glia_weight * glia - loss) / p.time


def added_drive(loss: Array, p: Disinhibition) -> Array:
    """What H adds to the drive: ``gH H``."""
    return p.drive_gain * loss


def series_gain(loss: Array, p: Disinhibition) -> Array:
    """By how much H multiplies the plasticity signal: ``1 + kH H``."""
    return 1.0 + p.series_gain * loss


def chloride(loss: Array, healthy: Array, p: Disinhibition) -> Array:
    """Reversal of GABA and glycine [mV], `healthy` where nothing is lost."""
    return healthy + p.chloride_shift * loss


def conductance(loss: Array, p: Disinhibition) -> Array:
    """Inhibitory conductance relative to a healthy circuit."""
    return 1.0 - p.conductance_loss * loss
