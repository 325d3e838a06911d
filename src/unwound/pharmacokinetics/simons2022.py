r"""S-ketamine, S-norketamine and S-hydroxynorketamine after an oral thin film or intravenous S-ketamine, arterial.

    film:      F1 of the dose, zero order over D1, then KA1 into the central compartment (through the mouth);
               F2 of the full dose, zero order over D2, then KA2, then 1/MTTG, into hepatic metabolism (swallowed)
    K:         three compartments (VK1-3, CLK1-3);  CLK1 feeds a chain of two compartments at 2/MTT each
    NK:        0.80 of what leaves the chain; two compartments (VN1 = VK1, VN2, CLN1-2); CLN1 feeds the next chain
    HNK:       0.70 of what leaves that chain; two compartments (VH1-2, CLH1-2)

Amounts are carried as mg of S-ketamine equivalents, so moles are conserved; concentrations are converted with the
molar mass of each analyte. The paper works in minutes and nmol/mL.

F, D, KA of both inputs, MTTG, the first MTT, VH2 and CLH1 vary from occasion to occasion: times exp(kappa).

Source: simons2022. Leaves out: nothing that is known of its variability.
Differs from the paper: exponents of weight are not printed; 0.75 and 1 are assumed.
"""

from __future__ import annotations

from typing import ClassVar

from unwound.core.arrays import Array, Float, Record, Scalar, jnp
from unwound.core.units import unit
from unwound.evidence import value
from unwound.pharmacokinetics.model import Analyte, Covariates, Entry
from unwound.pharmacokinetics.routes import require_route
from unwound.pharmacokinetics.system import LinearSystem, Network, mammillary
from unwound.pharmacokinetics.variability import diagonal


class Simons2022(Record):
    """The population model, per 70 kg."""

    mucosal_fraction: Scalar = unit("1")
    mucosal_duration: Scalar = unit("h")
    mucosal_rate: Scalar = unit("1/h")
    swallowed_fraction: Scalar = unit("1")
    swallowed_duration: Scalar = unit("h")
    swallowed_rate: Scalar = unit("1/h")
    gut_transit: Scalar = unit("h")
    central: Scalar = unit("L")
    shallow: Scalar = unit("L")
    deep: Scalar = unit("L")
    clearance: Scalar = unit("L/h")
    to_shallow: Scalar = unit("L/h")
    to_deep: Scalar = unit("L/h")
    metabolism_transit: Scalar = unit("h")
    metabolite_share: Scalar = unit("1")
    metabolite_peripheral: Scalar = unit("L")
    metabolite_clearance: Scalar = unit("L/h")
    metabolite_exchange: Scalar = unit("L/h")
    second_transit: Scalar = unit("h")
    second_share: Scalar = unit("1")
    second_central: Scalar = unit("L")
    second_peripheral: Scalar = unit("L")
    second_clearance: Scalar = unit("L/h")
    second_exchange: Scalar = unit("L/h")
    clearance_weight_exponent: Scalar = unit("1")
    volume_weight_exponent: Scalar = unit("1")
    reference_weight: Scalar = unit("kg")
    proportional_error: Scalar = unit("1")

    prefix: ClassVar[str] = "simons2022"
    title: ClassVar[str] = "Simons 2022: S-ketamine, S-norketamine, S-hydroxynorketamine; film or vein, arterial plasma"
    sampling: ClassVar[str] = "arterial"
    enantiomers: ClassVar[tuple[str, ...]] = ("S",)
    analytes: ClassVar[tuple[Analyte, ...]] = (
        Analyte("S-ketamine", "S", is_parent=True),
        Analyte("S-norketamine", "S", is_parent=False),
        Analyte("S-hydroxynorketamine", "S", is_parent=False),
    )
    routes: ClassVar[tuple[str, ...]] = ("intravenous", "sublingual")
    random_effects: ClassVar[tuple[str, ...]] = (
        "central", "clearance", "to_deep", "metabolite_clearance", "metabolism_transit", "second_central",
        "second_clearance", "second_exchange",
    )  # fmt: skip

    occasion_effects: ClassVar[tuple[str, ...]] = (
        "mucosal_fraction", "mucosal_duration", "mucosal_rate", "swallowed_fraction", "swallowed_duration",
        "swallowed_rate", "gut_transit", "metabolism_transit", "second_peripheral", "second_clearance",
    )  # fmt: skip

    def covariance(self) -> Float[Array, "effects effects"]:
        """Independent random effects on the log scale."""
        return diagonal(self.prefix, self.random_effects)

    def compartments(self) -> tuple[str, ...]:
        """Mouth, gut and its delay, parent, first chain, norketamine, second chain, hydroxynorketamine."""
        parent = ("central", "central_2", "central_3", "chain_1", "chain_2")
        later = ("metabolite", "metabolite_2", "chain_3", "chain_4", "second", "second_2")
        return ("mouth", "gut", "gut_delay", *parent, *later)

    def today(self, kappa: Float[Array, "occasion_effects *batch"] | None) -> dict[str, Scalar | float]:
        """Factors of one occasion by the name of their parameter; 1 where `kappa` is None."""
        if kappa is None:
            return dict.fromkeys(self.occasion_effects, 1.0)
        return {name: jnp.exp(kappa[n]) for n, name in enumerate(self.occasion_effects)}

    def system(
        self, who: Covariates, eta: Float[Array, "effects *batch"], enantiomer: str,
        kappa: Float[Array, "occasion_effects *batch"] | None = None,
    ) -> LinearSystem:  # fmt: skip
        """Kinetics of the three analytes."""
        del enantiomer
        today = self.today(kappa)
        size = who.weight / self.reference_weight
        flow, volume = size**self.clearance_weight_exponent, size**self.volume_weight_exponent
        vary = {name: jnp.exp(eta[n]) for n, name in enumerate(self.random_effects)}
        central = self.central * volume * vary["central"]
        second = self.second_central * volume * vary["second_central"]
        first_chain = 2.0 / (self.metabolism_transit * vary["metabolism_transit"] * today["metabolism_transit"])
        net = Network(*self.compartments())
        net.flow("mouth", "central", self.mucosal_rate * today["mucosal_rate"])
        net.flow("gut", "gut_delay", self.swallowed_rate * today["swallowed_rate"])
        net.flow("gut_delay", "chain_1", 1.0 / (self.gut_transit * today["gut_transit"]))
        net.flow("central", "chain_1", self.clearance * flow * vary["clearance"] / central)
        net.exchange("central", "central_2", self.to_shallow * flow, central, self.shallow * volume)
        net.exchange("central", "central_3", self.to_deep * flow * vary["to_deep"], central, self.deep * volume)
        net.flow("chain_1", "chain_2", first_chain)
        net.lose("chain_2", first_chain, "metabolite", self.metabolite_share)
        leaving = self.metabolite_clearance * flow * vary["metabolite_clearance"] / central
        net.flow("metabolite", "chain_3", leaving)
        peripheral = self.metabolite_peripheral * volume
        net.exchange("metabolite", "metabolite_2", self.metabolite_exchange * flow, central, peripheral)
        net.flow("chain_3", "chain_4", 2.0 / self.second_transit)
        net.lose("chain_4", 2.0 / self.second_transit, "second", self.second_share)
        peripheral = self.second_peripheral * volume * today["second_peripheral"]
        cleared = self.second_clearance * flow * vary["second_clearance"] * today["second_clearance"]
        pair = (peripheral, self.second_exchange * flow * vary["second_exchange"])
        mammillary(cleared, second, [pair], net, "second")
        batch = jnp.shape(central)
        ketamine = value("ketamine.molar_mass", "mg/umol")
        nor, hydroxy = (
            value(f"{name}.molar_mass", "mg/umol") / ketamine for name in ("norketamine", "hydroxynorketamine")
        )
        analytes = (("central", 1.0 / central), ("metabolite", nor / central), ("second", hydroxy / second))
        return LinearSystem(net.matrix(batch), net.readout(batch, *analytes))

    def entries(
        self, who: Covariates, eta: Float[Array, "effects *batch"], enantiomer: str, route: str, amount: Scalar,
        kappa: Float[Array, "occasion_effects *batch"] | None = None,
    ) -> tuple[Entry, ...]:  # fmt: skip
        """A film enters twice: through the mouth, and swallowed into hepatic metabolism."""
        del who, eta, enantiomer, amount
        require_route(self.prefix, route, self.routes)
        if route == "intravenous":
            return (Entry("central", 1.0, None),)
        today = self.today(kappa)
        p = {name: getattr(self, name) * today[name] for name in self.occasion_effects}
        return (
            Entry("mouth", p["mucosal_fraction"], p["mucosal_duration"]),
            Entry("gut", p["swallowed_fraction"], p["swallowed_duration"]),
        )
