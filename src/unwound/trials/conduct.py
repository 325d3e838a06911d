"""A trial is conducted: patients drawn, allocated, treated, rated at each visit, some lost; many times over.

Replicate r of a trial of N patients holds the people r N ... r N + N - 1, wherever it is computed. Groups that share a
regimen (drug and saline pump) share one clock and one mesh; saline is the same pump with nothing in it. After a run-in
people are first followed to its end, then those who may be randomized are, and everybody is followed from the start
again under all that they receive.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np

from unwound.core.errors import InputError, Problem
from unwound.core.signals import CompiledRegimen
from unwound.core.verdicts import Verdict
from unwound.evidence import value
from unwound.patient.blood import compile_for
from unwound.patient.course import Course
from unwound.patient.merging import merged
from unwound.patient.people import People
from unwound.patient.simulation import Setting, simulate_people
from unwound.pharmacokinetics import routed_model
from unwound.population import disorder_keys, sample, with_own
from unwound.regimen import Regimen
from unwound.trials.adverse import adverse_events, event_keys
from unwound.trials.allocation import allocate, strata_of
from unwound.trials.design import WEEK_H
from unwound.trials.ratings import rate, rescued
from unwound.trials.result import TrialResult
from unwound.trials.trial import Trial

__all__ = ["MOST_PATIENTS", "WEEK_H", "TrialResult", "conduct", "rate", "verdict_counts", "visits_of"]

MOST_PATIENTS = 5_000_000  # a slip of the number of replicates; more belongs into blocks


def conduct(
    trial: Trial,
    setting: Setting,
    replicates: int,
    progress: Callable[[int], None] | None = None,
    first: int = 0,
    step: int = 1,
) -> TrialResult:
    """Run `replicates` virtual copies of `trial`, numbered from `first` in steps of `step`.

    Raises `InputError` (limits, enantiomer, number of replicates).
    """
    if not 1 <= replicates * trial.size <= MOST_PATIENTS:
        rule = f"must be 1 or more, and give at most {MOST_PATIENTS:,} patients in all"
        raise InputError(Problem("replicates", replicates, rule, "500 is enough for a 90 % interval"))
    setting = _with_expectancy(trial, setting)
    numbers = first + step * np.arange(replicates)
    ids = (trial.size * numbers[:, None] + np.arange(trial.size)).ravel()
    people = sample(setting.seed, ids, with_own(trial.disorder, setting.own), setting.model)
    warnings = tuple(trial.warnings())
    visits = visits_of(trial)
    allocation = _allocation(trial, setting, people, ids, visits, numbers)
    people = _felt_by_active_placebo(trial, people, allocation.ravel())
    course = _followed(trial, setting, people, ids, allocation.ravel(), visits, progress)
    at = np.searchsorted(course.time_h, visits - 1e-6)
    p = setting.how.pain
    ratings = rate(course.pain_nrs[at], setting.seed, ids, trial, p, visits / WEEK_H)
    ratings[:, course.failed()] = np.nan  # numbers that must not be used are not analyzed
    ratings, taken = rescued(ratings, visits, trial.rescue)
    shape = (len(visits), replicates, trial.size)
    events = {name: own.reshape(shape[1:]) for name, own in adverse_events(course, setting.seed, ids).items()}
    keys = (*course.keys, *disorder_keys(trial.disorder), *event_keys(), *_active_placebo_keys(trial))
    return TrialResult(
        trial, setting, replicates, people, course, ratings.reshape(shape), warnings, keys, allocation, visits,
        taken.reshape(shape), events,
    )  # fmt: skip


def verdict_counts(course: Course) -> dict[str, int]:
    """How many patients ended with which numerical verdict."""
    values, counts = np.unique(course.verdicts, return_counts=True)
    return {Verdict(int(value)).name.lower(): int(count) for value, count in zip(values, counts, strict=True)}


def _with_expectancy(trial: Trial, setting: Setting) -> Setting:
    """The outcomes of a trial whose patients guess their arm by what they feel."""
    share = trial.blinding.expectancy.value / 100.0
    if trial.blinding.unblinded_by == "nothing":
        share = 0.0
    elif not share:
        return setting
    outcomes = setting.how
    placebo = dataclasses.replace(outcomes.placebo, expectancy_gain=share)
    return dataclasses.replace(setting, outcomes=outcomes._replace(placebo=placebo))


def visits_of(trial: Trial) -> np.ndarray:
    """All visits [h] since the start of treatment: the first one of a run-in, then those of each period."""
    begin = [] if trial.run_in is None else [0.0]
    periods = range(len(trial.groups[0].arms))
    visits = [trial.start_h + n * trial.period_h + np.array(trial.visit_h) for n in periods]
    return np.concatenate([begin, *visits])


def _allocation(
    trial: Trial, setting: Setting, people: People, ids: np.ndarray, visits: np.ndarray, numbers: np.ndarray
) -> np.ndarray:
    """The group of everybody, (replicates, patients); `numbers` are those of the replicates."""
    shape = (len(numbers), trial.size)
    eligible = np.ones(shape, bool)
    if trial.run_in is not None and trial.run_in.randomized != "everybody":
        eligible = _after_run_in(trial, setting, people, ids, visits).reshape(shape)
    columns = (people.female, people.duration, people.baseline)
    strata = strata_of(trial, *(np.asarray(column) for column in columns)).reshape(shape)
    return np.stack([allocate(trial, setting.seed, int(n), strata[r], eligible[r]) for r, n in enumerate(numbers)])


def _after_run_in(trial: Trial, setting: Setting, people: People, ids: np.ndarray, visits: np.ndarray) -> np.ndarray:
    """Who may be randomized: by the ratings at the start and at the end of the run-in."""
    run_in = trial.run_in
    assert run_in is not None
    ends = run_in.duration.value
    regimen = _compiled(setting, trial.run_in_regimen() or trial.shown_regimen)
    treated = np.full(len(ids), float(trial.run_in_regimen() is not None))
    course = simulate_people(people, ids, regimen, np.array([0.0, ends]), setting, treated)
    pain = course.pain_nrs[np.searchsorted(course.time_h, np.where(visits < ends - 1e-6, 0.0, ends) - 1e-6)]
    p = setting.how.pain
    rated = rate(pain, setting.seed, ids, trial, p, visits / WEEK_H)
    before, after = rated[0], rated[1]
    with np.errstate(invalid="ignore"):
        responds = after <= before * (1.0 - run_in.reduction.value / 100.0)
    there = ~np.isnan(after)
    return np.asarray(there & (responds if run_in.randomized == "responders" else ~responds))


def _followed(
    trial: Trial, setting: Setting, people: People, ids: np.ndarray, groups: np.ndarray, visits: np.ndarray,
    progress: Callable[[int], None] | None,
) -> Course:  # fmt: skip
    """The course of everybody, in as many runs as there are different regimens."""
    receives: dict[int, Regimen | None] = {n: trial.regimen_of(g) for n, g in enumerate(trial.groups)}
    receives[-1] = trial.regimen_of(None)
    distinct: list[Regimen] = []
    for number in sorted(set(groups.tolist()), key=lambda n: (n < 0, n)):
        own = receives[number]
        if own is not None and own not in distinct:
            distinct.append(own)
    compiled = [_compiled(setting, regimen) for regimen in distinct or [trial.shown_regimen]]
    at = np.unique(np.concatenate([_times(regimen.times, visits) for regimen in compiled]))
    given = {n: own is not None for n, own in receives.items()}
    runs = {n: distinct.index(own) if own in distinct else 0 for n, own in receives.items()}
    run = np.array([runs[n] for n in range(-1, len(trial.groups))])[groups + 1]
    treated = np.array([float(given[n]) for n in range(-1, len(trial.groups))])[groups + 1]
    if len(compiled) == 1:
        return simulate_people(people, ids, compiled[0], at, setting, treated, progress)
    pieces = []
    for number, regimen in enumerate(compiled):
        own_people = np.flatnonzero(run == number)
        course = simulate_people(
            people.take(own_people), ids[own_people], regimen, at, setting, treated[own_people], progress
        )
        pieces.append((own_people, course))
    return merged(pieces, len(ids))


def _compiled(setting: Setting, regimen: Regimen) -> CompiledRegimen:
    return compile_for(routed_model(setting.model), regimen)


def _felt_by_active_placebo(trial: Trial, people: People, groups: np.ndarray) -> People:
    """More people feel something under midazolam than under saline: their draw is held against a higher floor."""
    active = [any(arm.gives == "midazolam" for arm in group.arms) for group in trial.groups]
    if not any(active):
        return people
    raised = value("psychomimetic.placebo_floor", "1") / value("active_placebo.felt_share", "1")
    factor = np.where(np.array([*active, False])[groups], raised, 1.0)
    return dataclasses.replace(people, report_chance=np.asarray(people.report_chance) * factor)


def _active_placebo_keys(trial: Trial) -> tuple[str, ...]:
    return ("active_placebo.felt_share",) if any(arm.gives == "midazolam" for arm in trial.arms) else ()


def _times(switches: np.ndarray, visits: np.ndarray) -> np.ndarray:
    """Times to keep: every six hours around the treatment, daily after it, and the visits."""
    last = visits[-1]
    treatment = np.arange(0.0, min(switches[-1] + 72.0, last), 6.0)
    daily = np.arange(0.0, last + 1e-9, 24.0)
    return np.unique(np.round(np.concatenate([treatment, daily, visits, switches[switches <= last]]), 9))
