r"""Analysis of covariance, over all replicates at once.

    y_i = a + d [i treated] + b (x_i - mean x) + sum_s c_s [i in stratum s] + e_i,   e_i ~ N(0, s^2)
    (a, d, b, c) = (X'X)^- X'y,   s^2 = RSS / (n - rank X),   var(d) = s^2 ((X'X)^-)_dd

Method: ordinary least squares (statsmodels OLS); the generalized inverse lets an empty stratum be.
Leaves out: interactions of arm and covariate; unequal variances.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from unwound.trials.analysis.comparison import LEVEL, Comparison, Fit, comparison
from unwound.trials.analysis.inputs import require_alike, require_arms

ARM = 1  # the column of a design that tells the arms apart
_RELATIVE = 1e-10  # eigenvalues of the scaled X'X below this times the largest are none


@dataclass(frozen=True)
class LeastSquares:
    """A fit per replicate."""

    coefficients: np.ndarray  # (replicates, columns)
    inverse: np.ndarray  # generalized inverse of X'X, (replicates, columns, columns)
    squares: np.ndarray  # residual sum of squares
    rank: np.ndarray
    count: np.ndarray  # patients used
    estimable: np.ndarray  # (replicates, columns): whether the coefficient means anything

    @property
    def freedom(self) -> np.ndarray:
        """Degrees of freedom left for the residual."""
        return np.asarray(self.count - self.rank)


def ancova(
    ratings: np.ndarray,
    arm: np.ndarray,
    baseline: np.ndarray | None = None,
    strata: np.ndarray | None = None,
    level: float = LEVEL,
    treated: int = 1,
    control: int = 0,
) -> Comparison:
    """The adjusted difference of `ratings` (or changes) at one visit, (replicates, patients)."""
    require_alike(ratings=ratings, arm=arm, baseline=baseline, strata=strata)
    require_arms(arm, treated, control)
    ratings = np.asarray(ratings, dtype=float)
    used = _used(arm, baseline, treated, control) & np.isfinite(ratings)
    found = least_squares(design(arm, used, baseline, strata, treated), ratings, used)
    return of_column(found, ARM, level)


def of_column(found: LeastSquares, column: int, level: float = LEVEL) -> Comparison:
    """The coefficient of a column with its test."""
    fit = np.where(found.estimable[:, column] & (found.freedom > 0), Fit.FINE, Fit.NOT_ESTIMABLE)
    variance = found.squares / np.maximum(found.freedom, 1)
    error = np.sqrt(np.maximum(variance * found.inverse[:, column, column], 0.0))
    return comparison(found.coefficients[:, column], error, found.freedom, level, fit)


def design(
    arm: np.ndarray, used: np.ndarray, baseline: np.ndarray | None, strata: np.ndarray | None, treated: int = 1
) -> np.ndarray:
    """Columns 1, arm, centered baseline, one per stratum but the first: (replicates, patients, columns)."""
    columns = [np.ones(arm.shape), (arm == treated).astype(float)]
    if baseline is not None:
        known = np.where(used, baseline, 0.0)
        mean = known.sum(axis=-1, keepdims=True) / np.maximum(used.sum(axis=-1, keepdims=True), 1)
        columns.append(np.where(used, known - mean, 0.0))
    if strata is not None:
        columns += [(strata == s).astype(float) for s in np.unique(strata)[1:]]
    return np.asarray(np.stack(columns, axis=-1) * used[..., None])


@dataclass(frozen=True)
class Factor:
    """What least squares needs of X alone, so that many y cost little."""

    X: np.ndarray  # scaled columns, zero for patients left out
    scale: np.ndarray
    inverse: np.ndarray  # of the scaled X'X
    rank: np.ndarray
    estimable: np.ndarray
    used: np.ndarray

    def solve(self, y: np.ndarray) -> LeastSquares:
        """The fit to y, (replicates, patients)."""
        y = np.where(self.used, y, 0.0)
        b = self.inverse @ (np.swapaxes(self.X, -1, -2) @ y[..., None])
        squares = np.sum((y - (self.X @ b)[..., 0]) ** 2, axis=-1)
        inverse = self.inverse / (self.scale[:, :, None] * self.scale[:, None, :])
        return LeastSquares(
            b[..., 0] / self.scale, inverse, squares, self.rank, self.used.sum(axis=-1), self.estimable
        )  # fmt: skip


def factor(X: np.ndarray, used: np.ndarray) -> Factor:
    """X (replicates, patients, columns), used (replicates, patients)."""
    X = X * used[..., None]
    scale = np.sqrt(np.einsum("rnp,rnp->rp", X, X))
    scale = np.where(scale > 0, scale, 1.0)
    S = X / scale[:, None, :]
    values, vectors = np.linalg.eigh(np.swapaxes(S, -1, -2) @ S)
    kept = values > _RELATIVE * values[:, -1:]
    turned = vectors * (kept / np.where(kept, values, 1.0))[:, None, :]
    inverse = turned @ np.swapaxes(vectors, -1, -2)
    space = np.einsum("rpk,rk,rpk->rp", vectors, kept.astype(float), vectors)  # 1 where the row space holds the column
    return Factor(S, scale, inverse, kept.sum(axis=-1), space > 1.0 - 1e-6, used)


def least_squares(X: np.ndarray, y: np.ndarray, used: np.ndarray) -> LeastSquares:
    """Least squares per replicate: X (replicates, patients, columns), y and used (replicates, patients)."""
    return factor(X, used).solve(y)


def _used(arm: np.ndarray, baseline: np.ndarray | None, treated: int, control: int) -> np.ndarray:
    used = (arm == treated) | (arm == control)
    return np.asarray(used if baseline is None else used & np.isfinite(baseline))
