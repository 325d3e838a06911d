"""A missing rating replaced by one that is known: the last one (LOCF) or the baseline (BOCF).

    LOCF   y_ij = y_ik, k the last visit before j with a rating (the baseline when there is none)
    BOCF   y_ij = baseline_i

Method: as named. Leaves out: how uncertain the value is, so errors are too small; which way it is biased depends on
the course of pain and on who leaves. For comparison with older trials; multiple imputation or a mixed model is the
analysis.
"""

from __future__ import annotations

import numpy as np

from unwound.trials.analysis.inputs import require_alike


def last_carried(ratings: np.ndarray, baseline: np.ndarray) -> np.ndarray:
    """Last observation carried forward, over visits (first axis)."""
    require_alike(ratings=ratings, baseline=baseline)
    filled, last = np.empty(ratings.shape), np.asarray(baseline, dtype=float)
    for j, values in enumerate(ratings):
        last = np.where(np.isfinite(values), values, last)
        filled[j] = last
    return filled


def baseline_carried(ratings: np.ndarray, baseline: np.ndarray) -> np.ndarray:
    """Baseline observation carried forward."""
    require_alike(ratings=ratings, baseline=baseline)
    return np.where(np.isfinite(ratings), ratings, baseline)
