r"""Non-inferiority: is treatment not worse than control by more than a margin?

The margin M is on the scale of the difference, treated minus control, so its sign says which way is worse:

    lower is better (pain)       worse is up,    M > 0,   shown when  t = (d - M) / error  is low enough
    higher is better (response)  worse is down,  M < 0,   shown when  t = (d - M) / error  is high enough

P is one-sided; at 0.025 this is the same as the 95 % interval lying on the good side of M. A margin of the other sign
would ask for superiority by that much, and is refused.
Method: a shifted one-sided t test. Leaves out: where the margin comes from, which is the hard part.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from unwound.core.errors import Problem, UnknownName
from unwound.trials.analysis.comparison import Comparison, Fit
from unwound.trials.analysis.distributions import normal_two_sided_p, upper_p
from unwound.trials.analysis.inputs import refuse, require_share

Better = Literal["lower", "higher"]
ONE_SIDED = 0.025


@dataclass(frozen=True)
class NonInferiority:
    """The test against a margin, one value per replicate."""

    margin: float
    better: Better
    p: np.ndarray  # one-sided
    shown: np.ndarray


def non_inferiority(
    found: Comparison, margin: float, better: Better = "lower", alpha: float = ONE_SIDED
) -> NonInferiority:
    """Test a difference found by any analysis (t, covariance, mixed model, imputation) against `margin`."""
    check_margin(margin, better)
    require_share(alpha=alpha)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = (found.difference - margin) / found.error
    t = -t if better == "lower" else t
    normal = np.isposinf(found.freedom)
    half = 0.5 * normal_two_sided_p(t)
    p = np.where(normal, np.where(t > 0, half, 1.0 - half), upper_p(t, np.where(normal, 1.0, found.freedom)))
    fine = found.fit == Fit.FINE
    return NonInferiority(margin, better, np.where(fine, p, 1.0), fine & (p < alpha))


def non_inferior_interval(low: np.ndarray, high: np.ndarray, margin: float, better: Better) -> np.ndarray:
    """Whether an interval (of shares, say) lies on the good side of the margin."""
    check_margin(margin, better)
    return np.asarray(high < margin if better == "lower" else low > margin)


def check_margin(margin: float, better: str) -> None:
    """Raises `InputError` for a margin whose sign contradicts what is better."""
    if better not in ("lower", "higher"):
        raise UnknownName("better", better, ("lower", "higher"))
    good = margin > 0 if better == "lower" else margin < 0
    if not good or not np.isfinite(margin):
        side = "more" if better == "lower" else "less"
        rule = f"the margin of treated minus control must be {side} than 0 when {better} is better"
        refuse([Problem("margin", margin, rule, f"write {abs(margin) if better == 'lower' else -abs(margin):g}")])
