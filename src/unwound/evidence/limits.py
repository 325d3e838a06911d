"""Dose limits: what loads silently, what loads with a warning, what is refused.

A limit belongs to a drug, its form (racemic or S), a route, a setting and a quantity. The page
``guidelines/dose_limits.toml`` is read strictly: soft never above hard; a ward never allows more than a
monitored bed, and that never more than intensive care; S-ketamine never more than the racemate. Limits per
kilogram hold for doses written per kilogram; from each one follows a limit for doses written without body
weight.
"""

from __future__ import annotations

import dataclasses
import functools
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal, get_args

from unwound.core.errors import EvidenceError
from unwound.evidence.estimates import ASSUMPTION, Seen
from unwound.evidence.shipped import number, text_of

Form = Literal["racemic", "S"]
Route = Literal["intravenous", "intramuscular", "subcutaneous", "nasal", "oral", "sublingual"]
Setting = Literal["ward", "monitored", "icu"]
"""From the least to the most supervised."""
LimitBasis = Literal["guideline", "label", "trial", "derived", "assumed"]

UNITS = {
    "bolus_per_kg": "mg/kg",
    "bolus": "mg",
    "rate_per_kg": "mg/kg/h",
    "rate": "mg/h",
    "total_per_day_per_kg": "mg/kg/d",
    "total_per_day": "mg/d",
    "doses_per_week": "1/week",
}
"""The quantities that can be limited, each with its one unit."""

_HEAD = {"drug", "form", "route", "quantity", "unit", *get_args(Setting)}
_BODY = {"soft", "hard", "basis", "cite", "seen", "note"}


@dataclass(frozen=True)
class DoseLimit:
    """A dose up to `soft` is fine, above it is warned of, above `hard` [both in `unit`, mg of base] refused.

    `basis`, `cite` and `seen` speak for the hard limit; the note says where the soft one comes from.
    """

    drug: str
    form: Form
    route: Route
    setting: Setting
    quantity: str
    unit: str
    soft: float
    hard: float
    basis: LimitBasis
    cite: tuple[str, ...]
    seen: Seen
    note: str


@functools.cache
def dose_limits() -> tuple[DoseLimit, ...]:
    """Every limit, those for doses without body weight included."""
    return read_limits(text_of("guidelines/dose_limits.toml"), "guidelines/dose_limits.toml")


def read_limits(text: str, source: str) -> tuple[DoseLimit, ...]:
    """The limits of a TOML page. Raises `EvidenceError` naming `source`, limit and setting."""
    try:
        page = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise EvidenceError(f"{source}: {error}") from error
    if set(page) != {"plain_weight", "limit"} or not str(page["plain_weight"]).endswith(" kg"):
        raise EvidenceError(f'{source}: must hold plain_weight = "... kg" and a list of [[limit]], nothing else')
    weight = number(page["plain_weight"].removesuffix(" kg"))
    written = [limit for entry in page["limit"] for limit in _limits_of(entry, source)]
    _check_order(written, source)
    return (
        *written,
        *(_without_weight(limit, weight) for limit in written if limit.unit.startswith("mg/kg")),
    )


def _limits_of(entry: dict[str, Any], source: str) -> list[DoseLimit]:
    place = f"{source}, limit {' '.join(str(entry.get(k)) for k in ('drug', 'form', 'route', 'quantity'))}"
    if set(entry) != _HEAD:
        raise EvidenceError(f"{place}: must hold exactly {', '.join(sorted(_HEAD))}")
    if UNITS.get(entry["quantity"]) != entry["unit"]:
        raise EvidenceError(f"{place}: {entry['quantity']!r} is not limited in {entry['unit']!r}")
    for name, allowed in (("form", get_args(Form)), ("route", get_args(Route))):
        if entry[name] not in allowed:
            raise EvidenceError(f"{place}: {name} must be one of {', '.join(allowed)}")
    head = {name: entry[name] for name in ("drug", "form", "route", "quantity", "unit")}
    limits = []
    for setting in get_args(Setting):
        body = entry[setting]
        if not isinstance(body, dict) or set(body) != _BODY:
            raise EvidenceError(f"{place}, {setting}: must hold exactly {', '.join(sorted(_BODY))}")
        limit = DoseLimit(**head, setting=setting, **(body | {"cite": tuple(body["cite"])}))
        if fault := _fault(limit):
            raise EvidenceError(f"{place}, {setting}: {fault}")
        limits.append(limit)
    return limits


def _fault(limit: DoseLimit) -> str:
    if not all(type(x) is float for x in (limit.soft, limit.hard)) or not 0 < limit.soft <= limit.hard:
        return "soft and hard are decimal numbers, 0 < soft <= hard"
    if limit.basis not in get_args(LimitBasis) or limit.basis == "derived":
        return "basis must be one of guideline, label, trial, assumed"
    if limit.seen not in get_args(Seen) or not limit.cite or not limit.note:
        return "a limit says what it rests on: cite, seen (primary, secondary, no) and note"
    if (limit.basis == "assumed") != (ASSUMPTION in limit.cite):
        return "an assumed limit cites assumption, and no other limit does"
    return ""


def _check_order(limits: Iterable[DoseLimit], source: str) -> None:
    """More supervision never allows less, and S-ketamine never more than the racemate."""
    found = {(x.drug, x.form, x.route, x.quantity, x.setting): x for x in limits}
    for drug, form, route, quantity in dict.fromkeys(key[:4] for key in found):
        name = f"{source}, limit {drug} {form} {route} {quantity}"
        for less, more in pairwise(get_args(Setting)):
            low, high = (found[drug, form, route, quantity, setting] for setting in (less, more))
            if low.soft > high.soft or low.hard > high.hard:
                raise EvidenceError(f"{name}: {less} allows more than {more}")
    for (drug, form, route, quantity, setting), limit in found.items():
        racemic = found.get((drug, "racemic", route, quantity, setting))
        if form == "S" and (not racemic or limit.soft > racemic.soft or limit.hard > racemic.hard):
            raise EvidenceError(f"{source}: {route} {quantity}, {setting}: S is allowed more than the racemate")


def _without_weight(limit: DoseLimit, weight: float) -> DoseLimit:
    """The limit for a dose that is not written per kilogram: that of a person of `weight` [kg]."""
    return dataclasses.replace(
        limit,
        quantity=limit.quantity.removesuffix("_per_kg"),
        unit=limit.unit.replace("mg/kg", "mg"),
        soft=limit.soft * weight,
        hard=limit.hard * weight,
        basis="derived",
        note=f"{limit.quantity} for {weight:g} kg. {limit.note}",
    )
