"""What the rows of an event table say together: order in time, compartments, duplicates, covariates.

Nothing here raises: errors come back as `Problem`, oddities as sentences.
"""

from __future__ import annotations

from collections.abc import Mapping

from unwound.core.errors import Problem
from unwound.regimen.event_rows import OPTIONAL, REQUIRED, Row
from unwound.regimen.event_units import KINDS


def disorder(rows: list[Row]) -> list[Problem]:
    """Times that go back within an ID, and an ID that comes again after others."""
    problems: list[Problem] = []
    last: Row | None = None
    done: set[str] = set()
    for row in rows:
        if last is not None and row.person == last.person and row.number("TIME") < last.number("TIME"):
            rule = f"earlier than row {last.line} of the same ID"
            problems.append(row.problem("TIME", rule, "put the rows of a person in order of time"))
        if last is None or row.person != last.person:
            if row.person in done:
                rule = "the ID comes again after others"
                problems.append(
                    row.problem("ID", rule, "keep the rows of a person together, or use a new ID")
                )
            done.add(row.person)
        last = row
    return problems


def compartments(rows: list[Row]) -> list[Problem]:
    """CMT must say one thing for all doses and one for all samples; then it says nothing we need."""
    problems = []
    for evid, what in ((1.0, "doses"), (0.0, "samples")):
        numbers = {
            row.number("CMT"): row
            for row in reversed(rows)
            if row.number("CMT") and row.number("EVID") == evid
        }
        if len(numbers) > 1:
            row = next(iter(numbers.values()))
            rule = f"{what} in several compartments are not read yet"
            problems.append(row.problem("CMT", rule, "give one table per route or analyte"))
    return problems


def odd(rows: list[Row], header: list[str], groups: Mapping[str, list[Row]]) -> list[str]:
    """What is legal and yet worth a word: duplicates, columns not used, covariates that change."""
    warnings = []
    seen: dict[tuple[str, ...], int] = {}
    for row in rows:
        cells = tuple(row.cells.values())
        if cells in seen:
            warnings.append(f"row {row.line}, ID {row.person}: the same as row {seen[cells]}; both count")
        seen.setdefault(cells, row.line)
    known = {*REQUIRED, *OPTIONAL, "C", *(f"{name}_UNIT" for name in KINDS)}
    if unused := [name for name in header if name not in known]:
        warnings.append(f"columns not used: {', '.join(unused)}")
    for person, group in groups.items():
        for name in ("WT", "AGE", "SEX"):
            if len({row.cells.get(name, ".") for row in group} - {"", "."}) > 1:
                warnings.append(f"ID {person}: {name} changes; the first value is used")
    return warnings


def unlikely_observations(rows: list[Row], factors: Mapping[str, tuple[float, str]]) -> list[Problem]:
    """Concentrations below zero, and scores outside of 0 to 10."""
    if "DV" not in factors:
        return []
    points = factors["DV"][1] == "points"
    rule = "a pain score lies between 0 and 10" if points else "a concentration must be 0 or more"
    most = 10.0 if points else float("inf")
    return [
        row.problem("DV", rule, "correct it, or write . for a missing value")
        for row in rows
        if row.number("EVID") == 0 and not 0 <= row.number("DV") <= most
    ]
