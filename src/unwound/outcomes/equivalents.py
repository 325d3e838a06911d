r"""Total plasma concentrations of the analytes as one S-equivalent concentration.

    C_eq = C_S + f C_R + m g C_NK

f is the potency of R-ketamine relative to S-ketamine and g that of S-norketamine (molar), both parameters of each
effect; m switches the metabolite on (1) or off (0). An analyte that is not given counts as absent. Concentrations
below zero, which only rounding produces, count as zero.

Source: no numbers of its own. Leaves out: metabolites other than S-norketamine (no potency was available to us),
protein binding.
"""

from __future__ import annotations

from collections.abc import Mapping

from unwound.core.arrays import Array, jnp
from unwound.core.errors import UnknownName

ANALYTES = (
    "S-ketamine",
    "R-ketamine",
    "S-norketamine",
    "R-norketamine",
    "S-hydroxynorketamine",
    "R-hydroxynorketamine",
    "S-dehydronorketamine",
    "R-dehydronorketamine",
)
"""The names that concentrations may come under."""


def checked_analytes(concentrations: Mapping[str, Array]) -> None:
    """Refuse a misspelt analyte, which would otherwise count as absent. Raises `UnknownName`."""
    for name in concentrations:
        if name not in ANALYTES:
            raise UnknownName("analyte", name, ANALYTES)


def part(concentrations: Mapping[str, Array], analyte: str) -> Array:
    """The concentration [uM] of `analyte`, zero when it is not given."""
    return jnp.maximum(jnp.asarray(concentrations.get(analyte, 0.0), float), 0.0)


def s_equivalents(
    concentrations: Mapping[str, Array], r_potency: Array, norketamine_potency: Array | float = 0.0
) -> Array:
    """``C_S + f C_R + g C_NK`` [uM] of total plasma concentrations [uM] by analyte."""
    parent = part(concentrations, "S-ketamine") + r_potency * part(concentrations, "R-ketamine")
    return parent + norketamine_potency * part(concentrations, "S-norketamine")
