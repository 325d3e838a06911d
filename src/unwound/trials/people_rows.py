"""What is kept of a person in a trial: one line per person, a pure function of trial, setting and the person's number.

Person i is patient ``i mod N`` of replicate ``i div N`` of a trial of N patients, as in `trials.conduct`: the rows of
some people are those of the same people in a run of all of them, to the last bit. Who is in which group, and who is
randomized after a run-in, depends on the whole replicate: so whole replicates are conducted, and cut afterwards.

    rating_nrs, pain_nrs        at every visit: what the diary shows, and pain as felt
    relief_days ...             endpoints of the person, as `Course` defines them
    nausea ...                  adverse events reported
    state by state, day by day  only when asked for
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from unwound.patient.course import Course
from unwound.patient.simulation import Setting
from unwound.trials.conduct import conduct
from unwound.trials.result import TrialResult
from unwound.trials.trial import Trial

DAY_H = 24.0
NOT_RANDOMIZED = "(not randomized)"


@dataclass(frozen=True)
class PeopleRows:
    """One line per person, in the order of `ids`; numbers are float32, NaN where there is none."""

    ids: np.ndarray
    columns: Mapping[str, np.ndarray]  # (people,) who it is and the endpoints
    weekly: Mapping[str, np.ndarray]  # (people, visits)
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
    parts = []
    for first, count in _stretches(np.unique(ids // trial.size)):
        begin, end = first * trial.size, (first + count) * trial.size
        places = np.flatnonzero((ids >= begin) & (ids < end))
        result = conduct(trial, setting, count, progress, first)
        parts.append((places, _rows(result, ids[places] - begin, ids[places], daily)))
    return _joined(ids, parts)


def _stretches(numbers: np.ndarray) -> list[tuple[int, int]]:
    """(first, count) of every run of consecutive numbers."""
    runs = np.split(numbers, np.flatnonzero(np.diff(numbers) != 1) + 1)
    return [(int(run[0]), len(run)) for run in runs]


def _rows(result: TrialResult, picked: np.ndarray, ids: np.ndarray, daily: bool) -> PeopleRows:
    """The rows of some people of a conducted trial."""
    course, trial = result.course, result.trial
    groups = np.array([*(group.name for group in trial.groups), NOT_RANDOMIZED])
    endpoints, units = _endpoints(course, _relief(result))
    who = {"replicate": ids // trial.size, "patient": ids % trial.size}
    columns = {name: number.astype(np.int32) for name, number in who.items()}
    columns |= {"arm": groups[result.allocation.ravel()[picked]]}  # NOBODY, -1, is the last
    columns |= {name: values[picked] for name, values in endpoints.items()}
    columns |= {name.replace(" ", "_"): np.asarray(own).ravel()[picked] for name, own in result.events.items()}
    at = np.searchsorted(course.time_h, result.visits_h - 1e-6)
    days = np.searchsorted(course.time_h, np.arange(0.0, result.visits_h[-1] + 1.0, DAY_H) - 1e-6)
    states = {"pain_nrs": course.pain_nrs, **course.states} if daily else {}
    ratings = result.ratings.reshape(len(result.visits_h), -1)
    return PeopleRows(
        ids=ids,
        columns=columns,
        weekly={"rating_nrs": _shown(ratings, course)[picked], "pain_nrs": _shown(course.pain_nrs[at], course)[picked]},
        daily={f"daily_{name}": _shown(values[days], course)[picked] for name, values in states.items()},
        units=units | {"rating_nrs": "points", "pain_nrs": "points", "daily_pain_nrs": "points"},
        keys=result.keys,
    )


def _joined(ids: np.ndarray, parts: list[tuple[np.ndarray, PeopleRows]]) -> PeopleRows:
    """The rows of several stretches in the order of `ids`."""
    order = np.argsort(np.concatenate([places for places, _ in parts]))

    def whole(name: str, of: str) -> np.ndarray:
        return np.concatenate([getattr(rows, of)[name] for _, rows in parts])[order]

    first = parts[0][1]
    return PeopleRows(
        ids=ids,
        columns={name: whole(name, "columns") for name in first.columns},
        weekly={name: whole(name, "weekly") for name in first.weekly},
        daily={name: whole(name, "daily") for name in first.daily},
        units=first.units,
        keys=tuple(dict.fromkeys(key for _, rows in parts for key in rows.keys)),
    )


def _relief(result: TrialResult) -> np.ndarray:
    """Days of relief after the end of what each person's group receives (saline: of what the others receive)."""
    trial, group = result.trial, result.allocation.ravel()
    found = np.full(group.shape, np.nan)
    for number, one in enumerate(trial.groups):
        regimen = trial.regimen_of(one) or trial.shown_regimen
        found[group == number] = result.course.relief_days(regimen.end)[group == number]
    return found


def _endpoints(course: Course, relief: np.ndarray) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    found: dict[str, tuple[np.ndarray, str]] = {
        "relief_days": (relief, "d"),
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
