r"""Esketamine and noresketamine after nasal, intravenous and oral esketamine, venous plasma, adults.

A hepato-portal compartment carries first pass and elimination (well stirred), so clearance is not a parameter:

    dC   = ... + Qh (H/Vh - C/Vc) ...               central, two peripherals (Q1, Vp1), (Q2, Vp2)
    dH   = Qh (C/Vc - H/Vh) - (kel + kmet) H + swallowed + oral
    dN   = kmet H - CLn/Vcn N - Q3 (N/Vcn - Np/Vpn)                     noresketamine, apparent, mass as it is
    nasal:  FRn of the dose, first order ka_n into the central compartment;
            (1 - FRn) Fgut of it, zero order over Dsw, then ka_sw into the liver;     oral: Fgut, Dpo, ka_po
    FRn(N devices) = 0.54 (1 + 0.62 (N - 1)) / N;  Japanese x 1.34;  Asian: kel x 0.36, CLn x 0.81
    Qh falls by 2.19 L/h per year of age above 60;  no effect of weight or sex

Source: perezruixo2021. Leaves out: variability of kmet as published (not printed), inter-occasion variability.
Differs from the paper: the AUC of noresketamine comes out 1.4 to 1.6 times too high with the values as printed.
"""

from __future__ import annotations

import math
from typing import ClassVar

from unwound.core.arrays import Array, Float, Record, Scalar, jnp
from unwound.core.units import unit
from unwound.evidence import value
from unwound.pharmacokinetics.model import Analyte, Covariates, Entry
from unwound.pharmacokinetics.routes import require_route
from unwound.pharmacokinetics.system import LinearSystem, Network, mammillary
from unwound.pharmacokinetics.variability import log_variance

LOGNORMAL = (
    "nasal_rate", "swallowed_rate", "oral_rate", "central", "shallow", "liver_flow", "liver", "other_rate",
    "metabolite_central", "metabolite_clearance",
)  # fmt: skip
"""Parameters that vary between patients with a printed coefficient of variation."""


class PerezRuixo2021(Record):
    """The population model: typical values, covariates, variability."""

    nasal_fraction: Scalar = unit("1")
    nasal_fraction_sd: Scalar = unit("1")
    later_device_factor: Scalar = unit("1")
    nasal_rate: Scalar = unit("1/h")
    swallowed_duration: Scalar = unit("h")
    swallowed_rate: Scalar = unit("1/h")
    oral_duration: Scalar = unit("h")
    oral_rate: Scalar = unit("1/h")
    gut_fraction: Scalar = unit("1")
    central: Scalar = unit("L")
    shallow: Scalar = unit("L")
    to_shallow: Scalar = unit("L/h")
    deep: Scalar = unit("L")
    to_deep: Scalar = unit("L/h")
    liver_flow: Scalar = unit("L/h")
    liver_flow_per_year: Scalar = unit("L/h/y")
    liver_age: Scalar = unit("y")
    liver: Scalar = unit("L")
    other_rate: Scalar = unit("1/h")
    metabolite_rate: Scalar = unit("1/h")
    metabolite_rate_cv: Scalar = unit("1")
    asian_other_factor: Scalar = unit("1")
    asian_metabolite_clearance_factor: Scalar = unit("1")
    japanese_nasal_factor: Scalar = unit("1")
    metabolite_central: Scalar = unit("L")
    metabolite_clearance: Scalar = unit("L/h")
    metabolite_peripheral: Scalar = unit("L")
    metabolite_exchange: Scalar = unit("L/h")
    proportional_error: Scalar = unit("1")
    metabolite_proportional_error: Scalar = unit("1")

    prefix: ClassVar[str] = "perezruixo2021"
    title: ClassVar[str] = "Perez-Ruixo 2021: esketamine and noresketamine, nasal, intravenous, oral; venous plasma"
    sampling: ClassVar[str] = "venous"
    enantiomers: ClassVar[tuple[str, ...]] = ("S",)
    analytes: ClassVar[tuple[Analyte, ...]] = (
        Analyte("S-ketamine", "S", is_parent=True),
        Analyte("S-norketamine", "S", is_parent=False),
    )
    routes: ClassVar[tuple[str, ...]] = ("intravenous", "nasal", "oral")
    random_effects: ClassVar[tuple[str, ...]] = (*LOGNORMAL, "metabolite_rate", "nasal_logit")
    occasion_effects: ClassVar[tuple[str, ...]] = ()

    def covariance(self) -> Float[Array, "effects effects"]:
        """Independent: log scale, and the logit of the nasal share."""
        variances = [log_variance(f"{self.prefix}.{name}") for name in LOGNORMAL]
        variances += [math.log1p(float(self.metabolite_rate_cv) ** 2), float(self.nasal_fraction_sd) ** 2]
        return jnp.diag(jnp.array(variances))

    def compartments(self) -> tuple[str, ...]:
        """Depots, liver, parent, metabolite."""
        return ("nose", "gut", "stomach", "liver", "central", "central_2", "central_3", "metabolite", "metabolite_2")

    def system(self, who: Covariates, eta: Float[Array, "effects *batch"], enantiomer: str) -> LinearSystem:
        """Kinetics of esketamine and noresketamine."""
        del enantiomer
        p = {name: getattr(self, name) * jnp.exp(eta[n]) for n, name in enumerate(self.random_effects[:-1])}
        aged = self.liver_flow - self.liver_flow_per_year * jnp.maximum(who.age - self.liver_age, 0.0)
        flow = aged * p["liver_flow"] / self.liver_flow  # the random effect multiplies what age has left
        other = p["other_rate"] * self.asian_other_factor**who.asian
        cleared = p["metabolite_clearance"] * self.asian_metabolite_clearance_factor**who.asian
        net = Network(*self.compartments())
        net.flow("nose", "central", p["nasal_rate"])
        net.flow("gut", "liver", p["swallowed_rate"])
        net.flow("stomach", "liver", p["oral_rate"])
        net.exchange("central", "liver", flow, p["central"], p["liver"])
        net.exchange("central", "central_2", self.to_shallow, p["central"], p["shallow"])
        net.exchange("central", "central_3", self.to_deep, p["central"], self.deep)
        net.flow("liver", None, other)
        net.flow("liver", "metabolite", p["metabolite_rate"])
        pair = (self.metabolite_peripheral, self.metabolite_exchange)
        mammillary(cleared, p["metabolite_central"], [pair], net, "metabolite")
        batch = jnp.shape(flow)
        readout = net.readout(batch, ("central", 1.0 / p["central"]), ("metabolite", 1.0 / p["metabolite_central"]))
        return LinearSystem(net.matrix(batch), readout)

    def nasal_share(self, who: Covariates, eta: Float[Array, "effects *batch"], amount: Scalar) -> Array:
        """Share of a nasal dose of `amount` [mg] absorbed in the nose, averaged over its devices."""
        whole = amount / value("perezruixo2021.device", "mg") - 1e-9
        devices = max(1.0, math.ceil(whole)) if isinstance(whole, float) else jnp.maximum(1.0, jnp.ceil(whole))
        typical = self.nasal_fraction * self.japanese_nasal_factor**who.japanese
        first = 1.0 / (1.0 + (1.0 / typical - 1.0) * jnp.exp(-eta[-1]))
        return first * (1.0 + self.later_device_factor * (devices - 1.0)) / devices

    def entries(
        self, who: Covariates, eta: Float[Array, "effects *batch"], enantiomer: str, route: str, amount: Scalar
    ) -> tuple[Entry, ...]:
        """Nasal: through the nose at once, the rest swallowed; oral: the stomach; intravenous: as the pump gives."""
        del enantiomer
        require_route(self.prefix, route, self.routes)
        if route == "intravenous":
            return (Entry("central", 1.0, None),)
        if route == "oral":
            return (Entry("stomach", self.gut_fraction, self.oral_duration),)
        nose = self.nasal_share(who, eta, amount)
        return (
            Entry("nose", nose, 0.0),
            Entry("gut", (1.0 - nose) * self.gut_fraction, self.swallowed_duration),
        )
