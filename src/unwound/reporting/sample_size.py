"""The paragraph on sample size for a protocol, with everything that reporting guidelines ask for.

Design, hypothesis, level, power, the assumed difference and where it came from, dropout, Monte-Carlo error, software
and seed. What the caller does not know is asked for, not made up: there is no default for the difference or its
source.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from unwound.core.errors import InputError, Problem
from unwound.core.safety import SIMULATION_ONLY
from unwound.reporting.power_figure import between
from unwound.reporting.versions import version

if TYPE_CHECKING:
    from unwound.trials.analysis import SampleSize


@dataclass(frozen=True)
class Assumptions:
    """What a sample size rests on, in the words of the protocol."""

    design: str  # such as "two-arm, parallel-group, double-blind superiority trial"
    endpoint: str  # such as "pain NRS at week 12"
    analysis: str  # such as "analysis of covariance with baseline as covariate"
    alpha: float
    sides: int
    difference: str  # such as "1.5 points on the NRS"
    source: str  # where the difference comes from
    dropout: float  # share of patients lost
    dropout_simulated: bool  # whether the virtual trials lost them already
    arms: float = 2  # how many times that number take part in all (2.5 for arms of 1 and 1.5 times)
    counted: str = "patients per arm"  # what the number counts

    def __post_init__(self) -> None:
        problems = [
            Problem(name, getattr(self, name), "must say something", "write it as the protocol would")
            for name in ("design", "endpoint", "analysis", "difference", "source")
            if not getattr(self, name).strip()
        ]
        if not 0 < self.alpha < 1:
            problems.append(Problem("alpha", self.alpha, "must lie between 0 and 1", "write 5 % as 0.05"))
        if self.sides not in (1, 2):
            problems.append(Problem("sides", self.sides, "a test has one or two sides", "write 2, or 1 for a margin"))
        if not 0 <= self.dropout < 1:
            problems.append(Problem("dropout", self.dropout, "must lie from 0 to below 1", "write 15 % as 0.15"))
        if self.arms < 1:
            problems.append(Problem("arms", self.arms, "must be 1 or more", "write 2"))
        if problems:
            raise InputError(problems)


def to_enroll(found: SampleSize, assumed: Assumptions) -> int:
    """Patients per arm to enroll, those who will be lost included."""
    if assumed.dropout_simulated:
        return found.per_arm
    return math.ceil(found.per_arm / (1.0 - assumed.dropout) - 1e-9)


def sample_size_paragraph(found: SampleSize, assumed: Assumptions) -> str:
    """Text to paste into a protocol."""
    power, enrolled = found.power, to_enroll(found, assumed)
    sides = "two-sided" if assumed.sides == 2 else "one-sided"
    sentences = (
        f"Sample size. This {assumed.design} will compare {assumed.endpoint} by {assumed.analysis} at a {sides} "
        f"level of {100 * assumed.alpha:g} %.",
        f"The assumed difference is {assumed.difference} ({assumed.source}).",
        f"In {power.replicates:,} virtual trials, {found.per_arm} {assumed.counted} give a power of "
        f"{100 * power.share:.1f} % (Monte-Carlo standard error {100 * power.error:.1f} points, interval "
        f"{100 * power.low:.1f} to {100 * power.high:.1f} %) for a target of {100 * found.target:g} %; within "
        f"Monte-Carlo error the smallest sufficient number is {between(found)} ({assumed.counted}).",
        f"{_dropout(assumed, enrolled)}; {round(enrolled * assumed.arms)} patients in all.",
        f"Simulated with unwound {version()}, seed {found.seed}. {SIMULATION_ONLY}.",
    )
    return " ".join(sentences)


def _dropout(assumed: Assumptions, enrolled: int) -> str:
    percent = f"{100 * assumed.dropout:g} %"
    if assumed.dropout_simulated:
        return f"The virtual trials included a dropout of {percent}, so no further patients are added"
    if assumed.dropout == 0:
        return "No dropout was assumed"
    return (
        f"To allow for a dropout of {percent}, which was not simulated, {enrolled} {assumed.counted} will be enrolled"
    )
