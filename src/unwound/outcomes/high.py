r"""The feeling of being 'high', on a visual analog scale of 0 to 10.

    VAS = 10 m U / (1 + U),      U = (C / C50)^g,      C = C_S + f C_R + M q C_NK

m is what a benzodiazepine leaves of perception; M = 1 switches a contribution of S-norketamine on (0 by default: none
was found).

Source: simons2022_effects (C50 0.3 nmol/mL, no contribution of metabolites; abstract); bowdle1998 (ratings of
volunteers nearly linear in 50 to 200 ng/mL racemate, at 37 to 89 % of the scale at the top: agrees with g = 1);
assumption (g, f, q). Leaves out: spread between people, acute tolerance, placebo ratings.
"""

from __future__ import annotations

from typing import ClassVar

from unwound.core.arrays import Array, Record, Scalar
from unwound.core.units import unit
from unwound.outcomes.pain import HIGHEST


class High(Record):
    """Concentration at half of the scale, steepness, potencies."""

    half_concentration: Scalar = unit("uM")  # C50
    hill: Scalar = unit("1")  # g
    r_potency: Scalar = unit("1")  # f
    norketamine_potency: Scalar = unit("1")  # q
    metabolite_switch: Scalar = unit("1")  # M

    prefix: ClassVar[str] = "high"


def rating(concentration: Array, perception: Array, p: High) -> Array:
    """VAS [points] at an S-equivalent concentration [uM]."""
    strength = (concentration / p.half_concentration) ** p.hill
    return HIGHEST * perception * strength / (1.0 + strength)
