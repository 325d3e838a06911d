r"""The drugs given beside ketamine, each with its own kinetics: sedatives, an antiemetic, clonidine, opioids.

    dA1 = input - CL A1/V1 + sum over peripheries of Qi (Ai/Vi - A1/V1)         one to three compartments
    dD  = -ka D,   by mouth: D(0) = F dose, after a lag
    dCe = ke0 (A1/V1 - Ce)                                  where the source gives a ke0; it belongs to that model

Amounts are milligrams of the drug as its source counts it (base or salt is not said there); concentrations ng/mL.

Source: the rows `<model>.*` of the table `co_medication`, most of them read in the code of other simulators; what is
recalled is marked so. Leaves out: variability between people, active metabolites (morphine), cerebrospinal fluid
(oxycodone), any influence of ketamine on these drugs or of them on the kinetics of ketamine (see `interactions`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from unwound.core.arrays import Array, Float, jnp
from unwound.core.errors import UnknownName
from unwound.evidence import all_estimates, fill, value
from unwound.pharmacokinetics.curves import Given, curves
from unwound.pharmacokinetics.model import Analyte, Covariates, Entry
from unwound.pharmacokinetics.partner_kinetics import (
    ByRates,
    ByRatesPerKilogram,
    OneVolume,
    PartnerKinetics,
    ThreeVolumes,
    TwoVolumes,
)
from unwound.pharmacokinetics.routes import require_route
from unwound.pharmacokinetics.system import LinearSystem, Network, mammillary


@dataclass(frozen=True)
class Partner:
    """One published model of one drug, in the signature of the ketamine models (`RoutedModel`)."""

    prefix: str
    drug: str
    title: str
    kinetics: PartnerKinetics
    effect: tuple[str, ...] = ()
    """Names of its ke0 rows: one for everybody, or one for men and one for women."""
    sampling: str = "unstated"
    random_effects: tuple[str, ...] = ()

    @property
    def enantiomers(self) -> tuple[str, ...]:
        """The drug is one form."""
        return (self.drug,)

    @property
    def analytes(self) -> tuple[Analyte, ...]:
        """The drug in plasma, and at its effect site where there is one."""
        plasma = Analyte(self.drug, self.drug, is_parent=True)
        site = Analyte(f"{self.drug} at its effect site", self.drug, is_parent=True)
        return (plasma, site) if self.effect else (plasma,)

    @property
    def routes(self) -> tuple[str, ...]:
        """Routes with an input."""
        return ("intravenous", "oral") if self._has("oral_rate") else ("intravenous",)

    @property
    def age_from(self) -> float:
        """Age [years] from which this variant is used."""
        return value(f"{self.prefix}.age_from", "y") if self._has("age_from") else 0.0

    @property
    def keys(self) -> tuple[str, ...]:
        """Evidence rows it rests on."""
        return tuple(key for key in all_estimates() if key.startswith(f"{self.prefix}."))

    def covariance(self) -> Float[Array, "effects effects"]:
        """No variability is carried."""
        return jnp.zeros((0, 0))

    def compartments(self) -> tuple[str, ...]:
        """Stomach, central, its peripheries, effect site."""
        pairs = self.kinetics.disposition(jnp.asarray(1.0)).peripheral.shape[0]
        return ("stomach", "central", *(f"central_{n + 2}" for n in range(pairs)), "effect")

    def system(self, who: Covariates, eta: Array, enantiomer: str) -> LinearSystem:
        """Kinetics in people `who`; the effect site is a shadow of the central amount and takes nothing from it."""
        del eta, enantiomer
        p = self.kinetics.disposition(who.weight)
        net = Network(*self.compartments())
        if "oral" in self.routes:
            net.flow("stomach", "central", value(f"{self.prefix}.oral_rate", "1/h"))
        mammillary(p.clearance, p.central, list(zip(p.peripheral, p.exchange, strict=True)), net, "central")
        batch = jnp.shape(p.central)
        matrix, readouts = net.matrix(batch), [("central", 1.0 / p.central)]
        if self.effect:
            first, last = (value(f"{self.prefix}.{name}", "1/h") for name in (self.effect[0], self.effect[-1]))
            ke0 = jnp.where(jnp.asarray(who.female) > 0.5, last, first)
            site = net.index("effect")
            matrix = matrix.at[site, net.index("central")].add(ke0).at[site, site].add(-ke0)
            readouts.append(("effect", 1.0 / p.central))
        return LinearSystem(matrix, net.readout(batch, *readouts))

    def entries(self, who: Covariates, eta: Array, enantiomer: str, route: str, amount: float) -> tuple[Entry, ...]:
        """Into the blood as the pump gives it, or into the stomach after a lag."""
        del who, eta, enantiomer, amount
        require_route(self.prefix, route, self.routes)
        if route == "intravenous":
            return (Entry("central", 1.0, None),)
        lag = value(f"{self.prefix}.oral_lag", "h") if self._has("oral_lag") else 0.0
        return (Entry("stomach", value(f"{self.prefix}.oral_fraction", "1"), None, lag),)

    def warnings(self, who: Covariates) -> list[str]:
        """Who lies outside the people the model comes from, where its rows say so."""
        found = []
        for what, people, label in (("age", who.age, "y"), ("weight", who.weight, "kg")):
            if self._has(f"{what}_least"):
                low, high = (value(f"{self.prefix}.{what}_{end}", label) for end in ("least", "most"))
                outside = [float(v) for v in np.ravel(np.asarray(people, float)) if not low <= v <= high]
                if outside:
                    said = f"{what} {outside[0]:g} {label} is outside {low:g} to {high:g} {label}"
                    found.append(f"{self.prefix}: {said}, the people of its model")
        return found

    def _has(self, name: str) -> bool:
        return f"{self.prefix}.{name}" in all_estimates()


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
    for model in models:
        mine = age >= model.age_from
        if not mine.any():
            continue
        given = [Given(d.start, d.amount, d.duration, model.drug, d.route) for d in doses]
        for analyte, ours in curves(model, given, who, jnp.zeros(0), at).concentration.items():
            found[analyte] = np.where(mine, ours, found[analyte]) if analyte in found else ours
        keys += model.keys
        warnings += model.warnings(who)
    plasma, *effect = found.values()
    site = effect[0] if effect else None
    return PartnerCurves(models[0].drug, np.asarray(at, float), plasma, site, tuple(keys), tuple(warnings))
