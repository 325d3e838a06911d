"""Which drug a dose is of and which analyte a sample is of: words per row, codes of CMT and DVID, or arguments.

For a dose: a word in the row (DRUG, ENANTIOMER, SALT, ROUTE) comes first, then what the code in CMT stands for, then
the caller's arguments. A row that contradicts the argument `drug` or `enantiomer` is an error, because one of the
two is a two-fold slip. For a sample: the word in ANALYTE, else what the code in DVID (or CMT) stands for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unwound.core.errors import Problem
from unwound.regimen.event_rows import Row
from unwound.regimen.event_said import WORDS, Said, word_problem

_FIELD = {"DRUG": "drug", "ENANTIOMER": "enantiomer", "SALT": "form", "ROUTE": "route"}


def substance(row: Row, said: Said) -> tuple[dict[str, Any], list[Problem]]:
    """Drug, enantiomer, form and route of a dose, as the fields of a dose, and what is wrong with them."""
    found: dict[str, Any] = {}
    code = row.label("CMT")
    problems = []
    by_code: Mapping[str, str] = said.routes.get(code or "0", {})
    if said.routes and not by_code and row.label("ROUTE") is None:
        rule = "no route is said for this compartment" if code else "the compartment is not said"
        problems.append(row.problem("CMT", rule, "say for example routes={1: 'intravenous', 2: 'nasal'}"))
    for column in WORDS:
        name = _FIELD[column]
        argument = getattr(said, name)
        value: Any = by_code.get(column, argument)
        text = row.cells.get(column, ".")
        if text != ".":
            value, rule, remedy = word_problem(column, text)
            if rule:
                problems.append(row.problem(column, rule, remedy))
            elif name in ("drug", "enantiomer") and argument not in (None, value):
                rule = f"the row says {value!r} and the argument {argument!r}"
                problems.append(row.problem(column, rule, f"leave the argument {name} out, or correct the row"))
        if value is None:
            remedy = f"say {name}=..., give a column {column}, or say it in routes"
            problems.append(row.problem(column, f"the {name} of this dose is not said", remedy))
        found[name] = value
    return found, problems


def analyte(row: Row, said: Said) -> tuple[str | None, list[Problem]]:
    """What a sample was of (None if nobody says), and what is wrong with its code."""
    if (word := row.label("ANALYTE")) is not None:
        return said.analytes.get(word, word), []
    column = "DVID" if row.label("DVID") is not None else "CMT"
    code = row.label(column)
    if code is None or not said.analytes:
        return None, []
    if code in said.analytes:
        return said.analytes[code], []
    return None, [row.problem(column, "no analyte is said for this code", "say it, such as analytes={2: 'S-ketamine'}")]


def unsaid_codes(rows: list[Row], said: Said) -> list[Problem]:
    """Doses, or samples, with several codes of which nobody says what they mean."""
    problems = []
    if not said.routes and not any(row.label("ROUTE") for row in rows):
        doses = [row for row in rows if row.is_dose]
        problems += _several(doses, "CMT", "doses in several compartments", "routes={1: 'intravenous', 2: 'nasal'}")
    if not said.analytes and not any(row.label("ANALYTE") for row in rows):
        samples = [row for row in rows if row.is_sample]
        column = "DVID" if any(row.label("DVID") for row in samples) else "CMT"
        example = "analytes={2: 'S-ketamine', 3: 'S-norketamine'}"
        problems += _several(samples, column, "samples in several compartments", example)
    return problems


def _several(rows: list[Row], column: str, what: str, example: str) -> list[Problem]:
    first: dict[str, Row] = {}
    for row in rows:
        if (code := row.label(column)) is not None:
            first.setdefault(code, row)
    if len(first) < 2:
        return []
    rule = f"{what} ({', '.join([*first][:5])}), and nobody says which they are"
    return [list(first.values())[1].problem(column, rule, f"say what they are, such as {example}")]
