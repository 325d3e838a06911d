r"""Psychomimetic effects of an infusion: who notices them, and who cannot bear more.

    reported     if max C > c_report s            or, under placebo and drug alike, with probability p0
    intolerable  if     C > c_stop s              then a titration steps back
    ln s ~ N(0, sd^2)                             one sensitivity per person

C is the total plasma S-equivalent concentration. One latent sensitivity serves both thresholds, so those who notice
early also stop early.

Source: sigtermans2009 (rates in both arms and the dose reached; thresholds fitted by
scripts/calibrate_sigtermans2009.py); the spread is an assumption. Leaves out: tachyphylaxis, benzodiazepines.
"""

from __future__ import annotations

from typing import ClassVar

from unwound.core.arrays import Array, Record, Scalar
from unwound.core.units import unit


class Psychomimetic(Record):
    """Thresholds of a typical person, spread between people, floor under placebo."""

    report_concentration: Scalar = unit("uM")
    intolerable_concentration: Scalar = unit("uM")
    sensitivity_sd: Scalar = unit("1")
    placebo_floor: Scalar = unit("1")
    r_potency: Scalar = unit("1")
    """Potency of R-ketamine relative to S-ketamine (f in C = C_S + f C_R)."""

    prefix: ClassVar[str] = "psychomimetic"


def reported(peak: Array, sensitivity: Array, chance: Array, p: Psychomimetic) -> Array:
    """Whether the effect is reported, given the `peak` concentration [uM] and a uniform `chance` in 0..1."""
    return (peak > p.report_concentration * sensitivity) | (chance < p.placebo_floor)


def intolerable(concentration: Array, sensitivity: Array, p: Psychomimetic) -> Array:
    """Whether a person cannot bear `concentration` [uM]."""
    return concentration > p.intolerable_concentration * sensitivity
