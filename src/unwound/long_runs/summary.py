"""Sums over everybody, taken as the rows go by: means of arms by week, endpoints by arm, verdicts.

Rows come in groups of one size in one order, so the sums are the same to the last bit however the blocks were cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from unwound.core.verdicts import Verdict
from unwound.reporting.parquet import numbers

WEEKLY = ("rating_nrs", "pain_nrs")


class Summary:
    """Counts, sums and sums of squares by arm."""

    def __init__(self, arms: Sequence[str], weeks: Sequence[float]):
        self.arms = tuple(arms)
        self.weeks = np.asarray(weeks, float)
        self._weekly = {name: np.zeros((3, len(arms), len(weeks))) for name in WEEKLY}
        self._endpoints: dict[str, np.ndarray] = {}
        self._people = np.zeros(len(arms), int)
        self._verdicts: dict[int, int] = {}

    def add(self, table: Any) -> None:
        """Count the rows of an Arrow table of people."""
        arms = np.asarray(table["arm"].to_numpy())
        endpoints = {name: numbers(table[name]).astype(float) for name in _endpoint_names(table)}
        for place, arm in enumerate(self.arms):
            rows = arms == arm
            self._people[place] += int(rows.sum())
            for name, kept in self._weekly.items():
                kept[:, place] += _moments(numbers(table[name])[rows].astype(float))
            for name, values in endpoints.items():
                kept = self._endpoints.setdefault(name, np.zeros((3, len(self.arms))))
                kept[:, place] += _moments(values[rows])
        for verdict, count in zip(*np.unique(numbers(table["verdict"]), return_counts=True), strict=True):
            self._verdicts[int(verdict)] = self._verdicts.get(int(verdict), 0) + int(count)

    def weekly_columns(self) -> tuple[dict[str, Any], dict[str, str]]:
        """(columns, units): one line per arm and week, of those who can still be asked."""
        weeks = len(self.weeks)
        whole = np.array_equal(self.weeks, np.round(self.weeks))
        columns: dict[str, Any] = {
            "arm": np.repeat(self.arms, weeks),
            "week": np.tile(self.weeks.astype(np.int16 if whole else np.float32), len(self.arms)),
            "rated": self._weekly["rating_nrs"][0].astype(np.int64).ravel(),
        }
        for name, kept in self._weekly.items():
            mean, sd = _mean_and_sd(kept)
            columns[f"{name}_mean"] = np.ma.masked_invalid(mean.ravel())
            columns[f"{name}_sd"] = np.ma.masked_invalid(sd.ravel())
        units = {name: "points" for name in columns if "nrs" in name}
        return columns, units | {"week": "week"}

    def endpoints(self) -> list[dict[str, Any]]:
        """By arm: how many people, and mean and standard deviation of every endpoint."""
        told = []
        for place, arm in enumerate(self.arms):
            entry: dict[str, Any] = {"arm": arm, "people": int(self._people[place])}
            for name, kept in self._endpoints.items():
                mean, sd = _mean_and_sd(kept[:, place])
                entry[name] = {"mean": float(mean), "sd": float(sd)}
            told.append(entry)
        return told

    def verdicts(self) -> dict[str, int]:
        """How many people ended with which numerical verdict."""
        return {Verdict(verdict).name.lower(): count for verdict, count in sorted(self._verdicts.items())}


def _endpoint_names(table: Any) -> list[str]:
    known = {"person", "replicate", "patient", "arm", "verdict", *WEEKLY}
    return [name for name in table.column_names if name not in known and not name.startswith("daily_")]


def _moments(values: np.ndarray) -> np.ndarray:
    """Count, sum and sum of squares over people, those without a number left out."""
    known = ~np.isnan(values)
    held = np.where(known, values, 0.0)
    return np.stack([known.sum(axis=0), held.sum(axis=0), (held**2).sum(axis=0)])


def _mean_and_sd(moments: np.ndarray) -> tuple[Any, Any]:
    count, total, squares = moments
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = total / count
        return mean, np.sqrt(np.maximum(squares - count * mean**2, 0.0) / (count - 1))
