r"""Predictions under the fitted models: a trial, one typical person, a cohort or an event table take the draws in turn.

    draws of a model        n w_m (largest remainders), w_m its weight by trials left out (pseudo-BMA+); which: evenly
                            spaced among all that ship, since those stand in the order of their chains
    turns                   a model's k-th of m draws stands at (k + 1/2)/m, so that any run of them is near the weights
    replicate r, person i   takes draw r mod n, or i mod n, and is the same person as under the values of the tables
    a typical person        takes every draw: the band is the uncertainty of the posterior, not how people differ

Numbers that a draw replaced are no longer those of the evidence tables, and are not listed as such. A state that the
hypothesis of a draw does not know is not a number there; bands are over who has it.

Leaves out: doubt about the weights themselves, and rivals without a mechanism (`unwound fit pain` has both).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from unwound.core.errors import InputError, Problem, UnknownName
from unwound.evidence import trial_note
from unwound.inference.pain_shipped import AVERAGE, draws, fitted_settings, models, record, shared_out
from unwound.patient.course import Course
from unwound.patient.fitted import Fitted
from unwound.patient.merging import merged
from unwound.patient.protocol import Person
from unwound.patient.setting import Progress, Setting
from unwound.patient.simulation import simulate, simulate_events
from unwound.population import Population, simulate_cohort
from unwound.population.cohort import is_shipped
from unwound.population.own import population_of
from unwound.regimen import EventTable, Regimen
from unwound.trials.conduct import TrialResult, conduct
from unwound.trials.ledger import settings_hash
from unwound.trials.together import together
from unwound.trials.trial import Trial

DRAWS = 40
MOST_DRAWS = 100
"""As many of each model ship."""


def model_called(name: str) -> str:
    """A fitted model, or "average", from any spelling people use. Raises `UnknownName`, which names all."""
    folded = {_folded(known): known for known in (AVERAGE, *models())}
    if _folded(name) not in folded:
        raise UnknownName("fitted model", name, (AVERAGE, *models()))
    return folded[_folded(name)]


def settings_in_turn(model: str = AVERAGE, count: int = DRAWS, base: Setting | None = None) -> tuple[Setting, ...]:
    """`count` settings with one draw each, in the order in which they take turns. Raises `InputError`."""
    if not 1 <= count <= MOST_DRAWS:
        raise InputError(Problem("draws", count, f"must be 1 to {MOST_DRAWS}, as many as ship", f"{DRAWS} are usual"))
    name = model_called(model)
    shares = record()["weights"] if name == AVERAGE else {name: 1.0}
    found: list[tuple[float, Setting]] = []
    for own, share in shared_out(shares, count).items():
        shipped = fitted_settings(own, len(draws()[own]), base)
        found += [((k + 0.5) / share, shipped[k * len(shipped) // share]) for k in range(share)]
    return tuple(setting for _, setting in sorted(found, key=lambda one: one[0]))


def conduct_fitted(
    trial: Trial, replicates: int, model: str = AVERAGE, base: Setting | None = None, draws: int | None = None,
    progress: Progress | None = None,
) -> TrialResult:  # fmt: skip
    """`trial`, so many times over; replicate r is conducted under draw r mod `draws` (default `DRAWS`, at most one for
    each replicate). `setting` of the result is `base`: what all draws share. Raises what `conduct` raises.
    """
    base = base or Setting()
    settings = settings_in_turn(model, min(DRAWS if draws is None else draws, max(replicates, 1)), base)
    step = len(settings)
    numbers = [np.arange(place, replicates, step) for place in range(step)]
    parts = [
        conduct(trial, setting, len(own), progress, first=place, step=step)
        for place, (setting, own) in enumerate(zip(settings, numbers, strict=True))
    ]
    found = together(parts, numbers)
    course = _fitted(found.course, [part.course for part in parts], model, settings)
    about = course.fitted
    assert about is not None
    keys = _left([part.keys for part in parts], settings)
    replaced = tuple(key for key in found.keys if any(key in setting.own for setting in settings))
    course = dataclasses.replace(course, fitted=dataclasses.replace(about, replaced=replaced, takers="replicates"))
    return dataclasses.replace(found, setting=base, course=course, keys=keys)


def simulate_fitted(
    person: Person, regimen: Regimen, until: str, model: str = AVERAGE, base: Setting | None = None,
    draws: int = DRAWS, progress: Progress | None = None,
) -> Course:  # fmt: skip
    """One typical person under every draw: what the course calls people are the draws. Raises as `simulate` does."""
    settings, courses = settings_in_turn(model, draws, base), []
    for setting in settings:
        courses.append(simulate(person, regimen, until, setting))
        if progress is not None:
            progress(1)
    return _of_one_person(courses, model, settings)


def events_fitted(
    table: EventTable, until: str | None = None, model: str = AVERAGE, base: Setting | None = None,
    draws: int = DRAWS, progress: Progress | None = None,
) -> dict[str, Course]:  # fmt: skip
    """One course per ID (and occasion) of an event table, each a typical person under every draw."""
    settings = settings_in_turn(model, draws, base)
    under = [simulate_events(table, until, setting, progress) for setting in settings]
    return {name: _of_one_person([courses[name] for courses in under], model, settings) for name in under[0]}


def cohort_fitted(
    disorder: str | Population, patients: int, regimen: Regimen, until: str = "12 weeks", model: str = AVERAGE,
    base: Setting | None = None, draws: int = DRAWS, progress: Progress | None = None,
) -> Course:  # fmt: skip
    """`patients` people with a disorder, who take the draws in turn. Raises as `simulate_cohort` does.

    A population that somebody wrote keeps its own share of responders and placebo response.
    """
    found = population_of(disorder) if isinstance(disorder, str) else disorder
    settings = settings_in_turn(model, min(draws, max(patients, 1)), base)
    pieces = []
    for place, setting in enumerate(settings):
        only = np.arange(place, patients, len(settings))
        pieces.append((only, simulate_cohort(found, patients, regimen, until, setting, progress, only=only)))
    course = _fitted(merged(pieces, patients), [own for _, own in pieces], model, settings)
    if is_shipped(found):
        return course
    assert course.fitted is not None
    replaced = tuple(key for key in course.fitted.replaced if key not in found.keys)
    said = f"population {found.name}: its share of responders and placebo response are its own, not those of the fit"
    return dataclasses.replace(
        course, keys=tuple(dict.fromkeys((*course.keys, *found.keys))), warnings=(*course.warnings, said),
        fitted=dataclasses.replace(course.fitted, replaced=replaced),
    )  # fmt: skip


def _of_one_person(courses: Sequence[Course], model: str, settings: Sequence[Setting]) -> Course:
    """One draw beside the other, as if they were people."""
    together = merged([(np.array([n]), own) for n, own in enumerate(courses)], len(courses))
    course = _fitted(together, courses, model, settings)
    assert course.fitted is not None
    return dataclasses.replace(course, fitted=dataclasses.replace(course.fitted, takers="one person"))


def _fitted(course: Course, parts: Sequence[Course], model: str, settings: Sequence[Setting]) -> Course:
    """`course`, put together of `parts`, saying what was fitted; only numbers that were not replaced stay its own."""
    name = model_called(model)
    about = Fitted(
        model=name,
        turns=tuple(_model_of(setting) for setting in settings),
        settings_sha256=settings_hash(tuple(settings)),
        replaced=tuple(key for key in course.keys if any(key in setting.own for setting in settings)),
        trials=tuple(record()["trials"]),
        cites=tuple(dict.fromkeys(cite for trial in record()["trials"] for cite in trial_note(trial).cite)),
        first_line=record()["first_line"]["sentence"],
    )
    course = dataclasses.replace(course, fitted=about, keys=_left([part.keys for part in parts], settings))
    if name != AVERAGE:
        return course
    return dataclasses.replace(course, hypothesis=AVERAGE, driver=", ".join(about.drivers))


def _left(keys: Sequence[Sequence[str]], settings: Sequence[Setting]) -> tuple[str, ...]:
    """The keys whose numbers are those of the tables in one part or more."""
    pairs = zip(keys, settings, strict=True)
    return tuple(dict.fromkeys(key for own, setting in pairs for key in own if key not in setting.own))


def _model_of(setting: Setting) -> str:
    return setting.hypothesis if setting.hypothesis == "H0" else f"{setting.hypothesis} {setting.driver}"


def _folded(name: str) -> str:
    return " ".join(name.replace("_", " ").replace("-", " ").lower().split())
