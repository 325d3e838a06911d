r"""Relapse after a response: a hazard that follows the state, with frailty.

    lambda(t) = lambda_0 Z exp(theta x(t)),      x = ln odds(score / M) - ln odds(B / 2M)
    S(t)      = exp(-int lambda),      ln Z ~ N(-sd^2 / 2, sd^2), mean 1

x is how far the score lies above half of the person's own baseline, in log-odds: no week is hard-wired. Whoever loses
the drug's effect with no antidepressant beside returns towards baseline and relapses soon; boosters, or an
antidepressant that holds, keep the hazard low; deeper remission relapses later.

Source: fitted by scripts/calibrate_mood.py to the randomized withdrawal of daly2019 and, at half weight, to what is
recalled of a series without an antidepressant (lambda_0, theta); assumption (sd). Leaves out: the rule by which a trial
calls a relapse (scores on two visits, admission), life events.
"""

from __future__ import annotations

from typing import ClassVar

from unwound.core.arrays import Array, Record, Scalar, jnp
from unwound.core.units import unit


class Relapse(Record):
    """Hazard at half of the baseline, how it follows the state, spread between people."""

    rate: Scalar = unit("1/d")  # lambda_0
    steepness: Scalar = unit("1")  # theta
    frailty_sd: Scalar = unit("1")  # sd

    prefix: ClassVar[str] = "mood_relapse"


def hazard(score: Array, baseline: Array, most: Array, frailty: Array, p: Relapse) -> Array:
    """Hazard [1/d] at a `score` [points] in somebody of `baseline` [points] on a scale up to `most` [points]."""
    half = baseline / 2.0
    x = jnp.log(score / (most - score)) - jnp.log(half / (most - half))
    return p.rate * frailty * jnp.exp(p.steepness * x)


def accumulated(time: Array, hazards: Array) -> Array:
    """The integral of `hazards` [1/d] up to each `time` [d] (first axis), by trapezoids."""
    steps = jnp.diff(time)[:, None] * (hazards[1:] + hazards[:-1]) / 2.0
    return jnp.concatenate([jnp.zeros_like(hazards[:1]), jnp.cumsum(steps, axis=0)])
