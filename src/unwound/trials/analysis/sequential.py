r"""Visits one after another: each regressed on the arm, the covariates and the visits before it.

    y_ij = z_i' b*_j + sum_{k<j} g_jk y_ik + e_ij,   var(e_ij) = d_j

With a covariance of any form over the visits, and every column of z crossed with visit, this is the multivariate
normal model y_i ~ N(z_i' B, S) in other coordinates: b = L b*, S = L D L', L = (1 - G)^{-1}. When patients who leave
do not come back (monotone), the likelihood is a product over visits, so each visit is fitted alone, in closed form.

Method: the factored likelihood of monotone data; analysis of mixed models and multiple imputation both start from
here.
Leaves out: a covariance of its own for each arm.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from unwound.trials.analysis.inputs import require_alike, require_arms
from unwound.trials.analysis.linear import ARM, LeastSquares, design, least_squares


@dataclass(frozen=True)
class Visits:
    """Ratings with what explains them. Columns of `Z`: 1, arm, centered baseline, strata."""

    y: np.ndarray  # (visits, replicates, patients), NaN where missing
    Z: np.ndarray  # (replicates, patients, columns)
    used: np.ndarray  # (replicates, patients): of one of the two arms, with a baseline


@dataclass(frozen=True)
class Chain:
    """The fitted regressions of a replicate's visits."""

    fits: tuple[LeastSquares, ...]  # per visit, on Z and on the visits before
    columns: int  # of Z

    @property
    def visits(self) -> int:
        """How many visits."""
        return len(self.fits)

    @property
    def slopes(self) -> np.ndarray:
        """g, (replicates, visits, visits), zero on and above the diagonal."""
        G = np.zeros((len(self.fits[0].squares), self.visits, self.visits))
        for j, fit in enumerate(self.fits):
            G[:, j, :j] = fit.coefficients[:, self.columns :]
        return G

    @property
    def estimable(self) -> np.ndarray:
        """Replicates in which every visit tells the arms apart and leaves a residual."""
        fine = [fit.estimable[:, ARM] & (fit.freedom > 0) & (fit.squares > 0) for fit in self.fits]
        return np.asarray(np.all(fine, axis=0))


def visits_of(
    ratings: np.ndarray,
    arm: np.ndarray,
    baseline: np.ndarray | None,
    strata: np.ndarray | None,
    treated: int = 1,
    control: int = 0,
) -> Visits:
    """Ratings and design; patients of other arms and those without a baseline are left out."""
    require_alike(ratings=ratings, arm=arm, baseline=baseline, strata=strata)
    require_arms(arm, treated, control)
    used = (arm == treated) | (arm == control)
    if baseline is not None:
        used = used & np.isfinite(baseline)
    y = np.where(used, np.asarray(ratings, dtype=float), np.nan)
    return Visits(y, design(arm, used, baseline, strata, treated), used)


def is_monotone(ratings: np.ndarray) -> np.ndarray:
    """Replicates in which nobody has a rating after a missing one."""
    here = np.isfinite(ratings)
    return np.asarray(~np.any(here[1:] & ~here[:-1], axis=(0, 2)))


def until_first_gap(ratings: np.ndarray) -> np.ndarray:
    """The ratings of each patient up to the first missing one."""
    return np.where(np.logical_and.accumulate(np.isfinite(ratings), axis=0), ratings, np.nan)


def fit_chain(visits: Visits) -> Chain:
    """Each visit on Z and on the visits before it, among those who were rated (monotone data)."""
    y, fits = visits.y, []
    known = np.where(np.isfinite(y), y, 0.0)
    for j in range(len(y)):
        X = np.concatenate([visits.Z, np.moveaxis(known[:j], 0, -1)], axis=-1)
        fits.append(least_squares(X, known[j], np.isfinite(y[j])))
    return Chain(tuple(fits), visits.Z.shape[-1])


def unfold(starred: np.ndarray, slopes: np.ndarray) -> np.ndarray:
    """b of every visit from b* and g: (replicates, visits, columns)."""
    return np.linalg.solve(np.eye(slopes.shape[-1]) - slopes, starred)
