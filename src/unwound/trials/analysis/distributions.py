"""Tails and quantiles that the tests of a trial need, for whole arrays.

    P(|T| > |t|)  = I_{v/(v+t^2)}(v/2, 1/2)                  Student, v degrees of freedom
    P(|Z| > |z|)  = erfc(|z| / sqrt 2)                       normal
    exact bounds  : I_p(k, n-k+1) = 1 - a/2 and so on        Clopper and Pearson

Method: the regularized incomplete beta function I of JAX; quantiles by Newton's method (Student) and bisection
(beta).
Leaves out: distributions that no analysis here uses; scipy has them.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from statistics import NormalDist
from typing import Any

import numpy as np

_SMALLEST = 256  # values; arrays are padded to a power of two, so that few programs are compiled


def two_sided_p(t: np.ndarray, freedom: np.ndarray) -> np.ndarray:
    """P of |T| > |t| for Student's t, by the incomplete beta function; 1 where no variance is left."""
    t, freedom = np.broadcast_arrays(np.asarray(t, dtype=float), np.asarray(freedom, dtype=float))
    finite = np.isfinite(t) & (freedom > 0)
    safe = np.where(finite, freedom, 1.0)
    p = beta_share(safe / 2.0, np.full(t.shape, 0.5), safe / (safe + np.where(finite, t, 0.0) ** 2))
    return np.where(finite, p, np.where(np.isinf(t) & (freedom > 0), 0.0, 1.0))


def upper_p(t: np.ndarray, freedom: np.ndarray) -> np.ndarray:
    """P of T > t for Student's t; 1 where nothing can be said."""
    half = 0.5 * two_sided_p(t, freedom)
    return np.where(np.isnan(t), 1.0, np.where(np.asarray(t) > 0, half, 1.0 - half))


def t_quantile(doubt: float, freedom: np.ndarray) -> np.ndarray:
    """The t that |T| exceeds with probability `doubt`; NaN without a degree of freedom."""
    freedom = np.asarray(freedom, dtype=float)
    known = np.isfinite(freedom) & (freedom > 0)
    v = np.where(known, freedom, 1.0)
    t = np.full(v.shape, normal_quantile(1.0 - doubt / 2.0))
    scale = np.exp(_log_gamma((v + 1.0) / 2.0) - _log_gamma(v / 2.0)) / np.sqrt(v * math.pi)
    for _ in range(200):  # from below, so that every step of Newton's on this convex tail stays below and rises
        density = 2.0 * scale * (1.0 + t * t / v) ** (-(v + 1.0) / 2.0)
        step = (two_sided_p(t, v) - doubt) / density
        t = t + step
        if np.all(np.abs(step) <= 1e-12 * t):
            break
    return np.where(known, t, np.nan)


def normal_two_sided_p(z: np.ndarray) -> np.ndarray:
    """P of |Z| > |z|; 1 where z is unknown."""
    z = np.asarray(z, dtype=float)
    return np.asarray(_erfc(np.where(np.isnan(z), 0.0, np.abs(z)) / math.sqrt(2.0)), dtype=float)


def normal_quantile(probability: float) -> float:
    """The z below which a standard normal lies with `probability`."""
    return NormalDist().inv_cdf(probability)


def exact_interval(events: np.ndarray, tries: np.ndarray, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """The interval of Clopper and Pearson for a share; with no event (or only events) one-sided, at the full `level`.

    0 of 101: up to 1 - 0.05^(1/101), which is 3 %.
    """
    events, tries = np.broadcast_arrays(np.asarray(events, dtype=float), np.asarray(tries, dtype=float))
    doubt = 1.0 - level
    inner = (events > 0) & (events < tries)
    tail = np.where(inner, doubt / 2.0, doubt)
    low = _beta_quantile(tail, np.maximum(events, 1.0), tries - events + 1.0)
    high = _beta_quantile(1.0 - tail, events + 1.0, np.maximum(tries - events, 1.0))
    nothing = tries <= 0
    low = np.where(nothing | (events == 0), 0.0, low)
    high = np.where(nothing | (events == tries), 1.0, high)
    return low, high


def beta_share(a: np.ndarray, b: np.ndarray, x: np.ndarray) -> np.ndarray:
    """I_x(a, b), the share of a beta distribution below x."""
    flat = [np.asarray(v, dtype=float).ravel() for v in np.broadcast_arrays(a, b, x)]
    size = max(_SMALLEST, 1 << max(flat[0].size - 1, 0).bit_length())
    padded = [np.concatenate([v, np.ones(size - v.size)]) for v in flat]
    found = np.asarray(_betainc()(*padded))[: flat[0].size]
    return np.asarray(found.reshape(np.broadcast_shapes(np.shape(a), np.shape(b), np.shape(x))))


def _beta_quantile(share: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    low, high = np.zeros(a.shape), np.ones(a.shape)
    for _ in range(60):
        middle = 0.5 * (low + high)
        below = beta_share(a, b, middle) < share
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return 0.5 * (low + high)


@functools.cache
def _betainc() -> Callable[..., Any]:
    from unwound.core.arrays import jax

    return jax.jit(jax.scipy.special.betainc)  # type: ignore[no-any-return]


_erfc = np.frompyfunc(math.erfc, 1, 1)


def _log_gamma(values: np.ndarray) -> np.ndarray:
    return np.asarray(np.frompyfunc(math.lgamma, 1, 1)(values), dtype=float)
