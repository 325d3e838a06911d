r"""Receptor number: lasting pain puts more NMDA receptors into the synapse and so keeps itself up.

    dU/dt = (psi(N) - U)/tauU + rho b (1 - U)          number above that of a healthy synapse, 0..1
    gain of NMDA current and of plasticity: 1 + u U

psi(N) is the saturation of the switch. In steady block only (1 - b)(1 + u U) counts: twice the receptors under half
block are as many as in health. rho is optional: homeostasis, by which block itself calls for more receptors.

Source: assumption (all numbers); nmda_rebound2009 (that block raises surface receptors, in forebrain cultures).
Leaves out: subtypes, phosphorylation apart from number, receptors outside the synapse.
"""

from __future__ import annotations

from typing import ClassVar

from unwound.core.arrays import Array, Record, Scalar
from unwound.core.units import unit


class ReceptorNumber(Record):
    """How many, how fast, and what block does to them."""

    strength: Scalar = unit("1")  # u
    time: Scalar = unit("d")  # tauU
    rebound: Scalar = unit("1/d")  # rho

    prefix: ClassVar[str] = "receptor_number"


def flow(receptors: Array, saturation: Array, block: Array, p: ReceptorNumber) -> Array:
    """Rate of change of U [1/d]."""
    return (saturation - receptors) / p.time + p.rebound * block * (1.0 - receptors)


def nmda_gain(receptors: Array, p: ReceptorNumber) -> Array:
    """NMDA current relative to a healthy synapse: ``1 + u U``."""
    return 1.0 + p.strength * receptors
