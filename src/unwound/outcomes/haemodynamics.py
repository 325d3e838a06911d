r"""Blood pressure and heart rate under ketamine, relative to a person's own baseline.

    rise = r_ref  C / (C + c)  (C_ref + c) / C_ref

so that the rise is exactly r_ref at C_ref (S-ketamine anesthesia: mean arterial pressure +27.0 %, heart rate +43.5 %)
and saturates above it. Systolic and diastolic pressure rise in proportion to the mean, each with its own factor.

Source: langsjo2005 (abstract; eight men, maximal increases at 1959 ng/mL); c is an assumption, chosen so that the
mean pressure rises by 6.4 % at the peak of 84 mg esketamine nasal spray, which is the recalled rise of its label (7
to 9 over 4 to 6 mmHg, taken on 120 over 80). Leaves out: baroreflex, hypertension, the spread between people, the
late course (about 4 h on the label), clonidine and other treatment.
"""

from __future__ import annotations

from typing import ClassVar

from unwound.core.arrays import Array, Record, Scalar
from unwound.core.units import unit


class Haemodynamics(Record):
    """Rises seen at one concentration, and where they saturate."""

    reference_concentration: Scalar = unit("uM")  # C_ref
    half_concentration: Scalar = unit("uM")  # c
    pressure_rise: Scalar = unit("1")  # r_ref of the mean arterial pressure
    systolic_factor: Scalar = unit("1")
    diastolic_factor: Scalar = unit("1")
    heart_rate_rise: Scalar = unit("1")  # r_ref of the heart rate
    baseline_heart_rate: Scalar = unit("1/min")
    r_potency: Scalar = unit("1")  # f

    prefix: ClassVar[str] = "haemodynamics"


def saturation(concentration: Array, p: Haemodynamics) -> Array:
    """The rise relative to the one seen at the reference concentration: 1 there."""
    seen = p.reference_concentration / (p.reference_concentration + p.half_concentration)
    return concentration / (concentration + p.half_concentration) / seen


def mean_pressure_ratio(concentration: Array, p: Haemodynamics) -> Array:
    """Mean arterial pressure relative to baseline at an S-equivalent concentration [uM]."""
    return 1.0 + p.pressure_rise * saturation(concentration, p)


def systolic_ratio(mean_ratio: Array, p: Haemodynamics) -> Array:
    """Systolic pressure relative to baseline when the mean stands at `mean_ratio`."""
    return 1.0 + p.systolic_factor * (mean_ratio - 1.0)


def diastolic_ratio(mean_ratio: Array, p: Haemodynamics) -> Array:
    """Diastolic pressure relative to baseline when the mean stands at `mean_ratio`."""
    return 1.0 + p.diastolic_factor * (mean_ratio - 1.0)


def heart_rate(concentration: Array, p: Haemodynamics) -> Array:
    """Heart rate [1/min] at an S-equivalent concentration [uM]."""
    return p.baseline_heart_rate * (1.0 + p.heart_rate_rise * saturation(concentration, p))
