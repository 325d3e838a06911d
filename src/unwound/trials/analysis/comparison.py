"""What an analysis finds: treated minus control, with its doubt, one value per replicate.

    t = difference / error,   P = P(|T| > |t|),   interval = difference +/- t(1 - level) x error

Sign: always treated minus control. Where lower is better (pain), a negative difference is a benefit.
Method: Student's t with `freedom` degrees of freedom (infinite: normal).
Leaves out: corrections for several looks or several endpoints.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

import numpy as np

from unwound.trials.analysis.distributions import normal_quantile, normal_two_sided_p, t_quantile, two_sided_p

LEVEL = 0.95


class Fit(enum.IntEnum):
    """How an analysis of one replicate ended. `FINE` is 0, so ``fit.any()`` asks whether something failed."""

    FINE = 0
    NOT_CONVERGED = 1
    NOT_ESTIMABLE = 2

    @property
    def message(self) -> str:
        return _MESSAGES[self]


_MESSAGES = {
    Fit.FINE: "Estimated.",
    Fit.NOT_CONVERGED: (
        "The covariance of the visits had not settled within the steps allowed. Likely cause: pairs of visits that few "
        "patients share. Try more `steps`, fewer visits, or multiple imputation."
    ),
    Fit.NOT_ESTIMABLE: (
        "The difference cannot be estimated. Likely causes: (a) an arm has no rating at this visit; (b) fewer patients "
        "than unknowns; (c) a stratum that is the same as an arm. Try fewer covariates or visits."
    ),
}


@dataclass(frozen=True)
class Comparison:
    """Arm minus control, one value per replicate. Replicates whose `fit` is not FINE hold NaN and P = 1.

    An analysis that gives no standard error leaves the rest unknown (NaN).
    """

    difference: np.ndarray
    p: np.ndarray
    error: np.ndarray = field(default_factory=lambda: np.array(np.nan))
    freedom: np.ndarray = field(default_factory=lambda: np.array(np.nan))
    low: np.ndarray = field(default_factory=lambda: np.array(np.nan))
    high: np.ndarray = field(default_factory=lambda: np.array(np.nan))
    fit: np.ndarray = field(default_factory=lambda: np.array(int(Fit.FINE)))

    def rejects(self, alpha: float = 0.05) -> np.ndarray:
        """Whether each replicate finds a difference; one that could not be analyzed does not."""
        return np.asarray((self.p < alpha) & (self.fit == Fit.FINE))


def comparison(
    difference: np.ndarray,
    error: np.ndarray,
    freedom: np.ndarray,
    level: float = LEVEL,
    fit: np.ndarray | None = None,
) -> Comparison:
    """A difference with its test and interval, from its standard error and degrees of freedom."""
    difference, error = np.broadcast_arrays(np.asarray(difference, dtype=float), np.asarray(error, dtype=float))
    freedom = np.broadcast_to(np.asarray(freedom, dtype=float), difference.shape)
    if fit is None:
        fit = np.where(np.isfinite(difference) & np.isfinite(error), Fit.FINE, Fit.NOT_ESTIMABLE)
    failed = fit != Fit.FINE
    difference, error = (np.where(failed, np.nan, v) for v in (difference, error))
    with np.errstate(divide="ignore", invalid="ignore"):
        t = difference / error
    normal = np.isposinf(freedom)
    finite = np.where(normal, 1.0, freedom)
    p = np.where(normal, normal_two_sided_p(t), two_sided_p(t, finite))
    half = error * np.where(normal, normal_quantile((1.0 + level) / 2.0), t_quantile(1.0 - level, finite))
    return Comparison(difference, p, error, freedom, difference - half, difference + half, np.asarray(fit))
