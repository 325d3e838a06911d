"""What a result under fitted models says of itself on the page, in JSON and in the manifest."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from unwound import evidence
from unwound.evidence import Citation, trial_names, trial_note

if TYPE_CHECKING:
    from unwound.patient import Course
    from unwound.patient.fitted import Fitted


TAKEN = {
    "one person": "one typical person takes every draw, so bands are the uncertainty of the posterior",
    "people": "people take the draws in turn",
    "replicates": "virtual trials take the draws in turn, so intervals over them hold the uncertainty of the posterior",
}


def fitted_of(courses: Iterable[Course]) -> Fitted | None:
    """What was fitted behind `courses` (all of one call share it), or None for the values of the tables."""
    return next((course.fitted for course in courses if course.fitted is not None), None)


def fitted_dict(courses: Iterable[Course]) -> dict[str, Any] | None:
    """The same as JSON gives it."""
    found = fitted_of(courses)
    return None if found is None else found.as_dict()


def only_if_fitted(courses: Iterable[Course]) -> dict[str, Any]:
    """What the specification of a manifest says beyond that of a run with the values of the tables."""
    found = fitted_dict(courses)
    return {} if found is None else {"fitted": found}


def hypotheses_of(courses: Iterable[Course]) -> list[str]:
    """Every hypothesis behind `courses`, those of an average one by one."""
    found: list[str] = []
    for course in courses:
        found += [course.hypothesis] if course.fitted is None else course.fitted.hypotheses
    return list(dict.fromkeys(found))


def sources_of(keys: Iterable[str], courses: Iterable[Course]) -> list[Citation]:
    """Where the numbers called `keys` come from, and the publications of the fitted trials."""
    found = {citation.key: citation for citation in evidence.citations(keys)}
    fitted = fitted_of(courses)
    more = () if fitted is None else fitted.cites
    return list((found | {key: evidence.bibliography()[key] for key in more}).values())


def fitted_sentences(found: Fitted) -> list[str]:
    """What was fitted, which numbers the draws replaced, and where they are, a sentence each."""
    return [
        f"{averaged_title(found)}; {TAKEN[found.takers]}.",
        f"{len(found.replaced)} numbers are those of the draws and not of the tables: {', '.join(found.replaced)}.",
        f"They were fitted to {', '.join(found.trials)}; unwound fit pain shows posteriors and scores. "
        f"sha256 of all settings: {found.settings_sha256}.",
    ]


def cautions_of(found: Fitted | None, trial: str = "") -> list[str]:
    """What a reader of a fitted result must not conclude; `trial` is one that is re-enacted, if it is published."""
    if found is None:
        return []
    said = []
    if trial in trial_names():
        note = trial_note(trial)
        kin = [trial_note(name).short for name in note.shares_patients_with]
        if note.short in found.trials:
            said = [f"{note.short} is one of the trials these models were fitted to: a hit is no prediction."]
        elif shared := [short for short in kin if short in found.trials]:
            said = [f"{note.short} shares patients with {shared[0]}, which was fitted: a hit is no prediction."]
    return [*said, found.first_line]


def averaged_title(found: Fitted) -> str:
    """The heading of the method."""
    if len(found.models) == 1:
        return f"Fitted model: {found.turns[0]}, {found.draws} draw{'s' if found.draws > 1 else ''}"
    return f"Fitted models: {found.told} ({found.in_words})"
