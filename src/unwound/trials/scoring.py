r"""What a printed number is worth to a model: log predictive score, coverage, weight.

    a mean, a difference, a spread    log N(observed | mean, sd),  sd = (high - low) / (2 z),  z = 1.645
    a share of n people               log Binomial(k | n, p),      k = round(n share),  p = (D mean + 1/2) / (D + 1)
    a bound such as P < 0.001         log p,                       p = (R share + 1/2) / (R + 1)

`mean`, `low` and `high` are the mean and the 90 % interval over R replicates at the trial's own size, D = n R. The
halves keep a score finite when no replicate shows what was found. A density and a probability have different units, so
scores are compared between models over the same rows, and never with zero.

Leaves out: the uncertainty of the model's own numbers (one set of parameters is run), and that rows of one trial go
together.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from statistics import NormalDist
from typing import Any

from unwound.trials.row import INTERVAL, Row, Simulated

_Z = NormalDist().inv_cdf(INTERVAL[1] / 100.0)


@dataclass(frozen=True)
class Judged:
    """One printed row of one trial: observed, simulated, verdict, scores."""

    trial: str
    arm: str
    endpoint: str
    window: str
    unit: str
    observed: float | None
    observed_text: str
    provenance: str
    rule: str
    mean: float
    low: float | None
    high: float | None
    """Both None where the model gives an expected value and no replicates."""
    passed: bool | None
    fails: bool
    """Missed by a value that was read: it says alone that the model misses."""
    weight: float
    log_score: float | None = None
    covered: bool | None = None
    """Whether the observed value lies in the 90 % interval; None where there is no interval to lie in."""
    rival_score: float | None = None
    """The log score of "placebo only": the same trial with nothing in the pump."""
    fitted: bool | None = None
    """Whether a parameter was fitted to this very row; None where that is not recorded row by row."""
    expectancy: dict[str, float] = field(default_factory=dict)
    """Share of expectancy or unblinding [percent] -> what is then simulated."""
    half: float | None = None
    """1.64 standard errors of the observed value, where there are no replicates."""
    logarithm: bool = False
    """Whether `half` is one of the logarithm (ratios, times)."""

    @property
    def name(self) -> str:
        """Arm, endpoint and time in one phrase."""
        return f"{self.arm}: {self.endpoint}, {self.window}".rstrip(", ")

    def as_dict(self) -> dict[str, Any]:
        """For the doors and the disk."""
        return asdict(self) | {"name": self.name}


def judged_row(trial: str, row: Row, replicates: int, rival: Row | None, expectancy: dict[str, float]) -> Judged | None:
    """`row` with its scores; None for one that has no verdict or nothing simulated."""
    s = row.simulated
    if s is None or row.passed is None or math.isnan(s.mean):
        return None
    covered = None if row.observed is None else bool(s.low <= row.observed <= s.high)
    beside = None if rival is None or rival.simulated is None else score_of(row, rival.simulated, replicates)
    return Judged(
        trial, row.arm, row.endpoint, row.window, row.unit, row.observed, row.observed_text, row.provenance, row.rule,
        s.mean, s.low, s.high, row.passed, row.fails, row.weight, score_of(row, s, replicates), covered, beside,
        expectancy=expectancy,
    )  # fmt: skip


def score_of(row: Row, simulated: Simulated, replicates: int) -> float | None:
    """The log predictive score of what `row` observed; None for a printed range, and without a spread."""
    if math.isnan(simulated.mean):
        return None
    if row.endpoint.startswith("probability of"):
        return shown(simulated.mean, replicates)
    if row.observed is None:
        return None
    if row.unit == "percent" and row.n:
        return binomial(row.observed, row.n, simulated.mean, replicates)
    return normal(row.observed, simulated.mean, simulated.low, simulated.high)


def normal(observed: float, mean: float, low: float, high: float) -> float | None:
    """Log density of `observed`, from a mean and a 90 % interval; None without a spread."""
    sd = (high - low) / (2.0 * _Z)
    return log_normal(observed, mean, sd) if sd > 0.0 else None


def log_normal(observed: float, mean: float, sd: float) -> float:
    """Log density of a normal."""
    return -0.5 * ((observed - mean) / sd) ** 2 - math.log(sd * math.sqrt(2.0 * math.pi))


def binomial(observed: float, n: int, mean: float, replicates: int) -> float:
    """Log probability of the observed share [percent] of `n` people when `mean` percent are expected."""
    k, draws = round(observed * n / 100.0), n * replicates
    p = (draws * mean / 100.0 + 0.5) / (draws + 1.0)
    ways = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
    return ways + k * math.log(p) + (n - k) * math.log1p(-p)


def shown(share: float, replicates: int) -> float:
    """Log probability of a finding that `share` of the replicates show."""
    return math.log((replicates * share + 0.5) / (replicates + 1.0))
