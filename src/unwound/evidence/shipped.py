"""The files that travel with the package, and a row of one of them, read strictly.

Files are reached through `importlib.resources`, so they are found in a wheel as in a checkout. A `Row` knows
where it stands: whatever is wrong with a cell becomes an `EvidenceError` that names file, row and column.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from unwound.core.errors import EvidenceError, shown

_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?([eE][-+]?\d+)?")
_CITE_KEY = re.compile(r"[a-z][a-z0-9_]*")


def text_of(path: str) -> str:
    """The text of a file below this room: ``"tables/outcomes.csv"``. Raises `EvidenceError` if absent."""
    try:
        return files("unwound.evidence").joinpath(path).read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
        raise EvidenceError(f"{path}: this file is not part of the installed package") from error


def names_in(folder: str, ending: str) -> tuple[str, ...]:
    """Names, without `ending`, of the files of a folder below this room, sorted."""
    entries = files("unwound.evidence").joinpath(folder).iterdir()
    return tuple(sorted(e.name.removesuffix(ending) for e in entries if e.name.endswith(ending)))


def number(text: str) -> float:
    """A plain decimal number. Raises `ValueError`: for a unit in the cell, for NaN, for a decimal comma."""
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"{shown(text)} is not a plain number")
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{shown(text)} is too large for a number")
    return value


@dataclass(frozen=True)
class Row:
    """One row of a CSV file, counted as a spreadsheet does: the header is row 1."""

    source: str
    place: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    def defect(self, column: str, reason: object) -> EvidenceError:
        """What is wrong in `column` of this row, ready to be raised."""
        return EvidenceError(f"{self.source}, row {self.place}, column {column!r}: {reason}")

    def required(self, column: str) -> str:
        if not self[column]:
            raise self.defect(column, "must not be empty")
        return self[column]

    def number(self, column: str) -> float:
        try:
            return number(self[column])
        except ValueError as error:
            raise self.defect(column, error) from None

    def optional_number(self, column: str) -> float | None:
        return self.number(column) if self[column] else None

    def one_of(self, column: str, allowed: tuple[str, ...]) -> str:
        if self[column] not in allowed:
            raise self.defect(column, f"{shown(self[column])} is not one of {', '.join(filter(None, allowed))}")
        return self[column]

    def cite_keys(self, column: str) -> tuple[str, ...]:
        """The keys of references.bib in a cell, separated by ``;``."""
        keys = tuple(self.required(column).split(";"))
        for key in keys:
            if not _CITE_KEY.fullmatch(key):
                raise self.defect(column, f"{shown(key)} cannot be a key of references.bib")
        if len(set(keys)) < len(keys):
            raise self.defect(column, "names a source twice")
        return keys


def rows_of(text: str, source: str, columns: tuple[str, ...]) -> list[Row]:
    """The rows of CSV `text`, whose header must be exactly `columns`; cells without blanks around them."""
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise EvidenceError(f"{source}: {error}") from error
    header = tuple(lines[0]) if lines else ()
    if header != columns:
        raise EvidenceError(f"{source}, row 1: the columns must be exactly {','.join(columns)}")
    rows = []
    for place, cells in enumerate(lines[1:], 2):
        if len(cells) != len(columns):
            raise EvidenceError(f"{source}, row {place}: {len(cells)} cells for {len(columns)} columns")
        row = Row(source, place, dict(zip(columns, cells, strict=True)))
        for column, cell in row.cells.items():
            if cell != cell.strip():
                raise row.defect(column, "has blanks around it")
        rows.append(row)
    return rows
