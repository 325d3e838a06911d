"""NONMEM-style event tables: one `Person` per ID, with what was given, what was observed, and covariates.

Columns ID TIME AMT RATE EVID, and optionally MDV CMT DVID DV II ADDL SS OCC WT AGE SEX, and the words DRUG ENANTIOMER
SALT ROUTE ANALYTE. What a row means is told in `event_faults`, `event_doses` (RATE, steady state) and
`event_occasions` (resets, order at one time). A dose and a sample at one time, and two doses at one time, are legal;
an exact duplicate of a row is kept and warned of; disorder in time within an ID and occasion is an error. Dose limits
are not judged here: that is `check_limits(person.regimen, person.weight_kg)`.
Raises `EventTableError` with every problem of the table, each with its row, ID and column.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from unwound.core.errors import EventTableError, Problem
from unwound.core.files import read_text
from unwound.core.signals import Enantiomer
from unwound.regimen import persons
from unwound.regimen.doses import Form, Route
from unwound.regimen.drugs import require_known
from unwound.regimen.event_checks import grouped, odd, unlikely_observations
from unwound.regimen.event_doses import Factors
from unwound.regimen.event_faults import faults
from unwound.regimen.event_occasions import Occasion, occasion, split
from unwound.regimen.event_people import EventTable, Person
from unwound.regimen.event_rows import Row, read_rows
from unwound.regimen.event_said import Said, said
from unwound.regimen.event_sidecar import with_sidecar
from unwound.regimen.event_units import KINDS, completed, missing_units, said_units, scale
from unwound.regimen.event_words import unsaid_codes
from unwound.regimen.regimen import Setting

LARGEST = 64 << 20
"""Bytes of a table."""

_MOST_LISTED = 50  # problems; more of them are counted
_STEADY = (
    "steady state (SS) is written out as the doses that lead to it; states slower than the drug see only those doses"
)


def read_events(
    path: str | os.PathLike[str],
    *,
    drug: str | None = None,
    enantiomer: Enantiomer | None = None,
    units: Mapping[str, str] | None = None,
    form: Form | None = None,
    route: Route | None = None,
    setting: Setting = "ward",
    routes: Mapping[Any, Any] | None = None,
    analytes: Mapping[Any, str] | None = None,
    columns: Mapping[str, str] | None = None,
    slowest_half_life: str | None = None,
) -> EventTable:
    """The event table in a CSV file, as `parse_events`; what is not said here may stand in ``<file>.units.toml``."""
    require_said(drug, enantiomer)
    text = read_text(path, kind="an event table", largest=LARGEST, error=EventTableError)
    here: dict[str, Any] = {
        "drug": drug, "enantiomer": enantiomer, "form": form, "route": route, "routes": routes,
        "analytes": analytes, "columns": columns, "slowest_half_life": slowest_half_life, "units": units,
    }  # fmt: skip
    return parse_events(text, setting=setting, source=os.fspath(path), **with_sidecar(path, here))


def parse_events(
    text: str,
    *,
    drug: str | None = None,
    enantiomer: Enantiomer | None = None,
    units: Mapping[str, str] | None = None,
    form: Form = "base",
    route: Route = "intravenous",
    setting: Setting = "ward",
    source: str = "",
    routes: Mapping[Any, Any] | None = None,
    analytes: Mapping[Any, str] | None = None,
    columns: Mapping[str, str] | None = None,
    ids: Mapping[Any, str] | None = None,
    slowest_half_life: str = "24 h",
) -> EventTable:
    """The event table in a CSV text.

    `units` maps columns to units, ``{"AMT": "mg", "TIME": "h"}``; `columns` our names to those of the table,
    ``{"TIME": "TAFD"}``; `routes` codes of CMT in doses, ``{1: "intravenous", 2: "nasal"}`` (or to a table that says
    route, drug, enantiomer, form); `analytes` codes of DVID (or CMT) in samples, ``{2: "S-ketamine"}``; `ids` numbers
    to names. `drug` and `enantiomer` may be left out when columns or `routes` say them. `slowest_half_life` is the
    longest one for which SS is exact to 1e-9.
    """
    require_said(drug, enantiomer)
    words = said(
        drug=drug, enantiomer=enantiomer, form=form, route=route, routes=routes, analytes=analytes, units=units,
        columns=columns, ids=ids, slowest_half_life=slowest_half_life,
    )  # fmt: skip
    return table_of(text, words, setting, source)


def require_said(drug: str | None, enantiomer: str | None) -> None:
    """Raises `UnknownName` for an argument that names no drug or enantiomer; None is for the rows to say."""
    require_known("ketamine" if drug is None else drug, "S" if enantiomer is None else enantiomer)


def table_of(text: str, words: Said, setting: Setting, source: str) -> EventTable:
    """The event table in a CSV text, read with `words`. Raises `EventTableError` with all of its problems."""
    rows, problems, header = read_rows(text, words, source)
    for row in rows:
        problems += faults(row, words.before_zero)
    wrong = {problem.field.split(",")[0] for problem in problems}
    sound = [row for row in rows if f"row {row.line}" not in wrong]
    used = [name for name in KINDS if any(row.numbers.get(name) for row in rows)]
    used = list(dict.fromkeys(["AMT", "TIME", *used]))
    units, unit_faults = said_units(sound, header, words.units)
    unit_faults = unit_faults or missing_units(completed(units, used), used)
    groups, scattered = grouped(sound)
    problems = unit_faults + problems + scattered + unsaid_codes(sound, words)
    warnings = odd(sound, header, groups)
    if any(row.is_dose and row.number("SS") for row in sound):
        warnings.append(_STEADY)
    factors: dict[str, tuple[float, str]] = {}
    people = []
    if unit_faults:  # amounts and times cannot be read, but their order can
        problems += [fault for group in groups.values() for fault in split(group)[1]]
    else:
        factors = {name: scale(name, unit) or (1.0, "") for name, unit in completed(units, used).items()}
        problems += unlikely_observations(sound, factors)
        people = [_person(group, factors, words, setting, problems, warnings) for group in groups.values()]
    _require_none(problems, source)
    return EventTable(tuple(people), factors["DV"][1] if "DV" in factors else None, tuple(warnings))


def _require_none(problems: list[Problem], source: str) -> None:
    """Raises `EventTableError` when there are problems; of very many, the first ones and a count."""
    if len(problems) > _MOST_LISTED:
        more = f"{len(problems) - _MOST_LISTED} more"
        rest = Problem("table", more, "further problems", "correct these first")
        problems = [*problems[:_MOST_LISTED], rest]
    if problems:
        raise EventTableError(problems, source)


def _person(
    rows: list[Row], factors: Factors, words: Said, setting: Setting, problems: list[Problem], warnings: list[str]
) -> Person:
    """The person of `rows`; what is wrong is added to `problems`, what is odd to `warnings`."""

    def first(column: str) -> float | None:
        values = [row.number(column) for row in rows if row.numbers.get(column) is not None]
        return values[0] * factors[column][0] if values else None

    groups, disorder, understood = split(rows)
    problems += disorder
    warnings += understood
    occasions: list[Occasion] = []
    for group, following in zip(groups, [*groups[1:], None], strict=True):
        made, wrong, odd_ones = occasion(group, following[0] if following else None, factors, words, setting)
        if made.regimen.doses or made.observed_h.size or (following is None and not occasions):
            occasions.append(made)
        problems += wrong
        warnings += odd_ones
    weight, age = first("WT"), first("AGE")
    for fault in persons.impossible(weight, age):
        column = "WT" if fault.field == "patient.weight" else "AGE"
        problems.append(rows[0].problem(column, fault.rule, fault.remedy))
    warnings += [f"ID {rows[0].person}: {fault}" for fault in persons.unusual(weight, age)]
    sexes = [row.cells["SEX"] for row in rows if row.cells.get("SEX", ".") not in ("", ".")]
    name = words.ids.get(rows[0].person, rows[0].person)
    return Person(name, tuple(occasions), weight, age, sexes[0] if sexes else None)
