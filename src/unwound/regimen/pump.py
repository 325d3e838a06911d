"""What a pump can do: a dose cut off at a time, a dose in whole steps of rate and amount.

Rounding always goes down, so that what is delivered never exceeds what was prescribed (beyond float noise of
a billionth of a step). Times stay as they are.
"""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

from unwound.core.errors import InputError, Problem
from unwound.core.quantities import convert
from unwound.core.strict import Measure, Quantity
from unwound.regimen.doses import AnyDose, Bolus, Infusion, Titration
from unwound.regimen.measures import WEIGHT, per_kg

_SHARED = ("drug", "enantiomer", "form", "route", "weight_basis")
_NOISE = 1e-9  # of a step, or hours: differences that only float arithmetic makes


def truncated_dose(dose: AnyDose, stop: float) -> list[AnyDose]:
    """What of `dose` is given before `stop` [h]: the whole occasions, and the one that is cut off."""
    starts = dose.starts()
    whole = int((starts + dose.hours <= stop + _NOISE).sum())
    if isinstance(dose, Bolus):
        whole = int((starts < stop - _NOISE).sum())
    kept: list[AnyDose] = []
    if whole == len(starts):
        return [dose]
    if whole:
        repeat = None if dose.repeat is None or whole == 1 else dose.repeat.model_copy(update={"count": whole})
        kept.append(dose.model_copy(update={"repeat": repeat}))
    for start in starts[whole:]:
        left = stop - float(start)
        if left > convert(1.0, "s", "h"):
            kept.append(_shortened(dose, float(start), left))
    return kept


def _shortened(dose: AnyDose, start: float, hours: float) -> AnyDose:
    """The first `hours` of one occasion of `dose`; a titration not yet assessed is an infusion."""
    when: dict[str, Any] = {
        "start": Measure.of(start, "h"),
        "duration": Measure.of(hours, "h"),
        "repeat": None,
    }
    if isinstance(dose, Infusion) and dose.amount is not None:
        when["amount"] = Measure.of(dose.amount.value * hours / dose.hours, dose.amount.unit)
    if isinstance(dose, Titration) and dose.every.value >= hours:
        shared: dict[str, Any] = {name: getattr(dose, name) for name in _SHARED}
        return Infusion(**shared, rate=dose.start_rate, **when)
    return dose.model_copy(update=when)


def rounded_dose(dose: AnyDose, rate_step: str, amount_step: str, weight: str | None, field: str) -> AnyDose:
    """`dose` in whole steps, for a person of `weight`. Raises `InputError` (see `Regimen.rounded`)."""
    rate, amount = _step(rate_step, "mg/h", "rate_step"), _step(amount_step, "mg", "amount_step")
    kilograms = None if weight is None else WEIGHT.read(weight, "weight").value

    def down(name: str, step: Decimal) -> Measure:
        measure: Measure = getattr(dose, name)
        value, unit = measure.value, measure.unit
        if per_kg(measure):
            if kilograms is None:
                rule = "a pump is set without body weight"
                raise InputError(Problem(f"{field}.{name}", measure, rule, 'give weight, such as weight="70 kg"'))
            value, unit = value * kilograms, unit.replace("/kg", "")
        steps = math.floor(Decimal(value) / step + Decimal(_NOISE))
        return Measure.of(float(steps * step), unit)

    if isinstance(dose, Bolus):
        return dose.model_copy(update={"amount": down("amount", amount)})
    if isinstance(dose, Titration):
        rates = {name: down(name, rate) for name in ("start_rate", "step", "ceiling")}
        if rates["step"].value <= 0:
            rule = f"finer than the pump's step of {rate_step}"
            raise InputError(Problem(f"{field}.step", dose.step, rule, "titrate in coarser steps"))
        return dose.model_copy(update=rates)
    if dose.amount is None:
        return dose.model_copy(update={"rate": down("rate", rate)})
    as_rate = Measure.of(dose.amount.value / dose.hours, dose.amount.unit + "/h")
    dose = dose.model_copy(update={"amount": None, "rate": as_rate})
    return dose.model_copy(update={"rate": down("rate", rate)})


def _step(text: str, unit: str, name: str) -> Decimal:
    value = Quantity(unit, above=f"0 {unit}", example=f"0.1 {unit}").read(text, name).value
    return Decimal(repr(value))
