"""A number that says where it comes from.

An `Estimate` cannot be mistaken for a number: to compute with it, ask for its value in a unit (`in_unit`).
Its `basis` says how it was obtained, `seen` whether we have read the source ourselves, and an assumption
always brings its rationale (`note`) and a range.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from unwound.core.errors import EvidenceError, Problem, UnitError
from unwound.core.units import UnknownUnit, factor

Basis = Literal["measured", "fitted", "derived", "assumed"]
"""Observed; estimated by a model of the source; computed here from other rows; or chosen by us."""

Seen = Literal["primary", "secondary", "no"]
"""In the source itself; in somebody's transcription of it; or recalled, respectively ours."""

SpreadKind = Literal["cv_percent", "sd", "se", "variance", "ci95", "range", "iqr"]
INTERVAL_KINDS = ("ci95", "range", "iqr")
ASSUMPTION = "assumption"
"""The source of what has no source."""


@dataclass(frozen=True)
class Interval:
    """From `low` to `high`; cannot be inverted. Raises `EvidenceError`."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise EvidenceError(f"interval {self.low:g}..{self.high:g} is inverted")

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high

    def __str__(self) -> str:
        return f"{self.low:g} to {self.high:g}"


@dataclass(frozen=True)
class Spread:
    """How far a value may lie from the truth, or people from each other (the note of the row says which).

    `amount` is a number for ``cv_percent`` (percent), ``sd``, ``se`` (unit of the value) and ``variance``
    (its square), and an `Interval` in the unit of the value for ``ci95``, ``range`` and ``iqr``.
    """

    kind: SpreadKind
    amount: float | Interval

    @property
    def interval(self) -> Interval | None:
        """The interval, when the spread is one."""
        return self.amount if isinstance(self.amount, Interval) else None

    def __str__(self) -> str:
        words = {"cv_percent": "CV {} %", "sd": "SD {}", "se": "SE {}", "variance": "variance {}", "ci95": "95 % CI {}"}
        amount = str(self.amount) if isinstance(self.amount, Interval) else f"{self.amount:g}"
        return words.get(self.kind, self.kind + " {}").format(amount)


@dataclass(frozen=True)
class Estimate:
    """One row of an evidence table."""

    key: str
    value: float
    unit: str
    spread: Spread | None
    about: str
    basis: Basis
    cite: tuple[str, ...]
    where: str
    seen: Seen
    note: str
    formula: str

    def as_dict(self) -> dict[str, object]:
        """The row as every JSON door gives it."""
        return {
            "key": self.key,
            "value": self.value,
            "unit": self.unit,
            "spread": str(self.spread) if self.spread else None,
            "about": self.about,
            "basis": self.basis,
            "cite": list(self.cite),
            "where": self.where,
            "seen": self.seen,
            "note": self.note,
            "formula": self.formula,
        }

    @property
    def is_assumption(self) -> bool:
        """Whether something in this number was chosen by us: its value, or the reading of its source."""
        return ASSUMPTION in self.cite

    def in_unit(self, unit: str) -> float:
        """The value in `unit`. Raises `UnitError` when `unit` is of another kind."""
        try:
            return self.value * factor(self.unit, unit)
        except UnknownUnit as error:
            raise UnitError(Problem(self.key, unit, str(error), f"it is kept in {self.unit}")) from None
