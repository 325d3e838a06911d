r"""Wind-up, touch and rest: what is done to the circuit, and what is read from it.

    train      n electrical stimuli at a steady frequency; A window 0 to 150 ms, C window 150 to 1000 ms (or the period)
    after      after-discharge: from the end of the last C window, 1 s
    rest       1 s without a stimulus, in a circuit that had no train
    brush      1 s of A-beta fibers after that rest

    ratio = C_n / C_1       slope = linear fit of C_1 .. C_8       absolute wind-up = sum_i (C_i - C_1)
    allodynia index         spikes of lamina-I cells under brush

C_i counts spikes per cell of one output in the C window of stimulus i. Counts are kept per stimulus; single spikes on
request only.

Source: the read-outs are those of wind-up experiments; windows are assumptions. Leaves out: what becomes pain.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from unwound.core.arrays import jnp
from unwound.core.errors import InputError, Problem
from unwound.dorsal_horn import volleys
from unwound.dorsal_horn.cell import Condition
from unwound.dorsal_horn.circuit import PHYSIOLOGY_KEYS, SUBSTEPS, pieces
from unwound.dorsal_horn.wiring import OUTPUTS, POPULATIONS, WIRING_KEYS, places
from unwound.evidence import value

SECOND = 1000.0  # ms
SLOPE_OVER = 8
MOST_STIMULI, MOST_CONDITIONS = 200, 512
WINDOW_KEYS = ("volley.a_window", "volley.c_window")
KEYS = (*PHYSIOLOGY_KEYS, *WIRING_KEYS, *volleys.VOLLEY_KEYS, *WINDOW_KEYS, "condition.chloride")

Numbers = float | Sequence[float] | np.ndarray
_LIMITS = {
    "nmda": (0.0, 10.0), "block": (0.0, 1.0), "inhibition": (0.0, 10.0), "chloride": (-120.0, 0.0),
    "opioid": (0.0, 1.0), "substance_p": (0.0, 10.0),
}  # fmt: skip


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


def windup(
    frequency: float = 1.0, stimuli: int = 16, *, nmda: Numbers = 1.0, block: Numbers = 0.0, inhibition: Numbers = 1.0,
    chloride: Numbers | None = None, opioid: Numbers = 0.0, substance_p: Numbers = 1.0, ectopic: float = 0.0,
    seed: int = 0, raster: bool = False, touch: bool = True, substeps: int = SUBSTEPS, noise: float | None = None,
) -> Windup:  # fmt: skip
    """Wind up the circuit with `stimuli` at `frequency` [1/s], then brush a rested one.

    Arguments that describe a condition take a number or a sequence; sequences of equal length are conditions side by
    side. `chloride` is the reversal [mV] of inhibition, `ectopic` the rate [1/s] of C fibers by themselves, `noise` the
    amplitude [pA] instead of that of the evidence. `touch` off leaves rest and brush out (NaN). Raises `InputError`.
    """
    healthy = value("condition.chloride", "mV")
    given = {
        "nmda": nmda, "block": block, "inhibition": inhibition, "chloride": healthy if chloride is None else chloride,
        "opioid": opioid, "substance_p": substance_p,
    }  # fmt: skip
    _check(frequency, stimuli, ectopic, given)
    lanes = np.broadcast_arrays(*(np.atleast_1d(np.asarray(one, float)) for one in given.values()))
    condition = Condition(*map(jnp.asarray, lanes))
    times = np.arange(stimuli) * SECOND / frequency
    kept: list[np.ndarray] | None = [] if raster else None
    spikes = _ectopic_after(ectopic, float(times[-1]) + 2.0 * SECOND, seed, volleys.stimuli(times, seed))
    train = _counts(condition, spikes, _train_windows(times, frequency), seed, substeps, noise, kept)
    still = np.full((len(lanes[0]), 2, train.shape[2]), np.nan)
    if touch:
        brushed = _ectopic_after(ectopic, 2.0 * SECOND, seed, volleys.brush(SECOND, 2.0 * SECOND, seed))
        still = _counts(condition, brushed, [(0.0, SECOND), (SECOND, 2.0 * SECOND)], seed, substeps, noise)
    where = places(POPULATIONS)
    train_of = {name: train[:, :, where[name]].mean(axis=2) for name in OUTPUTS}
    still_of = {name: still[:, :, where[name]].mean(axis=2) for name in OUTPUTS}
    return Windup(
        frequency=float(frequency),
        ectopic=float(ectopic),
        seed=seed,
        conditions=dict(zip(given, (np.array(one) for one in lanes), strict=True)),
        a_spikes={name: counts[:, 0:-1:2] for name, counts in train_of.items()},
        c_spikes={name: counts[:, 1:-1:2] for name, counts in train_of.items()},
        after_discharge={name: counts[:, -1] for name, counts in train_of.items()},
        rest_rate={name: counts[:, 0] for name, counts in still_of.items()},
        brush_spikes={name: counts[:, 1] for name, counts in still_of.items()},
        raster=np.concatenate(kept) if kept else None,
    )


def _train_windows(times: np.ndarray, frequency: float) -> list[tuple[float, float]]:
    """A and C window of every stimulus, then that of the after-discharge."""
    a_end = value("volley.a_window", "ms")
    c_end = min(value("volley.c_window", "ms"), SECOND / frequency)
    found = [window for t in times for window in ((t, t + a_end), (t + a_end, t + c_end))]
    last = float(times[-1]) + value("volley.c_window", "ms")
    return [*found, (last, last + SECOND)]


def _counts(
    condition: Condition, spikes: volleys.Spikes, windows: list[tuple[float, float]], seed: int, substeps: int,
    noise: float | None, kept: list[np.ndarray] | None = None,
) -> np.ndarray:  # fmt: skip
    """Spikes by condition, window and cell. `kept` collects single spikes too."""
    edges = [(round(start), round(end)) for start, end in windows]
    total = None
    for first, fired in pieces(condition, spikes, windows[-1][1], seed, substeps, noise):
        if total is None:
            total = np.zeros((fired.shape[1], len(edges), fired.shape[2]))
        for n, (start, end) in enumerate(edges):
            low, high = max(start - first, 0), min(end - first, len(fired))
            if low < high:
                total[:, n] += fired[low:high].sum(axis=0)
        if kept is not None:
            kept.append(fired)
    assert total is not None
    return total


def _ectopic_after(rate: float, end: float, seed: int, spikes: volleys.Spikes) -> volleys.Spikes:
    """`spikes`, and those of C fibers that fire by themselves."""
    return [*spikes, *volleys.ectopic(rate, end, seed)]


def _check(frequency: float, stimuli: int, ectopic: float, given: Mapping[str, Any]) -> None:
    """Raises `InputError` with everything that is wrong."""
    problems = []
    if not 0.02 <= frequency <= 3.0:
        rule = "must be 0.02 to 3 per second: the C volley of one stimulus ends before the next"
        problems.append(Problem("frequency", frequency, rule, "wind-up is studied at 0.1 to 2"))
    if isinstance(stimuli, bool) or stimuli != int(stimuli) or not 1 <= stimuli <= MOST_STIMULI:
        problems.append(Problem("stimuli", stimuli, f"must be a whole number from 1 to {MOST_STIMULI}", "16 is usual"))
    if not 0.0 <= ectopic <= 20.0:
        problems.append(Problem("ectopic", ectopic, "must be 0 to 20 per second and fiber", "give for example 0.5"))
    lengths = set()
    for name, one in given.items():
        numbers, (low, high) = np.atleast_1d(np.asarray(one, float)), _LIMITS[name]
        lengths |= {numbers.size} - {1}
        if numbers.ndim > 1 or not 1 <= numbers.size <= MOST_CONDITIONS:
            rule = f"must be a number or a list of at most {MOST_CONDITIONS}"
            problems.append(Problem(name, one, rule, "give conditions in one list"))
        elif wrong := [float(number) for number in numbers if not low <= number <= high]:
            problems.append(Problem(name, wrong[0], f"must be {low:g} to {high:g}", "give a value in that range"))
    if len(lengths) > 1:
        rule = f"lists of {' and '.join(map(str, sorted(lengths)))} conditions do not go together"
        problems.append(Problem("conditions", sorted(lengths), rule, "give lists of one length"))
    if problems:
        raise InputError(problems)
