"""Regimens and observations as a NONMEM-ready CSV, with a sidecar of what its numbers do not carry.

``$DATA table.csv IGNORE=C`` skips the comments and the header (all begin with C), ``.`` is missing, every cell is a
number. Times are hours on the clock of the regimen, amounts mg as stated (a dose per kg needs the body weight),
occasions after the first begin with EVID 3. CMT is a code of drug, enantiomer, form and route, DVID one of the
analyte: the sidecar ``<file>.units.toml`` says which, and `read_events` reads both back to equal doses. A steady
state is written as the doses that lead to it. Doses on weekdays, and those with a sample just before one of a series,
are written one by one; other series as ADDL and II. A titration is a rule, not a dose, and is refused.

RATE is AMT divided by the duration. Where the bioavailability of an infusion is below 1, NONMEM would shorten it;
here it lasts AMT/RATE (see `event_doses`): then write RATE -2 with D1 = AMT/RATE.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from unwound.core.errors import InputError, Problem
from unwound.core.files import atomic_write
from unwound.core.safety import SIMULATION_ONLY
from unwound.regimen.event_occasions import Occasion
from unwound.regimen.event_people import EventTable, Person
from unwound.regimen.event_sidecar import sidecar_path
from unwound.regimen.event_units import scale
from unwound.regimen.nonmem_rows import COLUMNS, person_rows, substance_of
from unwound.regimen.regimen import Regimen

Observations = tuple[Sequence[float], Sequence[float]]
"""Times [h] and values; NaN where nothing was measured yet."""

_UNITS = {"AMT": "mg", "TIME": "h", "RATE": "mg/h", "II": "h", "WT": "kg", "AGE": "y"}


@dataclass(frozen=True)
class NonmemFiles:
    """A table as text, and its sidecar."""

    csv: str
    sidecar: str

    def __str__(self) -> str:
        return self.csv

    def write(self, path: str | os.PathLike[str]) -> None:
        """Writes the table to `path` and the sidecar to ``<path>.units.toml``. Raises `StoreError`."""
        atomic_write(path, self.csv)
        atomic_write(sidecar_path(path), self.sidecar)


def to_nonmem(
    given: EventTable | Person | Regimen | Iterable[Person] | Mapping[str, Regimen],
    observations: Mapping[str, Observations] | None = None,
    observed_unit: str | None = None,
) -> NonmemFiles:
    """The CSV and sidecar of a table, of persons, or of regimens by name (one regimen has the name "1").

    `observations` gives samples to regimens by name, `observed_unit` their unit. Raises `InputError` for a titration,
    for a dose per kg without body weight, and for observations of nobody or without a unit.
    """
    persons = _persons(given, observations or {})
    if isinstance(given, EventTable):
        observed_unit = observed_unit or given.observed_unit
    numbered = {p.id: p.id if p.id.isdecimal() and p.id == str(int(p.id)) else "" for p in persons}
    if len({n for n in numbered.values() if n}) < len(persons) or len(numbered) < len(persons):
        numbered = {}
    substances = sorted({substance_of(d) for p in persons for o in p.occasions for d in o.regimen.doses})
    codes = {substance: n for n, substance in enumerate(substances, 1)}
    analytes = sorted({a for p in persons for o in p.occasions for a in o.analytes if a is not None})
    names = {name: n for n, name in enumerate(analytes, 1)}
    rows: list[dict[str, str]] = []
    problems: list[Problem] = []
    ids: dict[str, str] = {}
    for n, person in enumerate(persons, 1):
        number = numbered.get(person.id) or str(n)
        ids |= {} if number == person.id else {number: person.id}
        made, wrong = person_rows(person, number, codes, names)
        rows += made
        problems += wrong
    if any("DV" in row for row in rows) and scale("DV", observed_unit) is None:
        rule, remedy = "observations have a unit", 'say for example observed_unit="ng/mL"'
        problems.append(Problem("observed_unit", observed_unit, rule, remedy))
    if problems:
        raise InputError(problems)
    used = [name for name in COLUMNS if name in _ALWAYS or any(row.get(name, ".") != "." for row in rows)]
    lines = [f"C {SIMULATION_ONLY}", *(f"C {note}" for note in _NOTES), ",".join(["C", *used])]
    lines += [",".join([".", *(row.get(name, ".") for name in used)]) for row in rows]
    return NonmemFiles("\n".join(lines) + "\n", _sidecar(used, observed_unit, codes, names, ids))


def as_person(
    regimen: Regimen,
    name: str = "1",
    *,
    weight_kg: float | None = None,
    age_y: float | None = None,
    sex: str | None = None,
) -> Person:
    """Somebody who is given `regimen`, without samples; the weight turns doses per kg into amounts."""
    (occasion,) = _person(name, regimen, ((), ())).occasions
    return Person(name, (occasion,), weight_kg, age_y, sex)


_ALWAYS = ("ID", "TIME", "AMT", "RATE", "EVID", "MDV", "CMT", "DV")
_NOTES = (
    "Read with IGNORE=C; the units and codes stand in the sidecar <file>.units.toml",
    "An infusion lasts AMT/RATE; with a bioavailability below 1 use RATE -2 and D1 = AMT/RATE",
)


def _persons(given: Any, observations: Mapping[str, Observations]) -> list[Person]:
    if isinstance(given, Regimen):
        given = {"1": given}
    if isinstance(given, Mapping):
        unknown = [name for name in observations if name not in given]
        if unknown:
            rule = "observations of a name that has no regimen"
            raise InputError(Problem("observations", ", ".join(unknown), rule, "use the names of the regimens"))
        return [_person(str(name), regimen, observations.get(name, ((), ()))) for name, regimen in given.items()]
    if observations:
        rule = "the persons of a table bring their own observations"
        raise InputError(Problem("observations", f"{len(observations)} given", rule, "leave the argument out"))
    return [given] if isinstance(given, Person) else list(given)


def _person(name: str, regimen: Regimen, observed: Observations) -> Person:
    times, values = (np.asarray(part, dtype=float) for part in observed)
    if times.shape != values.shape or times.ndim != 1 or not np.all(np.isfinite(times) & (times >= 0)):
        rule = "as many times as values, and finite times from 0 h on"
        raise InputError(
            Problem(f"observations.{name}", f"{times.size} times, {values.size} values", rule, "pair them")
        )
    order = np.argsort(times, kind="stable")
    nobody = (None,) * times.size
    return Person(name, (Occasion(regimen, times[order], values[order], np.zeros(times.size, bool), nobody),))


def _sidecar(
    used: list[str],
    observed_unit: str | None,
    codes: Mapping[tuple[str, str, str, str], int],
    names: Mapping[str, int],
    ids: Mapping[str, str],
) -> str:
    lines = [f"# {SIMULATION_ONLY}"]
    units = {**_UNITS, **({"DV": observed_unit} if observed_unit else {})}
    lines += [f"{name} = {_toml(unit)}" for name, unit in units.items() if name in used]
    if "SEX" in used:
        lines.append("# SEX: 1 male, 2 female, or as the table coded it")
    if codes:
        lines.append("[routes]  # codes of CMT in doses")
    for (drug, enantiomer, form, route), code in codes.items():
        words = {"route": route, "drug": drug, "enantiomer": enantiomer, "form": form}
        lines.append(f"{code} = {{ {', '.join(f'{k} = {_toml(v)}' for k, v in words.items())} }}")
    for title, table in (("analytes", {str(n): name for name, n in names.items()}), ("ids", ids)):
        if table:
            lines.append(f"[{title}]")
            lines += [f"{code} = {_toml(name)}" for code, name in table.items()]
    return "\n".join(lines) + "\n"


def _toml(text: str) -> str:
    """A TOML text; JSON's are TOML's, but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
