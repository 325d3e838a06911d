r"""Oral and intravenous S-ketamine with norketamine, through a gut wall and a liver; healthy volunteers.

    QH = 3.75 WT^0.75,  Qvi = QH 0.40 x 0.80 x 0.60,  Qgut = Qvi CLp / (Qvi + CLp)
    Fg = Qgut / (Qgut + CLint,GW),        EH = CLint,H fub / (QH + CLint,H fub),   fub = fu / (blood:plasma)
    Fg' = Qvi / (Qvi + CLint,GW'),        FH' = QH / (QH + CLint,H' fub')                       norketamine
    dD = -ka D
    dC = (1 - EH) Fg ka D - EH QH C/Vc + distribution (two peripherals)
    dN = FH' {[(1 - Fg) Fg' + Fg EH] ka D + EH QH C/Vc} - (1 - FH') QH N/Vn + distribution (one peripheral)

Gut wall, portal vein and liver are in quasi-steady state, as in the paper, which leaves one depot. All that is
extracted becomes norketamine, as mass.

Source: ashraf2018, Tables 1 and 2. Leaves out: ticlopidine, whose inhibition follows its own concentration (not linear
with constant coefficients); `without_cyp2b6` is its limit. Residual error and the two study phases.
Differs from the paper: nothing that is known; parameters and equations were read in a transcription, not in the paper.
Doubts: an unbound share in blood of 1.4, a gut wall that hardly metabolizes ketamine (against grapefruit juice and
clarithromycin), and a spread of its clearance with a variance of 2.1 on the log scale.
"""

from __future__ import annotations

import dataclasses
from typing import ClassVar

from unwound.core.arrays import Array, Float, Record, Scalar, jnp
from unwound.core.errors import EvidenceError
from unwound.core.units import unit
from unwound.evidence import estimate, value
from unwound.pharmacokinetics.model import Analyte, Covariates, Entry
from unwound.pharmacokinetics.routes import require_route
from unwound.pharmacokinetics.system import LinearSystem, Network


class Ashraf2018(Record):
    """The population model, placebo phase."""

    oral_rate: Scalar = unit("1/h")
    central: Scalar = unit("L")
    shallow: Scalar = unit("L")
    to_shallow: Scalar = unit("L/h")
    deep: Scalar = unit("L")
    to_deep: Scalar = unit("L/h")
    hepatic: Scalar = unit("L/h")
    gut_wall: Scalar = unit("L/h")
    permeability: Scalar = unit("L/h")
    unbound: Scalar = unit("1")
    blood_ratio: Scalar = unit("1")
    metabolite_central: Scalar = unit("L")
    metabolite_peripheral: Scalar = unit("L")
    metabolite_exchange: Scalar = unit("L/h")
    metabolite_hepatic: Scalar = unit("L/h")
    metabolite_gut_wall: Scalar = unit("L/h")
    metabolite_unbound: Scalar = unit("1")
    metabolite_blood_ratio: Scalar = unit("1")
    liver_flow: Scalar = unit("L/h")
    reference_weight: Scalar = unit("kg")
    flow_weight_exponent: Scalar = unit("1")
    intestinal_share: Scalar = unit("1")
    mucosal_share: Scalar = unit("1")
    villous_share: Scalar = unit("1")

    prefix: ClassVar[str] = "ashraf2018"
    title: ClassVar[str] = "Ashraf 2018: S-ketamine and S-norketamine, oral or intravenous, gut wall and liver; plasma"
    sampling: ClassVar[str] = "unstated"
    enantiomers: ClassVar[tuple[str, ...]] = ("S",)
    analytes: ClassVar[tuple[Analyte, ...]] = (
        Analyte("S-ketamine", "S", is_parent=True),
        Analyte("S-norketamine", "S", is_parent=False),
    )
    routes: ClassVar[tuple[str, ...]] = ("intravenous", "oral")
    random_effects: ClassVar[tuple[str, ...]] = ("oral_rate", "shallow", "hepatic", "gut_wall", "metabolite_hepatic")
    occasion_effects: ClassVar[tuple[str, ...]] = ()

    def covariance(self) -> Float[Array, "effects effects"]:
        """Independent, on the log scale, as printed (variances)."""
        return jnp.diag(jnp.array([_variance(f"{self.prefix}.{name}") for name in self.random_effects]))

    def compartments(self) -> tuple[str, ...]:
        """Stomach, parent, metabolite."""
        return ("stomach", "central", "central_2", "central_3", "metabolite", "metabolite_2")

    def system(self, who: Covariates, eta: Float[Array, "effects *batch"], enantiomer: str) -> LinearSystem:
        """Kinetics of S-ketamine and S-norketamine."""
        del enantiomer
        p = {name: getattr(self, name) * jnp.exp(eta[n]) for n, name in enumerate(self.random_effects)}
        QH = self.liver_flow * (who.weight / self.reference_weight) ** self.flow_weight_exponent
        Qvi = QH * self.intestinal_share * self.mucosal_share * self.villous_share
        Qgut = Qvi * self.permeability / (Qvi + self.permeability)
        Fg = Qgut / (Qgut + p["gut_wall"])
        EH = 1.0 / (1.0 + QH / (p["hepatic"] * self.unbound / self.blood_ratio))
        Fgm = Qvi / (Qvi + self.metabolite_gut_wall)
        FHm = QH / (QH + p["metabolite_hepatic"] * self.metabolite_unbound / self.metabolite_blood_ratio)
        presystemic = FHm * ((1.0 - Fg) * Fgm + Fg * EH)
        net = Network(*self.compartments())
        net.flow("stomach", "central", p["oral_rate"] * Fg * (1.0 - EH))
        net.flow("stomach", "metabolite", p["oral_rate"] * presystemic)
        net.flow("stomach", None, p["oral_rate"] * (1.0 - Fg * (1.0 - EH) - presystemic))
        net.exchange("central", "central_2", self.to_shallow, self.central, p["shallow"])
        net.exchange("central", "central_3", self.to_deep, self.central, self.deep)
        net.lose("central", EH * QH / self.central, "metabolite", FHm)
        exchange, peripheral = self.metabolite_exchange, self.metabolite_peripheral
        net.exchange("metabolite", "metabolite_2", exchange, self.metabolite_central, peripheral)
        net.flow("metabolite", None, (1.0 - FHm) * QH / self.metabolite_central)
        batch = jnp.shape(QH * p["oral_rate"])
        analytes = (("central", 1.0 / self.central), ("metabolite", 1.0 / self.metabolite_central))
        return LinearSystem(net.matrix(batch), net.readout(batch, *analytes))

    def entries(
        self, who: Covariates, eta: Float[Array, "effects *batch"], enantiomer: str, route: str, amount: Scalar
    ) -> tuple[Entry, ...]:
        """By mouth into the stomach, or straight into the blood as the pump gives it."""
        del who, eta, enantiomer, amount
        require_route(self.prefix, route, self.routes)
        return (Entry("central" if route == "intravenous" else "stomach", 1.0, None),)


def without_cyp2b6(model: Ashraf2018, activity: Scalar = 0.0) -> Ashraf2018:
    """The same people with the share `activity` of their CYP2B6 left: none of it is the limit of ticlopidine."""
    share = value("ashraf2018.cyp2b6_share", "1")
    return dataclasses.replace(model, hepatic=model.hepatic * (1.0 - share * (1.0 - activity)))


def _variance(key: str) -> float:
    spread = estimate(key).spread
    if spread is None or spread.kind != "variance" or not isinstance(spread.amount, float):
        raise EvidenceError(f"{key}: its spread is no variance between people")
    return spread.amount
