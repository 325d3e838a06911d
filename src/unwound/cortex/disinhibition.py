r"""Cortical disinhibition: NMDA block takes drive from interneurons and from pyramidal cells, and the two compete.

    m = n_E b_E,   k = n_I b_I                                       excitation lost by pyramidal cells and interneurons
    tau_E dE/dt = -E + max(0, (1 - m)(1 - r + G + r E) - G I)        pyramidal rate, 1 without drug
    tau_I dI/dt = -I + (1 - k) E                                     interneuron rate, 1 without drug
    glutamate   = E                                                  release relative to the drug-free state

n is the share of a class's excitation that NMDA receptors carry, b their block, r the part of the excitation that
pyramidal cells give each other, G the inhibition that interneurons give back; the rest, 1 - r + G, comes from outside.
At rest:

    E = (1 - m)(1 - r + G) / (1 - (1 - m) r + G (1 - k)),      I = (1 - k) E
    E > 1   exactly where   G k > (1 + G) m

So equal losses never raise glutamate, a surge needs interneurons that lose more, and it ends where the ratio k/m falls
below 1 + 1/G. Recurrence sets its size and never its sign. With r < 1 the state at rest is stable under any block
(negative trace, positive determinant), and interneurons fall under any block.

Source: assumption (structure and weights); moghaddam1997, homayoun2007 (signs). Leaves out: recurrence of 1 or more (a
cortex that inhibition stabilizes), inhibition among interneurons, thresholds and saturation of firing, uptake and its
change, glutamate of glia, plasticity, regions, rhythms.
"""

from __future__ import annotations

from typing import ClassVar

from unwound.core.arrays import Array, Record, Scalar, jnp
from unwound.core.units import unit


class Disinhibition(Record):
    """Parameters of the circuit."""

    pyramidal_nmda: Scalar = unit("1")  # n_E
    interneuron_nmda: Scalar = unit("1")  # n_I
    recurrence: Scalar = unit("1")  # r, below 1
    feedback: Scalar = unit("1")  # G
    pyramidal_time: Scalar = unit("ms")  # tau_E
    interneuron_time: Scalar = unit("ms")  # tau_I

    prefix: ClassVar[str] = "disinhibition"


class Rates(Record):
    """State: firing rates relative to the drug-free state."""

    pyramidal: Scalar = unit("1")  # E
    interneuron: Scalar = unit("1")  # I


class Block(Record):
    """Input: share of the NMDA current that is blocked in each class of cells."""

    pyramidal: Scalar = unit("1")  # b_E
    interneuron: Scalar = unit("1")  # b_I


def losses(block: Block, p: Disinhibition) -> tuple[Array, Array]:
    """Share of their excitation that pyramidal cells and interneurons lose, m and k."""
    return jnp.asarray(p.pyramidal_nmda * block.pyramidal), jnp.asarray(p.interneuron_nmda * block.interneuron)


def flow(rates: Rates, block: Block, p: Disinhibition) -> Rates:
    """Rate of change of the rates [1/ms]."""
    m, k = losses(block, p)
    excitation = (1.0 - m) * (1.0 - p.recurrence + p.feedback + p.recurrence * rates.pyramidal)
    drive = jnp.maximum(excitation - p.feedback * rates.interneuron, 0.0)
    return Rates(
        pyramidal=(drive - rates.pyramidal) / p.pyramidal_time,
        interneuron=((1.0 - k) * rates.pyramidal - rates.interneuron) / p.interneuron_time,
    )


def steady_state(block: Block, p: Disinhibition) -> Rates:
    """Rates at rest under a constant block, in closed form."""
    m, k = losses(block, p)
    outside = (1.0 - m) * (1.0 - p.recurrence + p.feedback)
    pyramidal = outside / (1.0 - (1.0 - m) * p.recurrence + p.feedback * (1.0 - k))
    return Rates(pyramidal=pyramidal, interneuron=(1.0 - k) * pyramidal)


def glutamate(block: Block, p: Disinhibition) -> Array:
    """Release of glutamate at rest relative to the drug-free state: above 1 is a surge."""
    return jnp.asarray(steady_state(block, p).pyramidal)


def balance(block: Block, p: Disinhibition) -> Array:
    """G k - (1 + G) m: positive where glutamate is above its drug-free state, negative where it is below."""
    m, k = losses(block, p)
    return p.feedback * k - (1.0 + p.feedback) * m
