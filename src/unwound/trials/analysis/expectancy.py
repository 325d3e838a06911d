"""How much of a difference is left when a part of it is unblinding.

    d_s = (1 - s) d,   error unchanged,   s = 0, 25, 50 % of the difference

Psychomimetic effects tell a patient what he received, and hope does the rest; trials against saline cannot say how
much. So every effect is given with none, a quarter and a half of it being unblinding (row `judgement.unblinding`).
Method: a shift of the estimate; the shares are a convention, not an estimate.
Leaves out: how sure one is of s; a share that differs between patients.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from unwound.core.errors import Problem
from unwound.evidence import estimate
from unwound.trials.analysis.comparison import LEVEL, Comparison, comparison
from unwound.trials.analysis.inputs import refuse


@dataclass(frozen=True)
class Discounted:
    """A comparison with a share of its difference taken for unblinding."""

    share: float
    found: Comparison


def unblinding_shares() -> tuple[float, ...]:
    """0, 0.25 and 0.5, from the evidence table."""
    row = estimate("judgement.unblinding")
    around = row.spread.interval if row.spread else None
    assert around is not None
    return around.low, row.value, around.high


def under_expectancy(
    found: Comparison, shares: tuple[float, ...] | None = None, level: float = LEVEL
) -> tuple[Discounted, ...]:
    """`found` under each share of the difference being unblinding."""
    shares = unblinding_shares() if shares is None else shares
    refuse([Problem("shares", s, "must lie between 0 and 1", "write 25 % as 0.25") for s in shares if not 0 <= s <= 1])
    return tuple(
        Discounted(s, comparison((1.0 - s) * found.difference, found.error, found.freedom, level, found.fit))
        for s in shares
    )


def hazard_under_expectancy(ratio: np.ndarray, share: float) -> np.ndarray:
    """A hazard ratio with a share of its logarithm taken away."""
    return np.asarray(np.power(ratio, 1.0 - share))
