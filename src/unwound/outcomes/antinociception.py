r"""Heat, electrical and pressure pain of volunteers: the share of it that the drug takes away.

    relief = (C / C50)^g / (1 + (C / C50)^g),      C = C_S + f C_R

Metabolites contribute nothing. This is a second account of pressure pain beside `unwound.outcomes.pressure_pain`:
there the threshold doubles at 0.47 uM, here half of the relief needs 1.2 to 1.7 uM. The two are kept side by side.

Source: simons2022_effects (abstract: C50 of 1.2 to 1.7 nmol/mL over the three tests; which is which was not available
to us, so heat is put at the low end and electrical pain at the high end, the direction of sigtermans2009_volunteers,
who found the drug six-fold more potent on heat); dahan2024 (f, borrowed); assumption (g, the assignment). Leaves out:
pain thresholds in their own units, hyperalgesia to heat after the infusion (sigtermans2009_volunteers).
"""

from __future__ import annotations

from typing import ClassVar

from unwound.core.arrays import Array, Record, Scalar
from unwound.core.units import unit


class Antinociception(Record):
    """Half-effect concentrations of three pain tests."""

    heat_half: Scalar = unit("uM")
    pressure_half: Scalar = unit("uM")
    electrical_half: Scalar = unit("uM")
    hill: Scalar = unit("1")  # g
    r_potency: Scalar = unit("1")  # f

    prefix: ClassVar[str] = "antinociception"


def relief(concentration: Array, half: Array, p: Antinociception) -> Array:
    """Share of the pain taken away, 0 to 1, at an S-equivalent concentration [uM]; `half` is one of the C50 [uM]."""
    strength = (concentration / half) ** p.hill
    return strength / (1.0 + strength)
