"""The rows of a NONMEM-style event table as plain numbers and labels, each with its place in the file.

Conventions of NONMEM that are kept: ``.`` and nothing are missing values; a header may begin with ``#``; a leading
column ``C`` marks rows to skip; lines beginning with ``#``, and lines of prose beginning with ``C`` before the
header, are comments. What one row says is judged in `unwound.regimen.event_faults`, what rows say together in
`unwound.regimen.event_checks`.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from unwound.core.complaints import nearest
from unwound.core.errors import EventTableError, Problem
from unwound.regimen.event_said import WORDS, Said, label

REQUIRED = ("ID", "TIME", "AMT", "RATE", "EVID")
OPTIONAL = ("MDV", "CMT", "DV", "WT", "AGE", "SEX", "II", "ADDL", "SS", "DVID", "OCC", "ANALYTE", *WORDS)
NUMBERS = ("TIME", "AMT", "RATE", "EVID", "MDV", "DV", "WT", "AGE", "II", "ADDL", "SS")
_LABELS = ("CMT", "DVID", "OCC")

_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,4})?", re.ASCII)
_NAME = re.compile(r"[^\W\d][\w .()+-]{0,39}")


@dataclass(frozen=True)
class Row:
    """One record: its line in the file, its cells as text, and its numbers (None is missing)."""

    line: int
    person: str
    cells: Mapping[str, str]
    numbers: Mapping[str, float | None]
    columns: Mapping[str, str] = field(default_factory=dict)

    def number(self, column: str) -> float:
        """The number in `column`, 0 if missing."""
        return self.numbers.get(column) or 0.0

    def label(self, column: str) -> str | None:
        """The text in `column`, ``2.0`` as ``2``; None if missing, and for ``0``, which means none in NONMEM."""
        text = label(self.cells.get(column, ""))
        return None if text in ("", ".", "0") else text

    @property
    def is_dose(self) -> bool:
        return self.number("EVID") in (1, 4)

    @property
    def is_sample(self) -> bool:
        return self.number("EVID") == 0

    def problem(self, column: str, rule: str, remedy: str) -> Problem:
        """A problem of this row, with row number, ID and column (the name in the file beside ours)."""
        value = self.cells.get(column, "(no column)")
        theirs = self.columns.get(column, column)
        name = column if theirs == column else f"{column} ({theirs})"
        return Problem(f"row {self.line}, ID {self.person[:40]}, {name}", value, rule, remedy)


def read_rows(text: str, said: Said, source: str = "") -> tuple[list[Row], list[Problem], list[str]]:
    """The rows of a CSV text, their problems, the column names. Raises `EventTableError` for the header."""
    lines = table_lines(text, said, source)
    header = _header(lines[0][1], said, source)
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
        row, faults = _row(number, dict(zip(header, (cell.strip() for cell in cells), strict=True)), said)
        problems += faults
        if row is not None:
            rows.append(row)
    if not seen:
        raise EventTableError(Problem("file", source or "text", "no rows under the header", "add events"), source)
    return rows, problems, header


def table_lines(text: str, said: Said, source: str = "") -> list[tuple[int, list[str]]]:
    """Line numbers and cells, from the header on. Raises `EventTableError` for what is no CSV."""
    lines = text.split("\n")
    known = {*REQUIRED, *said.columns.values()}
    at = next((n for n, line in enumerate(lines) if line.strip() and not _is_comment(line, known)), None)
    if at is None:
        raise EventTableError(Problem("file", source or "text", "the file is empty", "give a table"), source)
    first = lines[at]
    if ";" in first and "," not in first:
        remedy = "write commas between values and points in numbers"
        raise EventTableError(Problem("header", first, "separated by semicolons", remedy), source)
    reader = csv.reader(
        io.StringIO("\n".join(lines[at:])), delimiter="\t" if "\t" in first and "," not in first else ","
    )
    try:
        return [(at + reader.line_num, cells) for cells in reader if cells]
    except csv.Error as failure:
        problem = Problem(f"row {at + reader.line_num}", "the line", f"not CSV: {failure}", "save it as CSV")
        raise EventTableError(problem, source) from None


def _is_comment(line: str, known: set[str]) -> bool:
    """A line before the header: marked by # or C, and without the name of a column."""
    cells = [cell.strip().strip('"').upper().lstrip("# ") for cell in re.split(r"[,\t;]", line)]
    return re.match(r'\s*"?(#|C[\s,])', line) is not None and not known & {*cells}


def _header(cells: list[str], said: Said, source: str) -> list[str]:
    names = [cell.strip().upper() for cell in cells]
    names[0] = names[0].lstrip("# ")
    if names[0] == "CID":  # a header commented out with C, as NONMEM's IGNORE=C wants it
        names[0] = "ID"
    problems = []
    for name in dict.fromkeys(n for n in names if n and names.count(n) > 1):
        problems.append(Problem("header", name, "the column occurs twice", "rename one of them"))
    names, faults = _renamed(names, said)
    problems += faults
    wrong = {problem.field.removeprefix("columns.") for problem in faults}
    for name in REQUIRED:
        if name not in (*names, *said.absent) and name not in wrong:
            others = [n for n in names if n and n not in (*REQUIRED, *OPTIONAL)]
            near = nearest(name, others) if others else ""
            remedy = near if near.startswith("did you") else f"add the column {name}"
            problems.append(Problem("header", ", ".join(names), f"the column {name} is missing", remedy))
    if problems:
        raise EventTableError(problems, source)
    return names


def _renamed(names: list[str], said: Said) -> tuple[list[str], list[Problem]]:
    """The names with those of `said.columns` replaced by ours; a column that bore such a name steps back."""
    problems = []
    units = [f"{name}_UNIT" for name in NUMBERS]
    for ours, theirs in said.columns.items():
        if ours not in (*REQUIRED, *OPTIONAL, *units):
            remedy = nearest(ours, [*REQUIRED, *OPTIONAL])
            problems.append(
                Problem(f"columns.{' '.join(ours.split())[:40]}", theirs, "not a column that is read", remedy)
            )
        elif theirs not in names:
            problems.append(
                Problem(
                    f"columns.{' '.join(ours.split())[:40]}",
                    theirs,
                    "no such column in the table",
                    nearest(theirs, names),
                )
            )
    if problems:
        return names, problems
    ours_of = {theirs: ours for ours, theirs in said.columns.items()}
    return [ours_of.get(n, f"{n} (not used)" if n in said.columns else n) for n in names], []


def _row(line: int, cells: dict[str, str], said: Said) -> tuple[Row | None, list[Problem]]:
    cells = {name: "." if cell in said.missing else cell for name, cell in cells.items()}
    numbers: dict[str, float | None] = {}
    row = Row(line, " ".join(label(cells["ID"]).split()), cells, numbers, said.columns)
    faults = []
    if row.person == ".":
        faults.append(row.problem("ID", "missing", "every row belongs to a person"))
    for column in (c for c in NUMBERS if c in cells):
        numbers[column] = None
        if cells[column] == ".":
            continue
        if (rule := _not_a_number(cells[column])) is not None:
            faults.append(row.problem(column, *rule))
        else:
            numbers[column] = float(cells[column])
    for column in _LABELS:
        code = row.label(column)
        if code is not None and not code.isdecimal() and not _NAME.fullmatch(code):
            remedy = "write the code of a compartment, an analyte or an occasion"
            faults.append(row.problem(column, "neither a number from 0 on nor a name", remedy))
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
    if re.fullmatch(r"\d{4}-\d\d-\d\d.*|\d{1,2}/\d{1,2}/\d{2,4}.*", text):
        return "a date is not read", "write the time since the first dose as a number"
    return "not a number", "correct it, or write . for a missing value"
