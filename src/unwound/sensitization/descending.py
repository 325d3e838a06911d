r"""Descending control: a brake from the brain stem, strengthened for weeks after the drug ("plasticity repair").

    dD/dt = (D0 + kD Z - D)/tauD                       tone, 0..1
    drive -= gD (D - D0)

The peripheral input p already holds the tone at rest, so only what departs from it counts.

Source: assumption (all numbers). That the repair follows the protection Z is assumed too.
Leaves out: facilitation, monoamines, opioid tone of one's own, mood.
"""

from __future__ import annotations

from typing import ClassVar

from unwound.core.arrays import Array, Record, Scalar
from unwound.core.units import unit


class Descending(Record):
    """Tone at rest, what raises it, how fast, and what it does."""

    tone: Scalar = unit("1")  # D0
    repair: Scalar = unit("1")  # kD
    time: Scalar = unit("d")  # tauD
    drive_gain: Scalar = unit("1")  # gD

    prefix: ClassVar[str] = "descending"


def flow(control: Array, protection: Array, p: Descending) -> Array:
    """Rate of change of D [1/d]."""
    return (p.tone + p.repair * protection - control) / p.time


def braked(control: Array, p: Descending) -> Array:
    """What it takes off the drive: ``gD (D - D0)``."""
    return p.drive_gain * (control - p.tone)
