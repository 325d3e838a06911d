"""The arms of published trials of pain and mood, one table for meta-analysis: `meta_analysis/arms.csv`, read strictly.

The table is written from the trial folders by ``python scripts/make_arms_table.py`` and by nobody's hand; what its
columns mean stands beside it in README.md. A blank cell is a number that is not in the trial folder.
"""

from __future__ import annotations

import csv
import dataclasses
import functools
import io
import pathlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, get_args

from unwound.core.errors import InputError, Problem
from unwound.evidence.shipped import Row, rows_of, text_of
from unwound.evidence.trial_index import trial_index
from unwound.evidence.trial_rows import STATISTICS, Confidence, PrintedInterval, Provenance

PAGE = "meta_analysis/arms.csv"
BRANCHES, LEVELS = ("pain", "mood"), ("arm", "contrast")
COMPARATORS = ("saline", "midazolam", "placebo spray", "placebo spray and antidepressant", "none", "")
GIVES = ("regimen", "saline", "midazolam", "another drug", "")


@dataclass(frozen=True)
class ArmRow:
    """One outcome of one arm (or contrast) at one time. None: not in the trial folder."""

    trial: str
    short: str
    branch: str
    disorder: str
    design: str
    level: str
    """``arm``, or ``contrast`` between arms."""
    arm: str
    gives: str
    """What the arm receives; of a contrast, its arm with the drug."""
    comparator: str
    """Kind of the control of the trial; blank where our evidence does not say."""
    outcome: str
    endpoint: str
    statistic: str
    unit: str
    window: str
    printed: str
    provenance: str
    confidence: str
    source: str
    drug: str = ""
    enantiomer: str = ""
    route: str = ""
    total_dose_mg: float | None = None
    s_equivalent_mg: float | None = None
    duration_h: float | None = None
    sessions: int | None = None
    span_d: float | None = None
    at_most: bool | None = None
    """A titration decides how much of the dose is reached."""
    dose_by_then_mg: float | None = None
    s_equivalent_by_then_mg: float | None = None
    duration_by_then_h: float | None = None
    days_since_end: float | None = None
    hours: float | None = None
    n: int | None = None
    value: float | None = None
    sd: float | None = None
    se: float | None = None
    low: float | None = None
    high: float | None = None
    interval_kind: str = ""
    responders: int | None = None
    note: str = ""

    def as_dict(self) -> dict[str, Any]:
        """For the doors."""
        return dataclasses.asdict(self)


COLUMNS = tuple(field.name for field in dataclasses.fields(ArmRow))
_WHOLE = ("sessions", "n", "responders")
_NUMBERS = (
    "total_dose_mg", "s_equivalent_mg", "duration_h", "span_d", "dose_by_then_mg", "s_equivalent_by_then_mg",
    "duration_by_then_h", "days_since_end", "hours", "value", "sd", "se", "low", "high",
)  # fmt: skip
_CHOICES = {
    "branch": BRANCHES, "level": LEVELS, "gives": GIVES, "comparator": COMPARATORS, "statistic": STATISTICS,
    "provenance": get_args(Provenance), "confidence": get_args(Confidence), "interval_kind": get_args(PrintedInterval),
}  # fmt: skip


@functools.cache
def arms() -> tuple[ArmRow, ...]:
    """Every row of the shipped table. Raises `EvidenceError` naming row and column."""
    return read_arms(text_of(PAGE), PAGE)


def read_arms(text: str, source: str) -> tuple[ArmRow, ...]:
    """The rows of a table of arms. Raises `EvidenceError` naming `source`, row and column."""
    return tuple(_read(row) for row in rows_of(text, source, COLUMNS))


def _read(row: Row) -> ArmRow:
    cells: dict[str, Any] = {name: row[name] for name in COLUMNS}
    for name, allowed in _CHOICES.items():
        row.one_of(name, allowed)
    for name in ("trial", "short", "disorder", "arm", "outcome", "endpoint", "unit", "window", "printed"):
        row.required(name)
    if row["trial"] not in trial_index():
        raise row.defect("trial", f"{row['trial']!r} is not in trials/index.toml")
    if trial_index()[row["trial"]].role != "calibration":
        raise row.defect("trial", "only trials of role calibration stand here")
    row.cite_keys("source")
    cells |= {name: row.optional_number(name) for name in (*_NUMBERS, *_WHOLE)}
    for name in _WHOLE:
        if cells[name] is not None:
            if cells[name] != int(cells[name]) or cells[name] < 0:
                raise row.defect(name, f"{cells[name]:g} is not a number of people or times")
            cells[name] = int(cells[name])
    if row["at_most"] not in ("", "yes", "no"):
        raise row.defect("at_most", "is yes, no or blank")
    cells["at_most"] = {"": None, "yes": True, "no": False}[row["at_most"]]
    if cells["responders"] is not None and cells["responders"] > (cells["n"] or 0):
        raise row.defect("responders", "more than n")
    return ArmRow(**cells)


def as_csv(rows: Iterable[ArmRow]) -> str:
    """Rows as they are shipped: blank where there is no number, yes and no, six digits."""
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([_cell(getattr(row, name)) for name in COLUMNS])
    return written.getvalue()


def _cell(given: Any) -> str:
    if given is None:
        return ""
    if isinstance(given, bool):
        return "yes" if given else "no"
    return f"{given:g}" if isinstance(given, float) else str(given)


def write(rows: Iterable[ArmRow], path: str) -> None:
    """Rows to a new file. Raises `InputError` when it is there already or its folder is not."""
    try:
        with pathlib.Path(path).open("x", encoding="utf-8", newline="") as file:
            file.write(as_csv(rows))
    except FileExistsError:
        raise InputError(Problem("out", path, "this file exists, and nothing is overwritten", "name another")) from None
    except OSError as error:
        reason = error.strerror or "cannot be written"
        raise InputError(Problem("out", path, reason, "name a file in a folder that is there")) from None
