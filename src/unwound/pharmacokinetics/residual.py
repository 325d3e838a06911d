r"""What an assay reports of a concentration: the residual error of each model, for each analyte.

    additive and proportional    y = c + sqrt(a^2 + (b c)^2) epsilon
    log-normal                   y = c exp(s epsilon)                       epsilon ~ N(0, 1)

The residual error holds all that a model does not explain: the assay, sampling times, the model itself.

Source: the rows `*_error` of each model. Leaves out: limits of quantification, differences between study phases.
Differs from the papers: a report below zero is possible where there is an additive part, and is left as it is.
"""

from __future__ import annotations

from unwound.core.arrays import Array, Float, Record, Scalar, jnp
from unwound.core.units import unit
from unwound.evidence import all_estimates, value

LOG_SCALE = ("perezruixo2021",)
"""Models whose `proportional_error` is a standard deviation on the log scale."""

_PLACES = ("", "metabolite_", "second_")
"""Prefix of the rows of the first, second and third analyte."""


class Residual(Record):
    """Residual error of one analyte; parts that a source does not have are zero."""

    additive: Scalar = unit("mg/L", default=0.0)
    proportional: Scalar = unit("1", default=0.0)
    logarithmic: Scalar = unit("1", default=0.0)


def observed(
    concentration: Float[Array, "*batch"], normal: Float[Array, "*batch"], residual: Residual
) -> Float[Array, "*batch"]:
    """What is reported of `concentration` [mg/L]; `normal` are standard normal draws (zero: the prediction)."""
    spread = jnp.sqrt(residual.additive**2 + (residual.proportional * concentration) ** 2)
    return concentration * jnp.exp(residual.logarithmic * normal) + spread * normal


def residuals_of(prefix: str, analytes: tuple[str, ...]) -> dict[str, Residual]:
    """Residual error by analyte, of those `analytes` (in the order of the model) for which the source gives one."""
    found = {}
    rows = all_estimates()
    for place, analyte in zip(_PLACES, analytes, strict=False):
        relative = f"{prefix}.{place}proportional_error"
        if relative not in rows:
            continue
        size = value(relative, "1")
        if prefix in LOG_SCALE:
            found[analyte] = Residual(logarithmic=size)
        else:
            found[analyte] = Residual(additive=_additive(f"{prefix}.{place}additive_error", analyte), proportional=size)
    return found


def _additive(key: str, analyte: str) -> float:
    """The additive part [mg/L]; 0 where the source has none. Printed in moles, it becomes mass of the analyte."""
    row = all_estimates().get(key)
    if row is None:
        return 0.0
    return row.in_unit("umol/L") * value(f"{analyte.split('-', 1)[-1]}.molar_mass", "mg/umol")
