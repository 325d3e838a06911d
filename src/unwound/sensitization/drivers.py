r"""What drives the slow memory: from the drug in plasma to the block that the slow states feel.

A driver is an interchangeable record with one function, ``block(concentration) -> b`` in 0..1. Which one is right is
a hypothesis: the pore of GluN2A/2B alone is blocked too little at analgesic concentrations (`receptor`, to come).

    empirical     b = C_eq / (b50 + C_eq),      C_eq = C_S + f C_R

Source: assumption (b50, f), tested against sigtermans2009 (b50).
"""

from __future__ import annotations

from typing import ClassVar, Protocol

from unwound.core.arrays import Array, Record, Scalar
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
