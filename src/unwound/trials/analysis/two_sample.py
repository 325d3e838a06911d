"""Two means compared, over all replicates at once.

    t = (m1 - m2) / sqrt(s^2 (1/n1 + 1/n2)),   s^2 = ((n1-1) s1^2 + (n2-1) s2^2) / (n1 + n2 - 2)

    week w      two-sample t test (pooled variance) of the ratings at that week
    overall     two-sample t test of each patient's mean rating over weeks 1 to the last: with complete data this is
                the between-patient main effect of a repeated-measures analysis of variance

Method: Student's two-sample t test (scipy.stats.ttest_ind). Missing ratings (after dropout) are left out.
Leaves out: unequal variances (Welch).
"""

from __future__ import annotations

import numpy as np

from unwound.trials.analysis.comparison import LEVEL, Comparison, comparison
from unwound.trials.analysis.inputs import require_alike, split


def mean_and_sd(ratings: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation over patients (last axis), missing ratings left out."""
    return np.nanmean(ratings, axis=-1), np.nanstd(ratings, axis=-1, ddof=1)


def compare(arm: np.ndarray, control: np.ndarray, level: float = LEVEL) -> Comparison:
    """Two-sample t test with pooled variance, (replicates, patients) each."""
    n1, n2 = (~np.isnan(arm)).sum(axis=-1), (~np.isnan(control)).sum(axis=-1)
    (m1, s1), (m2, s2) = _moments(arm, n1), _moments(control, n2)
    freedom = n1 + n2 - 2
    with np.errstate(divide="ignore", invalid="ignore"):
        pooled = (s1 + s2) / freedom
        error = np.sqrt(pooled * (1.0 / n1 + 1.0 / n2))
    return comparison(m1 - m2, error, freedom, level)


def mean_change(
    ratings: np.ndarray, baseline: np.ndarray, arm: np.ndarray, level: float = LEVEL, treated: int = 1, control: int = 0
) -> Comparison:
    """The difference in mean change from baseline, (replicates, patients) each, by a t test."""
    require_alike(ratings=ratings, baseline=baseline, arm=arm)
    change = np.asarray(ratings, dtype=float) - baseline
    return compare(*split(change, arm, treated, control), level)


def _moments(values: np.ndarray, count: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean, and sum of squares about it; NaN without a value."""
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.nansum(values, axis=-1) / count
    return mean, np.nansum((values - mean[..., None]) ** 2, axis=-1)
