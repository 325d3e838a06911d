"""Published trial results, one row per arm, endpoint and time, as they were printed.

Weeks count from the start of treatment. A trial answers to its folder name and to its aliases (``SIG09``), in
any case. `provenance` says whether a result was read, computed from what was read, or recalled.
"""

from __future__ import annotations

import dataclasses
import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

from unwound.core.errors import UnknownName
from unwound.evidence.shipped import Row, rows_of, text_of

Provenance = Literal["read", "read-derived", "memory"]
Confidence = Literal["high", "medium", "low"]
PrintedSpread = Literal["se", "sd", "unstated", ""]


@dataclass(frozen=True)
class TrialRow:
    """One printed result. `value` is None when only a text was printed (``P<0.001``); see `observed_text`."""

    arm: str
    endpoint: str
    week: float | None
    window: str
    unit: str
    statistic: str
    value: float | None
    spread: float | None
    spread_kind: PrintedSpread
    n: int | None
    observed_text: str
    provenance: Provenance
    confidence: Confidence
    source: tuple[str, ...]
    note: str


COLUMNS = tuple(field.name for field in dataclasses.fields(TrialRow))


def read_results(text: str, source: str) -> tuple[TrialRow, ...]:
    """The rows of a results.csv. Raises `EvidenceError` naming `source`, row and column."""
    return tuple(_trial_row_of(row) for row in rows_of(text, source, COLUMNS))


@functools.cache
def trial_results(name: str) -> tuple[TrialRow, ...]:
    """What was printed about the trial called `name`. Raises `UnknownName`."""
    page = f"trials/{trial_name(name)}/results.csv"
    return read_results(text_of(page), page)


def trial_names() -> tuple[str, ...]:
    """The trials whose results are shipped, by folder name."""
    return tuple(_index())


def trial_name(name: str) -> str:
    """The folder name of a trial: ``"SIG09"`` gives ``"sigtermans2009"``. Raises `UnknownName`."""
    called = {folder.lower(): folder for folder in _index()}
    for folder, entry in _index().items():
        called |= {alias.lower(): folder for alias in entry["aliases"]}
    if name.lower() not in called:
        raise UnknownName("trial", name, tuple(called))
    return called[name.lower()]


@functools.cache
def _index() -> Mapping[str, Any]:
    return tomllib.loads(text_of("trials/index.toml"))


def _trial_row_of(row: Row) -> TrialRow:
    spread, n = row.optional_number("spread"), row.optional_number("n")
    kind = row.one_of("spread_kind", get_args(PrintedSpread))
    if (spread is None) != (kind == ""):
        raise row.defect("spread_kind", "a spread has a kind, and a kind has a spread")
    if n is not None and (n != int(n) or n < 1):
        raise row.defect("n", f"{n:g} is not a number of people")
    return TrialRow(
        arm=row.required("arm"),
        endpoint=row.required("endpoint"),
        week=row.optional_number("week"),
        window=row.required("window"),
        unit=row.required("unit"),
        statistic=row.required("statistic"),
        value=row.optional_number("value"),
        spread=spread,
        spread_kind=cast(PrintedSpread, kind),
        n=None if n is None else int(n),
        observed_text=row.required("observed_text"),
        provenance=cast(Provenance, row.one_of("provenance", get_args(Provenance))),
        confidence=cast(Confidence, row.one_of("confidence", get_args(Confidence))),
        source=row.cite_keys("source"),
        note=row["note"],
    )
