"""One graded mesh for everybody: small steps after each pump switch, growing geometrically.

All patients of a run share the candidate breakpoints (pump changes, assessments, flare knots, times asked for), so
one mesh serves all of them and no short infusion falls between two steps. A step is at most `growth` times the time
since the last switch, never shorter than `first`, never longer than `longest`, and its length is taken from a ladder
of doublings, so that exponentials are shared between steps.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from unwound.core.errors import InputError, Problem

TIME_DIGITS = 9
"""Times are equal when they agree to 1e-9 h: sums of decimal hours carry rounding noise."""

STEP_BLOCK = 64
LENGTH_BLOCK = 32
"""Numbers of steps and of distinct lengths are padded to multiples, so that one compiled program serves many runs."""


@dataclass(frozen=True)
class Accuracy:
    """How fine the shared mesh is. Halving all three lengths divides the error by about thirty."""

    first: float = 0.125  # h, the step right after a pump switch
    growth: float = 0.25  # step / time since the switch
    longest: float = 4.0  # h
    tolerance: float = 1e-5  # asked of every slow state of every patient; nearly all are below 1e-6
    acceptable: float = 1e-3  # of who is still above the tolerance on the finest mesh: no rating can show it

    def __post_init__(self) -> None:
        for name in ("first", "growth", "longest", "tolerance", "acceptable"):
            value = getattr(self, name)
            if not (np.isfinite(value) and value > 0):
                raise InputError(Problem(f"accuracy.{name}", value, "must be a positive number", "use the default"))

    def coarser(self, times: float) -> Accuracy:
        """The same mesh with steps `times` as long (below 1: finer)."""
        return dataclasses.replace(
            self, first=self.first * times, growth=self.growth * times, longest=self.longest * times
        )


@dataclass(frozen=True)
class Mesh:
    """Steps of one run (numpy, shared by all patients). Padding steps have length 0 and change nothing."""

    lengths: np.ndarray  # (distinct,) h
    length_index: np.ndarray  # (steps,)
    interval: np.ndarray  # (steps,) into the rates
    begins: np.ndarray  # (steps,) 1.0 where a clock interval begins (boluses are given here), else 0.0
    knot: np.ndarray  # (steps,) flare knot before the step
    knot_part: np.ndarray  # (steps, 2) position between knots at the start and the end of the step, 0..1
    slot: np.ndarray  # (steps,) which answer the end of the step is written to
    answers: int
    steps: int  # without padding
    pauses: Mapping[int, float] = field(default_factory=dict)
    """Block of steps -> the time [h] at which it begins, where somebody is asked before it."""


def build_mesh(
    breakpoints: np.ndarray, knots: np.ndarray, at: np.ndarray, accuracy: Accuracy, pauses: np.ndarray | None = None
) -> Mesh:
    """The mesh from 0 to the last time asked for.

    `breakpoints` [h] are pump switches (the input is zero after the last one), `knots` [h] the flare knots,
    `at` [h] the times asked for, strictly increasing, the first at 0 or later. At each of `pauses` [h], which are
    breakpoints too, a new block of steps begins: the one before is filled up with steps of length 0.
    """
    switches = np.round(np.asarray(breakpoints, float), TIME_DIGITS)
    knots = np.round(np.asarray(knots, float), TIME_DIGITS)
    at = np.round(np.asarray(at, float), TIME_DIGITS)
    until = at[-1]
    hard = np.unique(np.concatenate([[0.0], switches, knots, at]))
    hard = hard[hard <= until]
    ends: list[float] = []
    for begin, end in itertools.pairwise(hard):
        last_switch = switches[np.searchsorted(switches, begin, side="right") - 1]
        ends.extend(_graded(begin, end, last_switch, accuracy))
    edges = np.concatenate([[0.0], np.array(ends)])
    mesh = _assemble(edges, switches, knots, at)
    return mesh if pauses is None or not len(pauses) else _paused(mesh, edges[:-1], np.round(pauses, TIME_DIGITS))


def _paused(mesh: Mesh, starts: np.ndarray, pauses: np.ndarray) -> Mesh:
    """The mesh with a block of its own after every pause."""
    firsts = [int(n) for n in np.flatnonzero(np.isin(starts, pauses))]
    edges = sorted({0, *firsts, mesh.steps})
    order: list[np.ndarray] = []
    real: list[np.ndarray] = []
    found: dict[int, float] = {}
    blocks = 0
    for begin, end in itertools.pairwise(edges):
        if begin in firsts:
            found[blocks] = float(starts[begin])
        own = -(-(end - begin) // STEP_BLOCK)
        order.append(np.minimum(np.arange(begin, begin + own * STEP_BLOCK), end - 1))
        real.append(np.arange(begin, begin + own * STEP_BLOCK) < end)
        blocks += own
    index, is_real = np.concatenate(order), np.concatenate(real)
    part = mesh.knot_part[index]
    return dataclasses.replace(
        mesh,
        length_index=np.where(is_real, mesh.length_index[index], len(np.trim_zeros(mesh.lengths, "b"))),
        interval=mesh.interval[index],
        begins=np.where(is_real, mesh.begins[index], 0.0),
        knot=mesh.knot[index],
        knot_part=np.where(is_real[:, None], part, part[:, 1:]),
        slot=mesh.slot[index],
        pauses=found,
    )


def _graded(begin: float, end: float, switch: float, accuracy: Accuracy) -> list[float]:
    """Ends of the steps from `begin` to `end`, given the last pump `switch`."""
    ends, now = [], begin
    while end - now > 10.0**-TIME_DIGITS:
        allowed = min(max(accuracy.first, accuracy.growth * (now - switch)), accuracy.longest)
        step = accuracy.first * 2.0 ** np.floor(np.log2(allowed / accuracy.first) + 1e-9)
        left = end - now
        # what would be left over after this step is shared, rather than leaving a sliver
        step = left if left <= step * (1 + 1e-9) else (left / 2 if left < 2 * step else step)
        now = now + step
        ends.append(end if abs(end - now) < 10.0**-TIME_DIGITS else round(now, TIME_DIGITS))
    return ends


def _assemble(edges: np.ndarray, switches: np.ndarray, knots: np.ndarray, at: np.ndarray) -> Mesh:
    starts, ends = edges[:-1], edges[1:]
    steps = len(starts)
    lengths, index = np.unique(np.round(ends - starts, TIME_DIGITS), return_inverse=True)
    knot = np.clip(np.searchsorted(knots, starts, side="right") - 1, 0, max(len(knots) - 2, 0))
    spacing = (knots[knot + 1] - knots[knot]) if len(knots) > 1 else np.ones(steps)
    part = np.stack([(starts - knots[knot]) / spacing, (ends - knots[knot]) / spacing], axis=1)
    padded = -(-max(steps, 1) // STEP_BLOCK) * STEP_BLOCK
    distinct = -(-(len(lengths) + 1) // LENGTH_BLOCK) * LENGTH_BLOCK

    def pad(values: np.ndarray, with_value: float | int) -> np.ndarray:
        shape = (padded - steps, *values.shape[1:])
        return np.concatenate([values, np.full(shape, with_value, dtype=values.dtype)])

    answers = len(at)
    return Mesh(
        lengths=np.concatenate([lengths, np.zeros(distinct - len(lengths))]),
        length_index=pad(index, len(lengths)),
        interval=pad(np.searchsorted(switches, starts, side="right") - 1, len(switches) - 1),
        begins=pad(np.isin(starts, switches).astype(float), 0.0),
        knot=pad(knot, knot[-1] if steps else 0),
        knot_part=pad(part, 1.0),
        # steps that end before the first answer write to its slot and are overwritten; padding rewrites the last
        slot=pad(np.searchsorted(at, ends - 10.0**-TIME_DIGITS), answers - 1),
        answers=answers,
        steps=steps,
    )
