"""Breakpoints of the pump and times asked for, merged into one grid of intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

TIME_DIGITS = 9
"""Times are equal when they agree to 1e-9 h (4 microseconds): sums of decimal hours carry rounding noise."""


@dataclass(frozen=True)
class Grid:
    """Breakpoints and asked-for times merged: what happens at each interval, and where the answers lie."""

    lengths: np.ndarray  # distinct interval lengths, h
    length_index: np.ndarray  # (n,) into lengths
    interval: np.ndarray  # (n,) into the clock of the rates; the last one repeats after its end
    begins: np.ndarray  # (n,) whether this interval starts a clock interval (boluses are given here)
    answers: np.ndarray  # (asked,) into the n + 1 ends
    ends: np.ndarray  # (n + 1,) h


def merged_grid(breakpoints: np.ndarray, at: np.ndarray) -> Grid:
    """The grid on which rates between `breakpoints` [h] are propagated to answer at times `at` [h].

    After the last breakpoint the input is zero: callers append a zero to their rates.
    """
    breakpoints = np.round(np.asarray(breakpoints, float), TIME_DIGITS)
    at = np.round(np.asarray(at, float), TIME_DIGITS)
    ends = np.unique(np.concatenate([[0.0], breakpoints, at]))
    starts = ends[:-1]
    interval = np.searchsorted(breakpoints, starts, side="right") - 1
    lengths, length_index = np.unique(np.round(np.diff(ends), TIME_DIGITS), return_inverse=True)
    return Grid(lengths, length_index, interval, np.isin(starts, breakpoints), np.searchsorted(ends, at), ends)
