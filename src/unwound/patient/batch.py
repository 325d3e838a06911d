"""Many what-ifs in one run: people who may differ in their regimen and in every number of the slow memory.

The engine is elementwise over people, so a record of the memory may hold an array instead of a number, and the rates
may be each person's own, as long as all switches of all pumps stand on one clock. A batch is cut into lanes like any
cohort, its errors are estimated by a coarser mesh, and who is too inaccurate is run again on a finer one. There are no
flares, and nobody answers to placebo: what differs is what was asked about.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple, cast

import numpy as np

from unwound.core.arrays import Array, jax, jnp
from unwound.core.verdicts import Verdict
from unwound.outcomes.pain import Pain
from unwound.patient import lane as lane_room
from unwound.patient.bedside import Bedside
from unwound.patient.blood import Blood
from unwound.patient.engine import Answers
from unwound.patient.lane import Prepared
from unwound.patient.lanes import MIDDLE, NARROW, map_lanes
from unwound.patient.mesh import Accuracy, Mesh, build_mesh
from unwound.patient.people import People
from unwound.patient.setting import Progress
from unwound.patient.wiring import Equivalents, wiring_of
from unwound.pharmacokinetics.kinetics import Kinetics
from unwound.sensitization.drivers import Driver

REFINEMENTS = (1 / 8, 1 / 32)
"""As in `simulation`: how much shorter the steps of who has to be run again."""


class Followed(NamedTuple):
    """What is kept of a batch, time first: pain [points] and the named states."""

    pain: Any
    states: dict[str, Any]


@dataclass(frozen=True)
class Batch:
    """Everything that does not depend on the mesh; the last axis of every array is people."""

    people: People
    wiring: Any
    blood: Blood
    times: np.ndarray  # h, the shared clock
    rates: tuple[np.ndarray, ...]  # mg/h per form: (intervals, people) or (intervals, channels, people)
    doses: tuple[np.ndarray, ...]  # mg, the same
    pain: Pain


@dataclass(frozen=True)
class BatchCourse:
    """What happened to everybody."""

    time_h: np.ndarray
    pain_nrs: np.ndarray  # (times, people)
    states: Mapping[str, np.ndarray]
    verdicts: np.ndarray  # (people,)

    def relief(self, ends_h: np.ndarray, fraction: float = 0.7) -> tuple[np.ndarray, np.ndarray]:
        """(days of relief after each person's own end, whether it lasts to the end of the run).

        The rule is that of `Course.relief_days`: pain below `fraction` of the start, from one day after the end on.
        """
        after = self.time_h[:, None] >= ends_h + 24.0 - 1e-6
        above = after & (self.pain_nrs >= fraction * self.pain_nrs[0])
        ever = above.any(axis=0)
        last = np.where(ever, np.argmax(above, axis=0) - 1, len(self.time_h) - 1)
        at_all = np.take_along_axis(after, np.maximum(last, 0)[None], axis=0)[0]
        days = np.where(at_all, (self.time_h[last] - ends_h) / 24.0, 0.0)
        return days, ~ever


def many_wirings(
    hypothesis: str, forms: tuple[str, ...], count: int, driver: str | Driver = "empirical",
    own: Mapping[str, Any] | None = None,
) -> Any:  # fmt: skip
    """The wiring of `count` people: the numbers of the evidence, or those of `own` (evidence key -> one for all, or one
    for each)."""
    known = dict(own or {})
    same = {key: float(values) for key, values in known.items() if np.ndim(values) == 0}
    plain: Any = wiring_of(hypothesis, forms, driver=driver, own=same)
    rest = {key: values for key, values in known.items() if not key.endswith(".r_potency") or key in same}
    wiring: Any = wiring_of(hypothesis, forms, driver=driver, own=cast(Any, rest))
    f = next((known[key] for key in known if key.endswith(".r_potency") and key not in same), None)
    slow, felt = _shared(plain.slow, forms, count, f), _shared(plain.felt, forms, count, None)
    wiring = dataclasses.replace(wiring, slow=slow, felt=felt, **({} if plain.flares is None else {"flares": None}))
    return jax.tree.map(lambda leaf: np.broadcast_to(np.asarray(leaf, float), (*jnp.shape(leaf)[:-1], count)), wiring)


def _shared(one: Equivalents, forms: tuple[str, ...], count: int, f: Any) -> Equivalents:
    """What each form counts, for each person; `f` where everybody has their own."""
    shares = np.broadcast_to(np.asarray(one.shares)[:, None], (len(forms), count))
    if f is not None:
        counts = {"S": np.ones(count), "R": np.asarray(f, float), "racemic": (1.0 + np.asarray(f, float)) / 2.0}
        shares = np.stack([counts[form] for form in forms])
    return Equivalents(molar_mass=np.full(count, float(one.molar_mass)), shares=cast(Array, shares))


def many(person: People, count: int) -> People:
    """The same person (a batch of one), so many times."""
    repeated = jax.tree.map(lambda leaf: np.repeat(np.asarray(leaf), count, axis=-1), person)
    return repeated  # type: ignore[no-any-return]


@jax.jit
def _prepared(
    kinetics: tuple[Kinetics, ...], wiring: Any, people: People, rates: tuple[Array, ...], doses: tuple[Array, ...]
) -> Prepared:
    own, nobody = wiring.of(people), jnp.zeros((0, *people.weight.shape))
    given = Bedside(rates, doses, nobody, nobody > 0, jnp.zeros_like(people.weight))
    return Prepared(own, kinetics, own.start(people), given, jnp.zeros((2, *people.weight.shape)))


@jax.jit
def _read(lane: Prepared, answers: Answers, people: People, pain: Pain) -> Followed:
    calm = jnp.zeros_like(answers.readings[0].parent)
    return Followed(lane.wiring.pain(answers, calm, people, pain), lane.wiring.states(answers))


def _lane(batch: Batch, meshes: tuple[Mesh, Mesh], index: np.ndarray) -> tuple[Followed, np.ndarray]:
    """These people on both meshes: (what happened, estimated error)."""

    def cut(tree: Any) -> Any:
        return jax.tree.map(lambda leaf: np.asarray(leaf)[..., index], tree)

    people = batch.people.take(index)
    prepared = _prepared(batch.blood.of(people), cut(batch.wiring), people, cut(batch.rates), cut(batch.doses))
    fine, coarse = (lane_room.solve(prepared, mesh) for mesh in meshes)
    found = jax.tree.map(np.asarray, _read(prepared, fine, people, cut(batch.pain)))
    return found, np.asarray(lane_room.disagreement(fine, coarse))


def follow(
    batch: Batch,
    at: np.ndarray,
    accuracy: Accuracy | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> BatchCourse:
    """The course of everybody at the times `at` [h] (0 is added). Who fails numerically gets a verdict."""
    accuracy = accuracy or Accuracy()
    at = np.unique(np.round(np.concatenate([[0.0], np.asarray(at, float)]), 9))
    knots = np.array([0.0, max(float(at[-1]), 1.0)])

    def meshes(times: float) -> tuple[Mesh, Mesh]:
        own = accuracy.coarser(times)
        return build_mesh(batch.times, knots, at, own), build_mesh(batch.times, knots, at, own.coarser(2.0))

    count = batch.people.count
    both = meshes(1.0)
    width = MIDDLE if count <= MIDDLE else batch.blood.width
    pieces = map_lanes(count, width, partial(_lane, batch, both), threads, progress)
    found, estimate = _joined(pieces, count)
    verdicts: np.ndarray = lane_room.verdicts(estimate, accuracy.tolerance, cast(Any, found), retried=False)
    for times in REFINEMENTS:
        doubtful = np.flatnonzero(verdicts == Verdict.INACCURATE)
        if not len(doubtful):
            break
        again = map_lanes(len(doubtful), NARROW, partial(_some, batch, meshes(times), doubtful), threads)
        better, error = _joined(again, len(doubtful))
        jax.tree.map(partial(_put, doubtful), found, better)
        limit = accuracy.acceptable if times == REFINEMENTS[-1] else accuracy.tolerance
        verdicts[doubtful] = lane_room.verdicts(error, max(limit, accuracy.tolerance), cast(Any, better), retried=True)
    return BatchCourse(at, found.pain, found.states, verdicts)


def _some(batch: Batch, meshes: tuple[Mesh, Mesh], which: np.ndarray, index: np.ndarray) -> tuple[Followed, np.ndarray]:
    return _lane(batch, meshes, which[index])


def _put(index: np.ndarray, old: np.ndarray, new: np.ndarray) -> None:
    old[..., index] = new


def _joined(pieces: list[Any], count: int) -> tuple[Followed, np.ndarray]:
    """Lanes side by side, without the padding."""
    joined = jax.tree.map(lambda *leaves: np.concatenate(leaves, axis=-1)[..., :count], *pieces)
    return joined  # type: ignore[no-any-return]
