"""Adverse events: how many of how many, with an exact interval. Nothing seen is an upper bound, never 0 %.

    0 of n:  up to 1 - 0.05^(1/n)   (0 of 101: up to 3 %);   k of n: Clopper and Pearson

Method: exact binomial intervals (statsmodels proportion_confint "beta"); the difference of two arms as for
responders.
Leaves out: time under treatment (rates per year), several events in one patient, which count once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from unwound.trials.analysis.comparison import LEVEL
from unwound.trials.analysis.distributions import exact_interval
from unwound.trials.analysis.inputs import require_alike


@dataclass(frozen=True)
class EventShare:
    """Patients with an event, one value per replicate. `share` is NaN where none (or all) had one: use the bounds."""

    events: np.ndarray
    patients: np.ndarray
    share: np.ndarray
    low: np.ndarray
    high: np.ndarray


def event_share(happened: np.ndarray, members: np.ndarray | None = None, level: float = LEVEL) -> EventShare:
    """`happened` is 1, 0 or NaN (not observed), (replicates, patients); `members` picks an arm."""
    require_alike(happened=happened, members=members)
    happened = np.asarray(happened, dtype=float)
    known = np.isfinite(happened) if members is None else members & np.isfinite(happened)
    return share_of(np.where(known, happened, 0.0).sum(axis=-1), known.sum(axis=-1), level)


def share_of(events: np.ndarray, patients: np.ndarray, level: float = LEVEL) -> EventShare:
    """From counts alone."""
    events, patients = np.asarray(events), np.asarray(patients)
    low, high = exact_interval(events, patients, level)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where((events > 0) & (events < patients), events / patients, np.nan)
    return EventShare(events, patients, share, low, high)
