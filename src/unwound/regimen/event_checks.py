"""What the rows of an event table say together: persons, duplicates, covariates, unlikely values.

Nothing here raises: errors come back as `Problem`, oddities as sentences.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping

from unwound.core.errors import Problem
from unwound.regimen.event_rows import OPTIONAL, REQUIRED, Row
from unwound.regimen.event_units import KINDS


def grouped(rows: list[Row]) -> tuple[dict[str, list[Row]], list[Problem]]:
    """The rows of each ID, and IDs that come again after others."""
    groups: dict[str, list[Row]] = {}
    problems: list[Problem] = []
    last = ""
    for row in rows:
        if row.person != last and row.person in groups:
            remedy = "keep the rows of a person together, or use a new ID"
            problems.append(row.problem("ID", "the ID comes again after others", remedy))
        groups.setdefault(row.person, []).append(row)
        last = row.person
    return groups, problems


def odd(rows: list[Row], header: list[str], groups: Mapping[str, list[Row]]) -> list[str]:
    """What is legal and yet worth a word: duplicates, columns not used, covariates that change, an idle II."""
    warnings = []
    seen: dict[tuple[str, ...], int] = {}
    for row in rows:
        cells = tuple(row.cells.values())
        if cells in seen:
            warnings.append(f"row {row.line}, ID {row.person}: the same as row {seen[cells]}; both count")
        seen.setdefault(cells, row.line)
        if row.is_dose and row.number("II") and not row.number("ADDL") and not row.number("SS"):
            warnings.append(f"row {row.line}, ID {row.person}: II without ADDL or SS; the dose is given once")
    known = {*REQUIRED, *OPTIONAL, "C", *(f"{name}_UNIT" for name in KINDS)}
    if unused := [name.removesuffix(" (not used)") for name in header if name not in known]:
        warnings.append(f"columns not used: {', '.join(unused)}")
    for person, group in groups.items():
        for name in ("WT", "AGE", "SEX"):
            if len({row.cells.get(name, ".") for row in group} - {"", "."}) > 1:
                warnings.append(f"ID {person}: {name} changes; the first value is used")
    return warnings


def unlikely_observations(rows: list[Row], factors: Mapping[str, tuple[float, str]]) -> list[Problem]:
    """Concentrations below zero, scores outside of 0 to 10, and what overflows in our units."""
    found = [
        row.problem("TIME", "the number must be finite", "check the unit of TIME")
        for row in rows
        if not math.isfinite(row.number("TIME") * factors["TIME"][0])
    ]
    if "DV" not in factors:
        return found
    factor, unit = factors["DV"]
    points = unit == "points"
    rule = "a pain score lies between 0 and 10" if points else "a concentration must be 0 or more, and finite"
    most = 10.0 if points else sys.float_info.max
    return found + [
        row.problem("DV", rule, "correct it, or write . for a missing value")
        for row in rows
        if row.is_sample and not 0 <= row.number("DV") * factor <= most
    ]
