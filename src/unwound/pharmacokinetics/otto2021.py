r"""S-ketamine and S-norketamine after intravenous S-ketamine, venous plasma, adults.

Three compartments for S-ketamine, two for S-norketamine; all of the parent becomes the metabolite (fm = 1), and
its flux is carried as mass without a change of molecular weight, as in the authors' program:

    dA1/dt  = R - CL C - Q2 (C - C2) - Q3 (C - C3)            C  = A1/V1
    dM1/dt  = CL C - CLm Cm - Qm (Cm - Cm2)                   Cm = M1/Vm
    CL, CLm = typical (WT/70)^0.75 exp(eta);   V1, Vm = typical (WT/70) exp(eta);   peripheral terms not scaled

(eta_V1, eta_CL) and (eta_Vm, eta_CLm) are normal with the covariances of the tables.

Source: otto2021 (parent fixed to fanta2015). Leaves out: the oral route of fanta2015.
"""

from __future__ import annotations

from typing import ClassVar

from unwound.core.arrays import Array, Float, Record, Scalar, jnp
from unwound.core.units import unit
from unwound.pharmacokinetics.model import Analyte, Individual
from unwound.pharmacokinetics.modes import Disposition


class Otto2021(Record):
    """The population model: typical values, how they scale with weight, how people differ."""

    clearance: Scalar = unit("L/h")
    central: Scalar = unit("L")
    shallow: Scalar = unit("L")
    deep: Scalar = unit("L")
    to_shallow: Scalar = unit("L/h")
    to_deep: Scalar = unit("L/h")
    metabolite_clearance: Scalar = unit("L/h")
    metabolite_central: Scalar = unit("L")
    metabolite_peripheral: Scalar = unit("L")
    metabolite_exchange: Scalar = unit("L/h")
    clearance_weight_exponent: Scalar = unit("1")
    volume_weight_exponent: Scalar = unit("1")
    reference_weight: Scalar = unit("kg")
    variance_central: Scalar = unit("variance")
    covariance_central_clearance: Scalar = unit("covariance")
    variance_clearance: Scalar = unit("variance")
    metabolite_variance_central: Scalar = unit("variance")
    metabolite_covariance: Scalar = unit("covariance")
    metabolite_variance_clearance: Scalar = unit("variance")
    proportional_error: Scalar = unit("1")
    metabolite_proportional_error: Scalar = unit("1")

    prefix: ClassVar[str] = "otto2021"
    title: ClassVar[str] = "Otto 2021: S-ketamine and S-norketamine, intravenous, venous plasma, adults"
    sampling: ClassVar[str] = "venous"
    enantiomers: ClassVar[tuple[str, ...]] = ("S",)
    analytes: ClassVar[tuple[Analyte, ...]] = (
        Analyte("S-ketamine", "S", is_parent=True),
        Analyte("S-norketamine", "S", is_parent=False),
    )
    random_effects: ClassVar[tuple[str, ...]] = (
        "central",
        "clearance",
        "metabolite_central",
        "metabolite_clearance",
    )

    def covariance(self) -> Float[Array, "effects effects"]:
        """Covariance of the random effects (log scale), in the order of `random_effects`."""
        zero = jnp.zeros(())
        parent = [self.variance_central, self.covariance_central_clearance, self.variance_clearance]
        child = [self.metabolite_variance_central, self.metabolite_covariance, self.metabolite_variance_clearance]
        return jnp.array(
            [
                [parent[0], parent[1], zero, zero],
                [parent[1], parent[2], zero, zero],
                [zero, zero, child[0], child[1]],
                [zero, zero, child[1], child[2]],
            ]
        )

    def individual(self, weight: Scalar, eta: Float[Array, "effects *batch"]) -> Individual:
        """The person of body weight `weight` [kg] with random effects `eta` (zeros: a typical one)."""
        size = weight / self.reference_weight
        clearance_scale = size**self.clearance_weight_exponent
        volume_scale = size**self.volume_weight_exponent
        clearance = self.clearance * clearance_scale * jnp.exp(eta[1])
        like = jnp.ones_like(clearance)
        parent = Disposition(
            clearance=clearance,
            central=self.central * volume_scale * jnp.exp(eta[0]),
            peripheral=jnp.stack([self.shallow * like, self.deep * like]),
            exchange=jnp.stack([self.to_shallow * like, self.to_deep * like]),
        )
        metabolite = Disposition(
            clearance=self.metabolite_clearance * clearance_scale * jnp.exp(eta[3]),
            central=self.metabolite_central * volume_scale * jnp.exp(eta[2]),
            peripheral=jnp.stack([self.metabolite_peripheral * like]),
            exchange=jnp.stack([self.metabolite_exchange * like]),
        )
        return Individual(parent=parent, formation=clearance, metabolite=metabolite)
