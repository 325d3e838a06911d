r"""Power from virtual trials, with its Monte-Carlo error, and the sample size that reaches a target.

    power = rejections / R,   error = sqrt(power (1 - power) / R),   interval: Wilson
    replicates for an error e at power p:  R = p (1 - p) / e^2

The search asks one function for the rejections of R virtual trials at a number of patients per arm. Every number is
asked with the same seed (common random numbers), so the curve is nearly monotone; a bisection finds the smallest
number whose power reaches the target. Numbers at which the upper and the lower Monte-Carlo limit reach it enclose the
answer.

Method: Monte Carlo. Leaves out: uncertainty of the assumed effect, which is larger than Monte-Carlo error in most
plans.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from unwound.core.errors import Problem
from unwound.trials.analysis.comparison import LEVEL
from unwound.trials.analysis.inputs import refuse, require_share
from unwound.trials.analysis.responders import wilson


@dataclass(frozen=True)
class Power:
    """Share of virtual trials that find what they look for."""

    share: float
    error: float  # Monte-Carlo standard error
    low: float
    high: float
    replicates: int


@dataclass(frozen=True)
class SampleSize:
    """Patients per arm for a target power."""

    per_arm: int
    target: float
    power: Power  # at `per_arm`
    fewest: int  # the upper Monte-Carlo limit of power reaches the target here
    most: int | None  # the lower one does here; None when not below the largest number allowed
    tried: dict[int, Power]
    seed: int


def power_of(rejections: np.ndarray, level: float = LEVEL) -> Power:
    """Power from one yes or no per replicate."""
    yes = np.asarray(rejections, dtype=bool)
    if yes.ndim != 1 or not len(yes):
        refuse([Problem("rejections", yes.shape, "one yes or no per replicate", "give p < alpha of every replicate")])
    share, R = float(yes.mean()), len(yes)
    low, high = wilson(np.array(yes.sum()), np.array(R), level)
    return Power(share, math.sqrt(share * (1.0 - share) / R), float(low), float(high), R)


def replicates_for(error: float, power: float = 0.5) -> int:
    """How many virtual trials give power with this Monte-Carlo standard error (worst case: power 0.5)."""
    require_share(error=error, power=power)
    return math.ceil(power * (1.0 - power) / error**2 - 1e-9)


def sample_size(
    rejections: Callable[[int, int], np.ndarray],
    target: float = 0.8,
    seed: int = 0,
    smallest: int = 2,
    largest: int = 2000,
    level: float = LEVEL,
) -> SampleSize:
    """The smallest number per arm with power >= `target`; `rejections(per_arm, seed)` gives a yes or no per replicate.

    Raises `InputError` when even `largest` patients per arm do not reach it.
    """
    require_share(target=target)
    if not 2 <= smallest < largest:
        refuse([Problem("smallest", smallest, f"must be 2 or more and below largest = {largest}", "write smallest=2")])
    tried: dict[int, Power] = {}

    def at(n: int) -> Power:
        if n not in tried:
            tried[n] = power_of(rejections(n, seed), level)
        return tried[n]

    found = _first(lambda n: at(n).share >= target, smallest, largest)
    if found is None:
        best = at(largest)
        rule = f"power {best.share:.2f} with {largest} patients per arm does not reach it"
        refuse([Problem("target", target, rule, "allow a larger number, a lower target, or a larger difference")])
    assert found is not None
    fewest = _first(lambda n: at(n).high >= target, smallest, found)
    most = _first(lambda n: at(n).low >= target, found, largest)
    return SampleSize(found, target, at(found), fewest or found, most, dict(sorted(tried.items())), seed)


def _first(reaches: Callable[[int], bool], low: int, high: int) -> int | None:
    """The smallest n from `low` to `high` that reaches, for something that once reached stays so."""
    if reaches(low):
        return low
    n = low
    while not reaches(n):  # doubling first: large trials are dear
        if n == high:
            return None
        low, n = n, min(2 * n, high)
    high = n
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reaches(middle) else (middle, high)
    return high
