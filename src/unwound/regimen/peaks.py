"""The largest doses that a regimen ever gives: at once, as a rate, within an hour, within a day.

Limits are judged on what reaches the person, not dose by dose: overlapping infusions add, and a train of
boluses counts as the amount it is. An infusion over a few minutes (evidence row ``regimen.bolus_within``)
is judged by its amount like a bolus, a longer one by its rate. A titration is taken to its ceiling as fast as
its rule climbs. Everything is per kilogram of body weight; doses written without it are those of a person of
``reference`` kg.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from unwound import evidence
from unwound.regimen.doses import AnyDose, Bolus, Titration
from unwound.regimen.measures import per_kg

_SAME_H = 1e-7  # times closer than this [h] are the same moment


@dataclass(frozen=True)
class Piece:
    """A constant flow, or a bolus when `begin` equals `end`."""

    begin: float  # h
    end: float  # h
    amount: float  # mg/kg of base
    form: str  # "racemic" or "S": whose limits hold
    fast: bool  # judged by amount, not by rate


def form_of(dose: AnyDose) -> str:
    """Whose limits hold: those of S-ketamine, or of the racemate (for R too, which has none of its own)."""
    return "S" if dose.enantiomer == "S" else "racemic"


def pieces(doses: Iterable[AnyDose], reference: float) -> list[Piece]:
    """The doses as constant flows per kilogram, for a person of `reference` kg."""
    return [piece for dose in doses for piece in _pieces(dose, reference)]


def _pieces(dose: AnyDose, reference: float) -> Iterator[Piece]:
    form = form_of(dose)
    measure = dose.main
    amount = dose.in_base(measure) / (1.0 if per_kg(measure) else reference)
    if isinstance(dose, Titration):
        levels = dose.levels() / (1.0 if per_kg(measure) else reference)
        steps = int(np.ceil(dose.hours / dose.every.value - 1e-9))
        edges = np.append(dose.every.value * np.arange(steps), dose.hours)
        rates = levels[np.minimum(np.arange(steps), len(levels) - 1)]
        rates[-1] = levels[-1]  # judged at its ceiling, also when too short to reach it
        for start in dose.starts():
            for begin, end, rate in zip(edges[:-1], edges[1:], rates, strict=True):
                yield Piece(start + begin, start + end, rate * (end - begin), form, False)
        return
    within = evidence.value("regimen.bolus_within", "h")
    whole = amount * dose.hours if measure.unit.endswith("/h") else amount
    fast = isinstance(dose, Bolus) or dose.hours <= within + _SAME_H
    for start in dose.starts():
        yield Piece(float(start), float(start) + dose.hours, whole, form, fast)


def at_once(given: list[Piece], share: Mapping[str, float]) -> float:
    """The largest amount of fast doses within the time of a bolus, weighted by `share` per form."""
    within = evidence.value("regimen.bolus_within", "h")
    return _largest([p for p in given if p.fast], share, within)


def within_hours(given: list[Piece], share: Mapping[str, float], hours: float) -> float:
    """The largest amount of all doses within any `hours` [h], weighted by `share` per form."""
    return _largest(given, share, hours)


def as_rate(given: list[Piece], share: Mapping[str, float]) -> float:
    """The largest rate of the slow doses at any time, weighted by `share` per form."""
    clock, flow, _, _ = _timeline([p for p in given if not p.fast], share)
    lasting = np.diff(clock) > _SAME_H
    return float(flow[lasting].max(initial=0.0))


def _largest(given: list[Piece], share: Mapping[str, float], hours: float) -> float:
    if not given:
        return 0.0
    clock, flow, moments, boluses = _timeline(given, share)
    flowed = np.append(0.0, np.cumsum(flow * np.diff(clock)))
    jumped = np.append(0.0, np.cumsum(boluses))
    starts = np.concatenate([clock, clock - hours])
    steady = np.interp(starts + hours, clock, flowed) - np.interp(starts, clock, flowed)
    largest = 0.0
    for nudge in (-_SAME_H, _SAME_H):  # a window holds the boluses at one of its two ends, never at both
        counted = jumped[np.searchsorted(moments, starts + hours + nudge)]
        counted = counted - jumped[np.searchsorted(moments, starts + nudge)]
        largest = max(largest, float((steady + counted).max()))
    return largest


def _timeline(given: list[Piece], share: Mapping[str, float]) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Breakpoints, the flow between them, and the moments and sizes of the boluses."""
    flows = [p for p in given if p.end > p.begin]
    jumps = sorted((p for p in given if p.end <= p.begin), key=lambda p: p.begin)
    clock = np.unique([0.0, *(p.begin for p in given), *(p.end for p in given)])
    change = np.zeros(len(clock))
    rates = np.array([share[p.form] * p.amount / (p.end - p.begin) for p in flows])
    np.add.at(change, np.searchsorted(clock, [p.begin for p in flows]), rates)
    np.add.at(change, np.searchsorted(clock, [p.end for p in flows]), -rates)
    moments = np.array([p.begin for p in jumps])
    return clock, np.cumsum(change)[:-1], moments, np.array([share[p.form] * p.amount for p in jumps])
