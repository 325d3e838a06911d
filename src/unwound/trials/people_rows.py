"""What is kept of a person in a trial: one line per person, a pure function of trial, setting and the person's number.

Person i is patient ``i mod N`` of replicate ``i div N`` of a trial of N patients, as in `trials.conduct`: the rows of
some people are those of the same people in a run of all of them, to the last bit.

    rating_nrs, pain_nrs        weekly: what the diary shows, and pain as felt
    relief_days ...             endpoints of the person, as `Course` defines them
    state by state, day by day  only when asked for
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from unwound.patient.blood import compile_for
from unwound.patient.course import Course
from unwound.patient.simulation import Setting, outcomes_from_evidence, simulate_people
from unwound.pharmacokinetics import routed_model
from unwound.population import disorder_keys, sample
from unwound.trials.conduct import WEEK_H, _times, rate
from unwound.trials.design import Trial

DAY_H = 24.0


@dataclass(frozen=True)
class PeopleRows:
    """One line per person, in the order of `ids`; numbers are float32, NaN where there is none."""

    ids: np.ndarray
    columns: Mapping[str, np.ndarray]  # (people,) who it is and the endpoints
    weekly: Mapping[str, np.ndarray]  # (people, weeks + 1)
    daily: Mapping[str, np.ndarray]  # (people, days + 1); empty unless asked for
    units: Mapping[str, str]
    keys: tuple[str, ...]
    """The rows of the evidence all of this rests on."""


def people_rows(
    trial: Trial,
    setting: Setting,
    ids: np.ndarray,
    daily: bool = False,
    progress: Callable[[int], None] | None = None,
) -> PeopleRows:
    """The rows of the people called `ids` (any numbers from 0, in any order)."""
    ids = np.asarray(ids)
    people = sample(setting.seed, ids, trial.disorder, setting.model)
    weekly = np.arange(trial.weeks + 1) * WEEK_H
    regimen = compile_for(routed_model(setting.model), trial.regimen)
    arm = _arm_of(trial, ids)
    treated = np.array([one.gives == "regimen" for one in trial.arms], float)[arm]
    at = _times(regimen.times, weekly)
    course = simulate_people(people, ids, regimen, at, setting, treated, progress)
    visits = np.searchsorted(course.time_h, weekly - 1e-6)
    pain = course.pain_nrs[visits]
    ratings = rate(pain, setting.seed, ids, trial, (setting.outcomes or outcomes_from_evidence()).pain)
    endpoints, units = _endpoints(course, float(regimen.times[-1]))
    names = np.array([one.name for one in trial.arms])
    who = {"replicate": ids // trial.size, "patient": ids % trial.size}
    columns = {name: number.astype(np.int32) for name, number in who.items()} | {"arm": names[arm]} | endpoints
    days = np.searchsorted(course.time_h, np.arange(0.0, weekly[-1] + 1.0, DAY_H) - 1e-6)
    states = {"pain_nrs": course.pain_nrs, **course.states} if daily else {}
    return PeopleRows(
        ids=ids,
        columns=columns,
        weekly={"rating_nrs": _shown(ratings, course), "pain_nrs": _shown(pain, course)},
        daily={f"daily_{name}": _shown(values[days], course) for name, values in states.items()},
        units=units | {"rating_nrs": "points", "pain_nrs": "points", "daily_pain_nrs": "points"},
        keys=tuple(dict.fromkeys((*course.keys, *disorder_keys(trial.disorder)))),
    )


def _arm_of(trial: Trial, ids: np.ndarray) -> np.ndarray:
    """Which arm each person is in: the first patients of a replicate form the first arm."""
    ends = np.cumsum([arm.patients for arm in trial.arms])
    return np.searchsorted(ends, ids % trial.size, side="right")


def _endpoints(course: Course, end_h: float) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    found: dict[str, tuple[np.ndarray, str]] = {
        "relief_days": (course.relief_days(end_h), "d"),
        "peak_ng_per_mL": (course.peak_ng_per_mL, "ng/mL"),
        "dose_total_mg": (course.dose_total_mg, "mg"),
    }
    reached = f"rate_reached_{course.rate_unit.replace('/', '_per_')}"
    for n, rate_reached in enumerate(course.rate_reached, 1):
        number = f"_{n}" if len(course.rate_reached) > 1 else ""
        found[f"{reached}{number}"] = (rate_reached, course.rate_unit)
    columns = {name: _shown(values, course) for name, (values, _) in found.items()}
    columns["psychomimetic"] = np.asarray(course.psychomimetic, bool)
    columns["verdict"] = course.verdicts.astype(np.int8)
    return columns, {name: unit for name, (_, unit) in found.items()}


def _shown(values: np.ndarray, course: Course) -> np.ndarray:
    """Float32, person first; numbers that must not be used are NaN."""
    kept = np.array(values.T, dtype=np.float32)
    kept[course.failed()] = np.nan
    return kept
