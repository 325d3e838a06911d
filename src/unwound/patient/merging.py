"""Courses of some people each, put together as one."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from unwound.patient.course import Course, Firing


def merged(pieces: Sequence[tuple[np.ndarray, Course]], people: int) -> Course:
    """Courses of some people each (their indices, their course) as one of `people`; all have the same times.

    An analyte that a piece does not have was not given to it: 0. A titration that it does not have: NaN. A state that
    its hypothesis does not know: NaN.
    """
    courses = [course for _, course in pieces]
    rules = max(len(course.rate_reached) for course in courses)

    def placed(arrays: Sequence[np.ndarray | None], missing: float) -> np.ndarray:
        shape, kind = next((array.shape[:-1], array.dtype) for array in arrays if array is not None)
        found = np.full((*shape, people), missing, dtype=kind)
        for (index, _), array in zip(pieces, arrays, strict=True):
            if array is not None:
                found[..., index] = array
        return found

    def widened(array: np.ndarray) -> np.ndarray:
        more = np.full((rules - len(array), array.shape[1]), False if array.dtype == bool else np.nan, array.dtype)
        return np.concatenate([array, more])

    analytes = dict.fromkeys(name for course in courses for name in course.concentration_ng_per_mL)
    keys = tuple(dict.fromkeys(key for course in courses for key in course.keys))
    states = dict.fromkeys(name for course in courses for name in course.states)
    reached = [widened(course.rate_reached) for course in courses]
    first = courses[0]
    return dataclasses.replace(
        first,
        pain_nrs=placed([course.pain_nrs for course in courses], np.nan),
        concentration_ng_per_mL={
            name: placed([course.concentration_ng_per_mL.get(name) for course in courses], 0.0) for name in analytes
        },
        states={name: placed([course.states.get(name) for course in courses], np.nan) for name in states},
        psychomimetic=placed([course.psychomimetic for course in courses], 0.0),
        peak_ng_per_mL=placed([course.peak_ng_per_mL for course in courses], np.nan),
        dose_total_mg=placed([course.dose_total_mg for course in courses], np.nan),
        rate_reached=placed(reached, np.nan),
        rate_unit=next((course.rate_unit for course in courses if len(course.rate_reached)), first.rate_unit),
        stepped_back=placed([widened(course.stepped_back) for course in courses], 0.0),
        verdicts=placed([course.verdicts for course in courses], 0),
        keys=keys,
        warnings=tuple(dict.fromkeys(text for course in courses for text in course.warnings)),
        firings=_merged_firings(pieces, people),
    )


def _merged_firings(pieces: Sequence[tuple[np.ndarray, Course]], people: int) -> tuple[Firing, ...]:
    """The rules of all pieces; a rule of one regimen never acts for people under another."""
    found: dict[tuple[str, bytes], Firing] = {}
    for index, course in pieces:
        for own in course.firings:
            key = (own.rule, own.acts_h.tobytes())
            if key not in found:
                found[key] = dataclasses.replace(own, fired=np.zeros((len(own.acts_h), people), bool))
            found[key].fired[:, index] = own.fired
    return tuple(found.values())
