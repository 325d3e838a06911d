"""A protocol file, or a dose in one line: what `unwound pk`, `effects` and `export` are asked about."""

from __future__ import annotations

from typing import Any


def what_is_given(*asked: Any) -> tuple[Any, Any]:
    """(regimen, person), as `what_is_asked`."""
    regimen, person, _ = what_is_asked(*asked)
    return regimen, person


def what_is_asked(
    path: str | None, dose: str | None, drug: str, route: str, setting: Any, weight: str | None, age: str | None,
    sex: Any, ancestry: Any, height: str | None = None, weight_basis: str = "actual",
) -> tuple[Any, Any, tuple[Any, ...]]:  # fmt: skip
    """(regimen, person, co-medication) of a file or of a short dose. Raises `InputError` for both or neither."""
    from unwound.core.errors import InputError, Problem
    from unwound.patient.protocol import Person, Protocol
    from unwound.regimen import Regimen
    from unwound.regimen.short import parse_short_dose, spoken_drug

    if (path is None) == (dose is None):
        remedy = 'give a protocol file, or for example --drug S-ketamine --dose "20 mg/h for 100 h"'
        raise InputError(Problem("--dose", dose or "(not given)", "a file or a dose is needed, and not both", remedy))
    if path is not None:
        protocol = Protocol.from_toml(path)
        return protocol.regimen, protocol.patient, protocol.co_medication
    name, enantiomer = spoken_drug(drug)
    given = {"weight": weight, "age": age, "sex": sex, "ancestry": ancestry, "height": height}
    person = Person(**{key: value for key, value in given.items() if value is not None})
    given_dose = parse_short_dose(dose or "", name, enantiomer, route, weight_basis=weight_basis)
    return Regimen(setting=setting, doses=(given_dose,)), person, ()
