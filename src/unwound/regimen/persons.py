"""Is this the weight and the age of a person, or a slip of the unit?

Bounds of plausibility are rows of the evidence table ``regimen``. Values that cannot be are refused with the
likelier reading (grams, pounds, months, swapped columns); unusual ones are warned of.
"""

from __future__ import annotations

from unwound import evidence
from unwound.core.errors import Problem
from unwound.core.quantities import convert


def impossible(weight_kg: float | None, age_y: float | None) -> list[Problem]:
    """What cannot be a person's weight [kg] or age [years]; None is unknown and never a problem."""
    found = []
    least, most = _bound("weight_least"), _bound("weight_most")
    if weight_kg is not None and not least <= weight_kg <= most:
        rule = f"a body weight lies between {least:g} and {most:g} kg"
        found.append(Problem("patient.weight", f"{weight_kg:g} kg", rule, _other_weight(weight_kg, age_y)))
    oldest = _bound("age_most")
    if age_y is not None and not 0 <= age_y <= oldest:
        rule = f"an age lies between 0 and {oldest:g} years"
        found.append(Problem("patient.age", f"{age_y:g} y", rule, _other_age(age_y)))
    return found


def unusual(weight_kg: float | None, age_y: float | None) -> list[Problem]:
    """What is possible and yet more likely a slip."""
    found = []
    adult = _bound("age_adult")
    if weight_kg is not None and weight_kg > _bound("weight_usual_most"):
        rule, remedy = "an unusual body weight", _other_weight(weight_kg, age_y)
        found.append(Problem("patient.weight", f"{weight_kg:g} kg", rule, remedy))
    if age_y is not None and age_y < adult:
        rule = f"the dose limits hold for adults, from {adult:g} years"
        remedy = "read the result with that in mind"
        if weight_kg is not None and weight_kg > _bound("weight_adult_most_under_age"):
            remedy = f"is the age in years, and is {weight_kg:g} kg right for it?"
        found.append(Problem("patient.age", f"{age_y:g} y", rule, remedy))
    if age_y is not None and weight_kg is not None and age_y >= adult and weight_kg < _bound("weight_adult_least"):
        rule, remedy = f"an unusual body weight at {age_y:g} years", _other_weight(weight_kg, age_y)
        found.append(Problem("patient.weight", f"{weight_kg:g} kg", rule, remedy))
    return found


def _other_weight(weight: float, age: float | None) -> str:
    usual = _bound("weight_adult_least"), _bound("weight_usual_most")
    readings = []
    for unit, word in (("lb", "pounds"), ("g", "grams")):
        kilograms = convert(weight, unit, "kilogram")
        if usual[0] <= kilograms <= usual[1]:
            readings.append(f"{kilograms:.4g} kg, were it in {word}")
    if age is not None and usual[0] <= age <= usual[1] and _bound("age_adult") <= weight <= _bound("age_most"):
        readings.append(f"weight and age swapped ({age:g} kg, {weight:g} years)")
    return "did you mean " + " or ".join(readings) + "?" if readings else "check the weight and its unit"


def _other_age(age: float) -> str:
    years = convert(age, "month", "year")
    if 0 <= years <= _bound("age_most"):
        return f"did you mean {years:.3g} years? ({age:g} months)"
    return "check the age and its unit"


def _bound(name: str) -> float:
    return evidence.value(f"regimen.{name}", "y" if name.startswith("age") else "kg")
