r"""Four ways in which papers print the same thing: a central volume, what clears it, and its peripheries.

    by rates                V1, CL, k12, k21, k13, k31                 Qi = k1i V1,  Vi = Qi / ki1
    by rates per kilogram   v WT, k10, k12, ...                        CL = k10 V1
    by volumes              V1, V2, V3 ~ (WT/70)^a;  CL, Q2, Q3 ~ (WT/70)^b       (a = b = 0: the same at any weight)
    one compartment         v WT, cl WT

Each turns body weight into the same `Disposition`. Source: algebra; the numbers are those of `partners`.
"""

from __future__ import annotations

from collections.abc import Sequence

from unwound.core.arrays import Array, Record, Scalar, jnp
from unwound.core.units import unit
from unwound.pharmacokinetics.modes import Disposition


class ByRates(Record):
    """A central volume, its clearance, and rate constants; the same at any weight."""

    central: Scalar = unit("L")
    clearance: Scalar = unit("L/h")
    k12: Scalar = unit("1/h")
    k21: Scalar = unit("1/h")
    k13: Scalar = unit("1/h")
    k31: Scalar = unit("1/h")

    def disposition(self, weight: Scalar) -> Disposition:
        """Anybody."""
        flows = (self.k12 * self.central, self.k13 * self.central)
        pairs = [(flows[0] / self.k21, flows[0]), (flows[1] / self.k31, flows[1])]
        return _of(self.clearance, self.central, pairs, jnp.ones_like(jnp.asarray(weight)))


class ByRatesPerKilogram(Record):
    """A central volume per kilogram, and rate constants."""

    volume: Scalar = unit("L/kg")
    k10: Scalar = unit("1/h")
    k12: Scalar = unit("1/h")
    k21: Scalar = unit("1/h")
    k13: Scalar = unit("1/h")
    k31: Scalar = unit("1/h")

    def disposition(self, weight: Scalar) -> Disposition:
        """The person of body weight `weight` [kg]."""
        central = self.volume * jnp.asarray(weight)
        flows = (self.k12 * central, self.k13 * central)
        pairs = [(flows[0] / self.k21, flows[0]), (flows[1] / self.k31, flows[1])]
        return _of(self.k10 * central, central, pairs, jnp.ones_like(central))


class ThreeVolumes(Record):
    """Three volumes and three flows, scaled from the reference weight by two exponents."""

    central: Scalar = unit("L")
    shallow: Scalar = unit("L")
    deep: Scalar = unit("L")
    clearance: Scalar = unit("L/h")
    to_shallow: Scalar = unit("L/h")
    to_deep: Scalar = unit("L/h")
    volume_exponent: Scalar = unit("1")
    flow_exponent: Scalar = unit("1")
    reference_weight: Scalar = unit("kg")

    def disposition(self, weight: Scalar) -> Disposition:
        """The person of body weight `weight` [kg]."""
        size = jnp.asarray(weight) / self.reference_weight
        volume, flow = size**self.volume_exponent, size**self.flow_exponent
        pairs = [(self.shallow * volume, self.to_shallow * flow), (self.deep * volume, self.to_deep * flow)]
        return _of(self.clearance * flow, self.central * volume, pairs, jnp.ones_like(size))


class TwoVolumes(Record):
    """Two volumes and two flows; the same at any weight."""

    central: Scalar = unit("L")
    shallow: Scalar = unit("L")
    clearance: Scalar = unit("L/h")
    to_shallow: Scalar = unit("L/h")

    def disposition(self, weight: Scalar) -> Disposition:
        """Anybody."""
        pairs = [(self.shallow, self.to_shallow)]
        return _of(self.clearance, self.central, pairs, jnp.ones_like(jnp.asarray(weight)))


class OneVolume(Record):
    """One compartment per kilogram."""

    clearance: Scalar = unit("L/h/kg")
    volume: Scalar = unit("L/kg")

    def disposition(self, weight: Scalar) -> Disposition:
        """The person of body weight `weight` [kg]."""
        return _of(self.clearance, self.volume, [], jnp.asarray(weight))


PartnerKinetics = ByRates | ByRatesPerKilogram | ThreeVolumes | TwoVolumes | OneVolume


def _of(clearance: Scalar, central: Scalar, pairs: Sequence[tuple[Array, Array]], scale: Array) -> Disposition:
    """A disposition in the shape of `scale`, which multiplies volumes and flows alike."""
    empty = jnp.zeros((0, *scale.shape))
    return Disposition(
        clearance=clearance * scale,
        central=central * scale,
        peripheral=jnp.stack([volume * scale for volume, _ in pairs]) if pairs else empty,
        exchange=jnp.stack([flow * scale for _, flow in pairs]) if pairs else empty,
    )
