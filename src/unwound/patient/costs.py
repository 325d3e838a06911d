"""Money and chair time of the sessions of a regimen, with the user's prices or labeled defaults.

A price is a text of number and currency, ``"600 USD"``. Prices of one answer have one currency: nothing is converted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from unwound.core.errors import InputError, Problem
from unwound.evidence import estimate, fill, keys_of, value
from unwound.outcomes import cost as cost_room
from unwound.outcomes.cost import Cost
from unwound.patient.sessions import Session, sessions_of
from unwound.regimen import Regimen

_PRICE = re.compile(r"\s*(\d{1,9}(?:\.\d{1,4})?)\s*([A-Z]{3})\s*")
NOT_COUNTED = (
    "days in bed are not counted: no costing of inpatient ketamine is known here; give the price of a day, such as "
    '--price-day "1500 USD"'
)


@dataclass(frozen=True)
class Price:
    """An amount in a currency."""

    amount: float
    currency: str

    @classmethod
    def read(cls, text: str, field: str) -> Price:
        """From ``"600 USD"``. Raises `InputError`."""
        match = _PRICE.fullmatch(text) if len(text) <= 40 else None
        if match is None:
            rule = "a price is a number from 0 on and a currency of three letters"
            raise InputError(Problem(field, text, rule, f'write for example {field} "600 USD"'))
        return cls(float(match[1]), match[2])

    def __str__(self) -> str:
        return f"{self.amount:,.0f} {self.currency}"


@dataclass(frozen=True)
class Costs:
    """What the sessions cost."""

    outpatient_sessions: int
    inpatient_days: int
    chair_h: float
    total: Price
    """Without the days in bed when those have no price."""
    low: Price
    high: Price
    """With default prices at the ends of their ranges; the same as the total with prices of one's own."""
    counted_in_full: bool
    notes: tuple[str, ...]
    keys: tuple[str, ...]


def costs_of(regimen: Regimen, session: Price | None = None, day: Price | None = None) -> Costs:
    """Money and time of `regimen`, at prices of an outpatient `session` and of a `day` in bed. Raises `InputError`."""
    found, p = sessions_of(regimen), fill(Cost, Cost.prefix)
    hours = np.array([one.hours for one in found])
    stays = np.asarray(cost_room.in_bed(hours, p), bool)
    days = int(np.asarray(cost_room.days_in_bed(hours, p)).sum())
    chair = float(np.asarray(cost_room.chair_time(hours, value("discharge.observation", "h"), p)).sum())
    prices = _session_prices(regimen, found, session)
    outpatient = [price for price, stay in zip(prices, stays, strict=True) if not stay]
    notes = [] if session is not None or not outpatient else [_DEFAULT]
    currency = session.currency if session else ("USD" if outpatient or day is None else day.currency)
    if day is not None and day.currency != currency:
        given = "the default" if session is None else str(session)
        remedy = f"give both prices in {day.currency}: nothing is converted"
        raise InputError(Problem("--price-day", str(day), f"the price of a session is in {currency} ({given})", remedy))
    if days and day is None:
        notes.append(NOT_COUNTED)
    beds = days * day.amount if day is not None else 0.0
    total, low, high = (Price(sum(price[n] for price in outpatient) + beds, currency) for n in range(3))
    keys = (*keys_of(Cost, Cost.prefix), "discharge.observation")
    return Costs(len(outpatient), days, chair, total, low, high, not days or day is not None, tuple(notes), keys)


_DEFAULT = (
    "prices of sessions are defaults from the web page of a clinic in the United States (marketing quality); give "
    'your own, such as --price-session "350 EUR"'
)


def _session_prices(
    regimen: Regimen, sessions: tuple[Session, ...], own: Price | None
) -> list[tuple[float, float, float]]:
    """(price, low, high) of each session."""
    if own is not None:
        return [(own.amount,) * 3 for _ in sessions]
    sprays = {float(start) for dose in regimen.doses if dose.route == "nasal" for start in dose.starts()}
    found = []
    for one in sessions:
        sprayed = any(one.start_h - 1e-9 <= start <= one.end_h + 1e-9 for start in sprays)
        row = estimate("cost.spray" if sprayed else "cost.infusion")
        assert row.spread is not None
        assert row.spread.interval is not None
        found.append((row.value, row.spread.interval.low, row.spread.interval.high))
    return found
