r"""Gating of one receptor subtype as a Markov chain: the signature that every published scheme shares.

    dX/dt = Q X,        Q[j, i] = rate of i -> j [1/s],  columns sum to zero

X holds the probability of each state. A scheme says its states, which of them are open, and its transitions at given
concentrations of the agonists; binding steps are proportional to them. Rates that lead from a shut into an open state
are *openings*, those the other way *closings*: an allosteric drug or a missing co-agonist lowers openings.

Time is in seconds in this room.

Source: no numbers of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from unwound.core.arrays import Array, Float, Scalar, jnp
from unwound.receptor.coagonist import share


class Transition(NamedTuple):
    """One way of the chain: from a state to another at `rate` [1/s]."""

    source: str
    target: str
    rate: Scalar


class Agonists(NamedTuple):
    """What the receptor is bathed in [uM]; glycine is None where it saturates, as in most experiments.

    D-serine counts as glycine: see `coagonist.glycine_equivalent`.
    """

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
    resting: tuple[str, ...]
    """Where the receptor is without glutamate: one state, or several that exchange without it."""
    temperature: float
    """What its rates were measured at [deg C]; 23 stands for room temperature."""

    @property
    def glycine_half(self) -> Scalar | None:
        """EC50 of glycine [uM]; None where the scheme has binding of glycine of its own."""
        ...

    def transitions(self, agonists: Agonists) -> tuple[Transition, ...]:
        """Every way between states, in both directions."""
        ...


def generator(
    gating: Gating, agonists: Agonists, opening: Scalar = 1.0, speed: Scalar = 1.0, closing: Scalar = 1.0
) -> Float[Array, "state state *batch"]:
    """Q [1/s], shape (state, state, *batch).

    Openings are multiplied by `opening`, and by the share of receptors with glycine where the scheme does not bind it
    itself; closings by `closing`; everything by `speed`.
    """
    if agonists.glycine is not None and gating.glycine_half is not None:
        opening = opening * share(agonists.glycine, gating.glycine_half)
    place = {name: n for n, name in enumerate(gating.states)}
    steps = gating.transitions(agonists)
    rates = jnp.stack(
        jnp.broadcast_arrays(*(step.rate * speed * _factor(gating, step, opening, closing) for step in steps))
    )
    source, target = (
        jnp.asarray([place[name] for name in names]) for names in zip(*(s[:2] for s in steps), strict=True)
    )
    matrix = jnp.zeros((len(place), len(place), *rates.shape[1:]))
    return matrix.at[target, source].add(rates).at[source, source].add(-rates)


def _factor(gating: Gating, step: Transition, opening: Scalar, closing: Scalar) -> Scalar:
    was, will_be = (name in gating.open_states for name in (step.source, step.target))
    if was == will_be:
        return 1.0
    return opening if will_be else closing


def opened(gating: Gating, occupancy: Array, states: Sequence[str] | None = None) -> Array:
    """Probability of being open: the sum over the open states of `occupancy`, (state, ...)."""
    names = gating.states if states is None else tuple(states)
    places = jnp.asarray([names.index(name) for name in gating.open_states])
    return jnp.sum(occupancy[places], axis=0)


def at_rest(gating: Gating, glycine: Scalar | None = None) -> Array:
    """Receptors that have long been without glutamate, in `glycine` [uM] (None: saturating)."""
    places = jnp.asarray([gating.states.index(name) for name in gating.resting])
    empty = jnp.zeros(len(gating.states))
    if len(gating.resting) == 1:
        return empty.at[places].set(1.0)
    whole = generator(gating, Agonists(0.0, glycine))
    return empty.at[places].set(stationary(whole[places[:, None], places]))


def stationary(matrix: Float[Array, "state state"]) -> Float[Array, " state"]:
    """The stationary distribution of a chain whose states all communicate: Q X = 0, sum X = 1.

    One balance equation is redundant; it gives its place to the sum. Without agonist some states cannot be reached
    and the answer is where the chain rests.
    """
    size = matrix.shape[0]
    whole = jnp.asarray(matrix).at[-1].set(jnp.ones(size))
    return jnp.linalg.solve(whole, jnp.zeros(size).at[-1].set(1.0))
