r"""The placebo response: a component of every arm, never a constant.

    pi(t) = size (1 - exp(-ln2 t / t_on)) exp(-ln2 t / t_off)        for t after the start of treatment
    size  ~ N(mean, sd^2) between people                             log-odds of the NRS

People who notice the drug (psychomimetic effects) may expect more: ``size (1 + expectancy_gain)``. The gain cannot be
identified from a saline-controlled trial and is 0 unless set.

Source: sigtermans2009 (week 1 of its placebo arm; fitted mean and spread); time course: assumption.
"""

from __future__ import annotations

import math
from typing import ClassVar

from unwound.core.arrays import Array, Record, Scalar, jnp
from unwound.core.units import unit


class Placebo(Record):
    """Size, spread and time course of the placebo response of an inpatient trial."""

    size_mean: Scalar = unit("1")
    size_sd: Scalar = unit("1")
    onset_half_time: Scalar = unit("d")
    decay_half_time: Scalar = unit("d")
    expectancy_gain: Scalar = unit("1")

    prefix: ClassVar[str] = "placebo"


def response(time: Array, size: Array, noticed: Array, p: Placebo) -> Array:
    """Fall of the log-odds of pain at `time` [d] after the start of treatment; 0 before."""
    since = jnp.maximum(time, 0.0)
    risen = -jnp.expm1(-math.log(2.0) * since / p.onset_half_time)
    left = jnp.exp(-math.log(2.0) * since / p.decay_half_time)
    return size * (1.0 + p.expectancy_gain * noticed) * risen * left
