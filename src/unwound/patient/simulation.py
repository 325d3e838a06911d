"""``simulate(patient, regimen) -> Course``, for one person or many, under any hypothesis.

The regimen is compiled to one clock, everybody shares one mesh, lanes of people go to threads. Patients whose error
estimate exceeds the tolerance are run again, alone, on a finer mesh; what still fails gets a verdict, not a silence.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import numpy as np

from unwound.core.arrays import Array, jax, jnp
from unwound.core.errors import InputError
from unwound.core.quantities import parse
from unwound.core.random import patient_keys, root_key, streams
from unwound.core.signals import CompiledRegimen
from unwound.core.strict import Measure
from unwound.core.verdicts import Verdict
from unwound.outcomes.pain import typical_baseline
from unwound.patient import lane as lane_room
from unwound.patient.adaptive import solve_by_rules
from unwound.patient.bedside import Clock, clock_of
from unwound.patient.blood import Blood, blood_of, compile_for
from unwound.patient.course import Course, Firing
from unwound.patient.full_wiring import full_keys, full_warnings, response_name, widened
from unwound.patient.given_doses import doses_of
from unwound.patient.lane import Outcomes
from unwound.patient.lanes import NARROW, map_lanes
from unwound.patient.mesh import Accuracy, Mesh, build_mesh
from unwound.patient.people import People, typical_person
from unwound.patient.protocol import Person
from unwound.patient.rulebook import Book, book_of
from unwound.patient.setting import Progress, Setting, outcome_keys, outcomes_from_evidence
from unwound.patient.wiring import SwitchWiring, Wiring, driver_name, hypothesis_keys, hypothesis_name, wiring_of
from unwound.pharmacokinetics.envelopes import envelope_warnings
from unwound.pharmacokinetics.register import model_keys, routed_model
from unwound.pharmacokinetics.routes import route_keys
from unwound.regimen import EventTable, Regimen, check_limits
from unwound.regimen.event_occasions import Occasion
from unwound.sensitization.flares import knot_times
from unwound.sensitization.mechanisms import mechanism_names
from unwound.sensitization.switch import drive

__all__ = [
    "REFINEMENTS",
    "Progress",
    "Setting",
    "baseline_of_typical_drive",
    "default_times",
    "outcomes_from_evidence",
    "simulate",
    "simulate_events",
    "simulate_people",
]

REFINEMENTS = (1 / 8, 1 / 32)
"""Patients near the separatrix are run again with steps this many times as long; few need it, fewer the second."""


def default_times(regimen: CompiledRegimen, until_h: float) -> np.ndarray:
    """Times to look at [h]: hourly after each change of the pump, every few hours under treatment, then daily."""
    switches = regimen.times[regimen.times <= until_h]
    hourly = [np.arange(0.0, 9.0) + switch for switch in switches[:_MOST_SWITCHES]]
    treated = min(switches[-1] + 72.0, until_h)
    often = np.linspace(0.0, treated, int(min(treated / 2.0, _MOST_SWITCHES)) + 2)
    daily = np.arange(0.0, until_h + 1e-9, 24.0)
    after = switches[-1] + 24.0 * np.arange(int(max(until_h - switches[-1], 0.0) // 24.0) + 1)
    times = np.round(np.concatenate([*hourly, often, daily, after, switches, [0.0, until_h]]), 9)
    return np.unique(times[times <= until_h + 1e-9])


_MOST_SWITCHES = 400  # a picture shows no more


@dataclass(frozen=True)
class _Run:
    """What all lanes share."""

    blood: Blood
    wiring: Wiring
    outcomes: Outcomes
    clock: Clock
    knots: np.ndarray
    at: np.ndarray
    meshes: tuple[Mesh, Mesh]
    book: Book | None = None

    def lane(
        self, person: People, treated: Array, keys: Array, asked: Array | None = None
    ) -> tuple[lane_room.Read, np.ndarray]:
        """A lane on both meshes: (what it answers, estimated error per patient)."""
        prepared = lane_room.prepare(
            self.blood.of(person), self.wiring, self.outcomes.psychomimetic, person, treated, keys, self.clock,
            self.knots,
        )  # fmt: skip
        fired: tuple[Array, ...] = ()
        if self.book is None:
            fine = lane_room.solve(prepared, self.meshes[0])
        else:
            fine, bedside, fired = solve_by_rules(
                prepared, self.meshes[0], self.book, self.clock, person, treated, self.outcomes, asked
            )
            prepared = prepared._replace(bedside=bedside)
        coarse = lane_room.solve(prepared, self.meshes[1])
        knot = np.clip(np.searchsorted(self.knots, self.at, side="right") - 1, 0, len(self.knots) - 2)
        part = (self.at - self.knots[knot]) / np.diff(self.knots)[knot]
        result = lane_room.read(prepared, fine, person, self.at, knot, part, self.outcomes)._replace(fired=fired)
        estimate = np.asarray(lane_room.disagreement(fine, coarse))
        return jax.tree.map(np.asarray, result), estimate


def _meshes(
    regimen: CompiledRegimen, knots: np.ndarray, at: np.ndarray, accuracy: Accuracy, book: Book | None = None
) -> tuple[Mesh, Mesh]:
    fine = build_mesh(regimen.times, knots, at, accuracy, None if book is None else book.pauses)
    return fine, build_mesh(regimen.times, knots, at, accuracy.coarser(2.0))


def simulate(person: Person, regimen: Regimen, until: str = "12 weeks", setting: Setting | None = None) -> Course:
    """The course of one person, without random effects, from the first dose to `until` (such as "12 weeks").

    Flares are switched off: they are the only chance in the life of a single typical person, and belong to a
    population. Raises `InputError` for an unsafe dose, a model that does not know the drug, an unreadable `until`.
    """
    return _one(person, regimen, parse(until, "h", "until"), setting or Setting(), np.zeros(0))


def _one(person: Person, regimen: Regimen, until_h: float, setting: Setting, also_at: np.ndarray) -> Course:
    warnings = [str(w) for w in person.limit_warnings(regimen)] + person.dosing_notes(regimen)
    regimen = person.dosed(regimen)
    model = routed_model(setting.model)
    compiled = compile_for(model, regimen)
    patient = typical_person(
        weight=person.weight_kg,
        baseline=person.pain.value if person.pain else float("nan"),
        effects=len(model.random_effects),
        age=person.age_y,
        duration=person.duration_y,
        female=person.sex == "female",
        asian=person.ancestry in ("asian", "japanese"),
        japanese=person.ancestry == "japanese",
    )
    if person.pain is None:
        patient = dataclasses.replace(patient, baseline=baseline_of_typical_drive(patient, setting))
    at = np.union1d(default_times(compiled, until_h), also_at)
    if regimen.rules:  # the last switch may be that of a booster: people ask about the end of the plan
        after = regimen.end + 24.0 * np.array([0.0, 1.0, *range(7, int(until_h / 24.0) + 1, 7)])
        at = np.union1d(at, after[after <= until_h])
    course = simulate_people(
        patient, np.zeros(1, int), compiled, at, dataclasses.replace(setting, flares=False, diary=False)
    )
    doubts = envelope_warnings(model, person.age_y, person.weight_kg, doses_of(regimen.planned(), person.weight_kg))
    notes = (*warnings, *person.assumed(), *doubts)
    return dataclasses.replace(course, warnings=(*course.warnings, *notes))


def simulate_events(
    table: EventTable, until: str | None = None, setting: Setting | None = None, progress: Progress | None = None
) -> dict[str, Course]:
    """One course per ID of an event table, at its sampling times and the usual ones; after a reset (EVID 3 or 4) one
    per occasion, each beginning anew, slow memory included.

    `until` defaults to four weeks after the last dose or observation. Every unsafe ID is named at once (`InputError`).
    """
    setting = setting or Setting()
    _require_safe(table)
    courses = {}
    for person in table:
        written = Person(
            weight=None if person.weight_kg is None else Measure.of(person.weight_kg, "kg"),
            age=None if person.age_y is None else Measure.of(person.age_y, "y"),
        )
        for name, occasion in person.named_occasions():
            last = max(float(occasion.observed_h.max(initial=0.0)), occasion.regimen.end)
            until_h = parse(until, "h", "until") if until else last + 4 * 168.0
            courses[name] = _one(written, occasion.regimen, until_h, setting, _sampled(occasion))
        if progress is not None:
            progress(1)
    return courses


_JUST_AFTER_H = 1e-6  # a sample that follows a bolus of its time is read this much later


def _sampled(occasion: Occasion) -> np.ndarray:
    """When to look [h]: at a bolus the course shows what was there before it, so a later sample moves a little."""
    starts = [dose.starts() for dose in occasion.regimen.doses if dose.hours == 0.0]
    at_bolus = np.isin(np.round(occasion.observed_h, 9), np.round(np.concatenate([np.zeros(0), *starts]), 9))
    return np.where(at_bolus & ~occasion.before_dose, occasion.observed_h + _JUST_AFTER_H, occasion.observed_h)


def _require_safe(table: EventTable) -> None:
    problems = []
    for person in table:
        for name, occasion in person.named_occasions():
            try:
                check_limits(occasion.regimen, person.weight_kg, person.age_y)
            except InputError as error:
                problems += [dataclasses.replace(p, field=f"{name}, {p.field}") for p in error.problems]
    if problems:
        raise InputError(problems)


def baseline_of_typical_drive(patient: People, setting: Setting) -> Array:
    """Pain of the typical drive, by the map of the default hypothesis; H0 has no drive of its own and borrows it."""
    short = hypothesis_name(setting.hypothesis)
    wiring = cast(SwitchWiring, wiring_of("H2" if short == "H0" else short, own=setting.own)).of(patient)
    memory = wiring.start(patient).state
    rest = drive(memory, jnp.zeros(1), wiring.switch)
    return typical_baseline(rest, setting.how.pain)


def simulate_people(
    people: People,
    ids: np.ndarray,
    regimen: CompiledRegimen,
    at: np.ndarray,
    setting: Setting | None = None,
    treated: np.ndarray | None = None,
    progress: Progress | None = None,
) -> Course:
    """The course of `people` under `regimen`, at the times `at` [h] (0 is added).

    `ids` name the people: the flares of patient 17 are the same in every run with the same seed. `treated` (default
    all) is 0 for those who receive saline. Raises `InputError` when the model does not know the enantiomer given.
    """
    setting = setting or Setting()
    blood = blood_of(routed_model(setting.model), regimen, setting.metabolites)
    outcomes = setting.how
    at = np.unique(np.round(np.concatenate([[0.0], np.asarray(at, float)]), 9))
    knots = knot_times(max(at[-1], 24.0))
    forms = tuple(plan.form for plan in blood.plans)
    wiring = wiring_of(
        setting.hypothesis, forms, outcomes.psychomimetic.r_potency, setting.own_driver or setting.driver, setting.own
    )
    wiring = widened(wiring, setting.mechanisms, setting.response, setting.opioid_tone)
    if wiring.flares is not None and not setting.flares:
        wiring = dataclasses.replace(cast(SwitchWiring, wiring), flares=None)
    count = people.count
    treated = np.ones(count) if treated is None else np.asarray(treated, float)
    book = book_of(regimen, blood.plans) if regimen.rules else None
    meshes = _meshes(regimen, knots, at, setting.accuracy, book)
    run = _Run(blood, wiring, outcomes, clock_of(regimen, blood.plans), knots, at, meshes, book)
    root = root_key(setting.seed)

    def compute(run: _Run, index: np.ndarray) -> tuple[lane_room.Read, np.ndarray]:
        keys = patient_keys(root, np.asarray(ids)[index])
        asked = keys if book is not None and setting.diary else None
        return run.lane(people.take(index), treated[index], streams(keys, "flares"), asked)

    def compute_some(run: _Run, which: np.ndarray, index: np.ndarray) -> tuple[lane_room.Read, np.ndarray]:
        return compute(run, which[index])

    pieces = map_lanes(count, blood.width, partial(compute, run), setting.threads, progress)
    result, estimate = _joined(pieces, count)
    verdicts = lane_room.verdicts(estimate, setting.accuracy.tolerance, result, retried=False)
    for times in REFINEMENTS:
        doubtful = np.flatnonzero(verdicts == Verdict.INACCURATE)
        if not len(doubtful):
            break
        finer = dataclasses.replace(run, meshes=_meshes(regimen, knots, at, setting.accuracy.coarser(times), book))
        again = map_lanes(len(doubtful), NARROW, partial(compute_some, finer, doubtful), setting.threads)
        better, error = _joined(again, len(doubtful))
        _put(result, better, doubtful)
        finest = times == REFINEMENTS[-1]
        limit = setting.accuracy.acceptable if finest else setting.accuracy.tolerance
        verdicts[doubtful] = lane_room.verdicts(error, max(limit, setting.accuracy.tolerance), better, retried=True)
    return _course(result, verdicts, at, blood, regimen, setting)


def _joined(pieces: list[Any], count: int) -> tuple[lane_room.Read, np.ndarray]:
    """Lanes side by side, without the padding."""
    joined = jax.tree.map(lambda *leaves: np.concatenate(leaves, axis=-1)[..., :count], *pieces)
    return joined  # type: ignore[no-any-return]


def _put(into: lane_room.Read, values: lane_room.Read, index: np.ndarray) -> None:
    def place(old: np.ndarray, new: np.ndarray) -> None:
        old[..., index] = new

    jax.tree.map(place, into, values)


def _course(
    result: lane_room.Read, verdicts: np.ndarray, at: np.ndarray, blood: Blood, regimen: CompiledRegimen,
    setting: Setting,
) -> Course:  # fmt: skip
    model = blood.model
    concentrations: dict[str, np.ndarray] = {}
    for plan, values in zip(blood.plans, result.concentrations, strict=True):
        concentrations |= {name: 1000.0 * value for name, value in zip(plan.analytes, values, strict=True)}
    if {"S-ketamine", "R-ketamine"} <= set(concentrations):
        concentrations["ketamine"] = concentrations["S-ketamine"] + concentrations["R-ketamine"]
    short = hypothesis_name(setting.hypothesis)
    per_kg = bool(regimen.titrations) and regimen.titrations[0].per_kg
    routes = {channel.route for channel in regimen.absorbed}
    generic = (key for route in sorted(routes) for key in (route_keys(route) if blood.generic_routes else ()))
    keys = (
        *model_keys(model),
        *generic,
        "ketamine.molar_mass",
        *hypothesis_keys(short, setting.driver),
        *full_keys(setting.mechanisms, setting.response),
        *outcome_keys(),
    )
    return Course(
        time_h=at,
        pain_nrs=result.pain,
        concentration_ng_per_mL=concentrations,
        states=dict(result.states),
        psychomimetic=result.psychomimetic,
        peak_ng_per_mL=1000.0 * result.peak,
        dose_total_mg=result.total,
        rate_reached=result.level,
        rate_unit="mg/kg/h" if per_kg else "mg/h",
        stepped_back=result.stepped_back,
        verdicts=verdicts,
        model=model.prefix,
        sampling=model.sampling,
        hypothesis=short,
        driver="" if short == "H0" else driver_name(setting.driver),
        keys=keys,
        mechanisms=(
            *mechanism_names(setting.mechanisms),
            *(["horn"] if response_name(setting.response) == "horn" else []),
        ),
        warnings=full_warnings(setting),
        firings=tuple(
            Firing(rule.told, rule.kind, rule.assessments, rule.assessments + rule.delay, fired)
            for rule, fired in zip(regimen.rules, result.fired, strict=True)
        ),
    )
