"""Predictions that were written down before they were computed: statement, expected range, and what a study printed.

A file of ``predictions/`` is written once and never edited afterwards; a miss stays. It is read strictly: every entry
has all fields, at least one bound, and a source of the bibliography; a study either says what its printed result means
for the number (``study_low``, ``study_high``) or why it cannot be compared (``why_not``).
"""

from __future__ import annotations

import datetime
import functools
import math
import tomllib
from dataclasses import dataclass
from typing import Any

from unwound.core.errors import EvidenceError, UnknownName
from unwound.evidence.bibliography import bibliography
from unwound.evidence.shipped import names_in, text_of

SEEN = ("abstract", "recalled", "none")
_TEXTS = ("id", "group", "statement", "quantity", "why", "study", "printed", "seen")
_OPTIONAL = {"unit": "1", "target": "", "why_not": "", "by_construction": False, "outputs": ()}
_BOUNDS = ("low", "high", "study_low", "study_high")


@dataclass(frozen=True)
class Prediction:
    """One statement and the range in which the number was expected."""

    id: str
    date: datetime.date
    group: str
    statement: str
    quantity: str
    why: str
    study: str
    """Key of the bibliography."""
    printed: str
    seen: str
    """abstract: read in the abstract; recalled: from memory; none: the result was not available to us."""
    low: float
    high: float
    study_low: float
    study_high: float
    """What the printed result means for the number; both infinite: it cannot be compared."""
    unit: str
    target: str
    """The target of the calibration that it overlaps: then it is no independent prediction."""
    why_not: str
    by_construction: bool
    """Whether the equations leave no other outcome: then holding is no evidence."""
    outputs: tuple[str, ...]
    """Outputs of the circuit that it is about; empty: all."""

    @property
    def comparable(self) -> bool:
        """Whether the study says something about the number."""
        return math.isfinite(self.study_low) or math.isfinite(self.study_high)


@functools.cache
def predictions(name: str) -> tuple[Prediction, ...]:
    """The predictions of one file, such as ``"dorsal_horn"``, in order. Raises `UnknownName`, `EvidenceError`."""
    known = names_in("predictions", ".toml")
    if name not in known:
        raise UnknownName("predictions", name, known)
    return read_predictions(text_of(f"predictions/{name}.toml"), f"predictions/{name}.toml")


def read_predictions(text: str, source: str) -> tuple[Prediction, ...]:
    """The predictions in a text. Raises `EvidenceError` naming `source` and the entry."""
    try:
        page = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise EvidenceError(f"{source}: {error}") from error
    if set(page) != {"prediction"}:
        raise EvidenceError(f"{source}: must hold [[prediction]] and nothing else")
    found = tuple(_prediction(entry, f"{source}, prediction {n}") for n, entry in enumerate(page["prediction"], 1))
    ids = [one.id for one in found]
    if len(set(ids)) < len(ids):
        raise EvidenceError(f"{source}: an id occurs twice")
    return found


def _prediction(entry: dict[str, Any], source: str) -> Prediction:
    known = {*_TEXTS, *_OPTIONAL, *_BOUNDS, "date"}
    if set(entry) - known or not {*_TEXTS, "date"} <= set(entry):
        raise EvidenceError(f"{source}: it has {', '.join((*_TEXTS, 'date'))}, may have bounds, and nothing else")
    ends: dict[str, Any] = {
        name: float(entry.get(name, -math.inf if name.endswith("low") else math.inf)) for name in _BOUNDS
    }  # infinite: no bound
    found = Prediction(
        **{name: entry[name] for name in (*_TEXTS, "date")},
        **ends,
        **{name: entry.get(name, usual) for name, usual in _OPTIONAL.items() if name != "outputs"},
        outputs=tuple(entry.get("outputs", ())),
    )
    _check(found, source)
    return found


def _check(found: Prediction, source: str) -> None:
    if not (math.isfinite(found.low) or math.isfinite(found.high)) or found.low > found.high:
        raise EvidenceError(f"{source}: a prediction has a range: low, high, or both")
    if found.seen not in SEEN:
        raise EvidenceError(f"{source}: seen is one of {', '.join(SEEN)}")
    if found.study not in bibliography():
        raise EvidenceError(f"{source}: {found.study!r} is not in references.bib")
    if found.comparable == bool(found.why_not) or found.comparable == (found.seen == "none"):
        raise EvidenceError(f"{source}: either what the printed result means for the number, or why_not")
