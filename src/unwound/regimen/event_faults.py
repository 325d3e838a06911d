"""What is wrong with one row of an event table by itself.

The meaning of a row, as in NONMEM (PREDPP guide, chapter V):

    EVID 0   a sample: DV is what was measured, unless MDV is 1      EVID 3   reset: the drug is gone from then on
    EVID 1   a dose of AMT                                           EVID 4   reset, then the dose
    EVID 2   neither: only its time and covariates count
    RATE 0   all at once        RATE > 0   an infusion over AMT/RATE
    ADDL n, II t    the dose is repeated n times more, every t
    SS 1, II t      the dose is the last of infinitely many, every t; what was given before is gone (SS 2: adds up)
    SS 1, AMT 0, RATE > 0    an infusion without beginning, which ends now

Rows that are no doses must leave AMT, RATE, II, ADDL and SS at 0. Modelled rates and durations (RATE -1, -2),
ADDL below 0 and SS 3 belong to an estimation program and are refused by name.
"""

from __future__ import annotations

from collections.abc import Iterator

from unwound.core.errors import Problem
from unwound.regimen.event_rows import Row

_KINDS = {0: "sample", 2: "row without dose or sample", 3: "reset"}
_MOST_ADDED = 999
_NO_DOSE = {"AMT": "an amount", "RATE": "a rate", "II": "an interval", "ADDL": "additional doses", "SS": "steady state"}


def faults(row: Row, before_zero: bool = False) -> list[Problem]:
    """Everything wrong with a row of readable numbers. `before_zero` allows times before the first dose."""
    found = [row.problem(*fault) for fault in _codes(row)]
    if row.numbers["TIME"] is None:
        found.append(row.problem("TIME", "missing", "every row has a time"))
    if row.number("TIME") < 0 and not before_zero:
        found.append(row.problem("TIME", "must be 0 or more", "count the time from the first row of the person"))
    found += [row.problem(*fault) for fault in _sizes(row)]
    if row.is_dose:
        found += [row.problem(*fault) for fault in _dose(row)]
    elif not found:
        kind = _KINDS[int(row.number("EVID"))]
        for column, what in _NO_DOSE.items():
            if row.number(column) != 0:
                found.append(row.problem(column, f"{what} in a {kind}", "write EVID 1 for a dose, or 0 here"))
    if row.is_sample and row.numbers.get("MDV") == 0.0 and row.numbers.get("DV") is None:
        found.append(row.problem("DV", "missing although MDV is 0", "write the value, or MDV 1"))
    return found


Fault = tuple[str, str, str]


def _codes(row: Row) -> Iterator[Fault]:
    """Numbers that stand for something."""
    evid = row.numbers["EVID"]
    if evid is None:
        yield "EVID", "missing", "every row has 0 (sample) or 1 (dose)"
    elif evid not in (0, 1, 2, 3, 4):
        yield "EVID", "must be 0, 1, 2, 3 or 4", "0 sample, 1 dose, 2 other, 3 reset, 4 reset and dose"
    if row.numbers.get("MDV") not in (None, 0.0, 1.0):
        yield "MDV", "must be 0 or 1", "1 marks a row without a measured value"
    if row.number("SS") not in (0, 1, 2):
        yield "SS", "must be 0, 1 or 2", "1 steady state alone, 2 on top of what was given before"


def _sizes(row: Row) -> Iterator[Fault]:
    """Numbers out of bounds."""
    if row.number("AMT") < 0:
        yield "AMT", "must be 0 or more", "a dose cannot be taken back"
    rate = row.number("RATE")
    if rate == -1:
        yield "RATE", "a rate that a model estimates (-1) is not read", "write the rate of the pump"
    elif rate == -2:
        yield "RATE", "a duration that a model estimates (-2) is not read", "write AMT divided by the hours"
    elif rate < 0:
        yield "RATE", "must be 0 or more", "0 gives all at once, a rate gives AMT over AMT/RATE"
    if row.number("II") < 0:
        yield "II", "must be 0 or more", "write the time between the doses"
    addl = row.number("ADDL")
    if addl < 0 or addl != int(addl) or addl > _MOST_ADDED:
        yield "ADDL", f"must be a whole number from 0 to {_MOST_ADDED}", "say how many more doses follow"
    for column in ("WT", "AGE"):
        if row.numbers.get(column) is not None and row.number(column) <= 0:
            yield column, "must be more than 0", "correct it, or write . for a missing value"


def _dose(row: Row) -> Iterator[Fault]:
    """Amount, rate, rhythm and steady state of a dose together."""
    steady, interval = row.number("SS") != 0, row.number("II")
    if row.number("AMT") == 0:
        if row.number("RATE") <= 0:
            yield "AMT", "a dose without an amount", "write the amount, or EVID 0 for a sample"
        elif not steady:
            remedy = "write the whole amount of the infusion in AMT, or SS 1 for one without beginning"
            yield "RATE", "a rate without an amount", remedy
        elif interval != 0 or row.number("ADDL") != 0:
            column = "II" if interval != 0 else "ADDL"
            yield column, "an infusion without beginning is not repeated", "write 0"
    elif steady and interval == 0:
        yield "II", "must be more than 0 when SS is", "write the time between the doses that lead to steady state"
    elif row.number("ADDL") > 0 and interval == 0:
        yield "II", "must be more than 0 when ADDL is", "write the time between the doses"
