r"""What is read from the circuit: spikes per stimulus and what they say about wind-up, touch and rest.

    ratio = C_n / C_1       slope = linear fit of C_1 .. C_8       absolute wind-up = sum_i (C_i - C_1)
    allodynia index         spikes of lamina-I cells under brush

C_i counts spikes per cell of one output in the C window of stimulus i.

Source: the read-outs are those of wind-up experiments. Leaves out: what becomes pain.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

SLOPE_OVER = 8


@dataclass(frozen=True)
class Windup:
    """What one protocol gave, for every condition; counts are spikes per cell."""

    frequency: float
    """1/s"""
    ectopic: float
    """Spontaneous firing of each C fiber [1/s]."""
    seed: int
    conditions: Mapping[str, np.ndarray]
    """u, b, h, EI, m and substance P, one number per condition."""
    c_spikes: Mapping[str, np.ndarray]
    """Output -> (condition, stimulus)."""
    a_spikes: Mapping[str, np.ndarray]
    after_discharge: Mapping[str, np.ndarray]
    """Output -> one number per condition, and so on."""
    rest_rate: Mapping[str, np.ndarray]
    """1/s"""
    brush_spikes: Mapping[str, np.ndarray]
    raster: np.ndarray | None = None
    """Spikes of the train, (ms, condition, cell), when asked for; `places(POPULATIONS)` tells the cells."""

    def ratio(self, output: str = "lamina_one") -> np.ndarray:
        """C_n / C_1; NaN where the first stimulus drew no C spike."""
        first, last = self.c_spikes[output][:, 0], self.c_spikes[output][:, -1]
        found: np.ndarray = np.divide(last, first, out=np.full(first.shape, np.nan), where=first > 0)
        return found

    def slope(self, output: str = "lamina_one") -> np.ndarray:
        """Spikes per stimulus, over the first eight; NaN for a single stimulus."""
        counts = self.c_spikes[output][:, :SLOPE_OVER]
        number = np.arange(counts.shape[1]) - (counts.shape[1] - 1) / 2.0
        if len(number) < 2:
            return np.full(len(counts), np.nan)
        found: np.ndarray = counts @ number / np.sum(number**2)
        return found

    def absolute(self, output: str = "lamina_one") -> np.ndarray:
        """Sum over stimuli of C_i - C_1."""
        counts = self.c_spikes[output]
        found: np.ndarray = np.sum(counts - counts[:, :1], axis=1)
        return found

    def of(self, place: int, output: str) -> dict[str, Any]:
        """Every read-out of one output under one condition."""
        return {
            "c_spikes": self.c_spikes[output][place],
            "a_spikes": self.a_spikes[output][place],
            "windup_ratio": self.ratio(output)[place],
            "windup_slope": self.slope(output)[place],
            "absolute_windup": self.absolute(output)[place],
            "after_discharge_spikes": self.after_discharge[output][place],
            "rest_rate_per_s": self.rest_rate[output][place],
            "brush_spikes": self.brush_spikes[output][place],
        }

    def condition(self, place: int) -> dict[str, float]:
        """One condition, by name."""
        return {name: float(values[place]) for name, values in self.conditions.items()}
