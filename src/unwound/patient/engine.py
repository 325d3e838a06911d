r"""The batch engine: exact exposure, collocation for drug-driven states, one explicit step for the rest.

Every step of the shared mesh is cut in four quarters, with nodes at 0, h/4, h/2, 3h/4, h:

1.  exposure is propagated exactly from node to node (`pharmacokinetics.kinetics`);
2.  a state driven by the drug alone, ``y' = s(t) - a(t) y``, is the polynomial of degree four whose slope agrees with
    the equation at all five nodes (collocation): four linear equations, implicit, so that a fast such state does not
    dictate the step (accurate up to about five relaxation times in a step, bounded beyond);
3.  the remaining states take one step of Butcher's six-stage method of order five, whose stages lie on the same
    nodes.

All functions are elementwise over patients: the same text serves one person and a million. A run is a scan over the
mesh in blocks; the answer slots are overwritten until their time is reached, so memory does not grow with the number
of steps.

Source: the coefficients of Butcher (1964) are recalled; tests/rooms/test_engine.py measures their order.
Leaves out: stiff states that are not driven by the drug alone (use diffrax).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar, NamedTuple, Protocol

import numpy as np

from unwound.core.arrays import Array, jax, jnp
from unwound.patient.mesh import STEP_BLOCK, Mesh
from unwound.pharmacokinetics.kinetics import Kinetics, Reading

NODES = np.array([0.0, 0.25, 0.5, 0.75, 1.0])


def _integration_matrix() -> np.ndarray:
    """Row i integrates, from 0 to node i, the polynomial through values at the nodes."""
    powers = np.arange(len(NODES))
    return NODES[:, None] ** (powers + 1) / (powers + 1) @ np.linalg.inv(NODES[:, None] ** powers)


INTEGRAL = _integration_matrix()


DrivenRate = Callable[[tuple[Reading, ...], tuple[Array, ...]], tuple[Array, Array]]
"""(readings, driven states before this one) -> (rate a, source s), elementwise at any number of nodes."""


class SlowSystem(Protocol):
    """What the engine can run: any record of parameters with these methods."""

    hours: ClassVar[float]
    """Hours in one unit of the system's own time (24 for rates per day)."""

    def driven(self) -> tuple[DrivenRate, ...]:
        """The states driven by the drug alone, in an order in which each needs only those before it."""
        ...

    def flow(self, state: Any, readings: tuple[Reading, ...], driven: tuple[Array, ...], flare: Array) -> Any:
        """Rate of change of the other states, a record like `state`."""
        ...

    def watched(self, readings: tuple[Reading, ...]) -> tuple[Array, ...]:
        """Quantities of the drug, 0 or more, whose highest value at any node is kept (none: an empty tuple)."""
        ...


class Start(NamedTuple):
    """Where a run begins."""

    state: Any
    driven: tuple[Array, ...]


class Answers(NamedTuple):
    """What a run answers, time first: concentrations [mg/L] per form of the drug, driven states, other states.

    `peaks` are the highest values of what the system watches, over the whole run: (patients,).
    """

    readings: tuple[Reading, ...]
    driven: tuple[Array, ...]
    state: Any
    peaks: tuple[Array, ...] = ()


class Moment(NamedTuple):
    """Where everybody stands between two steps."""

    readings: tuple[Reading, ...]
    driven: tuple[Array, ...]
    state: Any
    peaks: tuple[Array, ...]


Decide = Callable[[float, Moment, Array], tuple[tuple[Array, ...], tuple[Array, ...]] | None]
"""(time [h], where everybody stands, flare) -> (rates, doses) from now on; None when nothing changes."""


def _relax(rate: Array, source: Array, before: Array, length: Array) -> list[Array]:
    """A driven state at the five nodes by collocation, given rate and source there and its value at the first.

    The polynomial of degree four whose slope agrees with ``source - rate y`` at all nodes: four linear equations for
    the values at nodes 1-4, solved by elimination without pivoting (written out, so that it stays elementwise).
    """
    size = len(NODES) - 1
    known = source[0] - rate[0] * before
    matrix = [
        [(1.0 if i == j else 0.0) + length * float(INTEGRAL[i, j]) * rate[j] for j in range(1, size + 1)]
        for i in range(1, size + 1)
    ]
    right = [
        before
        + length * (float(INTEGRAL[i, 0]) * known + sum(float(INTEGRAL[i, j]) * source[j] for j in range(1, size + 1)))
        for i in range(1, size + 1)
    ]
    for pivot in range(size):
        inverse = 1.0 / matrix[pivot][pivot]
        for row in range(pivot + 1, size):
            share = matrix[row][pivot] * inverse
            right[row] = right[row] - share * right[pivot]
            for column in range(pivot + 1, size):
                matrix[row][column] = matrix[row][column] - share * matrix[pivot][column]
        right[pivot] = right[pivot] * inverse
        matrix[pivot] = [m * inverse for m in matrix[pivot]]
    for row in reversed(range(size)):
        for column in range(row + 1, size):
            right[row] = right[row] - matrix[row][column] * right[column]
    return [before, *right]


def _combine(state: Any, length: Array, *terms: tuple[float, Any]) -> Any:
    """``state + length * sum(weight * slope)``, leaf by leaf."""
    weights = [w for w, _ in terms]
    slopes = [s for _, s in terms]
    return jax.tree.map(lambda y, *k: y + length * sum(w * s for w, s in zip(weights, k, strict=True)), state, *slopes)


def _butcher(flow_at: Callable[[int, Any], Any], y: Any, h: Array) -> Any:
    """One step of order five; ``flow_at(node, state)`` is the flow at that node."""
    k1 = flow_at(0, y)
    k2 = flow_at(1, _combine(y, h, (1 / 4, k1)))
    k3 = flow_at(1, _combine(y, h, (1 / 8, k1), (1 / 8, k2)))
    k4 = flow_at(2, _combine(y, h, (-1 / 2, k2), (1.0, k3)))
    k5 = flow_at(3, _combine(y, h, (3 / 16, k1), (9 / 16, k4)))
    k6 = flow_at(4, _combine(y, h, (-3 / 7, k1), (2 / 7, k2), (12 / 7, k3), (-12 / 7, k4), (8 / 7, k5)))
    return _combine(y, h, (7 / 90, k1), (32 / 90, k3), (12 / 90, k4), (32 / 90, k5), (7 / 90, k6))


@jax.jit
def _begin(
    kinetics: tuple[Kinetics, ...], system: SlowSystem, start: Start, lengths: Array, slots: Array, inputs: Any
) -> tuple[Any, Any, Any]:
    """(steps over a quarter of every distinct length, inputs closed by a zero, what is carried at time 0)."""
    closed = _closed(inputs)
    quarters = tuple(blood.steps(lengths / 4) for blood in kinetics)
    empty = tuple(blood.empty() for blood in kinetics)
    now = Answers(_readings(kinetics, empty), start.driven, start.state)
    out = jax.tree.map(lambda leaf: jnp.broadcast_to(leaf, (slots.shape[0], *leaf.shape)), now)
    return quarters, closed, (empty, start.driven, start.state, system.watched(now.readings), out)


def _readings(kinetics: tuple[Kinetics, ...], amounts: tuple[Any, ...]) -> tuple[Reading, ...]:
    return tuple(blood.read(state) for blood, state in zip(kinetics, amounts, strict=True))


@partial(jax.jit, donate_argnames="carry")
def _block(
    carry: Any, steps: Any, system: Any, kinetics: tuple[Kinetics, ...], lengths: Array, quarters: Any, inputs: Any,
    knots: Array,
) -> Any:  # fmt: skip
    """The next `STEP_BLOCK` steps. One compiled program serves every mesh."""
    rates, doses = inputs

    def one(carry: Any, x: Any) -> tuple[Any, None]:
        amounts, driven, state, peaks, out = carry
        length_index, interval, begins, knot, part, slot = x
        length = lengths[length_index] / system.hours
        nodes: list[tuple[Reading, ...]] = []
        moved = []
        for which, (blood, held) in enumerate(zip(kinetics, amounts, strict=True)):
            step = jax.tree.map(lambda leaf: leaf[length_index], quarters[which])
            held = blood.given(held, begins * doses[which][interval])
            path = [blood.read(held)]
            for _ in range(len(NODES) - 1):
                held = blood.moved(held, step, rates[which][interval])
                path.append(blood.read(held))
            moved.append(held)
            nodes.append(tuple(path))
        readings = tuple(jax.tree.map(lambda *leaves: jnp.stack(leaves), *path) for path in nodes)
        highest = (jnp.max(values, axis=0) for values in system.watched(readings))
        peaks = tuple(jnp.maximum(peak, high) for peak, high in zip(peaks, highest, strict=True))
        at_nodes: tuple[Array, ...] = ()
        for rate_of, before in zip(system.driven(), driven, strict=True):
            rate, source = rate_of(readings, at_nodes)
            shape = (len(NODES), *before.shape)
            values = _relax(jnp.broadcast_to(rate, shape), jnp.broadcast_to(source, shape), before, length)
            at_nodes += (jnp.stack(values),)
        first = (1.0 - part[0]) * knots[knot] + part[0] * knots[knot + 1]
        last = (1.0 - part[1]) * knots[knot] + part[1] * knots[knot + 1]

        def flow_at(node: int, y: Any) -> Any:
            here = jax.tree.map(lambda leaf: leaf[node], (readings, at_nodes))
            return system.flow(y, *here, first + NODES[node] * (last - first))

        state = _butcher(flow_at, state, length)
        driven = tuple(y[-1] for y in at_nodes)
        now = Answers(jax.tree.map(lambda leaf: leaf[-1], readings), driven, state)
        out = jax.tree.map(lambda buffer, value: buffer.at[slot].set(value), out, now)
        return (tuple(moved), driven, state, peaks, out), None

    return jax.lax.scan(one, carry, steps)[0]


@jax.jit
def _pause(carry: Any, kinetics: tuple[Kinetics, ...], knots: Array, knot: Any, part: Any) -> tuple[Moment, Array]:
    """Where everybody stands before a block, and the flare then."""
    amounts, driven, state, peaks, _ = carry
    flare = (1.0 - part[0]) * knots[knot] + part[0] * knots[knot + 1]
    return Moment(_readings(kinetics, amounts), driven, state, peaks), flare


@jax.jit
def _closed(inputs: Any) -> Any:
    """Rates and doses, closed by a zero."""
    return jax.tree.map(lambda given: jnp.concatenate([given, jnp.zeros_like(given[:1])]), inputs)


def run(
    system: SlowSystem,
    kinetics: tuple[Kinetics, ...],
    start: Start,
    mesh: Mesh,
    rates: tuple[Array, ...],
    doses: tuple[Array, ...],
    knots: Array,
    decide: Decide | None = None,
) -> Answers:
    """Run a chunk of patients over `mesh`. `decide` is asked at each of its pauses, before what is given there.

    `rates` [mg/h] and `doses` [mg], one array (intervals, patients) or (intervals, channels, patients) for each of
    `kinetics`; the input ends with the clock. `knots` are the flare values, shape (knots, patients) with at least two
    knots (zeros where there are none).
    """
    quarters, inputs, carry = _begin(kinetics, system, start, mesh.lengths, np.zeros(mesh.answers), (rates, doses))
    steps = (mesh.length_index, mesh.interval, mesh.begins, mesh.knot, mesh.knot_part, mesh.slot)
    for number, begin in enumerate(range(0, len(mesh.slot), STEP_BLOCK)):
        if decide is not None and number in mesh.pauses:
            changed = decide(
                mesh.pauses[number], *_pause(carry, kinetics, knots, mesh.knot[begin], mesh.knot_part[begin])
            )
            inputs = inputs if changed is None else _closed(changed)
        part = tuple(values[begin : begin + STEP_BLOCK] for values in steps)
        carry = _block(carry, part, system, kinetics, mesh.lengths, quarters, inputs, knots)
    *_, peaks, answers = carry
    return answers._replace(peaks=peaks)  # type: ignore[no-any-return]
