r"""From rates that a whole cell shows to rates of the open channel, and back.

    k_off,macro = Po k_off                    Po: stationary open probability of the gating scheme in use
    Po k_on <= k_on,macro <= Po_peak k_on     block first empties the channels that are not desensitized

A pore exchanges only while open, so a recording sees the product. The microscopic rates inherit the gating: with weaker
desensitization (Po of 0.33 instead of 0.085) they are four times smaller. Keep the macroscopic rate and its condition;
convert with the scheme that will be used.

Source: no numbers of its own. Leaves out: recovery that is not one exponential.
"""

from __future__ import annotations

from unwound.core.arrays import Scalar
from unwound.receptor.scheme import Agonists, Gating, generator, opened, stationary


def open_probability(gating: Gating, agonists: Agonists) -> Scalar:
    """Po at steady state; 0 without glutamate, when the gate rests."""
    return opened(gating, stationary(generator(gating, agonists)))


def macroscopic_off(off_rate: Scalar, open_share: Scalar) -> Scalar:
    """Recovery that a whole cell shows [1/s]."""
    return off_rate * open_share


def microscopic_off(recovery: Scalar, open_share: Scalar) -> Scalar:
    """Unbinding from the open channel [1/s] behind a `recovery` [1/s]."""
    return recovery / open_share


def macroscopic_on(on_rate: Scalar, open_share: Scalar, peak: Scalar) -> tuple[Scalar, Scalar]:
    """Least and greatest onset that a whole cell can show, in the unit of `on_rate`."""
    return on_rate * open_share, on_rate * peak


def binding(off_rate: Scalar, dissociation: Scalar) -> Scalar:
    """The on-rate that unbinding and K at the same voltage imply."""
    return off_rate / dissociation
