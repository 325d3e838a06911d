"""A row of an event table as a dose: bolus or infusion, repeated, at steady state.

**RATE and bioavailability.** AMT is what leaves the syringe or the device, RATE how fast it does: an infusion lasts
AMT/RATE, whatever the bioavailability F. Where F is below 1 the share F of that rate arrives for the whole AMT/RATE.
(NONMEM keeps RATE and shortens the infusion to F AMT/RATE; to say there what is said here, write RATE -2 with the
duration D = AMT/RATE.) No dose record ever carries F.

**Steady state.** A dose with SS is the last of a series: n earlier doses every II are written out, so many that of an
exponential with the half-life T less than 1e-9 of its steady state is missing: (n+1) II >= T log2(1e9), about 30 T
(the length of an infusion added). It holds for every half-life up to `Said.slowest_h`, 24 h unless said: twice the
slowest of the models here in a typical person. So the record is the limit of many doses by its construction, for any
model, and dose limits and slow memory see doses that were given. An infusion without beginning (AMT 0) begins so long
before its row, and ends at its row.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from unwound import evidence
from unwound.core.errors import InputError, Problem
from unwound.core.quantities import convert
from unwound.core.strict import Measure
from unwound.regimen.doses import AnyDose, Bolus, Infusion
from unwound.regimen.event_rows import Row
from unwound.regimen.event_said import Said, steady_reach_h
from unwound.regimen.event_words import substance
from unwound.regimen.series import Repeat

Factors = Mapping[str, tuple[float, str]]
"""What the numbers of a column are multiplied by, and the unit they then have."""

_MOST = 1000  # occasions of one series
_TOO_MANY = 1e9  # also of an interval of next to nothing
_COLUMN = {"amount": "AMT", "start": "TIME", "duration": "RATE", "repeat": "ADDL", "every": "II", "count": "ADDL"}


def hours(row: Row, column: str, factors: Factors) -> float:
    """The time in `column` [h]."""
    return row.number(column) * factors[column][0]


def lasts_h(row: Row, factors: Factors) -> float:
    """How long the dose of `row` takes [h]: AMT/RATE, 0 at once."""
    rate = row.number("RATE") * factors["RATE"][0] if row.number("RATE") else 0.0
    return row.number("AMT") * factors["AMT"][0] / rate if rate > 0 else 0.0


def earlier(row: Row, factors: Factors, said: Said) -> int:
    """How many doses before this one lead to its steady state."""
    interval = hours(row, "II", factors) if row.number("II") else 0.0
    if row.number("SS") == 0 or interval <= 0:
        return 0
    needed = (steady_reach_h(said.slowest_h) + lasts_h(row, factors)) / interval
    return max(math.ceil(min(needed, _TOO_MANY)) - 1, 0)


def begins_h(row: Row, factors: Factors, said: Said) -> float:
    """When what `row` stands for begins [h], on the clock of TIME: before the row itself at steady state."""
    if not row.is_dose or row.number("SS") == 0:
        return hours(row, "TIME", factors)
    if row.number("AMT") == 0:
        return hours(row, "TIME", factors) - steady_reach_h(said.slowest_h)
    count = earlier(row, factors, said)
    return hours(row, "TIME", factors) - (count * hours(row, "II", factors) if count else 0.0)


def dose(row: Row, factors: Factors, said: Said, lead_h: float) -> tuple[AnyDose | None, list[Problem]]:
    """The dose of `row` on a clock that began `lead_h` before TIME 0, and what is wrong with it."""
    shared, problems = substance(row, said)
    factor, unit = factors["AMT"]
    per_hour = factors.get("RATE", (1.0, ""))
    if row.number("RATE") > 0 and per_hour[1] != f"{unit}/h":
        rule, remedy = f"RATE is in {per_hour[1]} while AMT is in {unit}", "say both per kg, or neither"
        problems.append(row.problem("RATE", rule, remedy))
    before = earlier(row, factors, said)
    count = before + 1 + int(row.number("ADDL"))
    if count > _MOST:
        rule = f"steady state needs {before} doses before this one, more than {_MOST} in all"
        problems.append(row.problem("II", rule, "check the unit of II; a constant infusion is AMT 0 with RATE"))
    if problems:
        return None, problems
    amount = row.number("AMT") * factor
    start = lead_h + begins_h(row, factors, said)
    try:
        if count > 1:
            shared["repeat"] = Repeat(count=count, every=Measure.of(hours(row, "II", factors), "h"))
        shared["start"] = Measure.of(start if start > 1e-9 else 0.0, "h")
        if row.number("RATE") == 0:
            return _in_time(Bolus(amount=Measure.of(amount, unit), **shared), row)
        duration = Measure.of(lasts_h(row, factors), "h")
        if row.number("AMT") == 0:
            duration = Measure.of(steady_reach_h(said.slowest_h), "h")
            amount = row.number("RATE") * per_hour[0] * duration.value
        return _in_time(Infusion(amount=Measure.of(amount, unit), duration=duration, **shared), row)
    except InputError as error:
        for fault in error.problems:
            column = _COLUMN.get(fault.field.split(".")[-1], "AMT")
            problems.append(row.problem(column, f"{fault.field}: {fault.rule}", fault.remedy))
    return None, problems


def _in_time(dose: AnyDose, row: Row) -> tuple[AnyDose | None, list[Problem]]:
    """The dose, unless it goes on for so long that no clock has room for it."""
    longest = evidence.value("regimen.longest", "h")
    start, last = dose.start.value, float(dose.starts().max())
    if last + dose.hours <= longest:
        return dose, []
    column = "RATE" if dose.hours > longest else "TIME" if start > longest else "ADDL"
    end, most = (convert(time, "h", "day") for time in (last + dose.hours, longest))
    rule = f"the dose goes on until day {end:.6g}, for more than {most:g} days"
    return None, [row.problem(column, rule, "check the units of TIME, AMT and RATE, and the series")]
