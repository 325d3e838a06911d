r"""What the batch engine needs of a person's blood: a state that is dosed, moved and read.

Two records satisfy `Kinetics`. `Exposure` holds the modes of a mammillary model (a vein only; fastest). `Absorbed`
holds any `LinearSystem` with the compartments that doses enter; it is moved by the exponential of its matrix,

    x(h) = exp(A h) x(0) + Phi(h) B u,      Phi(h) = int_0^h exp(A s) ds

where B puts the share ``fraction`` of what each channel gives into its compartment. exp(A h) and the columns of Phi for
the compartments that anything enters come from one exponential, of [[A, 1], [0, 0]] h, so chains with equal rate
constants are exact. Compartments that no dose can reach are left out.

Source: linear algebra; no numbers of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np

from unwound.core.arrays import Array, Float, Record, eqx, jax, jnp
from unwound.core.units import unit
from unwound.pharmacokinetics.system import LinearSystem


class Reading(NamedTuple):
    """Concentrations [mg/L] of one form of the drug: the parent, and what follows it (metabolites, effect sites)."""

    parent: Array  # (..., people)
    followers: Array  # (..., analytes, people)

    def each(self) -> tuple[Array, ...]:
        """One array per analyte, the parent first."""
        return (self.parent, *(self.followers[..., n, :] for n in range(self.followers.shape[-2])))


class Kinetics(Protocol):
    """A person's blood (or people's, on the last axis), for one form of the drug."""

    def parent_only(self) -> Kinetics:
        """The same without what follows the parent, where that is cheaper."""
        ...

    def empty(self) -> Any:
        """No drug yet."""
        ...

    def steps(self, lengths: Array) -> Any:
        """Whatever moves the state over intervals of these lengths [h], on a leading axis."""
        ...

    def given(self, state: Any, amounts: Array) -> Any:
        """After `amounts` [mg] given at once: (people,) into a vein, or (channels, people)."""
        ...

    def moved(self, state: Any, step: Any, rates: Array) -> Any:
        """After one interval at constant `rates` [mg/h], shaped as `amounts`."""
        ...

    def read(self, state: Any) -> Reading:
        """Concentrations now."""
        ...


class Absorbed(Record):
    """A linear system and how doses enter it."""

    matrix: Float[Array, "state state *batch"] = unit("1/h")
    readout: Float[Array, "analyte state *batch"] = unit("1/L")
    fraction: Float[Array, "channel *batch"] = unit("1")
    """Share of what a channel gives that enters its compartment."""
    places: tuple[int, ...] = eqx.field(static=True)
    """The compartment of each channel."""

    @property
    def doors(self) -> tuple[int, ...]:
        """The compartments that anything enters, each once."""
        return tuple(dict.fromkeys(self.places))

    def _by_channel(self, amounts: Array) -> Array:
        """With an axis of channels, also where a vein is the only one."""
        return amounts[None] if amounts.ndim == self.matrix.ndim - 2 else amounts

    def parent_only(self) -> Absorbed:
        """Nothing is saved by leaving metabolites out of a matrix."""
        return self

    def empty(self) -> Array:
        """No drug anywhere, (state, *batch)."""
        return jnp.zeros(self.matrix.shape[1:])

    def steps(self, lengths: Array) -> tuple[Array, Array]:
        """exp(A h) and Phi(h) for the doors: (lengths, state, state, *batch) and (lengths, state, door, *batch)."""
        size, batch = self.matrix.shape[0], self.matrix.shape[2:]
        entry = jnp.zeros((size, len(self.doors), *batch))
        for door, place in enumerate(self.doors):
            entry = entry.at[place, door].set(1.0)
        top = jnp.concatenate([self.matrix, entry], axis=1)
        whole = jnp.concatenate([top, jnp.zeros((len(self.doors), *top.shape[1:]))], axis=0)
        square = jnp.moveaxis(whole, (0, 1), (-2, -1))
        grown = jax.lax.map(lambda length: jax.scipy.linalg.expm(square * length), lengths)
        grown = jnp.moveaxis(grown, (-2, -1), (1, 2))
        return grown[:, :size, :size], grown[:, :size, size:]

    def given(self, state: Array, amounts: Array) -> Array:
        """Each channel's share into its compartment."""
        for share, amount, place in zip(self.fraction, self._by_channel(amounts), self.places, strict=True):
            state = state.at[place].add(share * amount)
        return state

    def moved(self, state: Array, step: tuple[Array, Array], rates: Array) -> Array:
        """Exact over the interval."""
        grown, filled = step
        entering = jnp.zeros((len(self.doors), *state.shape[1:]))
        for share, rate, place in zip(self.fraction, self._by_channel(rates), self.places, strict=True):
            entering = entering.at[self.doors.index(place)].add(share * rate)
        return jnp.sum(grown * state[None], axis=1) + jnp.sum(filled * entering[None], axis=1)

    def read(self, state: Array) -> Reading:
        """Every analyte of the readout."""
        values = jnp.sum(self.readout * state[None], axis=1)
        return Reading(values[0], values[1:])


def reachable(matrix: np.ndarray, places: Sequence[int]) -> list[int]:
    """The compartments that drug entering at `places` can come to, in order; `matrix` is a typical person's."""
    flows = np.asarray(matrix) != 0.0
    reached = set(places)
    while more := {int(target) for source in reached for target in np.flatnonzero(flows[:, source])} - reached:
        reached |= more
    return sorted(reached)


def absorbed(system: LinearSystem, fraction: Array, places: Sequence[int], kept: Sequence[int]) -> Absorbed:
    """`system` reduced to the compartments `kept` (see `reachable`), with channels entering at `places`."""
    index = jnp.asarray(kept)
    return Absorbed(
        matrix=system.matrix[index][:, index],
        readout=system.readout[:, index],
        fraction=fraction,
        places=tuple(list(kept).index(place) for place in places),
    )
