r"""Cardiac output: S-ketamine raises it; whether S-norketamine lowers it is in dispute.

    CO = CO0 max(0, 1 + 0.25 (C / C25)^gamma + M e (C_NK / C25_NK)^gamma),      e = -0.25

C and C_NK are effect-site concentrations with half-lives of 2.28 and 29.3 min. The sign of e is as a machine
extracted it from the abstract. M = 1 is as published; M = 0 leaves the metabolite out. Another study of the same
group saw +40 to +50 % at up to 320 ng/mL where this law gives +20 %: the conflict stands. The law is linear and was
seen in the range of that study; `beyond_study` marks what lies outside.

Source: kamp2021 (read in a transcription of its abstract), sigtermans2009_volunteers (abstract: the range); assumption
(f). Leaves out: the trend over time of the paper (0.384 in a unit that cannot be right), R-norketamine.
"""

from __future__ import annotations

from typing import ClassVar

from unwound.core.arrays import Array, Record, Scalar, jnp
from unwound.core.units import unit


class CardiacOutput(Record):
    """Concentrations that move the output by a quarter, and by how much of it."""

    baseline: Scalar = unit("L/min")  # CO0
    quarter_concentration: Scalar = unit("uM")  # C25
    rise: Scalar = unit("1")
    norketamine_quarter: Scalar = unit("uM")  # C25_NK
    norketamine_change: Scalar = unit("1")  # e
    norketamine_switch: Scalar = unit("1")  # M
    gamma: Scalar = unit("1")
    r_potency: Scalar = unit("1")  # f
    studied_concentration: Scalar = unit("uM")

    prefix: ClassVar[str] = "cardiac_output"


def output(concentration: Array, norketamine: Array, p: CardiacOutput) -> Array:
    """Cardiac output [L/min] at an S-equivalent and an S-norketamine concentration [uM]; never below zero."""
    up = p.rise * (concentration / p.quarter_concentration) ** p.gamma
    down = p.norketamine_change * (norketamine / p.norketamine_quarter) ** p.gamma
    return p.baseline * jnp.maximum(0.0, 1.0 + up + p.norketamine_switch * down)


def beyond_study(concentration: Array, p: CardiacOutput) -> Array:
    """Whether an S-equivalent concentration [uM] is higher than any that was studied."""
    return concentration > p.studied_concentration
