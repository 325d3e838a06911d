"""How people differ, read from the spread of the evidence rows: omega^2 = ln(1 + CV^2)."""

from __future__ import annotations

import math

from unwound.core.arrays import Array, jnp
from unwound.core.errors import EvidenceError
from unwound.evidence import estimate


def log_variance(key: str) -> float:
    """Variance on the log scale of the parameter called `key`, whose spread must be a coefficient of variation."""
    row = estimate(key)
    if row.spread is None or row.spread.kind != "cv_percent" or not isinstance(row.spread.amount, float):
        raise EvidenceError(f"{key}: its spread is no coefficient of variation between patients")
    return math.log1p((row.spread.amount / 100.0) ** 2)


def diagonal(prefix: str, names: tuple[str, ...]) -> Array:
    """Covariance of independent random effects on the parameters `names`."""
    return jnp.diag(jnp.array([log_variance(f"{prefix}.{name}") for name in names]))
