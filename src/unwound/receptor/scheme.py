r"""Gating of one receptor subtype as a Markov chain: the signature that every published scheme shares.

    dX/dt = Q X,        Q[j, i] = rate of i -> j [1/s],  columns sum to zero

X holds the probability of each state. A scheme says its states, which of them are open, and its transitions at given
concentrations of the agonists; binding steps are proportional to them. Rates that lead into an open state are
*openings*: an allosteric drug or a missing co-agonist lowers these.

Time is in seconds in this room.

Source: no numbers of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from unwound.core.arrays import Array, Float, Scalar, jnp


class Transition(NamedTuple):
    """One way of the chain: from a state to another at `rate` [1/s]."""

    source: str
    target: str
    rate: Scalar
    opening: bool = False


class Agonists(NamedTuple):
    """What the receptor is bathed in [uM]; glycine is None where it saturates, as in most experiments."""

    glutamate: Scalar
    glycine: Scalar | None = None


class Gating(Protocol):
    """A published gating scheme, an AuthorYear record."""

    prefix: str
    title: str
    subtype: str
    """GluN2A, GluN2B, GluN2C, GluN2D or native."""
    states: tuple[str, ...]
    open_states: tuple[str, ...]
    resting: str
    """Where the receptor is without agonist."""
    temperature: float
    """What its rates were measured at [deg C]; 23 stands for room temperature."""

    def transitions(self, agonists: Agonists) -> tuple[Transition, ...]:
        """Every way between states, in both directions."""
        ...


def generator(
    gating: Gating, agonists: Agonists, opening: Scalar = 1.0, speed: Scalar = 1.0
) -> Float[Array, "state state *batch"]:
    """Q [1/s], shape (state, state, *batch). Openings are multiplied by `opening`, everything by `speed`."""
    place = {name: n for n, name in enumerate(gating.states)}
    steps = gating.transitions(agonists)
    batch = jnp.broadcast_shapes(*(jnp.shape(step.rate) for step in steps), jnp.shape(opening), jnp.shape(speed))
    matrix = jnp.zeros((len(place), len(place), *batch))
    for step in steps:
        rate = step.rate * speed * (opening if step.opening else 1.0)
        source, target = place[step.source], place[step.target]
        matrix = matrix.at[target, source].add(rate)
        matrix = matrix.at[source, source].add(-rate)
    return matrix


def opened(gating: Gating, occupancy: Array, states: Sequence[str] | None = None) -> Array:
    """Probability of being open: the sum over the open states of `occupancy`, (state, ...)."""
    names = gating.states if states is None else tuple(states)
    places = jnp.asarray([names.index(name) for name in gating.open_states])
    return jnp.sum(occupancy[places], axis=0)


def at_rest(gating: Gating) -> Array:
    """All receptors in the resting state."""
    return jnp.zeros(len(gating.states)).at[gating.states.index(gating.resting)].set(1.0)


def stationary(matrix: Float[Array, "state state"]) -> Float[Array, " state"]:
    """The stationary distribution of a chain whose states all communicate: Q X = 0, sum X = 1.

    One balance equation is redundant; it gives its place to the sum. Without agonist some states cannot be reached
    and the answer is where the chain rests.
    """
    size = matrix.shape[0]
    whole = matrix.at[-1].set(jnp.ones(size))
    return jnp.linalg.solve(whole, jnp.zeros(size).at[-1].set(1.0))
