"""What is left of a difference when people guess their arm: the same trial under several shares of expectancy.

Who feels something guesses the drug; expectancy then adds a share of that person's placebo response. No trial against
saline can tell how large the share is, so a difference is told under 0, 25 and 50 %. People, flares, ratings and
allocation are the same under each.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from unwound.core.strict import Measure
from unwound.patient.setting import Setting
from unwound.trials.conduct import conduct
from unwound.trials.plan import Blinding
from unwound.trials.result import TrialResult
from unwound.trials.row import Row
from unwound.trials.trial import Trial
from unwound.trials.verdict import rows_of

SHARES = (0.0, 25.0, 50.0)  # percent


@dataclass(frozen=True)
class UnderExpectancy:
    """A trial under one share of expectancy."""

    share_percent: float
    rows: tuple[Row, ...]
    felt_percent: dict[str, float]
    """Arm -> share of its people who felt something and so guess the drug."""

    @property
    def differences(self) -> tuple[Row, ...]:
        """The rows that compare arms."""
        return tuple(row for row in self.rows if row.arm == "difference" or " minus " in row.arm)

    def as_dict(self) -> dict[str, Any]:
        """For the doors."""
        return {
            "expectancy_percent": self.share_percent,
            "felt_something_percent": self.felt_percent,
            "rows": [row.as_dict() for row in self.rows],
        }


def under_expectancy(
    trial: Trial, setting: Setting, replicates: int, shares: tuple[float, ...] = SHARES,
    progress: Callable[[int], None] | None = None,
) -> tuple[UnderExpectancy, ...]:  # fmt: skip
    """Conduct `trial` under each of `shares` [percent]. Raises what `conduct` raises."""
    found = []
    for share in shares:
        result = conduct(with_share(trial, share), setting, replicates, progress)
        found.append(UnderExpectancy(share, rows_of(result), felt_by_group(result)))
    return tuple(found)


def with_share(trial: Trial, share: float) -> Trial:
    """The same trial in which who feels something expects more, by `share` [percent] of the placebo response."""
    return trial.model_copy(update={"blinding": Blinding(expectancy=Measure.of(share, "percent"))})


def felt_by_group(result: TrialResult) -> dict[str, float]:
    """Arm or sequence -> share [percent] of its people who felt a psychomimetic effect, all replicates together."""
    felt = result.events["psychomimetic effect"].ravel().astype(float)
    return {group.name: float(100.0 * np.nanmean(result.of_arm(group.name, felt))) for group in result.trial.groups}
