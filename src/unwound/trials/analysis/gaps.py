r"""Restricted maximum likelihood of a multivariate normal with gaps anywhere, by expectation and maximization.

    b    = V sum_i X_i' W_i y_i,   V = (sum_i X_i' W_i X_i)^{-1},   W_i = S_oo^{-1} of what patient i has
    S   <- (1/N) sum_i E[e_i e_i' | y_i, S]                          with b as unknown as what is missing
    -2 l = sum_i (log |S_oo| + y' W y) - b' V^{-1} b + log |V^{-1}|

Only sums over patients with the same gaps enter, so a step costs the same for thirty patients and for three hundred.
A replicate has settled when no element of S moves by more than 1e-9 of its scale; the curvature of l at S
(differences of its exact gradient) then gives the degrees of freedom of Satterthwaite and what the doubt about S
adds.

Method: the EM algorithm for REML. Leaves out: an acceleration; with ten visits and hundreds of different gaps it is
slow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from unwound.trials.analysis.comparison import Fit
from unwound.trials.analysis.linear import ARM
from unwound.trials.analysis.sequential import Visits, fit_chain, until_first_gap

TOLERANCE = 1e-9
STEP = 1e-4  # of the scale of an element of S, for differences of exact gradients


@dataclass(frozen=True)
class Sums:
    """Sums over the patients of a replicate that share a pattern of gaps; zero where something is missing."""

    masks: np.ndarray  # (patterns, visits): 1 where rated
    count: np.ndarray  # (replicates, patterns)
    zz: np.ndarray  # (replicates, patterns, columns, columns)
    zy: np.ndarray  # (replicates, patterns, columns, visits)
    yy: np.ndarray  # (replicates, patterns, visits, visits)

    def of(self, chosen: np.ndarray) -> Sums:
        """The sums of some replicates."""
        return Sums(self.masks, self.count[chosen], self.zz[chosen], self.zy[chosen], self.yy[chosen])


def fit_with_gaps(visits: Visits, w: np.ndarray, steps: int) -> np.ndarray:
    """(difference, variance if S is known, what S adds, freedom, verdict) per replicate for the contrast `w`."""
    sums, (S, estimable) = sums_of(visits), _start(visits)
    active, verdict = estimable.copy(), np.where(estimable, Fit.NOT_CONVERGED, Fit.NOT_ESTIMABLE)
    for _ in range(steps):
        here = np.flatnonzero(active)
        if not len(here):
            break
        new = _step(sums.of(here), S[here])
        scale = np.sqrt(np.einsum("rjj->rj", new))
        moved = np.abs(new - S[here]) / (scale[:, :, None] * scale[:, None, :])
        S[here] = new
        settled = np.max(moved, axis=(1, 2)) < TOLERANCE
        lost = ~np.all(np.isfinite(moved), axis=(1, 2))
        verdict[here[settled]] = Fit.FINE
        active[here[settled | lost]] = False
    found = np.full((5, len(S)), np.nan)
    found[4] = verdict
    fine = np.flatnonzero(verdict == Fit.FINE)
    if len(fine):
        found[:4, fine] = _satterthwaite(sums.of(fine), S[fine], w)
    return found


def sums_of(visits: Visits) -> Sums:
    """What the likelihood needs of the data."""
    here = np.isfinite(visits.y) & visits.used
    codes = np.tensordot(2 ** np.arange(len(here)), here, axes=1)
    patterns = [code for code in np.unique(codes) if code]  # who has no rating says nothing
    y = np.where(here, visits.y, 0.0)
    parts: list[list[np.ndarray]] = [[], [], [], []]
    for code in patterns:
        those = (codes == code).astype(float)
        Z, part = visits.Z * those[..., None], y * those
        parts[0].append(those.sum(axis=-1))
        parts[1].append(np.einsum("rnp,rnq->rpq", Z, visits.Z))
        parts[2].append(np.einsum("rnp,jrn->rpj", Z, y))
        parts[3].append(np.einsum("jrn,krn->rjk", part, y))
    masks = np.array([[bool(int(code) >> j & 1) for j in range(len(here))] for code in patterns], dtype=float)
    count, zz, zy, yy = (np.stack(part, axis=1) for part in parts)
    return Sums(masks, count, zz, zy, yy)


def _start(visits: Visits) -> tuple[np.ndarray, np.ndarray]:
    """A covariance to begin with, from what each patient has before the first gap, else from each visit alone."""
    chain = fit_chain(Visits(until_first_gap(visits.y), visits.Z, visits.used))
    alone = [fit_chain(Visits(y[None], visits.Z, visits.used)) for y in visits.y]
    spread = np.stack([s.fits[0].squares / np.maximum(s.fits[0].freedom, 1) for s in alone], axis=1)
    estimable = np.all([s.estimable for s in alone], axis=0)
    L = np.linalg.inv(np.eye(chain.visits) - chain.slopes)
    d = np.stack([fit.squares / np.maximum(fit.freedom, 1) for fit in chain.fits], axis=1)
    rich = np.all([fit.freedom > 1 for fit in chain.fits], axis=0) & chain.estimable
    joint = np.einsum("rjk,rk,rlk->rjl", L, d, L)
    return np.where(rich[:, None, None], joint, spread[:, :, None] * np.eye(len(visits.y))), estimable


@dataclass(frozen=True)
class _Moments:
    """What a covariance implies, per replicate."""

    W: np.ndarray  # (replicates, patterns, visits, visits): inverse of the seen part of S, zero elsewhere
    seen: np.ndarray  # the same shape: expected sum of e e' over what is seen
    b: np.ndarray  # (replicates, visits, columns)
    V: np.ndarray  # (replicates, visits, columns, visits, columns)


def _moments(sums: Sums, S: np.ndarray) -> _Moments:
    R, P, q, J = *sums.count.shape, sums.zz.shape[-1], S.shape[-1]
    pairs = sums.masks[:, :, None] * sums.masks[:, None, :]
    W = np.linalg.inv(S[:, None] * pairs + np.eye(J) * (1.0 - sums.masks)[:, None, :]) * pairs
    information = np.einsum("rpjk,rpst->rjskt", W, sums.zz).reshape(R, J * q, J * q)
    score = np.einsum("rpjk,rpsk->rjs", W, sums.zy).reshape(R, J * q)
    V = _inverse(information)
    b = np.einsum("rab,rb->ra", V, score).reshape(R, J, q)
    V = V.reshape(R, J, q, J, q)
    seen = np.empty((R, P, J, J))
    for p in range(P):
        cross = np.einsum("rjs,rsk->rjk", b, sums.zy[:, p])
        fitted = np.einsum("rjs,rst,rkt->rjk", b, sums.zz[:, p], b)
        doubt = np.einsum("rjskt,rst->rjk", V, sums.zz[:, p])
        seen[:, p] = (sums.yy[:, p] - cross - np.swapaxes(cross, 1, 2) + fitted + doubt) * pairs[p]
    return _Moments(W, seen, b, V)


def _inverse(information: np.ndarray) -> np.ndarray:
    """The inverse, in which a column that no patient has (an empty stratum) counts for nothing."""
    nobody = np.einsum("raa->ra", information) == 0
    try:
        V = np.linalg.inv(information + nobody[:, :, None] * np.eye(information.shape[-1]))
    except np.linalg.LinAlgError:  # a replicate whose columns repeat each other
        return np.asarray(np.linalg.pinv(information, rcond=1e-12, hermitian=True))
    return np.asarray(V * ~(nobody[:, :, None] | nobody[:, None, :]))


def _step(sums: Sums, S: np.ndarray) -> np.ndarray:
    """One step of expectation and maximization: what is missing, expected from what is seen, and its spread."""
    now, new = _moments(sums, S), np.zeros_like(S)
    for p in range(sums.count.shape[1]):
        K = S @ now.W[:, p]
        new += K @ now.seen[:, p] @ np.swapaxes(K, 1, 2) + sums.count[:, p, None, None] * (S - K @ S)
    new = new / sums.count.sum(axis=1)[:, None, None]
    return np.asarray(0.5 * (new + np.swapaxes(new, 1, 2)))


def _satterthwaite(sums: Sums, S: np.ndarray, w: np.ndarray) -> np.ndarray:
    """(difference, variance, what S adds, freedom) at the maximum."""
    J = S.shape[-1]
    scale = np.sqrt(np.einsum("rjj->rj", S))
    elements = [(j, k) for j in range(J) for k in range(j + 1)]
    slopes, moves, curvature = [], [], []
    for j, k in elements:
        step = np.zeros_like(S)
        step[:, j, k] = step[:, k, j] = STEP * scale[:, j] * scale[:, k]
        up, down = (_contrast(sums, S + sign * step, w) for sign in (1.0, -1.0))
        d, V, gradient = ((a - b) / (2.0 * STEP) for a, b in zip(up, down, strict=True))
        moves.append(d)
        slopes.append(V)
        curvature.append(np.stack([gradient[:, a, b] * scale[:, a] * scale[:, b] for a, b in elements], axis=-1))
    H = np.stack(curvature, axis=1)
    d, V, _ = _contrast(sums, S, w)
    spread, added = (_quadratic(0.5 * (H + np.swapaxes(H, 1, 2)), np.stack(g, axis=1)) for g in (slopes, moves))
    return np.stack([d, V, added, 2.0 * V**2 / spread])


def _contrast(sums: Sums, S: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(difference, its variance, gradient of -2 l by each element of S and its mirror)."""
    now = _moments(sums, S)
    gradient = np.einsum("rp,rpjk->rjk", sums.count, now.W) - np.sum(now.W @ now.seen @ now.W, axis=1)
    both = gradient * (2.0 - np.eye(S.shape[-1]))
    return now.b[:, :, ARM] @ w, np.einsum("j,rjk,k->r", w, now.V[:, :, ARM, :, ARM], w), both


def _quadratic(curvature: np.ndarray, g: np.ndarray) -> np.ndarray:
    """g' var(S) g, with var(S) = 2 / curvature of -2 l."""
    return np.asarray(2.0 * np.einsum("ra,rab,rb->r", g, np.linalg.pinv(curvature, hermitian=True), g))
