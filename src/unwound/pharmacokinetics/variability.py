"""How people differ, read from the spread of the evidence rows: omega^2 = ln(1 + CV^2).

And how one person differs from occasion to occasion (kappa, variance nu^2 on the log scale, rows `*_occasions`).
An occasion is a dose day: all doses that begin on one day of the clock (0 to 24 h is day 1) share it, a dose that runs
over midnight belongs to the day on which it began, and an occasion lasts until the next dose day. This is what
NONMEM data call OCC. The number of an occasion is that of its day, so leaving out a day changes no other.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from unwound.core.arrays import Array, jnp
from unwound.core.errors import EvidenceError
from unwound.evidence import estimate, value

_DAY_H = 24.0
_NOISE_H = 1e-9


def log_variance(key: str) -> float:
    """Variance on the log scale of the parameter called `key`, whose spread must be a coefficient of variation."""
    row = estimate(key)
    if row.spread is None or row.spread.kind != "cv_percent" or not isinstance(row.spread.amount, float):
        raise EvidenceError(f"{key}: its spread is no coefficient of variation between patients")
    return math.log1p((row.spread.amount / 100.0) ** 2)


def diagonal(prefix: str, names: tuple[str, ...]) -> Array:
    """Covariance of independent random effects on the parameters `names`."""
    return jnp.diag(jnp.array([log_variance(f"{prefix}.{name}") for name in names]))


def occasion_covariance(prefix: str, names: tuple[str, ...]) -> Array:
    """Covariance of the independent occasion effects on the parameters `names`."""
    return jnp.diag(jnp.array([value(f"{prefix}.{name}_occasions", "1") for name in names]))


def occasion_of(start: float) -> int:
    """The number of the occasion of a dose that begins at `start` [h], from 1."""
    return 1 + math.floor((start + _NOISE_H) / _DAY_H)


def occasions_of(starts: Iterable[float]) -> dict[int, float]:
    """Number of every occasion -> when its first dose begins [h], in order."""
    found: dict[int, float] = {}
    for start in sorted(starts):
        found.setdefault(occasion_of(start), start)
    return found
