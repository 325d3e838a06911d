"""What the caller says of an event table: the meaning of its columns, codes and units.

A table holds numbers only. Which drug, in which form, by which route; which analyte a sample was of; which column
plays which part: all of that is said by arguments, by the sidecar ``<file>.units.toml``, or by columns of words
(DRUG, ENANTIOMER, SALT, ROUTE, ANALYTE). Nothing of it is guessed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from unwound.core.complaints import nearest
from unwound.core.errors import EventTableError, InputError, Problem
from unwound.core.strict import Quantity
from unwound.regimen.doses import Form, Route
from unwound.regimen.drugs import drug_problem, enantiomer_problem

ROUTES: tuple[str, ...] = get_args(Route)
FORMS: tuple[str, ...] = get_args(Form)
WORDS = ("DRUG", "ENANTIOMER", "SALT", "ROUTE")
"""Columns of words that say what a dose is of; a code of CMT can stand for them too."""

REST = 1e-9
"""What may be missing of a steady state, as a share of it."""

_HALF_LIFE = Quantity("h", at_least="1 min", at_most="300 h", example="24 h")
_NAME_LENGTH = 80
_WHOLE = re.compile(r"(\d+)\.0*", re.ASCII)
_OTHER_ROUTES = {
    **dict.fromkeys(("iv", "intravenous bolus", "intravenous drip"), "intravenous"),
    **dict.fromkeys(("intranasal", "respiratory (nasal)"), "nasal"),
    "im": "intramuscular",
    "sc": "subcutaneous",
    "po": "oral",
    "sl": "sublingual",
}


@dataclass(frozen=True)
class Said:
    """The caller's words. `routes` maps codes of CMT to a route, or to a table of words; `analytes` maps codes."""

    drug: str | None = None
    enantiomer: str | None = None
    form: str = "base"
    route: str = "intravenous"
    routes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    analytes: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, Any] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    ids: Mapping[str, str] = field(default_factory=dict)
    slowest_h: float = 24.0
    before_zero: bool = False
    missing: tuple[str, ...] = ("", ".")
    absent: tuple[str, ...] = ()  # required columns that may be absent


def said(
    *,
    routes: Mapping[Any, Any] | None = None,
    analytes: Mapping[Any, Any] | None = None,
    units: Mapping[Any, Any] | None = None,
    columns: Mapping[Any, Any] | None = None,
    ids: Mapping[Any, Any] | None = None,
    slowest_half_life: str = "24 h",
    **words: Any,
) -> Said:
    """The caller's words, looked through. Raises `EventTableError` with everything that is wrong with them."""
    problems: list[Problem] = []
    for name, known in (("form", FORMS), ("route", ROUTES)):
        if (value := words.get(name, known[0])) not in known:
            problems.append(Problem(name, value, f"no such {name}", nearest(str(value), known)))
    codes = {}
    for code, value in _table("routes", routes, problems):
        codes[label(str(code))] = _route_words(label(str(code)), value, problems)
    texts: dict[str, dict[str, str]] = {}
    for name, given in (("analytes", analytes), ("columns", columns), ("ids", ids)):
        texts[name] = {}
        for key, value in _table(name, given, problems):
            if not isinstance(value, str) or not value.strip() or len(value) > _NAME_LENGTH:
                rule = f"must be a name of at most {_NAME_LENGTH} characters"
                problems.append(Problem(_path(name, key), value, rule, 'write for example "S-ketamine"'))
            else:
                texts[name][label(str(key).strip())] = value.strip()
    slowest = 24.0
    try:
        slowest = _HALF_LIFE.read(slowest_half_life, "slowest_half_life").value
    except InputError as error:
        problems += error.problems
    if problems:
        raise EventTableError(problems)
    upper = {name.strip().upper(): theirs.upper() for name, theirs in texts["columns"].items()}
    given_units = {str(name).strip().upper(): unit for name, unit in (units or {}).items()}
    return Said(
        **words,
        routes=codes,
        analytes=texts["analytes"],
        units=given_units,
        columns=upper,
        ids=texts["ids"],
        slowest_h=slowest,
    )


def label(text: str) -> str:
    """``2.0`` -> ``2``: the same code, however a program wrote it."""
    match = _WHOLE.fullmatch(text)
    return match[1] if match else text


def steady_reach_h(slowest_h: float) -> float:
    """How long dosing must go on [h] until less than `REST` of the steady state is missing.

    Of an exponential with half-life T a share 2^(-t/T) is missing after the time t. So t = T log2(1/REST), about
    30 half-lives, holds for every half-life up to `slowest_h`.
    """
    return slowest_h * math.log2(1 / REST)


def word_problem(column: str, value: str) -> tuple[str, str, str]:
    """`value` of a column of words as we write it, with rule and remedy when it is none of ours (else empty)."""
    lower = value.lower()
    if column == "DRUG":
        return lower, *_told(drug_problem(lower))
    if column == "ENANTIOMER":
        text = lower if lower == "racemic" else value
        return text, *_told(enantiomer_problem(text))
    known, what = (FORMS, "salt form") if column == "SALT" else (ROUTES, "route")
    text = _OTHER_ROUTES.get(lower, lower) if column == "ROUTE" else lower
    return (text, "", "") if text in known else (value, f"no such {what}", nearest(value, known))


def _path(*keys: object) -> str:
    return ".".join(" ".join(str(key).split())[:40] for key in keys)


def _told(problem: Problem | None) -> tuple[str, str]:
    return ("", "") if problem is None else (problem.rule, problem.remedy)


def _table(name: str, given: Any, problems: list[Problem]) -> list[tuple[Any, Any]]:
    if given is None:
        return []
    if not isinstance(given, Mapping):
        problems.append(Problem(name, given, "must be a table of codes and their meanings", "write {code = meaning}"))
        return []
    return list(given.items())


def _route_words(code: str, value: Any, problems: list[Problem]) -> dict[str, str]:
    """``"nasal"`` -> ``{"ROUTE": "nasal"}``; a table may also say drug, enantiomer and salt."""
    if isinstance(value, str):
        value = {"route": value}
    if not isinstance(value, Mapping):
        rule = "a compartment stands for a route"
        problems.append(Problem(_path("routes", code), value, rule, 'write for example {2: "nasal"}'))
        return {}
    words = {}
    for key, text in value.items():
        name = {"FORM": "SALT"}.get(str(key).upper(), str(key).upper())
        if name not in WORDS or not isinstance(text, str):
            remedy = nearest(str(key), ["route", "drug", "enantiomer", "form"])
            problems.append(Problem(_path("routes", code, key), text, "not a word about doses", remedy))
            continue
        words[name], rule, remedy = word_problem(name, text)
        if rule:
            problems.append(Problem(_path("routes", code, key), text, rule, remedy))
    return words
