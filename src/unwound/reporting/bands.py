"""How people, and trials, spread around the mean: bands that the figure and the tables share.

    of(arm, quantity)   mean, 5 %, 50 % and 95 % of the patients of an arm, all replicates pooled
    trial_mean(arm)     the same of the replicates' mean pain: what a trial of that size would show

People whose numbers must not be used (a failed verdict) are left out. Each band is computed once, in float32, by
partial sorting; a quantile is interpolated linearly between neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unwound.reporting.quantities import PAIN, Quantity, quantities_of, usable

if TYPE_CHECKING:
    from unwound.patient.course import Course
    from unwound.trials import TrialResult

QUANTILES = (0.05, 0.5, 0.95)


@dataclass(frozen=True)
class Band:
    """Mean and quantiles over time, (times,) each."""

    mean: np.ndarray
    p05: np.ndarray
    p50: np.ndarray
    p95: np.ndarray

    def at(self, which: np.ndarray) -> Band:
        """The band at some of the times."""
        return Band(self.mean[which], self.p05[which], self.p50[which], self.p95[which])


def band_over(values: np.ndarray) -> Band:
    """The band over the last axis of `values`, (times, n); NaN where n is 0.

    Who is NaN at the start has no such state (another hypothesis), and is left out.
    """
    absent = np.isnan(values[:1]).any(axis=0)
    values = np.ascontiguousarray(values[..., ~absent] if absent.any() else values, dtype=np.float32)
    if not values.shape[-1]:
        return Band(*(np.full(len(values), np.nan) for _ in range(4)))
    mean = values.mean(axis=-1, dtype=np.float64)
    places = [q * (values.shape[-1] - 1) for q in QUANTILES]
    below = [int(place) for place in places]
    above = [min(index + 1, values.shape[-1] - 1) for index in below]
    ordered = np.partition(values, sorted({*below, *above}), axis=-1)
    low, high = ordered[..., below].astype(float), ordered[..., above].astype(float)
    found = low + (high - low) * (np.array(places) - below)
    return Band(mean, *(found[..., n] for n in range(len(QUANTILES))))


class TrialBands:
    """The bands of a trial under one hypothesis, each computed when first asked for."""

    def __init__(self, result: TrialResult):
        self.result = result
        self.time_h = result.course.time_h
        self.quantities = {quantity.name: quantity for quantity in quantities_of(result.course)}
        self._usable = usable(result.course)
        self._known: dict[tuple[str, str], Band] = {}

    def of(self, arm: str, quantity: str) -> Band:
        """The band over the patients of `arm`."""
        if (arm, quantity) not in self._known:
            values, good = self._of_arm(arm, self.quantities[quantity])
            pooled = values.reshape(len(values), -1)
            self._known[arm, quantity] = band_over(pooled if good.all() else pooled[:, good.ravel()])
        return self._known[arm, quantity]

    def trial_mean(self, arm: str) -> Band:
        """The band over the replicates' means of pain."""
        if (arm, "trial mean") not in self._known:
            values, good = self._of_arm(arm, self.quantities[PAIN])
            count = good.sum(axis=-1)
            total = (values if good.all() else np.where(good, values, 0.0)).sum(axis=-1)
            means = total[:, count > 0] / count[count > 0]
            self._known[arm, "trial mean"] = band_over(means)
        return self._known[arm, "trial mean"]

    def _of_arm(self, arm: str, quantity: Quantity) -> tuple[np.ndarray, np.ndarray]:
        """Values of an arm, (times, replicates, patients), and who may be used, (replicates, patients)."""
        return self.result.of_arm(arm, quantity.values), self.result.of_arm(arm, self._usable)


def course_bands(course: Course) -> dict[str, Band]:
    """The band of each quantity over the people of `course`, by name."""
    good = usable(course)
    return {quantity.name: band_over(quantity.values[:, good]) for quantity in quantities_of(course)}
