r"""Pain after an operation, and the patient who presses for morphine: demand, bolus, lockout.

    p(t)  = p_r + (p_0 - p_r) exp(-ln2 t / t_p)                   pain that nothing relieves, t from the end of surgery
    T     = 1 + (T_0 - 1) (1 - r)                                 tolerance: by how much the C50 of morphine is shifted
    dr/dt = k C / (C + C_r) (1 - r) - (ln2 / t_r) r               ketamine takes tolerance back, and it returns
    felt  = p(t) (1 - a(C)) / (1 + (M / (C50 T))^g)               M morphine at its effect site, C ketamine

A patient whose felt pain exceeds their own threshold presses at once; the pump gives a bolus unless the last one was
less than a lockout ago. In the titration right after surgery the lockout is shorter. a(C) is the share of pain that
ketamine itself relieves (`antinociception`), handed in. T_0 is 1 in people who take no opioids.

Source: nielsen2017 (control arm: T_0 and the spread of C50 are fitted to its mean and standard deviation);
assumption (everything else). Leaves out: the habitual opioid (what is asked for comes on top of it), opioids of the
operation, nausea and sedation that keep people from pressing, sleep, presses that are in vain, acute tolerance.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar, NamedTuple

from unwound.core.arrays import Array, Record, Scalar, jnp
from unwound.core.units import unit


class Surgical(Record):
    """One patient after an operation (or several, on the last axis)."""

    pain_start: Scalar = unit("points")  # p_0
    pain_rest: Scalar = unit("points")  # p_r
    threshold: Scalar = unit("points")
    c50: Scalar = unit("ng/mL")
    tolerance: Scalar = unit("1")  # T_0


class PatientControlled(Record):
    """How pain decays, and what morphine and ketamine do to it."""

    pain_half_life: Scalar = unit("h")  # t_p
    hill: Scalar = unit("1")  # g
    reversal_rate: Scalar = unit("1/h")  # k
    reversal_half: Scalar = unit("uM")  # C_r
    return_half_life: Scalar = unit("h")  # t_r

    prefix: ClassVar[str] = "patient_controlled"


class Pump(Record):
    """What the button does."""

    bolus: Scalar = unit("mg")
    lockout: Scalar = unit("h")
    titration_lockout: Scalar = unit("h")
    titration_time: Scalar = unit("h")


class Button(NamedTuple):
    """Where a patient stands between two minutes."""

    reversed: Array  # r
    since_bolus: Array  # h; infinite before the first


def unrelieved(time: Array, who: Surgical, p: PatientControlled) -> Array:
    """p(t) [points] at `time` [h] after surgery."""
    since = jnp.maximum(time, 0.0)
    return who.pain_rest + (who.pain_start - who.pain_rest) * jnp.exp(-math.log(2.0) * since / p.pain_half_life)


def tolerance(reversed_share: Array, who: Surgical) -> Array:
    """T: the factor on the C50."""
    return 1.0 + (who.tolerance - 1.0) * (1.0 - reversed_share)


def reversal(reversed_share: Array, ketamine: Array, hours: Any, p: PatientControlled) -> Array:
    """r after `hours` at a constant S-equivalent concentration [uM]: the exact solution of its equation."""
    taking = p.reversal_rate * ketamine / (ketamine + p.reversal_half)
    coming = math.log(2.0) / p.return_half_life
    level = taking / (taking + coming)
    return level + (reversed_share - level) * jnp.exp(-(taking + coming) * hours)


def felt(
    time: Array, morphine: Array, relief: Array, reversed_share: Array, who: Surgical, p: PatientControlled
) -> Array:
    """Pain [points] under morphine [ng/mL, effect site] and a share `relief` that ketamine takes away."""
    strength = morphine / (who.c50 * tolerance(reversed_share, who))
    return unrelieved(time, who, p) * (1.0 - relief) / (1.0 + strength**p.hill)


def pressed(time: Array, pain: Array, since_bolus: Array, who: Surgical, pump: Pump) -> Array:
    """Whether a bolus is given at `time`: pain above the threshold, after surgery, and no lockout."""
    lockout = jnp.where(time < pump.titration_time, pump.titration_lockout, pump.lockout)
    # a hair less than the lockout, so that a whole number of minutes is not lost to rounding
    return (time >= 0.0) & (pain > who.threshold) & (since_bolus >= lockout - _ROUNDING_H)


_ROUNDING_H = 1e-9
