r"""An illustrative two-compartment S-ketamine model: the one behind the first-guess table of the slow memory.

    dA1/dt = R - CL C - Q (C - C2),   dA2/dt = Q (C - C2),   C = A1/V1

Source: assumption. It is here so that the relief-days table of the slow model, which was computed with it, can be
computed again; use a published model for anything else. No variability, no weight, no metabolite.
"""

from __future__ import annotations

from typing import ClassVar

from unwound.core.arrays import Array, Float, Record, Scalar, jnp
from unwound.core.units import unit
from unwound.pharmacokinetics.model import Analyte, Individual
from unwound.pharmacokinetics.modes import Disposition


class TwoCompartment(Record):
    """Illustrative values, assumed."""

    clearance: Scalar = unit("L/h")
    central: Scalar = unit("L")
    peripheral: Scalar = unit("L")
    exchange: Scalar = unit("L/h")

    prefix: ClassVar[str] = "twocompartment"
    title: ClassVar[str] = "Two compartments, illustrative (assumed), S-ketamine, venous plasma"
    sampling: ClassVar[str] = "venous"
    enantiomers: ClassVar[tuple[str, ...]] = ("S",)
    analytes: ClassVar[tuple[Analyte, ...]] = (Analyte("S-ketamine", "S", is_parent=True),)
    random_effects: ClassVar[tuple[str, ...]] = ()

    def covariance(self) -> Float[Array, "effects effects"]:
        """No variability: a 0 x 0 covariance."""
        return jnp.zeros((0, 0))

    def individual(self, weight: Scalar, eta: Float[Array, "effects *batch"]) -> Individual:
        """The same person at any weight."""
        del eta
        like = jnp.ones_like(jnp.asarray(weight))
        parent = Disposition(
            clearance=self.clearance * like,
            central=self.central * like,
            peripheral=jnp.stack([self.peripheral * like]),
            exchange=jnp.stack([self.exchange * like]),
        )
        return Individual(parent=parent, formation=parent.clearance)
