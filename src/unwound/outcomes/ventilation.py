r"""Breathing: ketamine against an opioid, and the danger of a fast bolus.

    C50 of remifentanil for the CO2 sensitivity:   C50(C) / C50(0) = 1 + C / C2
    CO2 sensitivity / its value without opioid  =  1 / (1 + (R / (1 + C / C2))^g),      R = C_opioid / C50(0)

At C2 the opioid needs twice its concentration for the same depression: S-ketamine works against it. Driven by plasma,
without a delay. That does not make a fast bolus safe: given within a minute in an anesthetic dose it can stop
breathing for some minutes, which `fast_bolus` marks and no equation here describes.

Source: jonkman2018 (abstract: C2 = 127 ng/mL, interquartile range 84 to 191; the linear form is inferred by us);
assumption (g, f, both limits of the bolus, after what is recalled of the label of racemic ketamine). Leaves out:
ventilation in L/min, carbon dioxide, other opioids' potency, apnea itself.
"""

from __future__ import annotations

from typing import ClassVar

from unwound.core.arrays import Array, Record, Scalar
from unwound.core.units import unit


class Ventilation(Record):
    """The concentration that doubles the opioid's C50, and what counts as a fast bolus."""

    doubling_concentration: Scalar = unit("uM")  # C2
    hill: Scalar = unit("1")  # g
    r_potency: Scalar = unit("1")  # f
    fast_duration: Scalar = unit("min")
    fast_dose: Scalar = unit("mg/kg")

    prefix: ClassVar[str] = "ventilation"


def opioid_shift(concentration: Array, p: Ventilation) -> Array:
    """By what factor an S-equivalent concentration [uM] raises the C50 of remifentanil."""
    return 1.0 + concentration / p.doubling_concentration


def co2_sensitivity(opioid: Array, shift: Array, p: Ventilation) -> Array:
    """CO2 sensitivity relative to the drug-free one; `opioid` is its concentration relative to its own C50."""
    return 1.0 / (1.0 + (opioid / shift) ** p.hill)


def fast_bolus(dose: Array, duration: Array, p: Ventilation) -> Array:
    """Whether a bolus of `dose` [mg/kg] over `duration` [min] is big and fast enough to stop breathing."""
    return (dose >= p.fast_dose) & (duration < p.fast_duration)
