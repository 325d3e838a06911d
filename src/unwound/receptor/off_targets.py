r"""Where else ketamine binds, and how much of it at a free concentration.

    occupancy = C / (C + K)

One row for each published number: receptors with rival numbers stand here more than once, and those whose number is
disputed say so (`contested`). Occupancy is not effect: it says neither agonist nor antagonist, nor whether it matters.

Source: hirota1999, kapur2002, seeman2005, nicotinic_ketamine, ketamine_targets; assumption (recalled ones). Leaves out:
sigma and monoamine transporters, voltage-gated channels other than HCN1, metabolites (no numbers on record).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from unwound.core.errors import InputError, Problem
from unwound.evidence import Estimate, table

TABLE = "receptor_off_target"

TARGETS = {
    "mu_opioid": "mu opioid",
    "kappa_opioid": "kappa opioid",
    "delta_opioid": "delta opioid",
    "hcn1": "HCN1",
    "d2_high": "dopamine D2High",
    "serotonin_2": "serotonin 5-HT2",
    "muscarinic_1": "muscarinic M1",
    "nicotinic_alpha7": "nicotinic alpha7",
    "nicotinic_alpha4beta2": "nicotinic alpha4beta2",
}
"""Key and name of every receptor on record."""


@dataclass(frozen=True)
class OffTarget:
    """One published affinity of one form of ketamine for another receptor."""

    target: str
    drug: str
    row: Estimate

    @property
    def contested(self) -> bool:
        """Whether others dispute the number."""
        return self.row.note.startswith("contested")

    @property
    def recalled(self) -> bool:
        """Whether its source was not seen."""
        return self.row.is_assumption

    def occupancy(self, concentration: float) -> float:
        """Share of the receptors that hold drug at `concentration` [uM, free]. Raises `InputError`."""
        if not (math.isfinite(concentration) and concentration >= 0.0):
            raise InputError(
                Problem("concentration", concentration, "must be 0 or more, in uM", "give the free concentration")
            )
        return concentration / (concentration + self.row.in_unit("uM"))


def off_targets() -> tuple[OffTarget, ...]:
    """Every affinity on record, in the order of `TARGETS`, tightest first within a receptor."""
    found = [OffTarget(TARGETS[_target(row)], _drug(row), row) for row in table(TABLE)]
    order = list(TARGETS.values())
    return tuple(sorted(found, key=lambda each: (order.index(each.target), each.row.in_unit("uM"))))


def _drug(row: Estimate) -> str:
    prefix = row.key.split(".")[0].removesuffix("_at")
    return {"ketamine": "ketamine", "s_ketamine": "S-ketamine", "r_ketamine": "R-ketamine"}[prefix]


def _target(row: Estimate) -> str:
    """The field of a key is RECEPTOR or RECEPTOR_SOURCE."""
    field = row.key.split(".")[1]
    return next(name for name in sorted(TARGETS, key=len, reverse=True) if field.startswith(name))
