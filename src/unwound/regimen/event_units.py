"""The units of a NONMEM-style event table, which its numbers do not carry.

They come from the caller (``AMT=mg,TIME=h,DV=ng/mL,WT=kg``), from a sidecar ``<file>.units.toml`` or from
unit columns (``AMT_UNIT``), in this order. RATE is in AMT per TIME and II in TIME, unless said. A unit column is
read in the rows that use it: the unit of AMT in doses, that of DV in samples.
Raises `EventTableError`; a unit that nobody says is never guessed.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

from unwound.core.complaints import nearest
from unwound.core.errors import EventTableError, Problem
from unwound.core.quantities import fits, parse
from unwound.regimen.event_rows import Row

UNITS_SENTENCE = (
    "NONMEM files carry no units: they come from `--units AMT=mg,TIME=h,DV=ng/mL,WT=kg`, a sidecar TOML or unit columns"
)
"""The sentence with which a table without units is refused."""

KINDS: dict[str, tuple[str, ...]] = {
    "AMT": ("mg", "mg/kg"),
    "TIME": ("h",),
    "RATE": ("mg/h", "mg/kg/h"),
    "II": ("h",),
    "DV": ("ng/mL", "uM", "points"),
    "WT": ("kg",),
    "AGE": ("y",),
}
"""Columns that have a unit, and what each is converted to: the first kind that fits."""

_LONGEST = 40  # characters of a unit
_LABELS = ("points",)  # scores, which no unit library knows
_CDISC = {
    **dict.fromkeys(("YEARS", "YEAR"), "y"),
    **dict.fromkeys(("MONTHS", "MONTH"), "month"),
    **dict.fromkeys(("WEEKS", "WEEK"), "week"),
    **dict.fromkeys(("DAYS", "DAY"), "d"),
    **dict.fromkeys(("HOURS", "HOUR", "HR", "HRS", "H"), "h"),
    **dict.fromkeys(("MINUTES", "MINUTE", "MIN"), "min"),
}
"""Times as CDISC writes them, in capitals."""


def parse_units(text: str) -> dict[str, str]:
    """``"AMT=mg,TIME=h"`` -> ``{"AMT": "mg", "TIME": "h"}``."""
    units = {}
    for part in filter(None, (p.strip() for p in text.split(","))):
        name, equals, unit = part.partition("=")
        if not equals or not unit.strip():
            rule, remedy = "not of the form COLUMN=unit", "write for example AMT=mg,TIME=h"
            raise EventTableError(Problem("units", part, rule, remedy))
        units[name.strip().upper()] = unit.strip()
    return units


def unit_problems(units: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with units that someone said: an unknown column, or a unit of another kind."""
    found = []
    for name, unit in units.items():
        if name not in KINDS:
            found.append(Problem(f"units.{name}", unit, "no column with a unit", nearest(str(name), [*KINDS])))
        elif scale(name, unit) is None:
            rule = f"not a unit of the kind of {' or '.join(KINDS[name])}"
            found.append(Problem(f"units.{name}", unit, rule, f"write for example {name}={KINDS[name][0]}"))
    return found


def scale(column: str, unit: Any) -> tuple[float, str] | None:
    """What a number of `column` in `unit` is multiplied by, and the unit it then has; None if of no kind."""
    return _scale(column, unit) if isinstance(unit, str) and len(unit) <= _LONGEST else None


@functools.lru_cache(maxsize=1024)
def _scale(column: str, unit: str) -> tuple[float, str] | None:
    unit = _CDISC.get(unit, unit)
    for kind in KINDS[column]:
        if kind in _LABELS:
            if unit == kind:
                return 1.0, kind
        elif fits(f"1 {unit}", kind):
            return parse(f"1 {unit}", kind), kind
    return None


def said_units(
    rows: list[Row], header: Sequence[str], units: Mapping[str, Any]
) -> tuple[dict[str, str], list[Problem]]:
    """The units from columns and from the caller, who comes first; and what is wrong with them."""
    problems = unit_problems(units)
    said: dict[str, str] = {}
    for name in KINDS:
        column = f"{name}_UNIT"
        if column not in header:
            continue
        labels: dict[str, Row] = {}
        for row in rows:
            used = row.is_dose if name in ("AMT", "RATE", "II") else row.is_sample if name == "DV" else True
            if used and (label := row.label(column)) is not None:
                labels.setdefault(label, row)
        for label, row in labels.items():
            if scale(name, label) is None:
                rule = f"not a unit of the kind of {' or '.join(KINDS[name])}"
                problems.append(row.problem(column, rule, f"write for example {KINDS[name][0]}"))
        if len(labels) > 1:
            rule, remedy = "two units in one column", "convert the values to one unit"
            problems.append(Problem(f"column {column}", ", ".join(labels), rule, remedy))
        if labels:
            said[name] = next(iter(labels))
    return {**said, **units}, problems


def completed(units: Mapping[str, str], used: Sequence[str]) -> dict[str, str]:
    """`units` with those of RATE and II, which follow from AMT and TIME, for the columns in use."""
    full = {name: _CDISC.get(unit, unit) for name, unit in units.items()}
    if "AMT" in full and "TIME" in full:
        full.setdefault("RATE", f"{full['AMT']}/{full['TIME']}")
    if "TIME" in full:
        full.setdefault("II", full["TIME"])
    return {name: unit for name, unit in full.items() if name in used}


def missing_units(units: Mapping[str, str], used: Sequence[str]) -> list[Problem]:
    """A problem naming the columns in use without a unit, and where units come from."""
    lacking = [name for name in used if name not in units and name not in ("RATE", "II")]
    if not lacking:
        return []
    example = ",".join(f"{name}={KINDS[name][0]}" for name in lacking)
    return [Problem("units", "none for " + ", ".join(lacking), UNITS_SENTENCE, f"say for example {example}")]
