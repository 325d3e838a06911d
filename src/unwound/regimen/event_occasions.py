"""The rows of one person as occasions: stretches of time that begin without drug.

A new occasion begins with EVID 3 or 4, with SS 1 (which forgets what was given before), and where OCC changes while
TIME goes back. Within an occasion TIME never goes back. What an earlier occasion would still give after the reset
(a running infusion, doses of ADDL) is cut off, when TIME goes on; when TIME starts again, nobody can tell, and the
doses of the earlier occasion stay whole.

Order at one time: rows happen in the order of the file. A sample that stands before a bolus of the same time was
taken before it (`Occasion.before_dose`), one that stands after it was taken after it. Additional doses (ADDL) come
before a sample of the same time. An infusion that begins at the time of a sample makes no difference to it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from unwound.core.errors import Problem
from unwound.core.strict import Measure
from unwound.regimen.doses import AnyDose, Bolus
from unwound.regimen.event_doses import Factors, begins_h, dose, hours
from unwound.regimen.event_rows import Row
from unwound.regimen.event_said import Said
from unwound.regimen.event_words import analyte
from unwound.regimen.regimen import Regimen, Setting

_SAME_H = 1e-9


@dataclass(frozen=True)
class Occasion:
    """What was given and observed from one reset to the next, on the clock of `regimen`: TIME + `lead_h`.

    `lead_h` [h] is above 0 when doses that lead to a steady state, or samples before the first dose, come before
    TIME 0. `observed` is NaN where nothing was measured; `before_dose` marks samples taken before a bolus of the
    same time; `analytes` are names, or None where nobody says; `label` is the OCC of the first row.
    """

    regimen: Regimen
    observed_h: np.ndarray
    observed: np.ndarray
    before_dose: np.ndarray
    analytes: tuple[str | None, ...]
    lead_h: float = 0.0
    label: str = ""


def split(rows: list[Row]) -> tuple[list[list[Row]], list[Problem], list[str]]:
    """The rows of each occasion, times that go back within one, and what was understood as a reset."""
    groups: list[list[Row]] = [[]]
    problems, warnings = [], []
    for last, row in zip([None, *rows[:-1]], rows, strict=True):
        back = last is not None and row.number("TIME") < last.number("TIME")
        reset = row.number("EVID") in (3, 4)
        new = back and last is not None and row.label("OCC") != last.label("OCC")
        if reset or new or (row.is_dose and row.number("SS") == 1 and not back):
            if new and not reset:
                warnings.append(f"row {row.line}, ID {row.person}: TIME starts again with OCC, read as a reset")
            if groups[-1]:
                groups.append([])
        elif back and last is not None:
            rule = f"earlier than row {last.line} of the same ID"
            remedy = "put the rows of a person in order of time, or begin anew with EVID 3 or 4, or another OCC"
            problems.append(row.problem("TIME", rule, remedy))
        groups[-1].append(row)
    return groups, problems, warnings


def occasion(
    rows: list[Row], until: Row | None, factors: Factors, said: Said, setting: Setting
) -> tuple[Occasion, list[Problem], list[str]]:
    """The occasion of `rows`, which ends with the reset `until`; its problems, and what was odd."""
    problems: list[Problem] = []
    warnings: list[str] = []
    lead_h = max(0.0, *(-begins_h(row, factors, said) for row in rows))
    given: list[tuple[Row, AnyDose]] = []
    for row in rows:
        if row.is_dose:
            made, faults = dose(row, factors, said, lead_h)
            problems += faults
            given += [(row, made)] if made is not None else []
    doses = tuple(made for _, made in given)
    regimen = Regimen(title=f"ID {rows[0].person}"[:200], setting=setting, doses=doses)
    if until is not None and until.number("TIME") >= rows[-1].number("TIME"):
        stop = Measure.of(max(lead_h + hours(until, "TIME", factors), 0.0), "h")
        cut = regimen.truncate(stop)
        if cut != regimen:
            warnings.append(
                f"row {until.line}, ID {until.person}: the reset cuts off doses that were still to be given"
            )
        regimen = cut
    samples = [row for row in rows if row.is_sample]
    names = []
    for row in samples:
        name, faults = analyte(row, said)
        problems += faults
        names.append(name)
    to_unit = factors["DV"][0] if "DV" in factors else 1.0
    measured = [row.numbers.get("DV") if row.number("MDV") == 0 else None for row in samples]
    before, faults = _before(samples, rows, given, factors, lead_h)
    result = Occasion(
        regimen=regimen,
        observed_h=np.array([lead_h + hours(row, "TIME", factors) for row in samples]),
        observed=np.array([np.nan if value is None else value * to_unit for value in measured], dtype=float),
        before_dose=np.array(before, dtype=bool),
        analytes=tuple(names),
        lead_h=lead_h,
        label=rows[0].label("OCC") or "",
    )
    return result, problems + faults, warnings


def _before(
    samples: list[Row], rows: list[Row], given: list[tuple[Row, AnyDose]], factors: Factors, lead_h: float
) -> tuple[list[bool], list[Problem]]:
    """Which samples were taken before the boluses of their time; one between two of them cannot be told.

    Times closer than float noise are one time.
    """
    order = {id(row): n for n, row in enumerate(rows)}
    boluses = [(row, bolus.starts()) for row, bolus in given if isinstance(bolus, Bolus)]
    starts = np.concatenate([np.zeros(0), *(times for _, times in boluses)])
    place = np.concatenate([np.zeros(0), *(np.full(len(times), order[id(row)]) for row, times in boluses)])
    written = np.concatenate([np.zeros(0), *(np.full(len(at), hours(row, "TIME", factors)) for row, at in boluses)])
    flags, problems = [], []
    for sample in samples:
        time = hours(sample, "TIME", factors)
        now = np.abs(starts - lead_h - time) <= _SAME_H
        later = (np.abs(written - time) <= _SAME_H) & (place > order[id(sample)])
        after, earlier = bool(later.any()), bool((now & ~later).any())
        if after and earlier:
            rule = "a sample between two doses of one time cannot be told"
            problems.append(sample.problem("TIME", rule, "put it before or after both doses"))
        flags.append(after)
    return flags, problems
