r"""A drug given beside ketamine, as a model of the same signature: compartments, a stomach, an effect site.

    dA1 = input - CL A1/V1 + sum over peripheries of Qi (Ai/Vi - A1/V1)         one to three compartments
    dD  = -ka D,   by mouth: D(0) = F dose, after a lag
    dCe = ke0 (A1/V1 - Ce)                                  where the source gives a ke0; it belongs to that model

Source: the rows `<model>.*` of the table `co_medication` (see `partners`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from unwound.core.arrays import Array, Float, jnp
from unwound.evidence import all_estimates, value
from unwound.pharmacokinetics.model import Analyte, Covariates, Entry
from unwound.pharmacokinetics.partner_kinetics import PartnerKinetics, ThreeVolumes
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
    occasion_effects: tuple[str, ...] = ()

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
        shared = ("partner.reference_weight",) if isinstance(self.kinetics, ThreeVolumes) else ()
        return (*(key for key in all_estimates() if key.startswith(f"{self.prefix}.")), *shared)

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
