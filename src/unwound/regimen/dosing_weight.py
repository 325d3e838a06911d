r"""Which kilograms a dose per kilogram means: those of the scale, of an ideal, a lean or an adjusted body.

    ideal      IW = IW60 + 2.3 (H - 60)           H height [inch]; IW60 50 kg in men, 45.5 kg in women
    lean       LW = 9270 W / (a + b BMI)          a, b 6680, 216 in men and 8780, 244 in women; BMI = W / H^2 [kg/m^2]
    adjusted   AW = IW + 0.4 (W - IW)
    actual     W

A dose says `weight_basis`; `restated` writes it per kilogram of the actual weight of one person, so that limits, pumps
and engines need no other weight than the one they know. "mg/h/70kg" is per 70 kg of the same weight.

Source: devine1974 (ideal), janmahasatian2005 (lean), clincalc (adjusted). Leaves out: children, pregnancy, amputation.
The ideal weight is linear below 60 inches too, where its author says nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from unwound.core.errors import InputError, Problem
from unwound.core.strict import Measure
from unwound.evidence import value
from unwound.regimen.doses import AnyDose, Titration
from unwound.regimen.measures import per_kg

Sex = Literal["female", "male"]
_ADULTS = {"male": "men", "female": "women"}
_CM_PER_M = 100.0


def ideal_weight(height_cm: float, sex: Sex) -> float:
    """Ideal body weight [kg] of an adult."""
    above = height_cm - value("ideal_weight.reference_height", "cm")
    return value(f"ideal_weight.at_reference_{_ADULTS[sex]}", "kg") + value("ideal_weight.per_height", "kg/cm") * above


def lean_weight(weight_kg: float, height_cm: float, sex: Sex) -> float:
    """Lean body weight [kg] of an adult."""
    index = weight_kg / (height_cm / _CM_PER_M) ** 2
    who = _ADULTS[sex]
    below = value(f"lean_weight.constant_{who}", "1") + value(f"lean_weight.slope_{who}", "m^2/kg") * index
    return value("lean_weight.numerator", "1") * weight_kg / below


def adjusted_weight(weight_kg: float, height_cm: float, sex: Sex) -> float:
    """Adjusted body weight [kg] of an adult: the ideal one and a share of what is above (or below) it."""
    ideal = ideal_weight(height_cm, sex)
    return ideal + value("adjusted_weight.share", "1") * (weight_kg - ideal)


def dosing_weight(basis: str, weight_kg: float, height_cm: float | None = None, sex: Sex | None = None) -> float:
    """The weight [kg] that a dose per kilogram of this `basis` means. Raises `InputError` (patient.height, .sex)."""
    if basis == "actual":
        return weight_kg
    if problems := unknown_of(basis, height_cm, sex):
        raise InputError(problems)
    assert height_cm is not None
    assert sex is not None
    if basis == "ideal":
        return ideal_weight(height_cm, sex)
    if basis == "lean":
        return lean_weight(weight_kg, height_cm, sex)
    return adjusted_weight(weight_kg, height_cm, sex)


def unknown_of(basis: str, height_cm: float | None, sex: str | None) -> list[Problem]:
    """What must be known of a person for doses per kilogram of this `basis`, and is not, or cannot be."""
    if basis == "actual":
        return []
    found = []
    rule = f"a dose is per kg of {basis} body weight, which needs it"
    if height_cm is None:
        found.append(Problem("patient.height", "(not given)", rule, 'write for example height = "170 cm"'))
    else:
        least, most = (value(f"regimen.height_{end}", "cm") for end in ("least", "most"))
        if not least <= height_cm <= most:
            rule = f"dosing weights are computed for adults between {least:g} and {most:g} cm"
            remedy = "check the height and its unit"
            found.append(Problem("patient.height", f"{height_cm:g} cm", rule, remedy))
    if sex is None:
        found.append(Problem("patient.sex", "(not given)", rule, 'write sex = "female" or sex = "male"'))
    return found


def bases_of(doses: Sequence[AnyDose]) -> tuple[str, ...]:
    """The weights other than the actual one that `doses` are per kilogram of."""
    return tuple(dict.fromkeys(dose.weight_basis for dose in doses if dose.weight_basis != "actual"))


def restated(
    doses: Sequence[AnyDose], weight_kg: float, height_cm: float | None, sex: Sex | None, title: str = ""
) -> tuple[AnyDose, ...]:
    """`doses` per kilogram of the actual weight of this person: the same milligrams.

    Raises `InputError` with all that is missing when a dose is per kg of another weight.
    """
    bases = bases_of(doses)
    if problems := [problem for basis in bases for problem in unknown_of(basis, height_cm, sex)]:
        raise InputError(list({problem.field: problem for problem in reversed(problems)}.values())[::-1], title)
    factor = {basis: dosing_weight(basis, weight_kg, height_cm, sex) / weight_kg for basis in bases}
    return tuple(_scaled(dose, factor.get(dose.weight_basis, 1.0)) for dose in doses)


def _scaled(dose: AnyDose, factor: float) -> AnyDose:
    if dose.weight_basis == "actual":
        return dose
    names = ("start_rate", "step", "ceiling") if isinstance(dose, Titration) else (dose.main_field,)
    changed: dict[str, object] = {"weight_basis": "actual"}
    for name in names:
        measure: Measure = getattr(dose, name)
        assert per_kg(measure)
        changed[name] = Measure.of(measure.value * factor, measure.unit)
    return dose.model_copy(update=changed)
