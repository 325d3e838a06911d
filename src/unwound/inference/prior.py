r"""Priors from rows of the evidence: the value is the median, the range the central 95 %.

    positive      ln theta ~ N(ln value, s^2),          s = ln(high / low) / 3.92
    a share       logit theta ~ N(logit value, s^2),    s = (logit high - logit low) / 3.92
    either sign   theta ~ N(value, s^2),                s = (high - low) / 3.92

All are written as theta(z) of a standard normal z, which is what the sampler sees.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from unwound.core.arrays import Array, jax, jnp
from unwound.core.errors import EvidenceError
from unwound.evidence import estimate

Scale = Literal["log", "logit", "linear"]
_WIDTH = 3.92  # of a central 95 % interval, in standard deviations


@dataclass(frozen=True)
class Prior:
    """A normal on the scale given; `key` is the row of the evidence it was read from."""

    key: str
    unit: str
    scale: Scale
    middle: float
    sd: float

    def __call__(self, z: Any) -> Array:
        """The parameter at standard normal `z`."""
        on_scale = self.middle + self.sd * jnp.asarray(z)
        if self.scale == "linear":
            return on_scale
        return jnp.exp(on_scale) if self.scale == "log" else jax.nn.sigmoid(on_scale)

    def standard(self, number: float) -> float:
        """The z of a parameter."""
        on_scale = number if self.scale == "linear" else math.log(number)
        if self.scale == "logit":
            on_scale -= math.log1p(-number)
        return (on_scale - self.middle) / self.sd


def prior_of(key: str, scale: Scale) -> Prior:
    """The prior that the row `key` of the evidence describes. Raises `EvidenceError` if it has no range."""
    row = estimate(key)
    if row.spread is None or row.spread.interval is None:
        raise EvidenceError(f"{key}: a prior needs a range")
    low, high, middle = row.spread.interval.low, row.spread.interval.high, row.value
    if scale == "log":
        middle, low, high = math.log(middle), math.log(low), math.log(high)
    if scale == "logit":
        middle, low, high = (math.log(x / (1.0 - x)) for x in (middle, low, high))
    return Prior(key, row.unit, scale, middle, (high - low) / _WIDTH)


def priors_of(
    prefix: str, names: Sequence[str], logarithmic: Sequence[str], shares: Sequence[str] = ()
) -> dict[str, Prior]:
    """The priors of the rows `prefix.name`, in the order of `names`."""
    scales: dict[str, Scale] = {**dict.fromkeys(logarithmic, "log"), **dict.fromkeys(shares, "logit")}
    return {name: prior_of(f"{prefix}.{name}", scales.get(name, "linear")) for name in names}
