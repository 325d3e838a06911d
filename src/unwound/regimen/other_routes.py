"""Dose limits of the routes other than a vein: a single dose, a day, and for a spray the number of days in a week.

    bolus_per_kg            the amount at a time                          intramuscular, subcutaneous, oral, sublingual
    total_per_day_per_kg    the amount in any 24 hours                    the same
    total_per_day           the amount in any 24 hours, without weight    nasal
    doses_per_week          sessions in any seven days                    nasal

The rows are in ``guidelines/dose_limits.toml``; most are assumed and conservative.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from unwound import evidence
from unwound.core.quantities import convert
from unwound.regimen.doses import AnyDose
from unwound.regimen.measures import per_kg
from unwound.regimen.peaks import form_of

_SAME_H = 1e-7  # times closer than this [h] are the same moment
_FULL = 1 + 1e-9  # a limit wholly used, but for float noise


@dataclass(frozen=True)
class Excess:
    """A quantity above a limit."""

    field: str
    value: str
    rule: str
    quantity: str
    share: float
    basis: str
    cite: tuple[str, ...]
    hard: bool


def other_routes(doses: Sequence[AnyDose], setting: str, weight_kg: float | None) -> list[Excess]:
    """What exceeds a limit, the hard one where both are exceeded; doses into a vein are not looked at."""
    found: list[Excess] = []
    routes = dict.fromkeys((form_of(dose), dose.route) for dose in doses if dose.route != "intravenous")
    for form, route in routes:
        chosen = [(n, d) for n, d in enumerate(doses) if d.route == route and form_of(d) == form]
        for limit in evidence.dose_limits():
            if (limit.form, limit.route, limit.setting) == (form, route, setting):
                found += _judge(chosen, limit, weight_kg)
    return found


def _judge(chosen: list[tuple[int, AnyDose]], limit: evidence.DoseLimit, weight_kg: float | None) -> Iterator[Excess]:
    reference = evidence.value("otto2021.reference_weight", "kg")
    weight = reference if weight_kg is None else min(weight_kg, reference)
    times, amounts, owners = _occasions(chosen, weight)
    if limit.quantity == "bolus_per_kg":
        used = amounts / weight
    elif limit.quantity == "total_per_day_per_kg":
        used = _within(times, amounts / weight, convert(1.0, "day", "h"))
    elif limit.quantity == "total_per_day" and limit.route == "nasal":
        used = _within(times, amounts, convert(1.0, "day", "h"))
    elif limit.quantity == "doses_per_week":
        days = np.unique(np.floor(times / 24.0))
        used = _within(days * 24.0, np.ones(len(days)), convert(1.0, "week", "h"))
        owners = owners[: len(used)]
    else:
        return
    worst = int(np.argmax(used))
    for kind in ("hard", "soft"):
        top: float = getattr(limit, kind)
        if used[worst] > top * _FULL:
            place, dose = chosen[owners[worst]]
            what = {"bolus_per_kg": "amount at a time", "doses_per_week": "number of days with a dose"}
            name = what.get(limit.quantity, "amount within a day")
            source = f"{form_of(dose)}, {limit.route}, {limit.setting}; {limit.basis}: {', '.join(limit.cite)}"
            rule = f"the {name} is {used[worst]:.3g} {limit.unit}, above the {kind} limit of {top:g} [{source}]"
            field = f"doses[{place}].{dose.main_field}"
            share = float(used[worst] / top)
            yield Excess(field, dose.main.text, rule, limit.quantity, share, limit.basis, limit.cite, kind == "hard")
            return


def _occasions(chosen: list[tuple[int, AnyDose]], weight: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(start [h], amount [mg of base], which of `chosen`) of every occasion, in order of time."""
    rows = []
    for place, (_, dose) in enumerate(chosen):
        amount = dose.in_base(dose.main) * (weight if per_kg(dose.main) else 1.0)
        whole = amount * dose.hours if dose.main.unit.endswith("/h") else amount
        rows += [(float(start), whole, place) for start in dose.starts()]
    rows.sort()
    times, amounts, owners = (np.array(column) for column in zip(*rows, strict=True))
    return times, amounts, owners


def _within(times: np.ndarray, amounts: np.ndarray, hours: float) -> np.ndarray:
    """The amount within `hours` from each time on."""
    total = np.append(0.0, np.cumsum(amounts))
    ends = np.searchsorted(times, times + hours - _SAME_H)
    return np.asarray(total[ends] - total[np.arange(len(times))])
