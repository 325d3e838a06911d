"""Published trial results, one row per arm, endpoint and time, as they were printed.

Weeks and hours count from the start of treatment. `provenance` says whether a result was read, computed from what was
read, or recalled. Which trials there are, and what they may be used for, stands in `trial_index`.
"""

from __future__ import annotations

import dataclasses
import functools
from dataclasses import dataclass
from typing import Literal, cast, get_args

from unwound.evidence.shipped import Row, rows_of, text_of
from unwound.evidence.trial_index import trial_name

Provenance = Literal["read", "read-derived", "memory"]
Confidence = Literal["high", "medium", "low"]
PrintedSpread = Literal["se", "sd", "unstated", ""]
PrintedInterval = Literal["ci95", "iqr", "range", "range of means", ""]
STATISTICS = (
    *("mean", "mean change", "mean difference", "LS mean change", "LS mean difference", "standard deviation"),
    *("median", "estimate", "effect size (Cohen d)", "hazard ratio", "share of patients", "share of sessions"),
    *("P", "finding"),
)
"""What the value of a row is; an estimate is one of a model, a finding is a sentence."""


@dataclass(frozen=True)
class TrialRow:
    """One printed result. `value` is None when only a text was printed (``P<0.001``); see `observed_text`."""

    arm: str
    endpoint: str
    week: float | None
    hours: float | None
    window: str
    unit: str
    statistic: str
    value: float | None
    spread: float | None
    spread_kind: PrintedSpread
    low: float | None
    high: float | None
    interval_kind: PrintedInterval
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


def _trial_row_of(row: Row) -> TrialRow:
    spread, n = row.optional_number("spread"), row.optional_number("n")
    kind = row.one_of("spread_kind", get_args(PrintedSpread))
    if (spread is None) != (kind == ""):
        raise row.defect("spread_kind", "a spread has a kind, and a kind has a spread")
    low, high = row.optional_number("low"), row.optional_number("high")
    interval = row.one_of("interval_kind", get_args(PrintedInterval))
    if (low is None and high is None) != (interval == ""):
        raise row.defect("interval_kind", "an interval has a kind, and a kind has an interval")
    if low is not None and high is not None and low > high:
        raise row.defect("low", f"{low:g} is above {high:g}")
    if n is not None and (n != int(n) or n < 1):
        raise row.defect("n", f"{n:g} is not a number of people")
    return TrialRow(
        arm=row.required("arm"),
        endpoint=row.required("endpoint"),
        week=row.optional_number("week"),
        hours=row.optional_number("hours"),
        window=row.required("window"),
        unit=row.required("unit"),
        statistic=row.one_of("statistic", STATISTICS),
        value=row.optional_number("value"),
        spread=spread,
        spread_kind=cast(PrintedSpread, kind),
        low=low,
        high=high,
        interval_kind=cast(PrintedInterval, interval),
        n=None if n is None else int(n),
        observed_text=row.required("observed_text"),
        provenance=cast(Provenance, row.one_of("provenance", get_args(Provenance))),
        confidence=cast(Confidence, row.one_of("confidence", get_args(Confidence))),
        source=row.cite_keys("source"),
        note=row["note"],
    )
