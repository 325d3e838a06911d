r"""Ketamine by mouth in children: the absorption of Brunette 2011 before the disposition of Herd 2007 (assumed).

    dD  = -ka D,   D(0) = F dose,   ka = ln 2 / t_abs
    dA1 = ka D - CL C1 - Q (C1 - C2),   dA2 = Q (C1 - C2),   Ci = Ai / Vi
    CL, Q ~ (WT/70)^0.75;  V1, V2 ~ WT/70;  log-normal effects on V1, V2, CL, Q and t_abs

By mouth only: F and t_abs were estimated for that route, and a dose into a vein is a question for herd2007.

Source: brunette2011 (abstract: F, t_abs and how children differ in it; two compartments and first-order absorption in
91 pooled children, 20 of them with burns), herd2007 (everything else). Leaves out: the paper's own disposition values,
which were not available to us; what burns change; norketamine; enantiomers.
Differs from the paper: V1, V2, CL, Q and their spread are those of Herd 2007, of the same group, an assumption.
"""

from __future__ import annotations

import math
from typing import ClassVar

from unwound.core.arrays import Array, Float, Record, Scalar, jnp
from unwound.core.units import unit
from unwound.pharmacokinetics.model import Analyte, Covariates, Entry
from unwound.pharmacokinetics.routes import require_route
from unwound.pharmacokinetics.system import LinearSystem, Network
from unwound.pharmacokinetics.variability import diagonal

_LN2 = math.log(2.0)


class Brunette2011(Record):
    """The population model, per 70 kg."""

    central: Scalar = unit("L")
    peripheral: Scalar = unit("L")
    clearance: Scalar = unit("L/h")
    exchange: Scalar = unit("L/h")
    oral_fraction: Scalar = unit("1")  # F
    oral_half_time: Scalar = unit("h")  # t_abs
    oral_half_time_cv: Scalar = unit("1")
    clearance_weight_exponent: Scalar = unit("1")
    volume_weight_exponent: Scalar = unit("1")
    reference_weight: Scalar = unit("kg")

    prefix: ClassVar[str] = "brunette2011"
    title: ClassVar[str] = "Brunette 2011: children, racemic ketamine by mouth; disposition of Herd 2007 (assumed)"
    sampling: ClassVar[str] = "unstated"
    enantiomers: ClassVar[tuple[str, ...]] = ("racemic",)
    analytes: ClassVar[tuple[Analyte, ...]] = (Analyte("ketamine", "racemic", is_parent=True),)
    occasion_effects: ClassVar[tuple[str, ...]] = ()
    random_effects: ClassVar[tuple[str, ...]] = ("central", "peripheral", "clearance", "exchange", "oral_half_time")
    routes: ClassVar[tuple[str, ...]] = ("oral",)

    def covariance(self) -> Float[Array, "effects effects"]:
        """Independent effects, log scale: four of Herd 2007, and omega^2 = ln(1 + CV^2) of the absorption."""
        disposition = jnp.diag(diagonal("herd2007", self.random_effects[:4]))
        return jnp.diag(jnp.append(disposition, jnp.log1p(jnp.asarray(self.oral_half_time_cv) ** 2)))

    def compartments(self) -> tuple[str, ...]:
        """Gut, and the two volumes."""
        return ("stomach", "central", "central_2")

    def system(self, who: Covariates, eta: Float[Array, "effects *batch"], enantiomer: str) -> LinearSystem:
        """Kinetics of total ketamine in children `who` with random effects `eta`."""
        del enantiomer
        size = who.weight / self.reference_weight
        flow, volume = size**self.clearance_weight_exponent, size**self.volume_weight_exponent
        vary = jnp.exp(jnp.asarray(eta))
        central, peripheral = self.central * volume * vary[0], self.peripheral * volume * vary[1]
        net = Network(*self.compartments())
        net.flow("stomach", "central", _LN2 / (self.oral_half_time * vary[4]))
        net.exchange("central", "central_2", self.exchange * flow * vary[3], central, peripheral)
        net.flow("central", None, self.clearance * flow * vary[2] / central)
        batch = jnp.shape(central)
        return LinearSystem(net.matrix(batch), net.readout(batch, ("central", 1.0 / central)))

    def entries(
        self, who: Covariates, eta: Float[Array, "effects *batch"], enantiomer: str, route: str, amount: Scalar
    ) -> tuple[Entry, ...]:
        """What is swallowed and arrives. Raises `InputError` for any other route."""
        del who, eta, enantiomer, amount
        require_route(self.prefix, route, self.routes)
        return (Entry("stomach", self.oral_fraction, None),)
