r"""Mixed model for repeated measures (MMRM): arm x visit, covariates x visit, unstructured covariance, REML.

    y_i = X_i b + e_i,   e_i ~ N(0, S),   X_i = 1 (x) z_i'      (every column of z crossed with visit)
    S maximizes the restricted likelihood;   V = (sum X_i' S_i^{-1} X_i)^{-1}
    var(b) = V + (db/dS) var(S) (db/dS)'                        observed information (the default)
    var(b) = V                                                  expected information (usual in software)
    freedom = 2 V^2 / var(V)                                    Satterthwaite; V of the contrast

Complete or monotone data (patients who leave do not come back) have a closed form: the restricted likelihood is a
product over visits, each regressed on z and on the visits before, with d_j = RSS_j / (n_j - rank z)
(`unwound.trials.analysis.sequential`). With complete data this is analysis of covariance at each visit, exactly. Data
with gaps are iterated (`unwound.trials.analysis.gaps`); a replicate that has not settled says so in `fit`.

With complete data db/dS is zero and the two are one. When those in more pain leave, the expected information takes
estimate and covariance for independent, which they then are not, and its error is too small, in large trials too.

Method: restricted maximum likelihood. Leaves out: the correction of the standard error by Kenward and Roger (with
complete data there is nothing to correct; with many missing and few patients the error is a little too small);
covariates that are not crossed with visit.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

from unwound.core.errors import Problem, UnknownName
from unwound.trials.analysis.comparison import LEVEL, Comparison, Fit, comparison
from unwound.trials.analysis.gaps import fit_with_gaps
from unwound.trials.analysis.inputs import refuse
from unwound.trials.analysis.linear import ARM, least_squares
from unwound.trials.analysis.sequential import Visits, fit_chain, is_monotone, visits_of

Information = Literal["observed", "expected"]
STEPS = 2000  # of the iteration for data with gaps


def mmrm(
    ratings: np.ndarray,
    arm: np.ndarray,
    baseline: np.ndarray | None = None,
    strata: np.ndarray | None = None,
    weights: np.ndarray | None = None,
    level: float = LEVEL,
    treated: int = 1,
    control: int = 0,
    steps: int = STEPS,
    information: Information = "observed",
) -> Comparison:
    """The difference at the last visit, or weighted over visits, of ratings (visits, replicates, patients)."""
    if information not in get_args(Information):
        raise UnknownName("information", information, get_args(Information))
    visits = visits_of(ratings, arm, baseline, strata, treated, control)
    w = contrast(len(visits.y), weights)
    monotone = is_monotone(visits.y)
    found = np.full((5, len(monotone)), np.nan)
    found[4] = Fit.NOT_ESTIMABLE
    for chosen, fit in ((monotone, _monotone), (~monotone, lambda v, c: fit_with_gaps(v, c, steps))):
        if chosen.any():
            part = Visits(visits.y[:, chosen], visits.Z[chosen], visits.used[chosen])
            found[:, chosen] = fit(part, w)
    difference, variance, added, freedom, verdict = found
    if information == "observed":
        variance = variance + added
    return comparison(difference, np.sqrt(variance), freedom, level, verdict.astype(int))


def contrast(visits: int, weights: np.ndarray | None) -> np.ndarray:
    """One weight per visit; by default the last visit alone."""
    if weights is None:
        return np.asarray(np.eye(visits)[-1])
    w = np.asarray(weights, dtype=float)
    if w.shape != (visits,):
        refuse([Problem("weights", w.shape, f"one weight per visit, {visits} in all", "leave out the baseline")])
    return w


def _monotone(visits: Visits, w: np.ndarray) -> np.ndarray:
    """(difference, variance if S is known, what S adds, freedom, verdict) in closed form."""
    chain = fit_chain(visits)
    G = chain.slopes
    L = np.linalg.inv(np.eye(chain.visits) - G)
    u = np.einsum("j,rjk->rk", w, L)
    starred = np.stack([fit.coefficients[:, ARM] for fit in chain.fits], axis=1)
    plain = [least_squares(visits.Z, np.zeros(visits.used.shape), np.isfinite(y)) for y in visits.y]
    a = np.stack([fit.inverse[:, ARM, ARM] for fit in plain], axis=1)
    left = np.stack([fit.count - fit.rank for fit in plain], axis=1)
    squares = np.stack([fit.squares for fit in chain.fits], axis=1)
    d = squares / np.maximum(left, 1)
    variance = np.sum(u**2 * d * a, axis=1)
    # how much V itself is uncertain: d_k and g_k are independent, with known variances
    doubt = np.sum((a * u**2) ** 2 * 2.0 * d**2 / np.maximum(left, 1), axis=1)
    added = np.zeros(len(u))
    b = np.einsum("rjk,rk->rj", L, starred)
    known = np.where(np.isfinite(visits.y), visits.y, 0.0)
    for k, fit in enumerate(chain.fits):
        slope = 2.0 * u[:, k, None] * np.einsum("rl,rl,rl,rml->rm", a, d, u, L[:, :k])
        covariance = d[:, k, None, None] * fit.inverse[:, visits.Z.shape[-1] :, visits.Z.shape[-1] :]
        doubt += np.einsum("rm,rmn,rn->r", slope, covariance, slope)
        # an earlier visit as the model has it, less what those still here at visit k showed at it
        here = np.einsum("rq,rnq->rn", plain[k].inverse[:, ARM], visits.Z) * np.isfinite(visits.y[k])
        moves = u[:, k, None] * (b[:, :k] - np.einsum("rn,mrn->rm", here, known[:k]))
        added += np.einsum("rm,rmn,rn->r", moves, covariance, moves)
    with np.errstate(divide="ignore", invalid="ignore"):
        freedom = 2.0 * variance**2 / doubt
    verdict = np.where(chain.estimable, Fit.FINE, Fit.NOT_ESTIMABLE)
    return np.stack([np.sum(u * starred, axis=1), variance, added, freedom, verdict])
