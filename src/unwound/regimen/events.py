"""NONMEM-style event tables: one `Person` per ID, with a regimen, observations and covariates.

Columns ID TIME AMT RATE EVID, and optionally MDV CMT DV II ADDL WT AGE SEX; drug and enantiomer are said by
the caller, units as `unwound.regimen.event_units` tells. A dose and a sample at one time, and two doses at
one time, are legal; an exact duplicate of a row is kept and warned of; disorder in time within an ID is an
error. Dose limits are not judged here: that is `check_limits(person.regimen, person.weight_kg)`.
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
from unwound.regimen import persons
from unwound.regimen.doses import AnyDose, Bolus, Form, Infusion
from unwound.regimen.drugs import require_known
from unwound.regimen.event_checks import compartments, disorder, odd, unlikely_observations
from unwound.regimen.event_rows import Row, read_rows
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
    """The event table in a CSV text. `units` maps columns to units: ``{"AMT": "mg", "TIME": "h"}``."""
    require_known(drug, enantiomer)
    rows, problems, header = read_rows(text, source)
    used = [name for name in KINDS if any(row.numbers.get(name) for row in rows)]
    used = list(dict.fromkeys(["AMT", "TIME", *used]))
    said, faults = _said(rows, header, units or {})
    faults = faults or missing_units(completed(said, used), used)
    _require_none(faults + problems + disorder(rows) + compartments(rows), source)
    factors = {name: scale(name, unit) or (1.0, "") for name, unit in completed(said, used).items()}
    problems = unlikely_observations(rows, factors)
    given: dict[str, Any] = {"drug": drug, "enantiomer": enantiomer, "form": form}
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.person, []).append(row)
    warnings = odd(rows, header, groups)
    people = [_person(group, factors, given, setting, problems, warnings) for group in groups.values()]
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
        if labels:
            said[name] = next(iter(labels))
    return {**said, **units}, problems


def _person(
    rows: list[Row],
    factors: Mapping[str, tuple[float, str]],
    given: Mapping[str, Any],
    setting: Setting,
    problems: list[Problem],
    warnings: list[str],
) -> Person:
    """The person of `rows`; what is wrong is added to `problems`, what is odd to `warnings`."""

    def first(column: str) -> float | None:
        values = [row.number(column) for row in rows if row.numbers.get(column) is not None]
        return values[0] * factors[column][0] if values else None

    doses: list[AnyDose] = []
    for row in rows:
        if row.number("EVID") == 1:
            try:
                doses.append(_dose(row, factors, given))
            except InputError as error:
                for fault in error.problems:
                    problems.append(row.problem("AMT", f"{fault.field}: {fault.rule}", fault.remedy))
    weight, age = first("WT"), first("AGE")
    for fault in persons.impossible(weight, age):
        column = "WT" if fault.field == "patient.weight" else "AGE"
        problems.append(rows[0].problem(column, fault.rule, fault.remedy))
    warnings += [f"ID {rows[0].person}: {fault}" for fault in persons.unusual(weight, age)]
    samples = [row for row in rows if row.number("EVID") == 0]
    to_unit = factors["DV"][0] if "DV" in factors else 1.0
    measured = [row.numbers.get("DV") if row.number("MDV") == 0 else None for row in samples]
    values = [np.nan if value is None else value * to_unit for value in measured]
    sexes = [row.cells["SEX"] for row in rows if row.cells.get("SEX", ".") not in ("", ".")]
    return Person(
        id=rows[0].person,
        regimen=Regimen(title=f"ID {rows[0].person}"[:200], setting=setting, doses=tuple(doses)),
        observed_h=np.array([row.number("TIME") * factors["TIME"][0] for row in samples]),
        observed=np.array(values, dtype=float),
        weight_kg=weight,
        age_y=age,
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
