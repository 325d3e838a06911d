"""The rows of a NONMEM-style event table as plain numbers, each checked by itself.

Conventions of NONMEM that are kept: ``.`` and nothing are missing values; a header may begin with ``#``; a
leading column ``C`` marks rows to skip; lines beginning with ``#`` are comments. RATE 0 is a bolus, RATE
above 0 an infusion over AMT/RATE. What is not read yet (EVID 2 to 4, modelled rates, steady state, several
compartments) is refused by name, never skipped.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from unwound.core.complaints import nearest
from unwound.core.errors import EventTableError, Problem

REQUIRED = ("ID", "TIME", "AMT", "RATE", "EVID")
OPTIONAL = ("MDV", "CMT", "DV", "WT", "AGE", "SEX", "II", "ADDL", "SS")
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,4})?")
_MISSING = ("", ".")


@dataclass(frozen=True)
class Row:
    """One record: its line in the file, its cells as text, and its numbers (None is missing)."""

    line: int
    person: str
    cells: Mapping[str, str]
    numbers: Mapping[str, float | None]

    def number(self, column: str) -> float:
        """The number in `column`, 0 if missing."""
        return self.numbers.get(column) or 0.0

    def problem(self, column: str, rule: str, remedy: str) -> Problem:
        """A problem of this row, with row number, ID and column."""
        value = self.cells.get(column, "(no column)")
        return Problem(f"row {self.line}, ID {self.person[:40]}, {column}", value, rule, remedy)


def read_rows(text: str, source: str = "") -> tuple[list[Row], list[Problem], list[str]]:
    """The rows of a CSV text, their problems, the column names. Raises `EventTableError` for the header."""
    lines = _lines(text, source)
    header = _header(lines[0][1], source)
    rows, problems, seen = [], [], False
    for number, cells in lines[1:]:
        if not any(cell.strip() for cell in cells) or cells[0].lstrip().startswith("#"):
            continue
        if header[0] == "C" and cells[0].strip().upper() == "C":
            continue
        seen = True
        if len(cells) != len(header):
            rule = f"{len(cells)} values under {len(header)} columns"
            remedy = "separate values by commas and write 0.5, not 0,5"
            problems.append(Problem(f"row {number}", ",".join(cells), rule, remedy))
            continue
        named = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
        row, faults = _row(number, named)
        problems += faults
        if row is not None:
            rows.append(row)
    if not seen:
        raise EventTableError(
            Problem("file", source or "text", "no rows under the header", "add events"), source
        )
    return rows, problems, header


def _lines(text: str, source: str) -> list[tuple[int, list[str]]]:
    """Line numbers and cells, from the header on."""
    lines: list[tuple[int, list[str]]] = []
    first = next((line for line in text.splitlines() if line.strip()), "")
    if ";" in first and "," not in first:
        remedy = "write commas between values and points in numbers"
        raise EventTableError(Problem("header", first, "separated by semicolons", remedy), source)
    reader = csv.reader(io.StringIO(text), delimiter="\t" if "\t" in first and "," not in first else ",")
    try:
        for cells in reader:
            if lines or any(cell.strip() for cell in cells):
                lines.append((reader.line_num, cells))
    except csv.Error as failure:
        rule = f"not CSV: {failure}"
        raise EventTableError(
            Problem(f"row {reader.line_num}", "the line", rule, "save it as CSV"), source
        ) from None
    if not lines:
        raise EventTableError(Problem("file", source or "text", "the file is empty", "give a table"), source)
    return lines


def _header(cells: list[str], source: str) -> list[str]:
    names = [cell.strip().upper() for cell in cells]
    names[0] = names[0].lstrip("# ")
    if names[0] == "CID":  # a header commented out with C, as NONMEM's IGNORE=C wants it
        names[0] = "ID"
    problems = []
    for name in REQUIRED:
        if name not in names:
            others = [n for n in names if n and n not in (*REQUIRED, *OPTIONAL)]
            near = nearest(name, others) if others else ""
            remedy = near if near.startswith("did you") else f"add the column {name}"
            problems.append(Problem("header", ", ".join(names), f"the column {name} is missing", remedy))
    for name in dict.fromkeys(n for n in names if n and names.count(n) > 1):
        problems.append(Problem("header", name, "the column occurs twice", "rename one of them"))
    if problems:
        raise EventTableError(problems, source)
    return names


def _row(line: int, cells: dict[str, str]) -> tuple[Row | None, list[Problem]]:
    numbers: dict[str, float | None] = {}
    row = Row(line, cells["ID"], cells, numbers)
    faults = []
    if row.person in _MISSING:
        faults.append(row.problem("ID", "missing", "every row belongs to a person"))
    for column in (*REQUIRED[1:], *OPTIONAL):
        if column not in cells or (column == "SEX" and not _NUMBER.fullmatch(cells[column])):
            continue
        numbers[column] = None
        if cells[column] in _MISSING:
            continue
        if (rule := _not_a_number(cells[column])) is not None:
            faults.append(row.problem(column, *rule))
        else:
            numbers[column] = float(cells[column])
    faults = faults or list(_faults(row))
    return (None if faults else row), faults


def _not_a_number(text: str) -> tuple[str, str] | None:
    if _NUMBER.fullmatch(text):
        if math.isfinite(float(text)):
            return None
        return "the number must be finite", "correct it, or write . for a missing value"
    if re.fullmatch(r"[-+]?(nan|inf(inity)?)", text.lower()):
        return "the number must be finite", "correct it, or write . for a missing value"
    if re.fullmatch(r"[-+]?\d+,\d+", text):
        return "a decimal comma is not read", f"write {text.replace(',', '.')}"
    if re.fullmatch(r"\d{1,2}:\d\d(:\d\d)?", text):
        return "a clock time is not read", "write the time since the first dose as a number"
    return "not a number", "correct it, or write . for a missing value"


def _faults(row: Row) -> list[Problem]:
    """What is wrong with a row of readable numbers."""
    found = []

    def say(column: str, rule: str, remedy: str) -> None:
        found.append(row.problem(column, rule, remedy))

    for column in ("TIME", "EVID"):
        if row.numbers[column] is None:
            say(
                column,
                "missing",
                f"every row has {'a time' if column == 'TIME' else '0 (sample) or 1 (dose)'}",
            )
    if row.number("TIME") < 0:
        say("TIME", "must be 0 or more", "count the time from the first row of the person")
    if row.number("AMT") < 0:
        say("AMT", "must be 0 or more", "a dose cannot be taken back")
    if row.number("RATE") < 0:
        say("RATE", "must be 0 or more", "rates and durations that a model estimates (-1, -2) are not read")
    evid = row.numbers["EVID"]
    if evid not in (None, 0.0, 1.0):
        say("EVID", "only 0 (sample) and 1 (dose) are read", "resets and other events are not read yet")
    if evid == 1.0 and row.number("AMT") == 0:
        if row.number("RATE") > 0:
            say("RATE", "a rate without an amount", "write the whole amount of the infusion in AMT")
        else:
            say("AMT", "a dose without an amount", "write the amount, or EVID 0 for a sample")
    if evid == 0.0 and row.number("AMT") > 0:
        say("AMT", "an amount in a sample", "write EVID 1 for a dose")
    if evid == 0.0 and row.number("RATE") > 0:
        say("RATE", "a rate in a sample", "write EVID 1 for a dose")
    if row.number("SS") != 0:
        say("SS", "steady state is not read yet", "write out the doses that lead to it")
    if row.numbers.get("MDV") not in (None, 0.0, 1.0):
        say("MDV", "must be 0 or 1", "1 marks a row without a measured value")
    if evid == 0.0 and row.numbers.get("MDV") == 0.0 and row.numbers.get("DV") is None:
        say("DV", "missing although MDV is 0", "write the value, or MDV 1")
    addl, interval = row.number("ADDL"), row.number("II")
    if addl < 0 or addl != int(addl) or addl > 999:
        say("ADDL", "must be a whole number from 0 to 999", "say how many more doses follow")
    elif addl > 0 and interval <= 0:
        say("II", "must be more than 0 when ADDL is", "write the time between the doses")
    for column in ("WT", "AGE"):
        if row.numbers.get(column) is not None and row.number(column) <= 0:
            say(column, "must be more than 0", "correct it, or write . for a missing value")
    return found
