"""How a trial is analysed: means, differences and t tests, over all replicates at once.

    week w      two-sample t test (pooled variance) of the ratings at that week
    overall     two-sample t test of each patient's mean rating over weeks 1 to the last: with complete data this is
                the between-patient main effect of a repeated-measures analysis of variance

Missing ratings (after dropout) are left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Comparison:
    """Arm minus control, one value per replicate."""

    difference: np.ndarray
    p: np.ndarray


def mean_and_sd(ratings: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation over patients (last axis), missing ratings left out."""
    return np.nanmean(ratings, axis=-1), np.nanstd(ratings, axis=-1, ddof=1)


def compare(arm: np.ndarray, control: np.ndarray) -> Comparison:
    """Two-sample t test with pooled variance, (replicates, patients) each."""
    n1, n2 = (~np.isnan(arm)).sum(axis=-1), (~np.isnan(control)).sum(axis=-1)
    (m1, s1), (m2, s2) = mean_and_sd(arm), mean_and_sd(control)
    freedom = n1 + n2 - 2
    pooled = ((n1 - 1) * s1**2 + (n2 - 1) * s2**2) / freedom
    with np.errstate(divide="ignore", invalid="ignore"):
        t = (m1 - m2) / np.sqrt(pooled * (1.0 / n1 + 1.0 / n2))
    return Comparison(difference=m1 - m2, p=two_sided_p(t, freedom))


def two_sided_p(t: np.ndarray, freedom: np.ndarray) -> np.ndarray:
    """P of |T| > |t| for Student's t, by the incomplete beta function; 1 where no variance is left."""
    from unwound.core.arrays import jax

    finite = np.isfinite(t)
    x = freedom / (freedom + np.where(finite, t, 0.0) ** 2)
    p = np.asarray(jax.jit(jax.scipy.special.betainc)(freedom / 2.0, 0.5, x))
    return np.where(finite, p, np.where(np.isinf(t), 0.0, 1.0))
