r"""Racemic ketamine and its enantiomers, intravenous, arterial plasma, adults: three compartments, 14 studies pooled.

    dA1/dt = R - CL_e C - Q2 (C - C2) - Q3 (C - C3);   S and R share all volumes and flows, CL_R = 0.86 CL_S
    CL, Q ~ (WT/70)^0.75;  V ~ WT/70

The enantiomer split keeps the harmonic mean of both clearances at that of the racemate. Variability is a surrogate
from other models (assumed): the paper's own was not available to us.

Source: kamp2020 (typical values), wang2019, persson2002, henthorn2018 (ratio). Leaves out: the two venous delay
compartments (parameters not available), metabolites.
"""

from __future__ import annotations

import dataclasses
from typing import ClassVar

from unwound.core.arrays import Array, Float, Record, Scalar, jnp
from unwound.core.units import unit
from unwound.pharmacokinetics.model import Analyte, Individual
from unwound.pharmacokinetics.modes import Disposition


class Kamp2020(Record):
    """The population model, per 70 kg. `individual` gives the S-enantiomer, `enantiomer("R")` the same for R."""

    central: Scalar = unit("L")
    shallow: Scalar = unit("L")
    deep: Scalar = unit("L")
    to_shallow: Scalar = unit("L/h")
    to_deep: Scalar = unit("L/h")
    clearance_s: Scalar = unit("L/h")
    clearance_r: Scalar = unit("L/h")
    variance_central: Scalar = unit("1")
    covariance_central_clearance: Scalar = unit("1")
    variance_clearance: Scalar = unit("1")
    clearance_weight_exponent: Scalar = unit("1")
    volume_weight_exponent: Scalar = unit("1")
    reference_weight: Scalar = unit("kg")

    prefix: ClassVar[str] = "kamp2020"
    title: ClassVar[str] = "Kamp 2020: racemic ketamine and its enantiomers, intravenous, arterial plasma, adults"
    sampling: ClassVar[str] = "arterial"
    enantiomers: ClassVar[tuple[str, ...]] = ("S", "R")
    analytes: ClassVar[tuple[Analyte, ...]] = (
        Analyte("S-ketamine", "S", is_parent=True),
        Analyte("R-ketamine", "R", is_parent=True),
    )
    random_effects: ClassVar[tuple[str, ...]] = ("central", "clearance")

    def covariance(self) -> Float[Array, "effects effects"]:
        """Surrogate covariance of (central, clearance), log scale."""
        middle = self.covariance_central_clearance
        return jnp.array([[self.variance_central, middle], [middle, self.variance_clearance]])

    def enantiomer(self, which: str) -> Kamp2020:
        """The same model with the clearance of enantiomer `which` where `individual` looks for it."""
        return self if which == "S" else dataclasses.replace(self, clearance_s=self.clearance_r)

    def individual(self, weight: Scalar, eta: Float[Array, "effects *batch"]) -> Individual:
        """The person of body weight `weight` [kg] with random effects `eta`."""
        size = weight / self.reference_weight
        flow, volume = size**self.clearance_weight_exponent, size**self.volume_weight_exponent
        clearance = self.clearance_s * flow * jnp.exp(eta[1])
        parent = Disposition(
            clearance=clearance,
            central=self.central * volume * jnp.exp(eta[0]),
            peripheral=jnp.stack([self.shallow * volume, self.deep * volume]),
            exchange=jnp.stack([self.to_shallow * flow, self.to_deep * flow]),
        )
        return Individual(parent=parent, formation=clearance)
