r"""From rates that a whole cell shows to rates of the open channel, and back.

    k_off,macro = Po k_off                    Po: stationary open probability of the gating scheme in use
    last exponential = - max eigenvalue of (Q - k_off on the open states)
    Po k_on <= k_on,macro <= Po_peak k_on     block first empties the channels that are not desensitized

A pore exchanges only while open, so a recording sees the product. That is exact at the first moment after a block in
equilibrium. Later it is slower wherever unbinding is not slow beside gating, because channels must first come back from
desensitization: on the GluN2A scheme ketamine starts at 0.22 and ends at 0.18 per second, memantine at 0.53 and 0.35.
The microscopic rates inherit the gating: with weaker desensitization (Po of 0.33 instead of 0.085) they are four times
smaller. Keep the macroscopic rate and its condition; convert with the scheme that will be used.

Source: no numbers of its own. Leaves out: recovery that is not one exponential.
"""

from __future__ import annotations

from unwound.core.arrays import Scalar, jnp
from unwound.receptor.scheme import Agonists, Gating, generator, opened, stationary


def open_probability(gating: Gating, agonists: Agonists) -> Scalar:
    """Po at steady state; 0 without glutamate, when the gate rests."""
    return opened(gating, stationary(generator(gating, agonists)))


def macroscopic_off(off_rate: Scalar, open_share: Scalar) -> Scalar:
    """Recovery [1/s] that a whole cell shows at first, after a block in equilibrium."""
    return off_rate * open_share


def last_recovery(gating: Gating, agonists: Agonists, off_rate: Scalar) -> Scalar:
    """Recovery [1/s] of the last exponential in drug-free solution: how slowly the slowest channels let go."""
    leaving = generator(gating, agonists)
    for name in gating.open_states:
        place = gating.states.index(name)
        leaving = leaving.at[place, place].add(-off_rate)
    return -jnp.max(jnp.real(jnp.linalg.eigvals(leaving)))


def microscopic_off(recovery: Scalar, open_share: Scalar) -> Scalar:
    """Unbinding from the open channel [1/s] behind a `recovery` [1/s]."""
    return recovery / open_share


def macroscopic_on(on_rate: Scalar, open_share: Scalar, peak: Scalar) -> tuple[Scalar, Scalar]:
    """Least and greatest onset that a whole cell can show, in the unit of `on_rate`."""
    return on_rate * open_share, on_rate * peak


def binding(off_rate: Scalar, dissociation: Scalar) -> Scalar:
    """The on-rate that unbinding and K at the same voltage imply."""
    return off_rate / dissociation
