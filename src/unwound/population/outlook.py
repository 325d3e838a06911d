"""What a protocol may bring beside pain: affect, attacks, sensory tests, side effects, harm, opioids, money and time.

People with a disorder are followed under the protocol and under saline, with the same flares and the same placebo
response: what differs is the drug. A third run without drug and without placebo response says how often attacks came
before. Everything rests on these courses, the regimen and the evidence; nothing is drawn anew.

Function is not computed: in the reference trial disability had not improved by week 12 although pain had
(sigtermans2009).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from unwound.core.arrays import jnp
from unwound.core.errors import InputError, Problem
from unwound.core.quantities import parse
from unwound.core.random import patient_keys, root_key
from unwound.evidence import keys_of, value
from unwound.outcomes import attacks as attack_room
from unwound.outcomes.attacks import MONTH_D, Attacks
from unwound.patient.blood import compile_for
from unwound.patient.costs import Costs, Price, costs_of
from unwound.patient.course import Course
from unwound.patient.quantitative_tests import SensoryTests, quantitative_tests
from unwound.patient.safety_over_time import Safety, safety_over_time
from unwound.patient.sessions import Session, sessions_of
from unwound.patient.side_effects import AffectCourse, SideEffects, affect_course, side_effects
from unwound.patient.simulation import Setting, default_times, simulate_people
from unwound.pharmacokinetics import routed_model
from unwound.population.cohort import dosed, limits_of
from unwound.population.own import population_of
from unwound.population.populations import Population, sample
from unwound.population.sampled import attack_days_of
from unwound.regimen import Regimen

DAY_H = 24.0
_STILL = 1e-6  # points
FUNCTION = (
    "function is not computed: disability had not improved by week 12 of the reference trial, although pain had "
    "(sigtermans2009)"
)
NO_FLARES = "attacks are not counted: only H2 has flares, and without them pain does not come and go"
TOO_SHORT = f"attacks are not counted: a course shorter than {MONTH_D} days has no window to count in"
NO_CIRCUIT = "sensory tests are not computed: H0 has no synaptic gain that the circuit could feel"


@dataclass(frozen=True)
class Prices:
    """What the user says of money and opioids; None for what is not said."""

    session: Price | None = None
    day: Price | None = None
    opioid_mg_per_d: float | None = None
    opioid_follows: float | None = None
    """Share by which the dose falls when pain falls to nothing."""
    attack_days: float | None = None
    """Own attack days in 28 d without drug."""


@dataclass(frozen=True)
class AttackOutlook:
    """Attacks in windows of 28 days from the start of treatment; mean over people."""

    start_d: np.ndarray
    per_week: dict[str, np.ndarray]
    """Attacks a week: "before", "saline", "treated"."""
    days: dict[str, np.ndarray]
    """Attack days in 28 d, likewise."""
    unmoved: float
    """Share of people whose pain flares do not move: they keep their own number under everything."""


@dataclass(frozen=True)
class Outlook:
    """Everything, people last where there are any."""

    disorder: str
    regimen: Regimen
    sessions: tuple[Session, ...]
    days: np.ndarray
    """Places of whole days among the times of the course."""
    course: Course
    untreated: Course
    affect: AffectCourse
    attacks: AttackOutlook | None
    sensory: SensoryTests | None
    side_effects: SideEffects
    safety: Safety
    costs: Costs
    opioid_mg_per_d: np.ndarray | None
    """Mean over people, at whole days."""
    notes: tuple[str, ...]
    keys: tuple[str, ...]


def outlook(
    disorder: str | Population, patients: int, regimen: Regimen, until: str = "12 weeks",
    setting: Setting | None = None, prices: Prices | None = None, progress: Callable[[int], None] | None = None,
) -> Outlook:  # fmt: skip
    """The outlook of `patients` people with a disorder under `regimen`. Raises `InputError`."""
    setting, prices = setting or Setting(), prices or Prices()
    _require_whole(prices)
    found = population_of(disorder) if isinstance(disorder, str) else disorder
    if found.scale.name != "NRS":
        rule = f"{found.title} is rated on {found.scale.name}, and this follows pain"
        raise InputError(Problem("disorder", found.name, rule, "choose a disorder of pain, or use `unwound mood`"))
    course, untreated, before, said, planned = _followed(found, patients, regimen, until, setting, progress)
    sessions = sessions_of(planned)
    days = np.flatnonzero(np.isclose(course.time_h % DAY_H, 0.0, atol=1e-6))
    felt, events = affect_course(course, sessions), side_effects(course, sessions)
    safety = safety_over_time(course, max((one.hours for one in sessions), default=0.0))
    costs, opioid = costs_of(planned, prices.session, prices.day), _opioid(course, days, prices)
    notes = [*said, *course.warnings, *safety.notes, *costs.notes, FUNCTION]
    attacks = sensory = None
    if "synaptic_gain" in course.states:
        sensory = quantitative_tests(course, days)
    else:
        notes.append(NO_CIRCUIT)
    if course.hypothesis == "H2" and setting.flares:
        runs = {"before": before, "saline": untreated, "treated": course}
        attacks = _attacks(runs, days, _own_share(found, patients, setting.seed, prices))
        notes += [] if attacks else [TOO_SHORT]
    else:
        notes.append(NO_FLARES)
    keys = (
        *course.keys, *found.keys, *felt.keys, *events.keys, *safety.keys, *costs.keys,
        *(sensory.keys if sensory else ()), *(keys_of(Attacks, Attacks.prefix) if attacks else ()),
    )  # fmt: skip
    return Outlook(
        found.title, planned, sessions, days, course, untreated, felt, attacks, sensory, events, safety, costs, opioid,
        tuple(dict.fromkeys(notes)), tuple(dict.fromkeys(keys)),
    )  # fmt: skip


def _followed(
    found: Population, patients: int, regimen: Regimen, until: str, setting: Setting,
    progress: Callable[[int], None] | None,
) -> tuple[Course, Course, Course, list[str], Regimen]:  # fmt: skip
    until_h = parse(until, "h", "until")
    ids = np.arange(patients)
    people = sample(setting.seed, ids, found, setting.model)
    said = [str(warning) for warning in limits_of(regimen, people)]
    said += [f"population: {text}" for text in (*found.own, *filter(None, [found.caution]))]
    if regimen.rules:
        said.append("doses that rules add are in the course, and not among the sessions, their side effects and costs")
    regimen, people = dosed(regimen, people)
    compiled = compile_for(routed_model(setting.model), regimen)
    at = np.union1d(default_times(compiled, until_h), np.arange(0.0, until_h + 1e-9, DAY_H))
    course = simulate_people(people, ids, compiled, at, setting, progress=progress)
    alone = dataclasses.replace(setting, metabolites=False)
    saline = np.zeros(patients)
    untreated = simulate_people(people, ids, compiled, at, alone, saline, progress)
    plain = dataclasses.replace(people, placebo_size=np.zeros_like(people.placebo_size))
    before = simulate_people(plain, ids, compiled, at, alone, saline, progress)
    return course, untreated, before, said, regimen


def _require_whole(prices: Prices) -> None:
    problems = []
    if (prices.opioid_mg_per_d is None) != (prices.opioid_follows is None):
        rule = "an opioid needs its dose and how far it follows pain"
        problems.append(Problem("--opioid", prices.opioid_mg_per_d, rule, 'add --opioid-follows "50 %", yours to say'))
    if prices.attack_days is not None and not 0.0 < prices.attack_days < MONTH_D:
        rule = f"attack days in {MONTH_D} days lie between 0 and {MONTH_D}"
        problems.append(Problem("--attack-days", prices.attack_days, rule, "write for example 8"))
    if problems:
        raise InputError(problems)


def _opioid(course: Course, days: np.ndarray, prices: Prices) -> np.ndarray | None:
    """The daily dose when it follows pain, mean over people."""
    if prices.opioid_mg_per_d is None or prices.opioid_follows is None:
        return None
    share: np.ndarray = course.pain_nrs[days] / np.maximum(course.pain_nrs[:1], 1e-9)
    needed = np.maximum(1.0 - prices.opioid_follows * (1.0 - share), 0.0)
    return np.asarray(prices.opioid_mg_per_d * needed.mean(axis=1), float)


def _own_share(found: Population, patients: int, seed: int, prices: Prices) -> np.ndarray:
    """Share of untreated days that are attack days: as the user says, of the disorder by person, or assumed."""
    if prices.attack_days is not None:
        return np.full(patients, prices.attack_days / MONTH_D)
    if found.attacks is not None:
        keys = patient_keys(root_key(seed), np.arange(patients))
        drawn = np.asarray(attack_days_of(keys, found.attacks.per_month, found.attacks.cv), float)
        return np.asarray(np.clip(drawn / MONTH_D, 0.01, 0.99))
    return np.full(patients, value("attacks.own_share", "1"))


def _attacks(runs: Mapping[str, Course], days: np.ndarray, own_share: np.ndarray) -> AttackOutlook | None:
    """Windows of 28 days that are whole; None for a course that has none.

    Pain that does not depend on NMDA receptors at all does not move here, with flares or with the drug. Who has such
    pain keeps their own number of attack days; to leave them out would make every treatment look better.
    """
    starts = np.arange(0, len(days) - MONTH_D + 1, MONTH_D)
    if not len(starts):
        return None
    pain = {name: jnp.asarray(one.pain_nrs[days]) for name, one in runs.items()}
    moved = np.ptp(np.asarray(pain["before"]), axis=0) > _STILL
    theta = attack_room.threshold(pain["before"], jnp.asarray(own_share))
    weekly, monthly = dict[str, np.ndarray](), dict[str, np.ndarray]()  # (windows, people)
    for name, daily in pain.items():
        above = attack_room.attack_days(daily, theta)
        windows = [above[start : start + MONTH_D] for start in starts]
        weekly[name] = np.stack([np.asarray(attack_room.per_week(window)) for window in windows])
        monthly[name] = np.stack([np.asarray(attack_room.per_month(window)) for window in windows])
    usual = weekly["before"][:, moved].mean() if moved.any() else 0.0
    time = next(iter(runs.values())).time_h[days][starts]
    return AttackOutlook(
        time / DAY_H,
        {name: np.where(moved, each, usual).mean(axis=1) for name, each in weekly.items()},
        {name: np.where(moved, each, MONTH_D * own_share).mean(axis=1) for name, each in monthly.items()},
        float(1.0 - moved.mean()),
    )
