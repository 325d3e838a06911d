"""A whole regimen whose doses are per kilogram of other weights than the actual one: restated, refused or told of."""

from __future__ import annotations

from unwound.core.errors import Problem, ProtocolError
from unwound.regimen.dosing_weight import Sex, bases_of, dosing_weight, restated
from unwound.regimen.regimen import Regimen


def for_person(regimen: Regimen, weight_kg: float, height_cm: float | None = None, sex: Sex | None = None) -> Regimen:
    """`regimen` with every dose per kilogram of the actual weight of this person: the same milligrams.

    Raises `InputError` with all that is missing when a dose is per kg of another weight.
    """
    if not bases_of(regimen.doses):
        return regimen
    doses = restated(regimen.doses, weight_kg, height_cm, sex, regimen.title)
    return regimen.model_copy(update={"doses": doses})


def require_actual(regimen: Regimen) -> None:
    """Raises `ProtocolError` where people have no height: only doses per kg of actual weight can be given there."""
    problems = [
        Problem(
            f"doses[{n}].weight_basis",
            dose.weight_basis,
            "the body weight alone is known here, neither height nor sex",
            "state the dose per kg of actual weight, or restate it for one person with unwound.regimen.for_person",
        )
        for n, dose in enumerate(regimen.doses)
        if dose.weight_basis != "actual"
    ]
    if problems:
        raise ProtocolError(problems, regimen.title)


def dosing_notes(regimen: Regimen, weight_kg: float, height_cm: float | None, sex: Sex | None) -> list[str]:
    """Sentences: which other weights the doses of `regimen` are per kilogram of, and how much they are."""
    return [
        f"doses per kg of {basis} body weight: {dosing_weight(basis, weight_kg, height_cm, sex):.4g} kg "
        f"(actual {weight_kg:g} kg)"
        for basis in bases_of(regimen.doses)
    ]
