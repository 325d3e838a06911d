"""One place where the name of an analysis becomes arithmetic.

An analysis takes what `Compared` holds and gives back a `Comparison` with one value per replicate; `ANALYSES` is the
whole list. What each does is written in `trials.analysis`. The baseline is the rating of the first visit.

    ANCOVA                the endpoint, adjusted for baseline          LOCF, BOCF    ANCOVA of the filled-in rating
    MMRM                  ratings of all visits up to the endpoint's   log-rank      times to the event of the endpoint
    multiple imputation   the same ratings, missing at random, ANCOVA at the last, pooled by Rubin's rules
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from unwound.trials.analysis import (
    Comparison,
    analyze_imputed,
    ancova,
    baseline_carried,
    compare,
    joined,
    last_carried,
    log_rank,
    mmrm,
    two_sided_p,
)

LEVEL = 0.05
"""Two-sided level of every test."""


@dataclass(frozen=True)
class Compared:
    """What an analysis may look at. Ratings are (visits, replicates, patients), NaN where missing."""

    arm: np.ndarray  # (replicates, patients) the endpoint itself
    control: np.ndarray
    arm_ratings: np.ndarray
    control_ratings: np.ndarray
    visit: int  # which visit the endpoint is seen at (the last one where it has none)
    weeks: np.ndarray  # (visits,)
    paired: bool = False  # a crossover: the same people in the same places
    margin: float = 0.0  # points
    arm_event: np.ndarray | None = None  # times to an event: whether it happened (`arm` holds when, or the last look)
    control_event: np.ndarray | None = None


def t_test(given: Compared) -> Comparison:
    """Two-sample t test with pooled variance; within people in a crossover."""
    return _paired(given.arm - given.control) if given.paired else compare(given.arm, given.control)


def non_inferiority(given: Compared) -> Comparison:
    """P that the arm is worse than the control by the margin or more; not inferior when it is below half the level.

    The t test of `arm - margin` against `control`, one-sided, which is whether the upper end of the confidence interval
    of the difference lies below the margin.
    """
    shifted = Compared(**{**given.__dict__, "arm": given.arm - given.margin})
    found = t_test(shifted)
    one_sided = np.where(found.difference < 0, found.p / 2.0, 1.0 - found.p / 2.0)
    return Comparison(difference=found.difference + given.margin, p=one_sided)


def _paired(difference: np.ndarray) -> Comparison:
    count = (~np.isnan(difference)).sum(axis=-1)
    mean, sd = np.nanmean(difference, axis=-1), np.nanstd(difference, axis=-1, ddof=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = mean / (sd / np.sqrt(count))
    return Comparison(difference=mean, p=two_sided_p(t, count - 1))


def adjusted(given: Compared) -> Comparison:
    """Analysis of covariance of the endpoint with the baseline."""
    values, arm = joined(given.arm, given.control)
    return ancova(values, arm, _baseline(given) if given.visit else None)


def repeated(given: Compared) -> Comparison:
    """Mixed model of the ratings up to the visit of the endpoint."""
    ratings, arm = joined(given.arm_ratings, given.control_ratings)
    return mmrm(ratings[1 : given.visit + 1], arm, ratings[0])


def imputed(given: Compared) -> Comparison:
    """Multiple imputation under missing at random, analysis of covariance at the visit of the endpoint."""
    ratings, arm = joined(given.arm_ratings, given.control_ratings)
    return analyze_imputed(ratings[1 : given.visit + 1], arm, ratings[0])


def carried(fill: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> Callable[[Compared], Comparison]:
    """Analysis of covariance after missing ratings were filled in by `fill`."""

    def analysis(given: Compared) -> Comparison:
        ratings, arm = joined(given.arm_ratings, given.control_ratings)
        filled = fill(ratings[: given.visit + 1], ratings[0])
        return ancova(filled[-1], arm, ratings[0])

    return analysis


def times(given: Compared) -> Comparison:
    """Log-rank test; the difference is the logarithm of the hazard ratio."""
    assert given.arm_event is not None
    assert given.control_event is not None, "checked when the file was read"
    time, arm = joined(given.arm, given.control)
    event, _ = joined(given.arm_event, given.control_event)
    found = log_rank(time, event, arm)
    with np.errstate(divide="ignore"):
        return Comparison(difference=np.log(found.hazard_ratio), p=found.p)


def _baseline(given: Compared) -> np.ndarray:
    baseline: np.ndarray = joined(given.arm_ratings, given.control_ratings)[0][0]
    return baseline


ANALYSES: dict[str, Callable[[Compared], Comparison]] = {
    "t test": t_test,
    "non-inferiority": non_inferiority,
    "ANCOVA": adjusted,
    "MMRM": repeated,
    "multiple imputation": imputed,
    "LOCF": carried(last_carried),
    "BOCF": carried(baseline_carried),
    "log-rank": times,
}
"""Name of an analysis -> how it is done."""
