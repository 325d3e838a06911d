"""The rows of one person in a NONMEM-ready table: doses, samples, and the resets between occasions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from unwound.core.errors import Problem
from unwound.regimen.doses import AnyDose, Bolus, Infusion, Titration
from unwound.regimen.event_occasions import Occasion
from unwound.regimen.event_people import Person
from unwound.regimen.measures import per_kg

COLUMNS = (
    "ID", "TIME", "AMT", "RATE", "II", "ADDL", "EVID", "MDV", "CMT", "DVID", "DV", "OCC", "WT", "AGE", "SEX",
)  # fmt: skip

Substance = tuple[str, str, str, str]
"""Drug, enantiomer, form, route."""

_SAME_H = 1e-9
_SEXES = {"M": "1", "MALE": "1", "F": "2", "FEMALE": "2"}


def substance_of(dose: AnyDose) -> Substance:
    """What a code of CMT stands for."""
    return dose.drug, dose.enantiomer, dose.form, dose.route


def person_rows(
    person: Person, number: str, codes: Mapping[Substance, int], analytes: Mapping[str, int]
) -> tuple[list[dict[str, str]], list[Problem]]:
    """The rows of `person` in their order, and doses that cannot be written."""
    shared = {"ID": number}
    for column, value in (("WT", person.weight_kg), ("AGE", person.age_y)):
        if value is not None:
            shared[column] = written(value)
    if person.sex is not None:
        shared["SEX"] = _SEXES.get(person.sex.upper(), person.sex if person.sex.isdecimal() else ".")
    rows: list[dict[str, str]] = []
    problems: list[Problem] = []
    for n, occasion in enumerate(person.occasions, 1):
        label = {"OCC": str(n)} if len(person.occasions) > 1 else {}
        events = list(_events(occasion, person, codes, analytes, problems))
        events.sort(key=lambda event: event[:2])
        if n > 1:
            start = events[0][0] if events else 0.0
            rows += _reset(person.occasions[n - 2], start, rows, {**shared, "OCC": str(n - 1)}, {**shared, **label})
        rows += [{**shared, **label, **cells, "TIME": written(time)} for time, _, cells in events]
    return rows or [{**shared, "TIME": "0", "EVID": "2", "MDV": "1"}], problems


def written(number: float) -> str:
    """The shortest text that reads back to the same number."""
    text = repr(float(number))
    return text.removesuffix(".0")


Event = tuple[float, int, dict[str, str]]


def _events(
    occasion: Occasion,
    person: Person,
    codes: Mapping[Substance, int],
    analytes: Mapping[str, int],
    problems: list[Problem],
) -> Iterator[Event]:
    """Time, rank at that time, and cells: samples before the doses 0, doses 1, samples after them 2."""
    for time, value, before, name in zip(
        occasion.observed_h, occasion.observed, occasion.before_dose, occasion.analytes, strict=True
    ):
        cells = {"EVID": "0", "MDV": "1" if np.isnan(value) else "0"}
        cells |= {} if np.isnan(value) else {"DV": written(value)}
        cells |= {"DVID": str(analytes[name])} if name is not None else {}
        yield float(time), 0 if before else 2, cells
    early = occasion.observed_h[occasion.before_dose]
    for n, adaptive in enumerate(occasion.regimen.rules):
        field = f"ID {person.id[:40]}, rules[{n}]"
        problems.append(Problem(field, adaptive, "a rule, not a dose", "write what it gave as doses, or leave it out"))
    for n, dose in enumerate(occasion.regimen.doses):
        field = f"ID {person.id[:40]}, doses[{n}]"
        if isinstance(dose, Titration):
            rule, remedy = "a titration is a rule, not a dose", "write the rates that were reached as infusions"
            problems.append(Problem(field, dose, rule, remedy))
            continue
        if per_kg(dose.main) and person.weight_kg is None:
            problems.append(
                Problem(field, dose, "a dose per kg without body weight", "give the person a weight, or --weight")
            )
            continue
        if dose.weight_basis != "actual":
            rule = f"a dose per kg of {dose.weight_basis} body weight; a table has neither height nor sex to go by"
            problems.append(Problem(field, dose, rule, "restate it with unwound.regimen.for_person, or give plain mg"))
            continue
        for start, cells in _dose(dose, person.weight_kg or 1.0, codes[substance_of(dose)], early):
            yield _snapped(start, occasion.observed_h), 1, cells


def _snapped(start: float, at: np.ndarray) -> float:
    """`start`, or the time of the sample from which it differs by float noise only: one time in the table."""
    near = at[np.abs(at - start) <= _SAME_H]
    return float(near[0]) if near.size else start


def _dose(
    dose: Bolus | Infusion, weight: float, code: int, early: np.ndarray
) -> Iterator[tuple[float, dict[str, str]]]:
    amount = dose.main.value * (weight if per_kg(dose.main) else 1.0)
    amount *= dose.hours if dose.main_field == "rate" else 1.0
    if amount == 0:
        return
    cells = {"AMT": written(amount), "RATE": "0", "EVID": "1", "MDV": "1", "CMT": str(code)}
    if isinstance(dose, Infusion):
        cells["RATE"] = written(amount / dose.hours)
    starts = dose.starts()
    interval = _interval(dose)
    met = early.size > 0 and bool((np.abs(starts[:, None] - early) <= _SAME_H).any())
    if interval is not None and not (met and len(starts) > 1):
        more = {"ADDL": str(len(starts) - 1), "II": written(interval)} if len(starts) > 1 else {}
        yield float(starts[0]), {**cells, **more}
        return
    for start in starts:
        yield float(start), cells


def _interval(dose: AnyDose) -> float | None:
    """The time between doses [h]; 0 for a single one, None when they are not evenly spaced."""
    starts = dose.starts()
    if dose.repeat is None or len(starts) == 1:
        return 0.0
    if dose.repeat.every is not None:
        return dose.repeat.every.value
    gaps = np.diff(starts)
    return float(gaps[0]) if bool((gaps == gaps[0]).all()) else None


def _reset(
    before: Occasion, start: float, rows: list[dict[str, str]], shared: dict[str, str], anew: dict[str, str]
) -> Iterator[dict[str, str]]:
    """The reset at `start`. A row without dose or sample comes first where TIME must be seen to start again:
    otherwise the reset would seem to cut off what `before` still gives."""
    last = float(rows[-1]["TIME"]) if rows else 0.0
    boluses = [float(dose.starts().max()) for dose in before.regimen.doses if isinstance(dose, Bolus)]
    lasting = before.regimen.end > start + _SAME_H or any(time >= start - _SAME_H for time in boluses)
    if lasting and last <= start:
        time = max(before.regimen.end, start + 1.0)
        yield {**shared, "TIME": written(time), "EVID": "2", "MDV": "1"}
    yield {**anew, "TIME": written(start), "EVID": "3", "MDV": "1"}
