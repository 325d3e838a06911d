r"""Any linear model: amounts in compartments, exact by matrix exponential.

    dx/dt = A x + u(t),      c = H x

A holds rate constants, u the input between breakpoints (constant), H turns amounts into concentrations. Over an
interval of length h

    x(h) = exp(A h) x(0) + Phi(h) u,      Phi(h) = int_0^h exp(A s) ds

both read off the exponential of one block matrix, so chains with equal rate constants (transit compartments) are as
exact as any other. The modal form (`modes`) says the same for mammillary models, many times faster.

A may change at a breakpoint (another occasion). An input may end at another time e in each person: in the interval of
length h that holds e, with p = h - (time from its start to e),

    contribution to x(h) = exp(A p) Phi(h - p) u = (Phi(h) - Phi(p)) u

Source: linear algebra; no numbers of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from unwound.core.arrays import Array, Float, Record, Scalar, jax, jnp
from unwound.core.units import unit
from unwound.pharmacokinetics.grid import TIME_DIGITS, merged_grid


class LinearSystem(Record):
    """One person's linear kinetics (or people's: a batch on the last axes)."""

    matrix: Float[Array, "state state *batch"] = unit("1/h")
    readout: Float[Array, "analyte state *batch"] = unit("1/L")
    """Concentration [mg/L of the analyte's own mass] per mg of the drug in a compartment."""


def delayed(system: LinearSystem, rates: Sequence[float]) -> LinearSystem:
    """`system` with effect sites behind every analyte: ``dCe/dt = ke0 (C - Ce)`` for each of `rates` [1/h].

    The sites are further states (mg/L, in order analyte by analyte, rate by rate) and further rows of the readout.
    """
    matrix, readout = system.matrix, system.readout
    analytes, size = readout.shape[:2]
    ke0 = jnp.tile(jnp.asarray(rates), analytes)
    more = len(ke0)
    source = jnp.repeat(readout, len(rates), axis=0) * ke0.reshape(-1, *([1] * (readout.ndim - 1)))
    corner = jnp.diag(-ke0).reshape(more, more, *([1] * (readout.ndim - 2)))
    batch = matrix.shape[2:]
    top = jnp.concatenate([matrix, jnp.zeros((size, more, *batch))], axis=1)
    below = jnp.concatenate([source, jnp.broadcast_to(corner, (more, more, *batch))], axis=1)
    sites = jnp.broadcast_to(jnp.eye(more).reshape(more, more, *([1] * len(batch))), (more, more, *batch))
    rows = [
        jnp.concatenate([readout, jnp.zeros((analytes, more, *batch))], axis=1),
        jnp.concatenate([jnp.zeros((more, size, *batch)), sites], axis=1),
    ]
    return LinearSystem(jnp.concatenate([top, below], axis=0), jnp.concatenate(rows, axis=0))


class Network:
    """Collects the flows between named compartments into the matrix of a `LinearSystem`."""

    def __init__(self, *names: str):
        self.names = names
        self._flows: list[tuple[int, int | None, Scalar]] = []

    def index(self, name: str) -> int:
        """Place of a compartment."""
        return self.names.index(name)

    def flow(self, source: str, target: str | None, rate: Scalar) -> None:
        """`rate` [1/h] times the amount in `source` leaves it, and arrives in `target` (None: is eliminated)."""
        self._flows.append((self.index(source), None if target is None else self.index(target), rate))

    def lose(self, source: str, rate: Scalar, target: str, share: Scalar) -> None:
        """`rate` [1/h] leaves `source`; only the fraction `share` of it arrives in `target`."""
        self._flows.append((self.index(source), None, rate * (1.0 - share)))
        self._flows.append((self.index(source), self.index(target), rate * share))

    def exchange(self, one: str, other: str, flow: Scalar, volume: Scalar, other_volume: Scalar) -> None:
        """A flow [L/h] to and fro between two volumes [L]."""
        self.flow(one, other, flow / volume)
        self.flow(other, one, flow / other_volume)

    def matrix(self, batch: tuple[int, ...]) -> Array:
        """The matrix, shape (state, state, *batch)."""
        entries = jnp.zeros((len(self.names), len(self.names), *batch))
        for source, target, rate in self._flows:
            entries = entries.at[source, source].add(-rate)
            if target is not None:
                entries = entries.at[target, source].add(rate)
        return entries

    def readout(self, batch: tuple[int, ...], *analytes: tuple[str, Scalar]) -> Array:
        """Rows of (compartment, concentration per amount), shape (analyte, state, *batch)."""
        rows = jnp.zeros((len(analytes), len(self.names), *batch))
        for place, (name, per_amount) in enumerate(analytes):
            rows = rows.at[place, self.index(name)].set(per_amount)
        return rows


@dataclass(frozen=True)
class Ending:
    """A constant input into one compartment from `start` [h], which ends at another time in each person."""

    compartment: int
    start: float
    end: np.ndarray  # (*batch) h
    rate: np.ndarray  # (*batch) mg/h


def transitions(matrix: Array, lengths: Array) -> tuple[Array, Array]:
    """(exp(A h), Phi(h)) for each of `lengths` [h]: shapes (lengths, state, state, *batch)."""
    moved: tuple[Array, Array] = _transitions(matrix[None], jnp.zeros(len(lengths), int), lengths)
    return moved


@jax.jit
def _transitions(matrices: Array, which: Array, lengths: Array) -> tuple[Array, Array]:
    """The same, each length with the matrix `which` of `matrices` (occasions, state, state, *batch)."""
    moved: tuple[Array, Array] = jax.lax.map(lambda one: _moved(matrices[one[0]], one[1]), (which, lengths))
    return moved


@jax.jit
def _moved(matrix: Array, length: Array) -> tuple[Array, Array]:
    """(exp(A h), Phi(h)) over `length` [h], which may be another one in each person of the batch."""
    size = matrix.shape[0]
    square = jnp.moveaxis(matrix, (0, 1), (-2, -1))
    top = jnp.concatenate([square, jnp.broadcast_to(jnp.eye(size), square.shape)], axis=-1)
    block = jnp.concatenate([top, jnp.zeros_like(top)], axis=-2)
    grown = jax.scipy.linalg.expm(block * jnp.asarray(length)[..., None, None])
    grown = jnp.moveaxis(grown, (-2, -1), (0, 1))
    return grown[:size, :size], grown[:size, size:]


@jax.jit
def _scan(
    readout: Array, steps: tuple[Array, Array], index: Array, inputs: Array, boluses: Array, corrections: Array
) -> tuple[Array, Array]:
    moved, filled = steps

    def one(x: Array, given: tuple[Array, Array, Array, Array]) -> tuple[Array, Array]:
        which, rate, bolus, correction = given
        x = x + bolus
        x = jnp.einsum("ij...,j...->i...", moved[which], x) + jnp.einsum("ij...,j...->i...", filled[which], rate)
        x = x + correction
        return x, x

    start = jnp.zeros_like(inputs[0])
    _, amounts = jax.lax.scan(one, start, (index, inputs, boluses, corrections))
    amounts = jnp.concatenate([start[None], amounts])
    return amounts, jnp.einsum("ai...,ti...->ta...", readout, amounts)


def solve(
    system: LinearSystem, breakpoints: np.ndarray, inputs: Array, boluses: Array, at: np.ndarray,
    endings: Sequence[Ending] = (), later: Sequence[tuple[float, LinearSystem]] = (),
) -> tuple[Array, Array]:  # fmt: skip
    """Amounts [mg], (times, state, *batch), and concentrations [mg/L], (times, analyte, *batch), at times `at` [h].

    `inputs` [mg/h] and `boluses` [mg, at once at the start] have shape (intervals, state, *batch) between the
    `breakpoints` [h]; nothing enters after the last one but `endings`, which start at a breakpoint. A bolus at a time
    asked for is not yet in the answer. `later` gives systems that take over at breakpoints [h]: they differ in their
    matrices only.
    """
    grid = merged_grid(breakpoints, at)
    zero = jnp.zeros_like(inputs[:1])
    rates = jnp.concatenate([inputs, zero])[grid.interval]
    doses = jnp.concatenate([boluses, zero])[grid.interval]
    begins = jnp.asarray(grid.begins).reshape(-1, *([1] * (inputs.ndim - 1)))
    doses = jnp.where(begins, doses, 0.0)
    matrices = jnp.stack([system.matrix, *(other.matrix for _, other in later)])
    takes_over = np.round([moment for moment, _ in later], TIME_DIGITS)
    which = np.searchsorted(takes_over, grid.ends[:-1], side="right")
    pairs, index = np.unique(np.stack([which, grid.length_index]), axis=1, return_inverse=True)
    steps = _transitions(matrices, jnp.asarray(pairs[0]), jnp.asarray(grid.lengths[pairs[1]]))
    corrections = jnp.zeros_like(rates)
    for ending in endings:
        more, correction = _ended(ending, grid.ends, matrices, which)
        rates, corrections = rates + more, corrections + correction
    amounts, concentrations = _scan(system.readout, steps, index.reshape(-1), rates, doses, corrections)
    return amounts[grid.answers], concentrations[grid.answers]


def _ended(ending: Ending, ends: np.ndarray, matrices: Array, which: np.ndarray) -> tuple[Array, Array]:
    """(rates, corrections) on the grid between `ends` [h]: the rate as if it lasted the whole of its last interval."""
    batch = np.shape(ending.end)
    starts = ends[:-1].reshape(-1, *([1] * len(batch)))
    running = (starts >= ending.start - 10.0**-TIME_DIGITS) & (starts < ending.end)
    last = np.searchsorted(ends, ending.end) - 1  # the interval in which it ends; beyond the grid it goes on
    held = np.minimum(last, len(which) - 1)
    own = jnp.take_along_axis(matrices, jnp.asarray(which[held])[None, None, None], axis=0)[0]
    _, filled = _moved(own, jnp.asarray(np.maximum(ends[held + 1] - ending.end, 0.0)))
    too_much = filled[:, ending.compartment] * ending.rate
    inside = np.arange(len(which)).reshape(-1, 1, *([1] * len(batch))) == last
    unit = np.zeros((1, matrices.shape[1], *([1] * len(batch))))
    unit[0, ending.compartment] = 1.0
    return jnp.asarray((running * ending.rate)[:, None] * unit), -jnp.where(inside, too_much[None], 0.0)


def mammillary(
    clearance: Scalar, central: Scalar, pairs: Sequence[tuple[Scalar, Scalar]], network: Network, name: str
) -> None:
    """Add to `network` a central volume called `name`, cleared, with peripheral (volume, flow) pairs name_2, name_3."""
    network.flow(name, None, clearance / central)
    for place, (volume, flow) in enumerate(pairs, 2):
        network.exchange(name, f"{name}_{place}", flow, central, volume)
