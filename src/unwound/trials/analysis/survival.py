r"""Time to an event (relapse, rescue): Kaplan-Meier, log-rank, restricted mean, over all replicates at once.

    S(t)     = prod_{t_i <= t} (1 - d_i / n_i)                                            Kaplan and Meier
    var S(t) = S(t)^2 sum_{t_i <= t} d_i / (n_i (n_i - d_i))                              Greenwood
    Z        = (O - E) / sqrt(V),   E = sum d_i n1_i / n_i,
               V = sum d_i (n1_i / n_i)(1 - n1_i / n_i)(n_i - d_i) / (n_i - 1)            log-rank
    log HR  ~= (O - E) / V                                                                Peto, one step
    R(T)     = int_0^T S dt,   var R = sum_i (int_{t_i}^T S dt)^2 d_i / (n_i (n_i - d_i)) restricted mean

n_i are those still followed just before t_i; who is censored at t_i counts as followed. A time of NaN leaves a
patient out.
Sign: the hazard ratio is treated over control; below 1 the event comes later under treatment.
Method: as named (statsmodels SurvfuncRight, survdiff). Leaves out: covariates (Cox regression), competing events, an
event that is only known to lie between two visits; Peto's ratio is close for ratios between about a half and two.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from unwound.core.errors import Problem
from unwound.trials.analysis.comparison import LEVEL, Comparison, comparison
from unwound.trials.analysis.distributions import normal_quantile, normal_two_sided_p
from unwound.trials.analysis.inputs import refuse, require_alike, require_arms


@dataclass(frozen=True)
class Survival:
    """The share without the event at some times: (times, replicates)."""

    times: np.ndarray
    share: np.ndarray
    error: np.ndarray  # Greenwood
    low: np.ndarray
    high: np.ndarray
    at_risk: np.ndarray


@dataclass(frozen=True)
class LogRank:
    """Treated against control, one value per replicate."""

    observed: np.ndarray  # events in the treated arm
    expected: np.ndarray
    variance: np.ndarray
    z: np.ndarray
    p: np.ndarray
    hazard_ratio: np.ndarray  # Peto
    low: np.ndarray
    high: np.ndarray


def censored(event_time: np.ndarray, follow_up: np.ndarray | float) -> tuple[np.ndarray, np.ndarray]:
    """(time, event) from times of an event, infinite or NaN where it never came, and the end of each follow-up."""
    came = np.where(np.isnan(event_time), np.inf, event_time)
    return np.minimum(came, follow_up), came <= follow_up


def kaplan_meier(
    time: np.ndarray, event: np.ndarray, at: np.ndarray, members: np.ndarray | None = None, level: float = LEVEL
) -> Survival:
    """The survival curve of the patients who are `members`, (replicates, patients); 95 % limits within 0 to 1."""
    require_alike(time=time, event=event, members=members)
    t, d, _ = _sorted(time, event, members)
    risk = (np.isfinite(t).sum(axis=-1, keepdims=True) - np.arange(t.shape[-1])).astype(float)
    # several events at one time, taken one after another, multiply and add up to the same
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = np.where(d, (risk - 1.0) / risk, 1.0)
        terms = np.where(d & (risk > 1), 1.0 / (risk * (risk - 1.0)), 0.0)
    curve, hazard = np.cumprod(steps, axis=-1), np.cumsum(terms, axis=-1)
    at = np.asarray(at, dtype=float)
    before = np.stack([np.sum(t <= x, axis=-1) for x in at])  # how many times lie at or before
    rows = np.arange(len(t))
    share = np.where(before > 0, curve[rows, before - 1], 1.0)
    error = share * np.sqrt(np.where(before > 0, hazard[rows, before - 1], 0.0))
    z = normal_quantile((1.0 + level) / 2.0)
    followed = np.stack([np.sum(t >= x, axis=-1) for x in at])
    low, high = np.maximum(share - z * error, 0.0), np.minimum(share + z * error, 1.0)
    return Survival(at, share, error, low, high, followed)


def log_rank(
    time: np.ndarray, event: np.ndarray, arm: np.ndarray, level: float = LEVEL, treated: int = 1, control: int = 0
) -> LogRank:
    """Whether the event comes at other times under treatment, (replicates, patients)."""
    require_alike(time=time, event=event, arm=arm)
    require_arms(arm, treated, control)
    t, d, order = _sorted(time, event, (arm == treated) | (arm == control))
    one = np.take_along_axis(arm == treated, order, axis=-1) & np.isfinite(t)
    index = np.arange(t.shape[-1])
    fresh = np.concatenate([np.ones((len(t), 1), dtype=bool), t[:, 1:] != t[:, :-1]], axis=-1)
    start = np.maximum.accumulate(np.where(fresh, index, 0), axis=-1)  # where those with this time begin
    total = np.isfinite(t).sum(axis=-1, keepdims=True)
    n = (total - start).astype(float)
    n1 = one.sum(axis=-1, keepdims=True) - np.take_along_axis(_before(one), start, axis=-1)
    ends = np.concatenate([fresh[:, 1:], np.ones((len(t), 1), dtype=bool)], axis=-1)
    end = np.flip(np.minimum.accumulate(np.flip(np.where(ends, index, t.shape[-1] - 1), -1), axis=-1), -1)
    sums = np.cumsum(d, axis=-1)
    ties = np.take_along_axis(sums, end, axis=-1) - np.take_along_axis(_before(d), start, axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = n1 / n
        spread = np.where(n > 1, share * (1.0 - share) * (n - ties) / (n - 1.0), 0.0)
    observed = (d & one).sum(axis=-1).astype(float)
    expected, variance = (np.where(d, v, 0.0).sum(axis=-1) for v in (share, spread))
    z = normal_quantile((1.0 + level) / 2.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        score = (observed - expected) / np.sqrt(variance)
        log_ratio, half = (observed - expected) / variance, z / np.sqrt(variance)
        ratio, low, high = np.exp(log_ratio), np.exp(log_ratio - half), np.exp(log_ratio + half)
    return LogRank(observed, expected, variance, score, normal_two_sided_p(score), ratio, low, high)


def restricted_mean(
    time: np.ndarray, event: np.ndarray, until: float, members: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Mean time without the event up to `until`, and its standard error, per replicate.

    NaN in a replicate whose follow-up ends before `until` while somebody is still without the event.
    """
    if not until > 0:
        refuse([Problem("until", until, "must be a time after the start", "give the end of the follow-up")])
    require_alike(time=time, event=event, members=members)
    t, d, _ = _sorted(time, event, members)
    risk = (np.isfinite(t).sum(axis=-1, keepdims=True) - np.arange(t.shape[-1])).astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = np.where(d, (risk - 1.0) / risk, 1.0)
        terms = np.where(d & (risk > 1), 1.0 / (risk * (risk - 1.0)), 0.0)
    zero = np.zeros((len(t), 1))
    knots = np.concatenate([zero, np.minimum(np.where(np.isfinite(t), t, until), until)], axis=-1)
    curve = np.concatenate([zero + 1.0, np.cumprod(steps, axis=-1)], axis=-1)
    widths = np.diff(np.concatenate([knots, zero + until], axis=-1), axis=-1)
    pieces = curve * widths
    after = np.flip(np.cumsum(np.flip(pieces, -1), axis=-1), -1)[:, 1:]  # area right of each time
    variance = np.sum(after**2 * terms * (t <= until), axis=-1)
    last = np.nanmax(np.where(np.isfinite(t), t, -np.inf), axis=-1)
    unknown = (last < until) & (curve[:, -1] > 0)
    mean = np.where(unknown, np.nan, pieces.sum(axis=-1))
    return mean, np.where(unknown, np.nan, np.sqrt(variance))


def compare_restricted_means(
    time: np.ndarray, event: np.ndarray, arm: np.ndarray, until: float,
    level: float = LEVEL, treated: int = 1, control: int = 0,
) -> Comparison:  # fmt: skip
    """Time without the event gained by treatment up to `until`; normal test."""
    require_alike(time=time, event=event, arm=arm)
    require_arms(arm, treated, control)
    m1, s1 = restricted_mean(time, event, until, arm == treated)
    m0, s0 = restricted_mean(time, event, until, arm == control)
    return comparison(m1 - m0, np.hypot(s1, s0), np.full(m1.shape, np.inf), level)


def _sorted(
    time: np.ndarray, event: np.ndarray, members: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Times in order, events before censoring at one time, who is left out last (NaN)."""
    time = np.asarray(time, dtype=float)
    refuse(
        [Problem("time", v, "must be 0 or more and finite; NaN leaves a patient out", remedy)
         for v, wrong, remedy in (
             (float(np.nanmin(time, initial=0.0)), np.any(time < 0), "count from randomization"),
             ("infinite", np.any(np.isinf(time)), "censor at the end of follow-up, see censored()"))
         if wrong]
    )  # fmt: skip
    event = np.asarray(event, dtype=bool)
    time = np.where(np.isfinite(time) if members is None else members & np.isfinite(time), time, np.nan)
    order = np.lexsort((~event, time), axis=-1)
    t, d = np.take_along_axis(time, order, axis=-1), np.take_along_axis(event, order, axis=-1)
    return t, d & np.isfinite(t), order


def _before(flags: np.ndarray) -> np.ndarray:
    """How many flags stand before each place."""
    return np.asarray(np.cumsum(flags, axis=-1) - flags)
