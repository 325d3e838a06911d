r"""What a short opioid leaves behind: acute tolerance and hyperalgesia, and how ketamine keeps them from coming.

    dR/dt = (ln2 / t_R) (rate / CL - R)                          R: remifentanil at its site
    M     = R / (R + R_50)                                       occupancy
    b     = K / (K + K_half)                                     K: S-equivalents of ketamine in plasma
    dT/dt = k_T M (1 - T) (1 - kappa b) - (ln2 / t_T) T          T: 0 to 1, needs NMDA receptors to come
    area  = (1 + g T) (1 - M)                                    hyperalgesia to pinprick, relative to before
    shift = 1 / (1 - T)                                          on the C50 of morphine: a share T of its effect is lost

While the opioid is there it covers what it has brought; when it has left, the area is larger than before. Ketamine
acts on the coming of T, not on T itself.

Source: assumption (structure and numbers); koppert2003 (g, set to a recalled number). Leaves out: kinetics of
remifentanil but for a first-order rise and fall, hyperalgesia at rest, sensitization by withdrawal itself, morphine as
an inducer.
"""

from __future__ import annotations

import math
from typing import ClassVar

from unwound.core.arrays import Array, Record, Scalar, jnp
from unwound.core.units import unit


class OpioidHyperalgesia(Record):
    """How occupancy becomes tolerance, and what prevents it."""

    half_level: Scalar = unit("mg/L")  # R_50
    clearance: Scalar = unit("L/kg/h")  # CL
    level_half_time: Scalar = unit("h")  # t_R
    induction_rate: Scalar = unit("1/h")  # k_T
    preventable: Scalar = unit("1")  # kappa
    half_block: Scalar = unit("uM")  # K_half
    r_potency: Scalar = unit("1")  # f in K = C_S + f C_R
    half_life: Scalar = unit("h")  # t_T
    area_gain: Scalar = unit("1")  # g

    prefix: ClassVar[str] = "opioid"


def level_after(level: Array, rate: Array, hours: Array, p: OpioidHyperalgesia) -> Array:
    """R [mg/L] after `hours` at a constant `rate` [mg/kg/h]: the exact solution."""
    steady = rate / p.clearance
    return steady + (level - steady) * jnp.exp(-math.log(2.0) * hours / p.level_half_time)


def occupancy(level: Array, p: OpioidHyperalgesia) -> Array:
    """M: share of the opioid's full effect."""
    return level / (level + p.half_level)


def prevention(ketamine: Array, p: OpioidHyperalgesia) -> Array:
    """Share of the induction that is left under S-equivalents `ketamine` [uM]."""
    return 1.0 - p.preventable * ketamine / (ketamine + p.half_block)


def tolerance_after(tolerance: Array, occupied: Array, ketamine: Array, hours: Array, p: OpioidHyperalgesia) -> Array:
    """T after `hours` at a constant occupancy and ketamine: the exact solution."""
    coming = p.induction_rate * occupied * prevention(ketamine, p)
    going = math.log(2.0) / p.half_life
    level = coming / (coming + going)
    return level + (tolerance - level) * jnp.exp(-(coming + going) * hours)


def area(tolerance: Array, occupied: Array, p: OpioidHyperalgesia) -> Array:
    """Area of hyperalgesia relative to that before the opioid."""
    return (1.0 + p.area_gain * tolerance) * (1.0 - occupied)


def shift(tolerance: Array) -> Array:
    """Factor on the C50 of morphine."""
    return 1.0 / (1.0 - tolerance)
