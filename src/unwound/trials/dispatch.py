"""One place where the name of an analysis becomes arithmetic.

An analysis takes what `Compared` holds and gives back a `Comparison` with one value per replicate. `ANALYSES` is the
whole list: a name that maps to None is known to trial files and refused when a trial is run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unwound.core.errors import InputError, Problem
from unwound.trials.analysis import Comparison, compare, two_sided_p

if TYPE_CHECKING:
    from unwound.trials.design import Trial

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


ANALYSES: dict[str, Callable[[Compared], Comparison] | None] = {
    "t test": t_test,
    "non-inferiority": non_inferiority,
    "ANCOVA": None,
    "MMRM": None,
    "multiple imputation": None,
    "LOCF": None,
    "BOCF": None,
    "log-rank": None,
}
"""Name of an analysis -> how it is done; None: not in this build."""


def require_known(trial: Trial) -> None:
    """Refuse a trial with an analysis that is not in this build. Raises `InputError` naming all of them."""
    problems = []
    able = ", ".join(f'"{name}"' for name, how in ANALYSES.items() if how is not None)
    for n, endpoint in enumerate(trial.endpoints):
        if endpoint.analysis not in (None, "none") and ANALYSES[str(endpoint.analysis)] is None:
            rule = "this analysis is not in this build"
            problems.append(Problem(f"endpoints[{n}].analysis", endpoint.analysis, rule, f'write {able} or "none"'))
    if problems:
        raise InputError(problems, trial.name)
