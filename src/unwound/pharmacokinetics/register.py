"""The register of population models, by the name a protocol uses.

`population_model` gives the record that the batch engine runs (intravenous S-ketamine); `routed_model` gives any model
for any of its routes. Each has an applicability envelope; outside it a result carries a warning.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from unwound.core.errors import UnknownName
from unwound.evidence import all_estimates, fill, keys_of
from unwound.pharmacokinetics.ashraf2018 import Ashraf2018
from unwound.pharmacokinetics.brunette2011 import Brunette2011
from unwound.pharmacokinetics.classical import PerKilogram, PerSeventy
from unwound.pharmacokinetics.kamp2020 import Kamp2020
from unwound.pharmacokinetics.mammillary import Mammillary
from unwound.pharmacokinetics.model import Analyte, PopulationModel, RoutedModel
from unwound.pharmacokinetics.otto2021 import Otto2021
from unwound.pharmacokinetics.perezruixo2021 import PerezRuixo2021
from unwound.pharmacokinetics.simons2022 import Simons2022
from unwound.pharmacokinetics.two_compartment import TwoCompartment

MODELS: dict[str, type[Otto2021] | type[TwoCompartment]] = {
    "otto2021": Otto2021,
    "twocompartment": TwoCompartment,
}
"""Models of intravenous S-ketamine that the batch engine runs."""

_TOTAL = (Analyte("ketamine", "racemic", is_parent=True),)
_S_ONLY = (Analyte("S-ketamine", "S", is_parent=True),)


def _classical(kind: Any, prefix: str, title: str, **more: Any) -> Any:
    about: dict[str, Any] = {"prefix": prefix, "title": title, "enantiomers": ("racemic",), "analytes": _TOTAL}
    return fill(kind, prefix, **{**about, **more})


def _mammillary(prefix: str) -> Mammillary:
    if prefix == "otto2021":
        return Mammillary(fill(Otto2021, prefix), 2, 1, with_metabolite=True)
    if prefix == "kamp2020":
        return Mammillary(fill(Kamp2020, prefix), 2)
    return Mammillary(fill(TwoCompartment, prefix), 1)


_HERD_EFFECTS = ("central", "peripheral", "clearance", "exchange")
ROUTED: dict[str, Callable[[], Any]] = {
    "perezruixo2021": lambda: fill(PerezRuixo2021, "perezruixo2021"),
    "otto2021": lambda: _mammillary("otto2021"),
    "simons2022": lambda: fill(Simons2022, "simons2022"),
    "kamp2020": lambda: _mammillary("kamp2020"),
    "domino1984": lambda: Mammillary(
        _classical(PerKilogram, "domino1984", "Domino 1984: racemic ketamine, intravenous, three compartments"), 2
    ),
    "clements1981": lambda: Mammillary(
        _classical(
            PerKilogram,
            "clements1981",
            "Clements 1981: racemic ketamine 0.25 mg/kg, intravenous",
            k13=0.0,
            k31=1.0,
            peripherals=1,
        ),
        1,
    ),
    "herd2007": lambda: Mammillary(
        _classical(PerSeventy, "herd2007", "Herd 2007: children, racemic bolus", random_effects=_HERD_EFFECTS), 1
    ),
    "brunette2011": lambda: fill(Brunette2011, "brunette2011"),
    "sherwin2015": lambda: Mammillary(
        _classical(PerSeventy, "sherwin2015", "Sherwin 2015: children, racemic ketamine, intravenous"), 1
    ),
    "elkomy2015": lambda: Mammillary(
        _classical(PerSeventy, "elkomy2015", "Elkomy 2015: children with heart disease, racemic ketamine"), 1
    ),
    "hornik2018": lambda: Mammillary(
        _classical(PerSeventy, "hornik2018", "Hornik 2018: children, racemic ketamine (low confidence)"), 1
    ),
    "flint2017": lambda: Mammillary(
        _classical(
            PerSeventy,
            "flint2017",
            "Flint 2017: children in intensive care, S-ketamine infusion (parent only)",
            enantiomers=("S",),
            analytes=_S_ONLY,
            random_effects=("clearance",),
        ),
        1,
    ),
    "ashraf2018": lambda: fill(Ashraf2018, "ashraf2018"),
    "twocompartment": lambda: _mammillary("twocompartment"),
}
"""Every model, for any of its routes; built when asked for."""


def population_model(name: str) -> PopulationModel:
    """The model called `name` for the batch engine, with the values of the evidence table. Raises `UnknownName`."""
    if name not in MODELS:
        raise UnknownName("pharmacokinetic model", name, list(MODELS))
    kind = MODELS[name]
    return fill(kind, kind.prefix)


def routed_model(name: str) -> RoutedModel:
    """The model called `name` for any of its routes. Raises `UnknownName`."""
    folded = name.lower().replace("-", "").replace(" ", "").replace("_", "")
    if folded not in ROUTED:
        raise UnknownName("pharmacokinetic model", name, list(ROUTED))
    model: RoutedModel = ROUTED[folded]()
    return model


def model_keys(model: RoutedModel) -> tuple[str, ...]:
    """Evidence keys a model rests on (a field that a model leaves at its default has no row)."""
    record = getattr(model, "model", model)
    return tuple(key for key in keys_of(type(record), model.prefix) if key in all_estimates())
