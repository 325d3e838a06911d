r"""Who got better by enough: shares, their difference, odds, and the curve over every threshold.

    reduction_i = (baseline_i - rating_i) / baseline_i;   responder: reduction >= 30 % (or 50 %)
    d = p1 - p0,   interval  d - sqrt((p1-l1)^2 + (u0-p0)^2)  to  d + sqrt((u1-p1)^2 + (p0-l0)^2)
    l, u = ( 2 n p + z^2 -/+ z sqrt(z^2 + 4 n p (1-p)) ) / (2 (n + z^2))                     Wilson, each arm
    z = d / sqrt(p (1-p) (1/n1 + 1/n0)),  p of both arms together                            P
    OR = (a d) / (b c),   log OR +/- z sqrt(1/a + 1/b + 1/c + 1/d)                           0.5 added when a cell is 0

A missing rating is no response. A patient without a baseline, or with a baseline of 0, cannot be judged and is left
out.
Sign: a response is good, so a positive difference favors the treated arm.
Method: Newcombe's hybrid of two score intervals; chi-squared test without correction; Woolf's interval of the odds
ratio (statsmodels confint_proportions_2indep "newcomb", Table2x2; scipy chi2_contingency).
Leaves out: covariates (logistic regression).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from unwound.trials.analysis.comparison import LEVEL
from unwound.trials.analysis.distributions import normal_quantile, normal_two_sided_p
from unwound.trials.analysis.inputs import require_alike, require_arms, require_share

REDUCTIONS = (0.30, 0.50)  # moderate and substantial relief, as trials of pain report them


@dataclass(frozen=True)
class ShareDifference:
    """Shares of two arms compared, one value per replicate."""

    treated: np.ndarray
    control: np.ndarray
    difference: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p: np.ndarray
    odds_ratio: np.ndarray
    odds_low: np.ndarray
    odds_high: np.ndarray


def reduction(ratings: np.ndarray, baseline: np.ndarray) -> np.ndarray:
    """Share of the baseline that is gone; NaN where it cannot be known."""
    require_alike(ratings=ratings, baseline=baseline)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(baseline > 0, (baseline - ratings) / baseline, np.nan))


def responses(
    ratings: np.ndarray, baseline: np.ndarray, threshold: float, failed: np.ndarray | None = None
) -> np.ndarray:
    """1 for a responder, 0 for none (missing and failed included), NaN for who cannot be judged."""
    require_share(threshold=threshold)
    enough = reduction(ratings, baseline) >= threshold - 1e-12  # 7 to 4.9 is 30 %, whatever rounding says
    if failed is not None:
        enough = enough & ~failed
    return np.where(np.isfinite(baseline) & (baseline > 0), enough.astype(float), np.nan)


def compare_shares(
    responses: np.ndarray, arm: np.ndarray, level: float = LEVEL, treated: int = 1, control: int = 0
) -> ShareDifference:
    """Responses (1, 0, NaN) of two arms, (replicates, patients)."""
    require_alike(responses=responses, arm=arm)
    require_arms(arm, treated, control)
    a, n1 = _count(responses, arm == treated)
    c, n0 = _count(responses, arm == control)
    z = normal_quantile((1.0 + level) / 2.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        p1, p0, p = a / n1, c / n0, (a + c) / (n1 + n0)
        test = (p1 - p0) / np.sqrt(p * (1.0 - p) * (1.0 / n1 + 1.0 / n0))
        (l1, u1), (l0, u0) = wilson(a, n1, level), wilson(c, n0, level)
        odds, spread = _odds(a, n1 - a, c, n0 - c)
    d = p1 - p0
    low, high = d - np.hypot(p1 - l1, u0 - p0), d + np.hypot(u1 - p1, p0 - l0)
    step = np.exp(z * spread)
    return ShareDifference(p1, p0, d, low, high, normal_two_sided_p(test), odds, odds / step, odds * step)


def responder_curve(
    ratings: np.ndarray, baseline: np.ndarray, thresholds: np.ndarray, failed: np.ndarray | None = None
) -> np.ndarray:
    """Share of patients who improve by at least each threshold: (thresholds, replicates)."""
    found = reduction(ratings, baseline)
    judged = np.isfinite(baseline) & (baseline > 0)
    found = np.where(np.isfinite(found), found, -np.inf)
    if failed is not None:
        found = np.where(failed, -np.inf, found)
    total = judged.sum(axis=-1)
    with np.errstate(invalid="ignore"):
        return np.stack([(judged & (found >= x - 1e-12)).sum(axis=-1) / total for x in np.asarray(thresholds)])


def wilson(events: np.ndarray, tries: np.ndarray, level: float = LEVEL) -> tuple[np.ndarray, np.ndarray]:
    """The score interval of a share."""
    z = normal_quantile((1.0 + level) / 2.0)
    events, tries = np.asarray(events, dtype=float), np.asarray(tries, dtype=float)
    middle = (events + z * z / 2.0) / (tries + z * z)
    with np.errstate(divide="ignore", invalid="ignore"):
        half = z * np.sqrt(events * (tries - events) / tries + z * z / 4.0) / (tries + z * z)
    return np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0)


def _count(responses: np.ndarray, members: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    known = members & np.isfinite(responses)
    return np.where(known, responses, 0.0).sum(axis=-1), known.sum(axis=-1)


def _odds(a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Odds ratio and the standard error of its logarithm."""
    shift = np.where((a == 0) | (b == 0) | (c == 0) | (d == 0), 0.5, 0.0)
    a, b, c, d = a + shift, b + shift, c + shift, d + shift
    return a * d / (b * c), np.sqrt(1.0 / a + 1.0 / b + 1.0 / c + 1.0 / d)
