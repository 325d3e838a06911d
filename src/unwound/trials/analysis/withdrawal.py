"""Randomized withdrawal: who responded to open treatment is randomized to go on or to stop; then time to relapse.

    randomized_i = responded_i (and not missing);   log-rank on time since randomization, among the randomized

Sign: hazard of relapse, going on over stopping; below 1 favors going on.
Method: log-rank on the randomized part only (statsmodels survdiff). Leaves out: the open part, which has no control:
it only chooses. The result holds for responders and says nothing about those who did not respond.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from unwound.trials.analysis.comparison import LEVEL
from unwound.trials.analysis.inputs import require_alike
from unwound.trials.analysis.survival import LogRank, Survival, kaplan_meier, log_rank


@dataclass(frozen=True)
class Withdrawal:
    """A randomized withdrawal analyzed, one value per replicate."""

    entered: np.ndarray  # patients of the open part
    randomized: np.ndarray  # those who went on to be randomized
    test: LogRank
    going_on: Survival
    stopping: Survival


def randomized_withdrawal(
    responded: np.ndarray,
    arm: np.ndarray,
    time: np.ndarray,
    relapsed: np.ndarray,
    at: np.ndarray,
    level: float = LEVEL,
    going_on: int = 1,
    stopping: int = 0,
) -> Withdrawal:
    """`responded` is 1, 0 or NaN (left); `time` counts from randomization to relapse or to the end of follow-up."""
    require_alike(responded=responded, arm=arm, time=time, relapsed=relapsed)
    chosen = np.asarray(responded, dtype=float) == 1.0
    time = np.where(chosen, time, np.nan)
    curves = [kaplan_meier(time, relapsed, at, arm == which, level) for which in (going_on, stopping)]
    test = log_rank(time, relapsed, arm, level, going_on, stopping)
    entered = np.full(arm.shape[0], arm.shape[-1])
    return Withdrawal(entered, (chosen & np.isfinite(time)).sum(axis=-1), test, *curves)
