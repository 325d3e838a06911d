r"""From true scores to what a trial prints: exact over the scatter of ratings, normal or binomial over people.

A rating is ``round(x + s xi)`` within 0..10 (`outcomes.pain`), so its distribution given the true score x is known in
closed form; what is computed over the crowd is the expectation, not a draw:

    q_k(x)   = Phi((k + 1/2 - x)/s) - Phi((k - 1/2 - x)/s),     the ends 0 and 10 take what is beyond
    mean     = E q,    sd from E q^2,    over people and scatter
    share    = E sum_{k0} q_{k0}(x_0) P(rating <= (1 - r) k0)
    z        = difference / standard error, at the trial's own numbers of people

Each printed result then has a likelihood: mean and spread ``N(m | mu, sd^2/n)`` and ``ln s ~ N(ln sd, 1/(2 (n - 1)))``;
binomial; multinomial; the chance that a mean lies in a range; the chance of a P in an interval when ``t`` is taken as
normal around z. Bounded, coarse ratings are so kept bounded and coarse.

Leaves out: dropout, missing ratings, correlation of rows within a trial.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from unwound.core.arrays import Array, jax, jnp
from unwound.inference.pain_rows import FitRow

GRADES = 10
"""The highest rating; ratings are 0, 1 ... 10."""
WEEK_H = 168.0
LEAST_VARIANCE = 1e-6
LEAST_P = 1e-12
LEAST = 1e-4
"""No share is taken as less certain than one in ten thousand: a crowd of a few hundred cannot say more."""


class Seen(NamedTuple):
    """Everything about one arm under one scatter that rows ask for."""

    grades: Array  # (visits, people, 11)
    mean: Array  # (visits,)
    log_sd: Array  # (visits,)


def grades(x: Array, scatter: float) -> Array:
    """Chances of the ratings 0..10 at true scores `x`: shape (*x.shape, 11)."""
    edges = jnp.arange(GRADES) + 0.5
    below = 0.5 + 0.5 * jax.lax.erf((edges - x[..., None]) / (scatter * math.sqrt(2.0)))
    zero = jnp.zeros((*x.shape, 1))
    return jnp.diff(jnp.concatenate([zero, below, zero + 1.0], axis=-1), axis=-1)


def seen(pain: Array, scatter: float) -> Seen:
    """True scores (visits, people) as ratings: their distribution, mean and spread over people and scatter."""
    q, k = grades(pain, scatter), jnp.arange(GRADES + 1.0)
    mean = jnp.mean(q @ k, axis=-1)
    variance = jnp.mean(q @ k**2, axis=-1) - mean**2
    return Seen(q, mean, 0.5 * jnp.log(jnp.maximum(variance, LEAST_VARIANCE)))


def responding(before: Array, now: Array, reduction: float) -> Array:
    """Expected share of people whose rating fell by `reduction` or more.

    `before` are grades (people, 11), `now` grades (..., people, 11).
    """
    most = np.floor((1.0 - reduction) * np.arange(GRADES + 1) + 1e-9).astype(int)
    upto = jnp.cumsum(now, axis=-1)[..., most]
    return jnp.mean(jnp.sum(before * upto, axis=-1), axis=-1)


def features(
    rows: Sequence[FitRow], pain: Mapping[str, Array], hours: Sequence[float], weekly: float, single: float
) -> Array:
    """What the model says to the `rows` of one trial, side by side: (mean, ln sd), (logit share), two logits, or z.

    `pain` maps arm -> true scores (visits, people), the visits being `hours`; the first is the start, the first arm is
    the treated one. `weekly` and `single` are the scatter of a mean over a week and of a rating at one moment.
    """
    known: dict[tuple[str, float], Seen] = {}
    found = []
    for row in rows:
        scatter = weekly if all(hour % WEEK_H == 0.0 for hour in row.hours) else single
        at = [list(hours).index(h) for h in row.hours]
        if row.kind == "between":
            treated, control = list(pain)[:2]
            found.append(_between(pain[treated], pain[control], at, scatter, row.n)[None])
            continue
        if row.kind == "within":
            found.append(_within(pain[row.arm], at[0], scatter, row.n)[None])
            continue
        if (row.arm, scatter) not in known:
            known[row.arm, scatter] = seen(pain[row.arm], scatter)
        found.append(_asked(row, known[row.arm, scatter], at))
    return jnp.concatenate(found)


def _asked(row: FitRow, own: Seen, at: Sequence[int]) -> Array:
    if row.kind in ("mean", "range"):
        return jnp.stack([own.mean[at[0]], own.log_sd[at[0]]])
    shares = responding(own.grades[0], own.grades[jnp.asarray(at)], row.reduction)
    if row.kind == "classes":
        return jnp.stack([_logit(shares[0]), _logit(jnp.minimum(shares[1] / jnp.maximum(shares[0], LEAST), 1.0))])
    return _logit(1.0 - shares if row.below else shares)


Data = tuple[float | Array, ...]
"""What was printed, as numbers: (mean, ln sd), (k,), (low, high), counts of classes, or two critical |t| of a P."""


def printed(row: FitRow) -> Data:
    """What `row` found."""
    if row.kind == "mean":
        return row.mean, math.log(row.sd)
    if row.kind == "range":
        return row.low, row.high
    if row.kind in ("share", "classes"):
        return tuple(float(k) for k in row.counts)
    return critical(row, row.low, row.high)


def critical(row: FitRow, low: float, high: float) -> Data:
    """|t| of the two ends of a P, the nearer to zero first."""
    degrees = 2 * (row.n - 1) if row.kind == "between" else row.n - 1
    return _critical(min(high, 1.0), degrees), _critical(max(low, LEAST_P), degrees)


def log_likelihood(row: FitRow, found: Array, data: Data | None = None) -> Array:
    """Log probability (or density) of what `row` printed, or of `data`, given the `features` of the model; weighted."""
    return row.weight * _likelihood(row, found, printed(row) if data is None else data)


def in_words(row: FitRow, found: np.ndarray) -> tuple[float, str]:
    """(number to set beside what was printed, its unit)."""
    if row.kind in ("mean", "range"):
        return float(found[0]), "points"
    if row.kind in ("share", "classes"):
        share = 100.0 / (1.0 + math.exp(-float(found[0])))
        return (100.0 - share if row.kind == "classes" else share), "percent"
    return float(math.exp(float(_chance(row, jnp.asarray(found))))), "probability"


def _likelihood(row: FitRow, found: Array, data: Data) -> Array:
    if row.kind == "mean":
        center = _normal(data[0], found[0], jnp.exp(found[1]) / math.sqrt(row.n))
        return center + _normal(data[1], found[1], 1.0 / math.sqrt(2.0 * (row.n - 1)))
    if row.kind == "range":
        error = jnp.exp(found[1]) / math.sqrt(row.n)
        return jnp.log(_between_ends((data[0] - found[0]) / error, (data[1] - found[0]) / error))
    if row.kind == "share":
        return _ways(row.n, (data[0], row.n - data[0])) + _binomial(data[0], row.n - data[0], found[0])
    if row.kind == "classes":
        none, gone, lasting = data
        some = _binomial(gone + lasting, none, found[0])
        return _ways(row.n, data) + some + _binomial(lasting, gone, found[1])
    return _chance(row, found, data)


def _chance(row: FitRow, found: Array, data: Data | None = None) -> Array:
    """Log chance that a two-sided P lies between its printed ends, when z is what is expected (relief is negative)."""
    near, far = printed(row) if data is None else data
    z = found[0]
    return jnp.log(_between_ends(near - z, far - z) + _between_ends(-far - z, -near - z))


def _critical(p: float, degrees: int) -> float:
    """|t| of a two-sided `p`: the normal quantile, widened for `degrees` of freedom (Hill 1970, to third order)."""
    if p >= 1.0:
        return 0.0
    z = NormalDist().inv_cdf(1.0 - p / 2.0)
    g1, g2 = (z**3 + z) / 4.0, (5 * z**5 + 16 * z**3 + 3 * z) / 96.0
    g3 = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384.0
    return z + g1 / degrees + g2 / degrees**2 + g3 / degrees**3


def _between(treated: Array, control: Array, at: Sequence[int], scatter: float, n: int) -> Array:
    """Expected z of a comparison of each patient's mean rating over the visits `at`."""
    noise = _noise(scatter) / len(at)
    one, other = (jnp.mean(arm[jnp.asarray(at)], axis=0) for arm in (treated, control))
    error = jnp.sqrt((jnp.var(one) + jnp.var(other) + 2.0 * noise) / n)
    return (jnp.mean(one) - jnp.mean(other)) / error


def _within(own: Array, at: int, scatter: float, n: int) -> Array:
    """Expected z of a paired comparison with the start."""
    change = own[at] - own[0]
    return jnp.mean(change) / jnp.sqrt(jnp.var(change) + 2.0 * _noise(scatter)) * math.sqrt(n)


def _noise(scatter: float) -> float:
    """Variance of a rating given the true score, away from the ends: scatter and rounding."""
    return scatter**2 + 1.0 / 12.0


def _between_ends(low: Array, high: Array) -> Array:
    """Chance of a standard normal between two ends, kept above 0; exact in both tails."""
    flip = low > 0
    a, b = jnp.where(flip, -high, low), jnp.where(flip, -low, high)
    return jnp.maximum(jax.scipy.special.ndtr(b) - jax.scipy.special.ndtr(a), 1e-12)


def _binomial(yes: float | Array, no: float | Array, logit: Array) -> Array:
    return yes * jax.nn.log_sigmoid(logit) + no * jax.nn.log_sigmoid(-logit)


def _ways(n: int, counts: Sequence[float | Array]) -> Array:
    """Logarithm of the number of ways to divide `n` people."""
    parts = sum((jax.scipy.special.gammaln(jnp.asarray(k) + 1.0) for k in counts), jnp.zeros(()))
    return math.lgamma(n + 1) - parts


def _logit(share: Array) -> Array:
    kept = jnp.clip(share, LEAST, 1.0 - LEAST)
    return jnp.log(kept) - jnp.log1p(-kept)


def _normal(x: float | Array, mean: Array, sd: Array | float) -> Array:
    return -0.5 * ((x - mean) / sd) ** 2 - jnp.log(sd) - 0.5 * math.log(2.0 * math.pi)
