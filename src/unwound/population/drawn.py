"""One draw of what the tables leave open, for the layer of parameters.

A row with a range gives a uniform number within it, one with a standard error or an interval a normal one, cut at two
standard errors or at the interval; other rows keep their value. The same row gives the same number wherever it is used
in one draw. Source: the tables.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from unwound.core.errors import InputError, Problem
from unwound.core.random import number_of
from unwound.core.units import units_of
from unwound.evidence import estimate, fill, value
from unwound.evidence.estimates import Interval
from unwound.outcomes import Pain, Placebo, Psychomimetic
from unwound.patient.lane import Outcomes
from unwound.patient.simulation import outcomes_from_evidence
from unwound.population.disorder import Disorder
from unwound.population.own import contradictions
from unwound.population.populations import PLACEBO_NUMBERS, Population, key_of_field, placebo_size
from unwound.sensitization.drivers import Empirical

_TRIES = 50


@dataclass(frozen=True)
class Parameters:
    """One draw of what the tables leave open."""

    who: Disorder
    outcomes: Outcomes
    driver: Empirical


def parameters(found: Population, seed: int, draw: int | None) -> Parameters:
    """Draw number `draw` of the parameters of a population (None: the values of the tables).

    Numbers that contradict each other are drawn again. Raises `InputError` when nothing fits.
    """
    if draw is None:
        return Parameters(found.who, outcomes_from_evidence(), fill(Empirical, Empirical.prefix))
    for attempt in range(_TRIES):
        number = _drawer(seed, draw, attempt)
        try:
            who = _drawn_who(found, number)
        except InputError:
            continue
        if not contradictions(dataclasses.replace(found, who=who)):
            outcomes = Outcomes(_drawn(Pain, number), _drawn(Placebo, number), _drawn(Psychomimetic, number))
            return Parameters(who, outcomes, _drawn(Empirical, number))
    rule = "the ranges of its numbers leave no population that agrees with itself"
    raise InputError(Problem("population", found.name, rule, "switch the layer of parameters off"))


Drawer = Callable[[str, str], float]


def _drawer(seed: int, draw: int, attempt: int) -> Drawer:
    """(key, unit) -> a number within the spread of the row: the same key gives the same number in one draw."""

    def number(key: str, unit: str) -> float:
        row = estimate(key)
        if row.spread is None or row.spread.kind not in ("range", "se", "ci95"):
            return value(key, unit)
        chance = np.random.default_rng([seed, draw, attempt, number_of(key)])
        spread = row.spread.amount
        if isinstance(spread, Interval):
            low, high = spread.low, spread.high
            if row.spread.kind == "range":
                drawn = low + (high - low) * chance.random()
            else:
                drawn = float(np.clip(row.value + (high - low) / 3.92 * chance.standard_normal(), low, high))
        else:
            drawn = row.value + spread * float(np.clip(chance.standard_normal(), -2.0, 2.0))
        per = value(key, unit) / row.value if row.value else 1.0
        return drawn * per

    return number


def _drawn_who(found: Population, number: Drawer) -> Disorder:
    changed: dict[str, float] = {}
    for field, unit in units_of(Disorder).items():
        if (key := key_of_field(found, field)) is not None:
            changed[field] = number(key, unit)
    numbers = {**{field: getattr(found.who, field) for field in units_of(Disorder)}, **changed}
    falls = {field: key_of_field(found, field) for field in PLACEBO_NUMBERS}
    if all(falls.values()):
        fall = {field: number(str(falls[field]), unit) for field, unit in PLACEBO_NUMBERS.items()}
        changed |= dict(
            zip(("placebo_size_mean", "placebo_size_sd"), placebo_size(numbers, fall, found.scale), strict=True)
        )
    return dataclasses.replace(found.who, **changed)


def _drawn(record: type[Any], number: Drawer) -> Any:
    prefix = record.prefix
    return fill(
        record, prefix, **{field: number(f"{prefix}.{field}", unit) for field, unit in units_of(record).items()}
    )
