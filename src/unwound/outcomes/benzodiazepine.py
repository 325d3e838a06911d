r"""A benzodiazepine beside ketamine: less perception, more sedation and amnesia.

    factor on perception = 1 / (1 + k B),     odds added to sedation = s B,     to amnesia = a B,     B = C_b / C_b,ref

    midazolam equivalents      C_b = C_mdz + r C_lor

B is the concentration of midazolam (or its equivalent) in units of the concentration of the volunteer study.
Perceptual changes become smaller, and the drug itself sedates and takes memory: the two do not cancel.

Source: suzuki2000 (30 ng/mL midazolam reduced perceptual and thought changes at 50, 100 and 150 ng/mL ketamine, not
mood or recall, and impaired the mental state examination: the direction, and C_b,ref), krystal1998 (lorazepam 2 mg:
only a trend on the dissociation scale, worse sedation, attention and memory); assumption (k, s, a: no effect size was
available to us; the range of k begins at no effect; r: recalled). Leaves out: benzodiazepines other than these two,
tolerance to them, one potency for each effect, the smaller antidepressant effect on the first day. Their kinetics are
those of `unwound.pharmacokinetics.partners`.
"""

from __future__ import annotations

from typing import ClassVar

from unwound.core.arrays import Array, Record, Scalar
from unwound.core.units import unit


class Benzodiazepine(Record):
    """How midazolam changes what ketamine does."""

    reference_concentration: Scalar = unit("mg/L")  # C_b,ref
    lorazepam_potency: Scalar = unit("1")  # r
    perception_strength: Scalar = unit("1")  # k
    sedation_odds: Scalar = unit("1")  # s
    amnesia_odds: Scalar = unit("1")  # a

    prefix: ClassVar[str] = "benzodiazepine"


def equivalents(midazolam: Array, lorazepam: Array, p: Benzodiazepine) -> Array:
    """Midazolam equivalents [mg/L] of concentrations [mg/L] of both."""
    return midazolam + p.lorazepam_potency * lorazepam


def relative_exposure(midazolam: Array, p: Benzodiazepine) -> Array:
    """B: the concentration of midazolam [mg/L], or its equivalent, relative to the study's."""
    return midazolam / p.reference_concentration


def perception_factor(relative: Array, p: Benzodiazepine) -> Array:
    """What perceptual effects are multiplied by, 1 without a benzodiazepine."""
    return 1.0 / (1.0 + p.perception_strength * relative)


def added_sedation(relative: Array, p: Benzodiazepine) -> Array:
    """What is added to the odds of sedation."""
    return p.sedation_odds * relative


def added_amnesia(relative: Array, p: Benzodiazepine) -> Array:
    """What is added to the odds of amnesia."""
    return p.amnesia_odds * relative
