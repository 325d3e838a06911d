"""One line of a trial's result: what was observed (if anything), what was simulated, and the verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from unwound.evidence import value

INTERVAL = (5.0, 95.0)  # percent: the 90 % interval over replicates


@dataclass(frozen=True)
class Simulated:
    """A statistic over replicates. `sd` is the spread between patients for an arm mean, else between replicates."""

    mean: float
    low: float
    high: float
    sd: float | None


@dataclass(frozen=True)
class Row:
    """One observed row of a trial beside what was simulated."""

    arm: str
    endpoint: str
    week: int | None
    window: str
    unit: str
    observed: float | None
    observed_text: str
    provenance: str
    rule: str
    simulated: Simulated | None
    passed: bool | None
    hypothesis: str
    n: int | None = None
    """How many people the observed number speaks of, where it was printed."""
    secondary: bool = False
    """Whether it was read in a secondary source."""

    @property
    def name(self) -> str:
        """Arm, endpoint and time in one phrase."""
        return f"{self.arm}: {self.endpoint}, {self.window}"

    @property
    def weight(self) -> float:
        """What the row counts: a recalled value less, because nobody here has read it; so one of a secondary source."""
        if self.provenance == "memory":
            return value("judgement.recalled_weight", "1")
        return value("judgement.secondary_weight", "1") if self.secondary else 1.0

    @property
    def fails(self) -> bool:
        """Whether the row alone says that the model misses the trial: a recalled value cannot."""
        return self.passed is False and self.provenance != "memory"

    def as_dict(self) -> dict[str, Any]:
        """The row as every JSON door gives it."""
        simulated = self.simulated
        return {
            "arm": self.arm,
            "endpoint": self.endpoint,
            "week": self.week,
            "window": self.window,
            "unit": self.unit,
            "observed": self.observed,
            "observed_text": self.observed_text,
            "provenance": self.provenance,
            "rule": self.rule,
            "simulated": None
            if simulated is None
            else {"mean": simulated.mean, "low": simulated.low, "high": simulated.high, "sd": simulated.sd},
            "pass": self.passed,
            "weight": self.weight,
            "hypothesis": self.hypothesis,
        }


def over_replicates(values: np.ndarray, sd: float | None) -> Simulated:
    """Mean and 90 % interval of one number per replicate; a replicate without one is left out."""
    values = values[~np.isnan(values)]
    if not len(values):
        return Simulated(float("nan"), float("nan"), float("nan"), None)
    low, high = np.percentile(values, INTERVAL)
    return Simulated(float(values.mean()), float(low), float(high), sd)
