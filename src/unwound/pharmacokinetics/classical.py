r"""Classical two- and three-compartment models without a metabolite: two structures, one record of values each.

    PerKilogram   V1 = v WT;  CL = k10 V1;  Qi = k1i V1;  Vi = (k1i / ki1) V1          domino1984, clements1981
    PerSeventy    CL, Q ~ (WT/70)^a;  V1, V2 ~ (WT/70)^b                     herd2007, sherwin2015, elkomy2015,
                  log-normal random effects where a spread is printed        hornik2018, flint2017

Source: the key of each model. Leaves out: flint2017's norketamine, whose clearance drifts with time (not linear with
constant coefficients); the effect-site rate constants that programs attach to domino1984 (back-calculated from a
guess); clements1981's other dose groups.
"""

from __future__ import annotations

from typing import Any

from unwound.core.arrays import Array, Float, Record, Scalar, eqx, jnp
from unwound.core.units import unit
from unwound.pharmacokinetics.model import Analyte, Individual
from unwound.pharmacokinetics.modes import Disposition
from unwound.pharmacokinetics.variability import diagonal


def _individual(central: Any, clearance: Any, pairs: list[tuple[Any, Any]]) -> Individual:
    like = jnp.ones_like(jnp.asarray(central))
    parent = Disposition(
        clearance=clearance * like,
        central=central * like,
        peripheral=jnp.stack([volume * like for volume, _ in pairs]),
        exchange=jnp.stack([flow * like for _, flow in pairs]),
    )
    return Individual(parent=parent, formation=clearance * like)


class PerKilogram(Record):
    """Rate constants and a volume per kilogram; `peripherals` of 1 leaves the third compartment out."""

    volume: Scalar = unit("L/kg")
    k10: Scalar = unit("1/h")
    k12: Scalar = unit("1/h")
    k21: Scalar = unit("1/h")
    prefix: str = eqx.field(static=True)
    title: str = eqx.field(static=True)
    enantiomers: tuple[str, ...] = eqx.field(static=True)
    analytes: tuple[Analyte, ...] = eqx.field(static=True)
    k13: Scalar = unit("1/h", default=0.0)
    k31: Scalar = unit("1/h", default=1.0)
    peripherals: int = eqx.field(static=True, default=2)
    sampling: str = eqx.field(static=True, default="unstated")
    random_effects: tuple[str, ...] = eqx.field(static=True, default=())

    def covariance(self) -> Float[Array, "effects effects"]:
        """No variability is known: a 0 x 0 covariance."""
        return jnp.zeros((0, 0))

    def individual(self, weight: Scalar, eta: Float[Array, "effects *batch"]) -> Individual:
        """The person of body weight `weight` [kg]."""
        del eta
        central = self.volume * weight
        pairs = [(self.k12 / self.k21 * central, self.k12 * central)]
        if self.peripherals == 2:
            pairs.append((self.k13 / self.k31 * central, self.k13 * central))
        return _individual(central, self.k10 * central, pairs)


class PerSeventy(Record):
    """Two compartments scaled from 70 kg; `random_effects` are those with a printed spread."""

    central: Scalar = unit("L")
    peripheral: Scalar = unit("L")
    clearance: Scalar = unit("L/h")
    exchange: Scalar = unit("L/h")
    clearance_weight_exponent: Scalar = unit("1")
    volume_weight_exponent: Scalar = unit("1")
    reference_weight: Scalar = unit("kg")
    prefix: str = eqx.field(static=True)
    title: str = eqx.field(static=True)
    enantiomers: tuple[str, ...] = eqx.field(static=True)
    analytes: tuple[Analyte, ...] = eqx.field(static=True)
    sampling: str = eqx.field(static=True, default="unstated")
    random_effects: tuple[str, ...] = eqx.field(static=True, default=())

    def covariance(self) -> Float[Array, "effects effects"]:
        """Independent random effects on the log scale."""
        return diagonal(self.prefix, self.random_effects) if self.random_effects else jnp.zeros((0, 0))

    def individual(self, weight: Scalar, eta: Float[Array, "effects *batch"]) -> Individual:
        """The person of body weight `weight` [kg] with random effects `eta`."""
        size = weight / self.reference_weight
        flow, volume = size**self.clearance_weight_exponent, size**self.volume_weight_exponent
        vary = {name: jnp.exp(eta[n]) for n, name in enumerate(self.random_effects)}
        central = self.central * volume * vary.get("central", 1.0)
        clearance = self.clearance * flow * vary.get("clearance", 1.0)
        pair = (
            self.peripheral * volume * vary.get("peripheral", 1.0),
            self.exchange * flow * vary.get("exchange", 1.0),
        )
        return _individual(central, clearance, [pair])
