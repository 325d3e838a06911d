"""One lane of people from dose to pain: prepare, run the engine, look at the accuracy, read the outcomes.

Each stage is one compiled program over a lane. The engine runs on the shared mesh and again on a coarser one; a third
of their difference estimates the error of every patient (2^2 - 1: the equations have kinks, where the order is two,
not five). Where it is too large the caller runs those patients again on a finer mesh.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from unwound.core.arrays import Array, jax, jnp
from unwound.core.verdicts import Verdict
from unwound.outcomes import placebo as placebo_room
from unwound.outcomes import psychomimetic as psychomimetic_room
from unwound.outcomes.pain import Pain, lowered
from unwound.outcomes.placebo import Placebo
from unwound.outcomes.psychomimetic import Psychomimetic
from unwound.patient.bedside import Bedside, Clock, give
from unwound.patient.engine import Answers, Start, run
from unwound.patient.mesh import Mesh
from unwound.patient.people import People
from unwound.pharmacokinetics.kinetics import Kinetics
from unwound.sensitization import flares as flares_room

RICHARDSON = 2.0**2 - 1.0
"""What the difference between a mesh and one twice as coarse is divided by: cautious, for the order at a kink."""


UNBOUNDED = ("slow_concentration",)
"""The states that are no share between 0 and 1."""

ROUNDING = 1e-6
"""How far a state may leave its range by truncation: the accuracy promised."""


class Outcomes(NamedTuple):
    """The reporting half of a person: how drive, placebo and drug become what is said."""

    pain: Pain
    placebo: Placebo
    psychomimetic: Psychomimetic


class Prepared(NamedTuple):
    """Everything about a lane that does not depend on the mesh."""

    wiring: Any
    kinetics: tuple[Kinetics, ...]
    start: Start
    bedside: Bedside
    knots: Array


class Read(NamedTuple):
    """What is kept of a lane, time first."""

    concentrations: tuple[tuple[Array, ...], ...]  # per form and analyte: (times, patients) mg/L
    pain: Array  # (times, patients) points
    states: dict[str, Array]
    peak: Array  # (patients,) mg/L of ketamine in all
    psychomimetic: Array  # (patients,) bool
    level: Array  # (rules, patients)
    stepped_back: Array  # (rules, patients)
    total: Array  # (patients,) mg given
    fired: tuple[Array, ...] = ()  # per rule of the regimen: (assessments, patients)


@jax.jit
def prepare(
    kinetics: tuple[Kinetics, ...], wiring: Any, psychomimetic: Psychomimetic, person: People, treated: Array,
    keys: Array, clock: Clock, knots: Any,
) -> Prepared:  # fmt: skip
    """Titration and starting state of a lane; `knots` are the flare times (its length is what counts)."""
    limit = psychomimetic.intolerable_concentration * person.sensitivity
    bedside = give(kinetics, wiring.felt, person.dosing_weight, treated, limit, clock)
    own = wiring.of(person)
    count = knots.shape[0]
    if own.flares is None:
        path = jnp.zeros((count, *person.weight.shape))
    else:
        path = flares_room.path(keys, count, own.flares)
    return Prepared(own, kinetics, own.start(person), bedside, path)


def solve(lane: Prepared, mesh: Mesh) -> Answers:
    """The engine on one mesh."""
    return run(lane.wiring, lane.kinetics, lane.start, mesh, lane.bedside.rates, lane.bedside.doses, lane.knots)


@jax.jit
def disagreement(fine: Answers, coarse: Answers) -> Array:
    """Estimated error of the fine answers, the worst over times and slow states, (patients,); NaN stays NaN."""
    differences = jax.tree.map(
        lambda a, b: jnp.max(jnp.abs(a - b), axis=0), (fine.driven, fine.state), (coarse.driven, coarse.state)
    )
    worst = jnp.zeros_like(fine.readings[0].parent[0])
    for difference in jax.tree.leaves(differences):
        worst = jnp.maximum(worst, difference)
    return worst / RICHARDSON


@jax.jit
def read(lane: Prepared, answers: Answers, person: People, at: Any, knot: Any, part: Any, outcomes: Outcomes) -> Read:
    """Pain, states and effects of a lane at the times `at` [h]; flares are read at `knot` + `part`."""
    flare = (1.0 - part[:, None]) * lane.knots[knot] + part[:, None] * lane.knots[knot + 1]
    peak, felt = answers.peaks
    noticed = psychomimetic_room.reported(felt, person.sensitivity, person.report_chance, outcomes.psychomimetic)
    before_placebo = lane.wiring.pain(answers, flare, person, outcomes.pain)
    shift = placebo_room.response(at[:, None] / 24.0, person.placebo_size, noticed, outcomes.placebo)
    return Read(
        concentrations=tuple(reading.each() for reading in answers.readings),
        pain=lowered(before_placebo, shift),
        states=lane.wiring.states(answers),
        peak=peak,
        psychomimetic=noticed,
        level=lane.bedside.level,
        stepped_back=lane.bedside.stepped_back,
        total=lane.bedside.total,
    )


def verdicts(estimate: np.ndarray, tolerance: float, result: Read, retried: bool) -> np.ndarray:
    """A verdict per patient from the error estimate and the values themselves."""
    fine = Verdict.RETRIED if retried else Verdict.FINE
    found = np.where(estimate <= tolerance, fine, Verdict.INACCURATE).astype(np.int8)
    pain = np.asarray(result.pain)
    inside = ((pain >= 0) & (pain <= 10)).all(axis=0)
    for name, values in result.states.items():
        if name not in UNBOUNDED:
            inside &= ((values >= -ROUNDING) & (values <= 1.0 + ROUNDING)).all(axis=0)
    found[~inside] = Verdict.OUT_OF_RANGE
    finite = np.isfinite(pain).all(axis=0) & np.isfinite(estimate)
    for values in result.states.values():
        finite &= np.isfinite(np.asarray(values)).all(axis=0)
    found[~finite] = Verdict.NOT_FINITE
    return found
