r"""What drives the slow memory: from the drug in plasma to the block that the slow states feel.

A driver is an interchangeable record with one function, ``block(concentration) -> b`` in 0..1, of the total plasma
S-equivalents C_eq = C_S + f C_R. Which one is right is a hypothesis, and f belongs to it.

    empirical            b = C_eq / (b50 + C_eq)
    pore                 b = fu C_eq / (fu C_eq + K(V) (1 + [Mg]/K_Mg(V)))
    pore_depolarized     the same at another voltage, and with all of the drug in plasma acting (fu = 1)
    tonic                b = Imax C_eq / (K_tonic + C_eq)

    K(V) = K exp(delta F (V - V0)/RT)          K_Mg(V) = K_Mg exp((V - V0)/s)

The pore is that of GluN2A at steady state, which any gating shares: the long-lived states meet its equilibrium. The
tonic site is the tight one on receptors that ambient glutamate opens; its evidence is weak.

Source: assumption (b50, f), tested against sigtermans2009 (b50); the rows of the receptor (pore); abbott2024 (tonic).
Leaves out: GluN2C and GluN2D, which the pore driver would block more; kinetics of the block, seconds to minutes.
"""

from __future__ import annotations

from typing import ClassVar, Protocol

from unwound.core.arrays import Array, Record, Scalar, jnp
from unwound.core.units import unit


class Driver(Protocol):
    """The signature of all drivers."""

    prefix: ClassVar[str]

    @property
    def r_potency(self) -> Scalar:
        """f in ``C_eq = C_S + f C_R``."""
        ...

    def block(self, concentration: Array) -> Array:
        """Block in 0..1 at a total plasma S-equivalent concentration [uM]."""
        ...


class Empirical(Record):
    """One-site saturation of total plasma concentration; the default, assumed."""

    half_block: Scalar = unit("uM")
    r_potency: Scalar = unit("1")
    """Potency of R-ketamine relative to S-ketamine on the slow memory (f)."""

    prefix: ClassVar[str] = "empirical"

    def block(self, concentration: Array) -> Array:
        """``C / (half_block + C)``."""
        return concentration / (self.half_block + concentration)


class Pore(Record):
    """The deep site of the channel at one voltage, in competition with magnesium."""

    dissociation: Scalar = unit("uM")
    """K of S-ketamine at the reference voltage."""
    reference_voltage: Scalar = unit("mV")
    delta: Scalar = unit("1")
    """Share of the membrane field that the drug senses."""
    magnesium: Scalar = unit("mM")
    magnesium_dissociation: Scalar = unit("mM")
    """K_Mg at the reference voltage."""
    magnesium_slope: Scalar = unit("mV")
    voltage: Scalar = unit("mV")
    """Where the membrane stands when it counts."""
    thermal_voltage: Scalar = unit("mV")
    """RT/F."""
    unbound: Scalar = unit("1")
    """Share of the drug in plasma that acts (fu)."""
    r_potency: Scalar = unit("1")
    """Potency of R-ketamine relative to S-ketamine (f)."""

    prefix: ClassVar[str] = "pore_driver"

    def block(self, concentration: Array) -> Array:
        """``fu C / (fu C + K (1 + [Mg]/K_Mg))``."""
        free = self.unbound * concentration
        return free / (free + self.half_free())

    def half_free(self) -> Scalar:
        """Free concentration at half block [uM]: ``K(V) (1 + [Mg]/K_Mg(V))``."""
        away = self.voltage - self.reference_voltage
        drug = self.dissociation * jnp.exp(self.delta * away / self.thermal_voltage)
        return drug * (1.0 + self.magnesium / (self.magnesium_dissociation * jnp.exp(away / self.magnesium_slope)))


class Tonic(Record):
    """A tight site that blocks at most Imax of the tonic current, counted in total plasma concentration."""

    half_block: Scalar = unit("uM")
    """Concentration at half of the largest block (K_tonic)."""
    largest: Scalar = unit("1")
    """Imax."""
    r_potency: Scalar = unit("1")
    """Potency of R-ketamine relative to S-ketamine (f)."""

    prefix: ClassVar[str] = "tonic_driver"

    def block(self, concentration: Array) -> Array:
        """``largest C / (half_block + C)``."""
        return self.largest * concentration / (self.half_block + concentration)
