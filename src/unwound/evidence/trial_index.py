"""What each published trial may be used for, and with whom it shares patients: `trials/index.toml`, read strictly.

    calibration   may inform priors, likelihood and tuning
    population    sets baselines, covariates and their spread, nothing else
    context       plausibility and display, never fitted
    stress        a case the model must be able to represent, never fitted

A fit asks `for_fitting` for the trials it wants: one that must not be fitted is refused, and so are two that share
patients (the same people counted twice). A trial answers to its folder name and to its aliases, in any case.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from types import MappingProxyType
from typing import Any, Literal, cast, get_args

from unwound.core.errors import EvidenceError, InputError, Problem, UnknownName
from unwound.evidence.shipped import text_of

Role = Literal["calibration", "population", "context", "stress"]

PAGE = "trials/index.toml"


@dataclass(frozen=True)
class TrialNote:
    """One entry of the index. `read` says which document we have seen; `pins` what the trial is good for."""

    name: str
    aliases: tuple[str, ...]
    title: str
    role: Role
    disorder: str
    patients: int | None
    """As many as were randomized or followed; None where our evidence does not say."""
    comparator: str
    read: str
    pins: str
    cite: tuple[str, ...]
    shares_patients_with: tuple[str, ...] = ()
    note: str = ""

    @property
    def short(self) -> str:
        """The short name people use, such as SIG09."""
        return self.aliases[0]


@functools.cache
def trial_index() -> Mapping[str, TrialNote]:
    """Every published trial of the package, by folder name. Raises `EvidenceError`."""
    return read_index(text_of(PAGE), PAGE)


def read_index(text: str, source: str) -> Mapping[str, TrialNote]:
    """The entries of an index. Raises `EvidenceError` naming `source`, entry and field."""
    entries = {name: _entry(name, dict(data), source) for name, data in tomllib.loads(text).items()}
    called = [alias.lower() for entry in entries.values() for alias in (entry.name, *entry.aliases)]
    if twice := sorted({alias for alias in called if called.count(alias) > 1}):
        raise EvidenceError(f"{source}: two trials answer to {', '.join(twice)}")
    for entry in entries.values():
        for other in entry.shares_patients_with:
            if other not in entries or entry.name not in entries[other].shares_patients_with:
                raise EvidenceError(f"{source}, {entry.name}: {other} does not say that it shares patients with it")
    return MappingProxyType(entries)


def trial_names() -> tuple[str, ...]:
    """The published trials, by folder name."""
    return tuple(trial_index())


def trial_name(name: str) -> str:
    """The folder name of a trial: ``"SIG09"`` gives ``"sigtermans2009"``. Raises `UnknownName`."""
    called = {folder.lower(): folder for folder in trial_index()}
    for folder, entry in trial_index().items():
        called |= {alias.lower(): folder for alias in entry.aliases}
    if name.lower() not in called:
        raise UnknownName("trial", name, tuple(called))
    return called[name.lower()]


def trial_note(name: str) -> TrialNote:
    """The entry of a trial, by name or alias. Raises `UnknownName`."""
    return trial_index()[trial_name(name)]


def for_fitting(*names: str) -> tuple[str, ...]:
    """The folder names of trials that one fit may use together. Raises `InputError` with all reasons why not."""
    notes = [trial_note(name) for name in names]
    problems = [
        Problem("trial", note.short, f"its role is {note.role}, and only calibration may be fitted", "leave it out")
        for note in notes
        if note.role != "calibration"
    ]
    for n, note in enumerate(notes):
        for other in notes[n + 1 :]:
            if other.name == note.name or other.name in note.shares_patients_with:
                rule = "they share patients, and one fit may count a patient once"
                problems.append(Problem("trial", f"{note.short} and {other.short}", rule, "choose one of them"))
    if problems:
        raise InputError(problems)
    return tuple(note.name for note in notes)


def _entry(name: str, data: dict[str, Any], source: str) -> TrialNote:
    known = {field.name: field for field in fields(TrialNote)}
    needed = {field.name for field in fields(TrialNote) if field.default is MISSING} - {"name", "patients"}
    if unknown := [key for key in data if key not in known]:
        raise EvidenceError(f"{source}, {name}: unknown field {unknown[0]!r}")
    if missing := sorted(key for key in needed if not data.get(key)):
        raise EvidenceError(f"{source}, {name}: {missing[0]!r} must not be empty")
    if data["role"] not in get_args(Role):
        raise EvidenceError(f"{source}, {name}: the role is one of {', '.join(get_args(Role))}")
    for key, value in data.items():
        if isinstance(value, list):
            data[key] = tuple(value)
    return TrialNote(**cast(Any, {"name": name, "patients": None, **data}))
