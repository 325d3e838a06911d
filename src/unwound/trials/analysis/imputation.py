r"""Multiple imputation of ratings after dropout: missing at random, or by reference to the control arm.

    draw      d_j ~ RSS_j / chi2(n_j - p_j),   (b*_j, g_j) ~ N(fit, d_j (X'X)^{-1})       per visit, per imputation
    impute    y_ij = m_ij + sum_{k<j} g_jk (y_ik - m_ik) + e,   e ~ N(0, d_j),   m_ij = z_i' b_j + delta

The mean m of a treated patient decides what is assumed about those who left:

    missing at random      m of the own arm, before and after                          (as if they had stayed)
    jump to reference      own arm before leaving, control arm after                   (the benefit ends with the drug)
    copy reference         control arm before and after                                (as if never treated)

`delta` is added to every imputed rating of the treated arm (a tipping point is the delta at which the finding is
lost). A rating after a gap is kept; what lies between is imputed from the past, and it is not used to fit.

    Q = mean of Q_m,   T = mean of U_m + (1 + 1/M) var(Q_m)                               Rubin's rules
    1/v = 1/v_old + 1/v_obs,   v_old = (M-1)/l^2,   v_obs = (v_com+1)/(v_com+3) v_com (1-l),   l = (1+1/M) B/T

Method: monotone Bayesian regression with flat priors; freedom by Barnard and Rubin. The draws of a replicate and an
imputation depend on the seed and its number only, not on how many are computed together.
Leaves out: a covariance of its own for each arm; gaps within a course as a part of the likelihood. Rubin's variance
is larger than the spread over repeated trials when imputation refers to the control arm; it holds the information
that the missing at random analysis has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from unwound.core.errors import Problem, UnknownName
from unwound.trials.analysis.comparison import LEVEL, Comparison, Fit, comparison
from unwound.trials.analysis.inputs import refuse
from unwound.trials.analysis.linear import ARM, factor, of_column
from unwound.trials.analysis.sequential import Chain, Visits, fit_chain, unfold, until_first_gap, visits_of

Rule = Literal["missing at random", "jump to reference", "copy reference"]
RULES: tuple[str, ...] = get_args(Rule)
NUMBER = 20  # imputations


@dataclass(frozen=True)
class Imputation:
    """How missing ratings are drawn."""

    rule: Rule = "missing at random"
    number: int = NUMBER
    seed: int = 0
    delta: float = 0.0  # added to imputed ratings of the treated arm

    def __post_init__(self) -> None:
        if self.rule not in RULES:
            raise UnknownName("rule", self.rule, RULES)
        if self.number < 2:
            remedy = f"20 is usual, so write number={NUMBER}"
            refuse([Problem("number", self.number, "at least two imputations", remedy)])
        if self.seed < 0:
            refuse([Problem("seed", self.seed, "must be 0 or more", "write seed=0")])


def imputed(
    ratings: np.ndarray,
    arm: np.ndarray,
    baseline: np.ndarray | None = None,
    strata: np.ndarray | None = None,
    how: Imputation | None = None,
    first: int = 0,
    treated: int = 1,
    control: int = 0,
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """(completed ratings, which replicates allow it) once per imputation; the first replicate is number `first`."""
    how = how or Imputation()
    visits = visits_of(ratings, arm, baseline, strata, treated, control)
    chain = fit_chain(Visits(until_first_gap(visits.y), visits.Z, visits.used))
    roots = [_root(fit.inverse) for fit in chain.fits]
    gone = np.nonzero(visits.used & ~np.all(np.isfinite(visits.y), axis=0))  # (replicate, patient) of who left
    for m in range(how.number):
        completed = visits.y.copy()
        completed[:, gone[0], gone[1]] = _filled(visits, _draw(chain, roots, how, first, m, gone[0]), gone, how)
        yield completed, chain.estimable


def analyze_imputed(
    ratings: np.ndarray,
    arm: np.ndarray,
    baseline: np.ndarray | None = None,
    strata: np.ndarray | None = None,
    how: Imputation | None = None,
    analysis: Callable[[np.ndarray], Comparison] | None = None,
    level: float = LEVEL,
    treated: int = 1,
    control: int = 0,
) -> Comparison:
    """Impute, analyze each completed set (by default: analysis of covariance at the last visit), pool."""

    found, fine = [], np.zeros(arm.shape[0], dtype=bool)
    analysis = analysis or _last_visit(ratings, arm, baseline, strata, level, treated, control)
    sets = imputed(ratings, arm, baseline, strata, how, treated=treated, control=control)
    for completed, fine in sets:  # noqa: B007
        found.append(analysis(completed))
    return pooled(found, level, fine)


def pooled(found: Sequence[Comparison], level: float = LEVEL, fine: np.ndarray | None = None) -> Comparison:
    """Rubin's rules over the analyses of several completed sets."""
    M = len(found)
    Q, U = np.stack([f.difference for f in found]), np.stack([f.error**2 for f in found])
    between, within = Q.var(axis=0, ddof=1), U.mean(axis=0)
    total = within + (1.0 + 1.0 / M) * between
    complete = found[0].freedom
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (1.0 + 1.0 / M) * between / total
        old = (M - 1) / share**2
        ratio = np.where(np.isinf(complete), 1.0, (complete + 1.0) / (complete + 3.0))
        seen = ratio * complete * (1.0 - share)
        freedom = 1.0 / (1.0 / old + 1.0 / seen)
    fit = np.max([f.fit for f in found], axis=0)
    if fine is not None:
        fit = np.where(fine, fit, Fit.NOT_ESTIMABLE)
    return comparison(Q.mean(axis=0), np.sqrt(total), freedom, level, fit)


def _last_visit(
    ratings: np.ndarray, arm: np.ndarray, baseline: np.ndarray | None, strata: np.ndarray | None, level: float,
    treated: int, control: int,
) -> Callable[[np.ndarray], Comparison]:  # fmt: skip
    """Analysis of covariance at the last visit (`ancova`); the design is the same in every completed set."""
    visits = visits_of(ratings, arm, baseline, strata, treated, control)
    design = factor(visits.Z, visits.used)
    return lambda completed: of_column(design.solve(completed[-1]), ARM, level)


@dataclass(frozen=True)
class _Draw:
    """One draw of everything that is not known."""

    b: np.ndarray  # (replicates, visits, columns)
    slopes: np.ndarray  # (replicates, visits, visits)
    noise: np.ndarray  # (those who left, visits), with its standard deviation


def _draw(
    chain: Chain, roots: list[np.ndarray], how: Imputation, first: int, m: int, replicates: np.ndarray
) -> _Draw:  # fmt: skip
    """`replicates`: to which replicate each of those who left belongs, in order."""
    R, J, q = len(chain.fits[0].squares), chain.visits, chain.columns
    many = np.bincount(replicates, minlength=R)
    chi2, normals, noise = np.empty((R, J)), np.empty((R, J, q + J)), np.empty((len(replicates), J))
    freedom = np.stack([np.maximum(fit.freedom, 1) for fit in chain.fits], axis=1)
    begin = 0
    for r, count in enumerate(many):
        # one block of the counter per imputation: those of one replicate never meet
        key, counter = np.array([how.seed, first + r], dtype=np.uint64), np.array([0, 0, m, 0], dtype=np.uint64)
        stream = np.random.Generator(np.random.Philox(key=key, counter=counter))
        normals[r] = stream.standard_normal((J, q + J))
        noise[begin : begin + count] = stream.standard_normal((count, J))
        chi2[r] = stream.chisquare(freedom[r])
        begin += count
    d = np.stack([fit.squares for fit in chain.fits], axis=1) / chi2
    starred, slopes = np.zeros((R, J, q)), np.zeros((R, J, J))
    for j, (fit, root) in enumerate(zip(chain.fits, roots, strict=True)):
        moved = np.einsum("rpq,rq->rp", root, normals[:, j, : q + j])
        drawn = fit.coefficients + np.sqrt(d[:, j, None]) * moved
        starred[:, j], slopes[:, j, :j] = drawn[:, :q], drawn[:, q:]
    return _Draw(unfold(starred, slopes), slopes, noise * np.sqrt(d[replicates]))


def _filled(visits: Visits, draw: _Draw, gone: tuple[np.ndarray, ...], how: Imputation) -> np.ndarray:
    """All ratings of those who left, (visits, those who left)."""
    y, Z = visits.y[:, gone[0], gone[1]], visits.Z[gone[0], gone[1]]
    own = np.einsum("kq,kjq->jk", Z, draw.b[gone[0]])
    reference = own - Z[:, ARM] * draw.b[gone[0], :, ARM].T
    left = np.logical_or.accumulate(~np.isfinite(y), axis=0)
    before = reference if how.rule == "copy reference" else own
    mean = np.where(left, own if how.rule == "missing at random" else reference, before)
    filled, apart, slopes = y.copy(), np.zeros(y.shape), draw.slopes[gone[0]]
    for j in range(len(y)):
        expected = mean[j] + np.einsum("km,mk->k", slopes[:, j, :j], apart[:j])
        filled[j] = np.where(np.isfinite(y[j]), y[j], expected + draw.noise[:, j])
        apart[j] = filled[j] - mean[j]
    return np.asarray(filled + ~np.isfinite(y) * (Z[:, ARM] * how.delta))


def _root(matrices: np.ndarray) -> np.ndarray:
    """A root of each semidefinite matrix."""
    values, vectors = np.linalg.eigh(matrices)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0))[:, None, :])
