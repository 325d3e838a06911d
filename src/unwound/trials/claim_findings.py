"""One number that the model says about a claim, with what its interval means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from unwound.trials.row import INTERVAL

DIGITS = 4


@dataclass(frozen=True)
class Finding:
    """`low` and `high` are None where a number has no interval: then `spread` says why."""

    what: str
    value: float
    unit: str
    low: float | None = None
    high: float | None = None
    spread: str = ""
    """What the interval is, such as "90 % of virtual trials"."""

    def as_dict(self) -> dict[str, Any]:
        """For the doors and the shipped file."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Finding:
        """Read back what `as_dict` wrote."""
        return cls(**data)

    @property
    def number(self) -> str:
        """``-2.0 points (-3.2 to -1.0)``"""
        size = max(abs(one) for one in (self.value, self.low or 0.0, self.high or 0.0))
        digits = 0 if size >= 20.0 else (1 if size >= 1.0 else 2)
        unit = {"percent": " %", "1": ""}.get(self.unit, f" {self.unit}")
        if self.unit == "1" and self.low is None and self.value == round(self.value):
            digits = 0  # a count
        shown = f"{_rounded(self.value, digits)}{unit}"
        if self.low is None or self.high is None:
            return shown
        return f"{shown} ({_rounded(self.low, digits)} to {_rounded(self.high, digits)})"


def over(what: str, values: np.ndarray, unit: str, spread: str = "90 % of virtual trials") -> Finding:
    """Mean and 90 % interval of one number per replicate."""
    values = values[~np.isnan(values)]
    low, high = np.percentile(values, INTERVAL)
    return finding(what, float(values.mean()), unit, float(low), float(high), spread)


def finding(
    what: str, value: float, unit: str, low: float | None = None, high: float | None = None, spread: str = ""
) -> Finding:
    """A finding whose numbers are rounded, so that it reads back as it was."""
    ends = [None if end is None else round(float(end), DIGITS) + 0.0 for end in (low, high)]
    return Finding(what, round(float(value), DIGITS) + 0.0, unit, ends[0], ends[1], spread)


def _rounded(value: float, digits: int) -> str:
    return f"{round(value, digits) + 0.0:.{digits}f}"
