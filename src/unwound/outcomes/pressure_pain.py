r"""The pressure at which pressing begins to hurt.

    PPT / PPT0 = 1 + (C_S / C100 + f C_R / C100 + M C_NK / C100_NK)^gamma

C100 doubles the threshold. Concentrations are those of an effect site with a half-life of 13.2 min. Of the racemate,
``2 C100 / (1 + f)`` doubles it: 0.62 nmol/mL. M = 1 switches the contribution of S-norketamine on; by default it is
off, because two studies of one group disagree (see the page of the acute effects).

Source: dahan2024 (C100 and f from the abstract; gamma, C100_NK, PPT0 = 48.9 N from a transcription; the form is
inferred by us, not printed in what we read). Leaves out: the threshold in newtons (volunteers: 48.9 N), the upper
limit of the apparatus, spread between people, R-norketamine.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from unwound.core.arrays import Array, Record, Scalar
from unwound.core.units import unit
from unwound.outcomes.equivalents import s_equivalents


class PressurePain(Record):
    """Doubling concentrations at the effect site, steepness, switch of the metabolite."""

    doubling_concentration: Scalar = unit("uM")  # C100
    norketamine_doubling: Scalar = unit("uM")  # C100_NK
    gamma: Scalar = unit("1")
    r_potency: Scalar = unit("1")  # f
    metabolite_switch: Scalar = unit("1")  # M

    prefix: ClassVar[str] = "pressure_pain"


def equivalent(concentrations: Mapping[str, Array], p: PressurePain) -> Array:
    """The S-equivalent concentration [uM], S-norketamine included when it is switched on."""
    norketamine = p.metabolite_switch * p.doubling_concentration / p.norketamine_doubling
    return s_equivalents(concentrations, p.r_potency, norketamine)


def threshold_ratio(concentration: Array, p: PressurePain) -> Array:
    """Pressure-pain threshold relative to the drug-free one, at an S-equivalent concentration [uM]."""
    return 1.0 + (concentration / p.doubling_concentration) ** p.gamma
