"""What a trial will print, replicate by replicate: one number per arm, visit and endpoint, as its authors would.

    pain NRS         mean of those rated, each arm at each visit, and the difference of arms
    other endpoints  as the trial file analyzes them; a share is in percent
    a test           1 where the replicate finds it, else 0: its mean is the chance of finding it

Replicates have the size of the trial, so their spread holds what would differ between two trials of that size.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from unwound.trials.dispatch import LEVEL
from unwound.trials.endpoint import Endpoint
from unwound.trials.endpoint_rows import SHARES, comparisons, means_of, unit_of
from unwound.trials.endpoint_values import values_of
from unwound.trials.result import TrialResult

WEEK_H = 168.0
CHANCE = "chance"


@dataclass(frozen=True)
class Cell:
    """One number that a trial will print."""

    arm: str
    endpoint: str
    week: float | None
    """From the start of treatment; None for something of the whole trial."""
    unit: str
    kind: str
    """mean, share, difference, or chance (of finding what a test looks for)"""
    primary: bool = False

    @property
    def window(self) -> str:
        """``week 13``, ``baseline``, ``whole trial``."""
        if self.week is None:
            return "whole trial"
        return "baseline" if self.week == 0 else f"week {self.week:g}"

    @property
    def name(self) -> str:
        """Arm, endpoint and time in one phrase."""
        return f"{self.arm}: {self.endpoint}, {self.window}"

    def as_dict(self) -> dict[str, Any]:
        """The cell as a record keeps it."""
        return asdict(self)


@dataclass(frozen=True)
class Draws:
    """One number per replicate, and where it is a mean of people the spread between them."""

    values: np.ndarray
    between: np.ndarray | None = None


def draws_of(result: TrialResult) -> dict[Cell, Draws]:
    """Everything the trial will print, from `result`."""
    return dict([*_visits(result), *_endpoints(result)])


def joined(parts: Sequence[dict[Cell, Draws]], order: np.ndarray) -> dict[Cell, Draws]:
    """Draws of several runs of one trial, one after another, then in `order`."""

    def together(cell: Cell) -> Draws:
        own = [part[cell] for part in parts]
        between = [one.between for one in own if one.between is not None]
        values = np.concatenate([one.values for one in own])[order]
        return Draws(values, np.concatenate(between)[order] if between else None)

    return {cell: together(cell) for cell in parts[0]}


def _visits(result: TrialResult) -> Iterator[tuple[Cell, Draws]]:
    trial = result.trial
    arms = {arm.name: result.rated(arm.name) for arm in trial.arms}
    primary = {e.at.value for e in trial.endpoints if e.primary and e.measure == "pain NRS" and e.at is not None}
    for number, hours in enumerate(trial.visit_h):
        week, leads = round(hours / WEEK_H, 6), hours in primary
        means = {}
        for name, ratings in arms.items():
            with np.errstate(invalid="ignore"):
                means[name] = np.nanmean(ratings[number], axis=-1)
                between = np.nanstd(ratings[number], axis=-1, ddof=1)
            yield Cell(name, "pain NRS", week, "points", "mean", leads), Draws(means[name], between)
        control = trial.control.name
        for name in (name for name in arms if name != control):
            label = "difference" if len(arms) == 2 else f"{name} minus {control}"
            gap = Cell(label, "pain NRS", week, "points", "difference", leads)
            yield gap, Draws(means[name] - means[control])


def _endpoints(result: TrialResult) -> Iterator[tuple[Cell, Draws]]:
    for endpoint in result.trial.endpoints:
        week = None if endpoint.at is None else round(endpoint.at.value / WEEK_H, 6)
        kind, unit = ("share" if endpoint.measure in SHARES else "mean"), unit_of(endpoint)
        at_visit = endpoint.measure == "pain NRS"  # its means stand among the visits
        for arm in () if at_visit else result.trial.arms:
            own = means_of(result, endpoint, values_of(result, endpoint, arm.name))
            yield Cell(arm.name, endpoint.name, week, unit, kind, endpoint.primary), Draws(own)
        for label, pair in comparisons(result, endpoint).items():
            if not at_visit:
                gap = Cell(label, endpoint.name, week, unit, "difference", endpoint.primary)
                yield gap, Draws(pair.difference)
            if pair.comparison is not None:
                what = Cell(label, tested(endpoint), week, "1", CHANCE, endpoint.primary)
                yield what, Draws(pair.rejects.astype(float))


def tested(endpoint: Endpoint) -> str:
    """What the test of an endpoint looks for, in words."""
    if endpoint.analyzed == "non-inferiority":
        return f"non-inferiority of {endpoint.name}, margin {endpoint.margin}"
    return f"P < {LEVEL:g} of {endpoint.name}, {endpoint.analyzed}"
