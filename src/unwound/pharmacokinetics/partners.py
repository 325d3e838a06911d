"""The drugs given beside ketamine, each with its own kinetics: sedatives, an antiemetic, clonidine, opioids.

Amounts are milligrams of the drug as its source counts it (base or salt is not said there); concentrations are ng/mL.
Where a paper treats ages apart, each age has its variant, and everybody gets the one of their age.

Source: the rows `<model>.*` of the table `co_medication`, most of them read in the code of other simulators; what is
recalled is marked so. Leaves out: variability between people, active metabolites (morphine), cerebrospinal fluid
(oxycodone), any influence of ketamine on these drugs or of them on the kinetics of ketamine (see `interactions`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from unwound.core.arrays import jnp
from unwound.core.errors import InputError, Problem, UnknownName
from unwound.evidence import fill, value
from unwound.pharmacokinetics.curves import Given, curves
from unwound.pharmacokinetics.model import Covariates
from unwound.pharmacokinetics.partner_kinetics import ByRates, ByRatesPerKilogram, OneVolume, ThreeVolumes, TwoVolumes
from unwound.pharmacokinetics.partner_model import Partner


def _reference() -> float:
    return value("partner.reference_weight", "kg")


def _midazolam(prefix: str, who: str) -> Partner:
    title = f"Albrecht 1999: midazolam, {who}"
    return Partner(prefix, "midazolam", title, fill(ByRates, prefix), effect=("ke0",))


def _midazolam_zomorodi() -> Partner:
    prefix = "midazolam_zomorodi"
    same = {"volume_exponent": 0.0, "flow_exponent": 0.0, "reference_weight": _reference()}
    return Partner(prefix, "midazolam", "Zomorodi: midazolam, adults", fill(ThreeVolumes, prefix, **same))


def _per_seventy(prefix: str, title: str, effect: tuple[str, ...] = ()) -> Partner:
    return Partner(prefix, prefix, title, fill(ThreeVolumes, prefix, reference_weight=_reference()), effect)


def _once(prefix: str, drug: str, title: str) -> Partner:
    return Partner(prefix, drug, title, fill(OneVolume, prefix))


PARTNERS: dict[str, Callable[[], tuple[Partner, ...]]] = {
    "midazolam": lambda: (
        _midazolam("midazolam", "below 65 years"),
        _midazolam("midazolam_old", "from 65 years"),
    ),
    "midazolam_zomorodi": lambda: (_midazolam_zomorodi(),),
    "lorazepam": lambda: (_once("lorazepam", "lorazepam", "Greenblatt 1979: lorazepam, one compartment"),),
    "ondansetron": lambda: (
        _once("ondansetron", "ondansetron", "Pritchard 1992: ondansetron, young adults"),
        _once("ondansetron_old", "ondansetron", "Pritchard 1992: ondansetron, 61 to 74 years"),
        _once("ondansetron_aged", "ondansetron", "Pritchard 1992: ondansetron, from 75 years"),
    ),
    "clonidine": lambda: (_once("clonidine", "clonidine", "Clonidine, one compartment (recalled)"),),
    "dexmedetomidine": lambda: (
        _per_seventy("dexmedetomidine", "Hannivoort 2015: dexmedetomidine, volunteers", ("ke0",)),
    ),
    "morphine": lambda: (
        Partner(
            "morphine",
            "morphine",
            "Sarton 2000: morphine, women and men",
            fill(ByRatesPerKilogram, "morphine"),
            ("ke0_male", "ke0_female"),
        ),
    ),
    "fentanyl": lambda: (_per_seventy("fentanyl", "Fentanyl as pooled in stanpumpR"),),
    "oxycodone": lambda: (
        Partner("oxycodone", "oxycodone", "Lamminsalo 2019: oxycodone", fill(TwoVolumes, "oxycodone")),
    ),
}
"""Every partner, as its variants by age (youngest first); built when asked for."""


@dataclass(frozen=True)
class PartnerDose:
    """`amount` [mg] of a partner from `start` [h] over `duration` [h] (0: at once)."""

    start: float
    amount: float
    duration: float = 0.0
    route: str = "intravenous"


@dataclass(frozen=True)
class PartnerCurves:
    """Concentrations [ng/mL], (times, *batch); `effect` is None where the source of the kinetics gives no ke0."""

    drug: str
    time_h: np.ndarray
    plasma: np.ndarray
    effect: np.ndarray | None
    keys: tuple[str, ...]
    warnings: tuple[str, ...]


def partner_models(name: str) -> tuple[Partner, ...]:
    """The variants of the partner called `name`, youngest people first. Raises `UnknownName`."""
    folded = name.strip().lower()
    if folded not in PARTNERS:
        raise UnknownName("co-medication", name, tuple(PARTNERS))
    return PARTNERS[folded]()


def partner_concentrations(name: str, doses: Sequence[PartnerDose], who: Covariates, at: np.ndarray) -> PartnerCurves:
    """Concentrations of a partner in people `who` at times `at` [h], exactly. Raises `UnknownName`, `InputError`."""
    models = partner_models(name)
    age = np.broadcast_to(np.asarray(who.age, float), np.shape(who.weight))
    found: dict[str, np.ndarray] = {}
    keys: list[str] = []
    warnings: list[str] = []
    if len(models) > 1 and not np.isfinite(age).all():
        raise InputError(Problem("age", "unknown", f"the kinetics of {name} depend on age", "give every age in years"))
    until = [*(model.age_from for model in models[1:]), np.inf]
    for model, before in zip(models, until, strict=True):
        mine = (age >= model.age_from) & (age < before)
        if not mine.any():
            continue
        given = [Given(d.start, d.amount, d.duration, model.drug, d.route) for d in doses]
        routed: Any = model  # its attributes are those of a `RoutedModel`, though not of a class
        for analyte, ours in curves(routed, given, who, jnp.zeros(0), at).concentration.items():
            found[analyte] = np.where(mine, ours, found[analyte]) if analyte in found else ours
        keys += model.keys
        warnings += model.warnings(who)
    plasma, *effect = found.values()
    site = effect[0] if effect else None
    return PartnerCurves(models[0].drug, np.asarray(at, float), plasma, site, tuple(keys), tuple(warnings))
