"""What each driver of the slow memory says about a published trial: its pain rows, hit or missed, side by side.

Everything but the driver stays as it is, and people, flares and ratings are the same (one seed). Nothing is fitted to a
driver: the rows of week 1 that the trial's placebo arm was fitted to are left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from unwound.patient.simulation import Setting
from unwound.patient.wiring import DRIVERS, driver_name
from unwound.trials.conduct import conduct
from unwound.trials.row import Row
from unwound.trials.trial import Trial
from unwound.trials.verdict import rows_of

REPLICATES = 200


@dataclass(frozen=True)
class DriverVerdict:
    """One driver beside the rows that the model predicts."""

    driver: str
    rows: tuple[Row, ...]

    @property
    def missed(self) -> int:
        """How many of the rows are missed."""
        return sum(row.passed is False for row in self.rows)

    def as_dict(self) -> dict[str, Any]:
        """For the doors."""
        return {"driver": self.driver, "missed": self.missed, "rows": [row.as_dict() for row in self.rows]}


def driver_verdicts(
    name: str = "sigtermans2009",
    replicates: int = REPLICATES,
    setting: Setting | None = None,
    drivers: tuple[str, ...] = tuple(DRIVERS),
    progress: Callable[[int], None] | None = None,
) -> tuple[DriverVerdict, ...]:
    """Conduct a published trial under every driver. `setting` gives the rest (default: H2). Raises `UnknownName`."""
    setting = setting or Setting(metabolites=False)
    trial, found = Trial.published(name), []
    for driver in map(driver_name, drivers):
        result = conduct(trial, replace(setting, driver=driver), replicates, progress)
        found.append(DriverVerdict(driver, tuple(row for row in rows_of(result) if _is_predicted(row, trial))))
    return tuple(found)


def _is_predicted(row: Row, trial: Trial) -> bool:
    about_pain = row.endpoint == "pain NRS" or row.endpoint.startswith("probability of P")
    treated = row.arm in (trial.treated.name, "difference")
    return about_pain and treated and row.passed is not None and row.week != 0
