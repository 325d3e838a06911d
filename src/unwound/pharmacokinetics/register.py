"""The register of population models, by the name a protocol uses."""

from __future__ import annotations

from unwound.core.errors import UnknownName
from unwound.evidence import fill
from unwound.pharmacokinetics.model import PopulationModel
from unwound.pharmacokinetics.otto2021 import Otto2021
from unwound.pharmacokinetics.two_compartment import TwoCompartment

MODELS: dict[str, type[Otto2021] | type[TwoCompartment]] = {
    "otto2021": Otto2021,
    "twocompartment": TwoCompartment,
}


def population_model(name: str) -> PopulationModel:
    """The model called `name`, with the values of the evidence table. Raises `UnknownName`."""
    if name not in MODELS:
        raise UnknownName("pharmacokinetic model", name, list(MODELS))
    kind = MODELS[name]
    return fill(kind, kind.prefix)
