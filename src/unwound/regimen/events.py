"""NONMEM-style event tables: one `Person` per ID, with a regimen, observations and covariates.

Columns ID TIME AMT RATE EVID, and optionally MDV CMT DV II ADDL WT AGE SEX; drug and enantiomer are said by the
caller, units as `unwound.regimen.event_units` tells. A dose and a sample at one time, and two doses at one time,
are legal; an exact duplicate of a row is kept and warned of; disorder in time within an ID is an error.
Raises `EventTableError` with every problem of the table, each with its row, ID and column.
"""

from __future__ import annotations

import os
import pathlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from unwound.core.errors import EventTableError, InputError, Problem
from unwound.core.files import read_text, read_toml
from unwound.core.signals import Enantiomer
from unwound.core.strict import Measure
from unwound.regimen.doses import AnyDose, Bolus, Form, Infusion
from unwound.regimen.drugs import require_known
from unwound.regimen.event_rows import OPTIONAL, REQUIRED, Row, read_rows
from unwound.regimen.event_units import KINDS, completed, missing_units, scale, unit_problems
from unwound.regimen.regimen import Regimen, Setting
from unwound.regimen.series import Repeat

_LARGEST = 64 << 20  # bytes of a table
_MOST_LISTED = 50  # problems; more of them are counted


@dataclass(frozen=True)
class Person:
    """What one ID was given and what was observed. `observed` is NaN where nothing was measured."""

    id: str
    regimen: Regimen
    observed_h: np.ndarray
    observed: np.ndarray
    weight_kg: float | None
    age_y: float | None
    sex: str | None  # as the table codes it


@dataclass(frozen=True)
class EventTable:
    """The persons of a table in its order, the unit of what was observed, and what was odd."""

    persons: tuple[Person, ...]
    observed_unit: str | None
    warnings: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.persons)

    def __iter__(self) -> Iterator[Person]:
        return iter(self.persons)


def read_events(
    path: str | os.PathLike[str],
    *,
    drug: str,
    enantiomer: Enantiomer,
    units: Mapping[str, str] | None = None,
    form: Form = "base",
    setting: Setting = "ward",
) -> EventTable:
    """The event table in a CSV file; units also from the sidecar ``<file>.units.toml``."""
    require_known(drug, enantiomer)
    text = read_text(path, kind="an event table", largest=_LARGEST, error=EventTableError)
    sidecar = pathlib.Path(f"{os.fspath(path)}.units.toml")
    beside = read_toml(sidecar, kind="a table of units") if sidecar.exists() else {}
    said = {name.upper(): unit for name, unit in {**beside, **(units or {})}.items()}
    return parse_events(
        text, drug=drug, enantiomer=enantiomer, units=said, form=form, setting=setting, source=os.fspath(path)
    )


def parse_events(
    text: str,
    *,
    drug: str,
    enantiomer: Enantiomer,
    units: Mapping[str, str] | None = None,
    form: Form = "base",
    setting: Setting = "ward",
    source: str = "",
) -> EventTable:
    """The event table in a CSV text. `units` maps columns to units, such as ``{"AMT": "mg", "TIME": "h"}``."""
    require_known(drug, enantiomer)
    rows, problems, header = read_rows(text, source)
    used = [name for name in KINDS if any(row.numbers.get(name) for row in rows)]
    used = list(dict.fromkeys(["AMT", "TIME", *used]))
    said, faults = _said(rows, header, units or {})
    faults = faults or missing_units(completed(said, used), used)
    problems = faults + problems + _disorder(rows) + _compartments(rows)
    if problems:
        more = len(problems) - _MOST_LISTED
        if more > 0:
            rest = Problem("table", f"{more} more", "more problems", "correct these first")
            problems = [*problems[:_MOST_LISTED], rest]
        raise EventTableError(problems, source)
    factors = {name: scale(name, unit) or (1.0, "") for name, unit in completed(said, used).items()}
    given: dict[str, Any] = {"drug": drug, "enantiomer": enantiomer, "form": form}
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.person, []).append(row)
    persons = tuple(_person(i, group, factors, given, setting, source) for i, group in groups.items())
    return EventTable(persons, factors["DV"][1] if "DV" in factors else None, _odd(rows, header, groups))


def _said(
    rows: list[Row], header: list[str], units: Mapping[str, str]
) -> tuple[dict[str, str], list[Problem]]:
    """The units from columns and from the caller, who comes first."""
    problems = unit_problems(units)
    said = {}
    for name in KINDS:
        column = f"{name}_UNIT"
        if column not in header:
            continue
        labels = {row.cells[column]: row for row in reversed(rows) if row.cells[column] not in ("", ".")}
        for label, row in labels.items():
            if scale(name, label) is None:
                rule = f"not a unit of the kind of {' or '.join(KINDS[name])}"
                problems.append(row.problem(column, rule, f"write for example {KINDS[name][0]}"))
        if len(labels) > 1:
            rule, remedy = "two units in one column", "convert the values to one unit"
            problems.append(Problem(f"column {column}", ", ".join(labels), rule, remedy))
        said.update({name: label for label in labels})
    return {**said, **units}, problems


def _disorder(rows: list[Row]) -> list[Problem]:
    problems, last, done = [], None, set()
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


def _compartments(rows: list[Row]) -> list[Problem]:
    problems = []
    for evid, what in ((1.0, "doses"), (0.0, "samples")):
        numbers = {
            row.number("CMT"): row
            for row in reversed(rows)
            if row.number("CMT") and row.number("EVID") == evid
        }
        if len(numbers) > 1:
            row = list(numbers.values())[0]
            rule = f"{what} in several compartments are not read yet"
            problems.append(row.problem("CMT", rule, "give one table per route or analyte"))
    return problems


def _odd(rows: list[Row], header: list[str], groups: Mapping[str, list[Row]]) -> tuple[str, ...]:
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
    return tuple(warnings)


def _person(
    name: str,
    rows: list[Row],
    factors: Mapping[str, tuple[float, str]],
    given: Mapping[str, Any],
    setting: Setting,
    source: str,
) -> Person:
    def first(column: str) -> float | None:
        values = [row.numbers[column] for row in rows if row.numbers.get(column) is not None]
        return float(values[0] or 0.0) * factors[column][0] if values else None

    doses: list[AnyDose] = []
    for row in rows:
        if row.number("EVID") == 1:
            try:
                doses.append(_dose(row, factors, given))
            except InputError as error:
                faults = [row.problem("AMT", f"{p.field}: {p.rule}", p.remedy) for p in error.problems]
                raise EventTableError(faults, source) from None
    samples = [row for row in rows if row.number("EVID") == 0]
    to_unit = factors["DV"][0] if "DV" in factors else 1.0
    measured = [row.numbers.get("DV") if row.number("MDV") == 0 else None for row in samples]
    values = [np.nan if value is None else value * to_unit for value in measured]
    sexes = [row.cells["SEX"] for row in rows if row.cells.get("SEX", ".") not in ("", ".")]
    return Person(
        id=name,
        regimen=Regimen(title=f"ID {name}"[:200], setting=setting, doses=tuple(doses)),
        observed_h=np.array([row.number("TIME") * factors["TIME"][0] for row in samples]),
        observed=np.array(values, dtype=float),
        weight_kg=first("WT"),
        age_y=first("AGE"),
        sex=sexes[0] if sexes else None,
    )


def _dose(row: Row, factors: Mapping[str, tuple[float, str]], given: Mapping[str, Any]) -> AnyDose:
    factor, unit = factors["AMT"]
    amount = row.number("AMT") * factor
    repeat = None
    if row.number("ADDL") > 0:
        interval = Measure.of(row.number("II") * factors["II"][0], "h")
        repeat = Repeat(count=int(row.number("ADDL")) + 1, every=interval)
    shared = {**given, "start": Measure.of(row.number("TIME") * factors["TIME"][0], "h"), "repeat": repeat}
    if row.number("RATE") == 0:
        return Bolus(amount=Measure.of(amount, unit), **shared)
    rate_factor, rate_unit = factors["RATE"]
    if rate_unit != f"{unit}/h":
        rule, remedy = f"RATE is in {rate_unit} while AMT is in {unit}", "say both per kg, or neither"
        raise EventTableError(Problem("RATE", row.cells["RATE"], rule, remedy))
    hours = amount / (row.number("RATE") * rate_factor)
    return Infusion(amount=Measure.of(amount, unit), duration=Measure.of(hours, "h"), **shared)
