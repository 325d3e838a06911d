r"""Wind-up, touch and rest: what is done to the circuit.

    train      n electrical stimuli at a steady frequency; A window 0 to 150 ms, C window 150 to 1000 ms (or the period)
    after      after-discharge: from the end of the last C window, 1 s
    rest       1 s without a stimulus, in a circuit that had no train
    brush      1 s of A-beta fibers after that rest

Counts are kept per stimulus; single spikes on request only.

Source: the protocols are those of wind-up experiments; windows are assumptions. Leaves out: what becomes pain.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from unwound.core.arrays import jnp
from unwound.core.errors import InputError, Problem
from unwound.dorsal_horn import volleys
from unwound.dorsal_horn.cell import Condition
from unwound.dorsal_horn.circuit import PHYSIOLOGY_KEYS, SUBSTEPS, Horn, horn, pieces
from unwound.dorsal_horn.readouts import Windup
from unwound.dorsal_horn.wiring import OUTPUTS, POPULATIONS, WIRING_KEYS, places
from unwound.evidence import value

SECOND = 1000.0  # ms
MOST_STIMULI, MOST_CONDITIONS = 200, 512
WINDOW_KEYS = ("volley.a_window", "volley.c_window")
KEYS = (*PHYSIOLOGY_KEYS, *WIRING_KEYS, *volleys.VOLLEY_KEYS, *WINDOW_KEYS, "condition.chloride")

Precision = Literal["single", "double"]
Numbers = float | Sequence[float] | np.ndarray
_LIMITS = {
    "nmda": (0.0, 10.0), "block": (0.0, 1.0), "inhibition": (0.0, 10.0), "chloride": (-120.0, 0.0),
    "opioid": (0.0, 1.0), "substance_p": (0.0, 10.0),
}  # fmt: skip


@dataclass(frozen=True)
class Trapped:
    """A drug whose block follows use: its exchange with open NMDA receptors (`trapping`)."""

    binding: Numbers
    """1/s: on-rate times concentration"""
    unbinding: Numbers
    """1/s, at 0 mV"""
    unbinding_voltage: Numbers
    """mV over which unbinding grows e-fold"""


@dataclass(frozen=True)
class Bench:
    """How a circuit is run: which one, with which draws, and how finely."""

    circuit: Horn
    seed: int = 0
    substeps: int = SUBSTEPS
    noise: float | None = None
    """pA; None: that of the evidence"""
    precision: Precision = "single"


def windup(
    frequency: float = 1.0, stimuli: int = 16, *, nmda: Numbers = 1.0, block: Numbers = 0.0, inhibition: Numbers = 1.0,
    chloride: Numbers | None = None, opioid: Numbers = 0.0, substance_p: Numbers = 1.0, trapped: Trapped | None = None,
    ectopic: float = 0.0, seed: int = 0, raster: bool = False, touch: bool = True, substeps: int = SUBSTEPS,
    noise: float | None = None, given: Mapping[str, float] | None = None, precision: Precision = "single",
) -> Windup:  # fmt: skip
    """Wind up the circuit with `stimuli` at `frequency` [1/s], then brush a rested one.

    Arguments that describe a condition take a number or a sequence; sequences of equal length are conditions side by
    side. `chloride` is the reversal [mV] of inhibition, `ectopic` the rate [1/s] of C fibers by themselves, `noise` the
    amplitude [pA] instead of that of the evidence. `block` is constant unless `trapped` says how the drug comes and
    goes with use. `touch` off leaves rest and brush out (NaN). `given` replaces values of the evidence by key: another
    circuit of the ensemble, for example. `precision` "double" is slower and says the same. Raises `InputError`.
    """
    states = {
        "nmda": nmda, "block": block, "inhibition": inhibition,
        "chloride": value("condition.chloride", "mV") if chloride is None else chloride, "opioid": opioid,
        "substance_p": substance_p,
    }  # fmt: skip
    _check(frequency, stimuli, ectopic, states)
    condition = conditions(states, trapped)
    bench = Bench(horn(seed, given), seed, substeps, noise, precision)
    kept: list[np.ndarray] | None = [] if raster else None
    counts = train(condition, bench, frequency, stimuli, ectopic, kept)
    still = (
        at_rest_and_brushed(condition, bench, ectopic) if touch else np.full((len(counts), 2, counts.shape[2]), np.nan)
    )
    return Windup(
        frequency=float(frequency),
        ectopic=float(ectopic),
        seed=seed,
        conditions={name: np.array(getattr(condition, name)) for name in states},
        a_spikes=of_outputs(counts[:, 0:-1:2]),
        c_spikes=of_outputs(counts[:, 1:-1:2]),
        after_discharge=of_outputs(counts[:, -1]),
        rest_rate=of_outputs(still[:, 0]),
        brush_spikes=of_outputs(still[:, 1]),
        raster=np.concatenate(kept) if kept else None,
    )


def conditions(states: Mapping[str, Numbers], trapped: Trapped | None = None) -> Condition:
    """Conditions side by side from numbers or sequences of one length."""
    trapped = trapped or Trapped(0.0, 0.0, 1.0)
    numbers = {**states, **{f.name: getattr(trapped, f.name) for f in dataclasses.fields(trapped)}}
    lanes = np.broadcast_arrays(*(np.atleast_1d(np.asarray(one, float)) for one in numbers.values()))
    return Condition(**{name: jnp.asarray(one) for name, one in zip(numbers, lanes, strict=True)})


def train(
    condition: Condition, bench: Bench, frequency: float, stimuli: int, ectopic: float = 0.0,
    kept: list[np.ndarray] | None = None,
) -> np.ndarray:  # fmt: skip
    """Spikes (condition, window, cell): A and C window of every stimulus in turn, then the after-discharge."""
    times = np.arange(stimuli) * SECOND / frequency
    spikes = [*volleys.stimuli(times, bench.seed), *volleys.ectopic(ectopic, times[-1] + 2.0 * SECOND, bench.seed)]
    return _counts(condition, spikes, _train_windows(times, frequency), bench, kept)


def at_rest_and_brushed(condition: Condition, bench: Bench, ectopic: float = 0.0, rest: float = SECOND) -> np.ndarray:
    """Spikes (condition, 2, cell): over `rest` [ms] without a stimulus, then over 1 s of brush."""
    end = rest + SECOND
    spikes = [*volleys.brush(rest, end, bench.seed), *volleys.ectopic(ectopic, end, bench.seed)]
    return _counts(condition, spikes, [(0.0, rest), (rest, end)], bench)


def ectopic_discharge(condition: Condition, bench: Bench, rate: float, duration: float) -> np.ndarray:
    """Spikes per second (condition, cell) while C fibers fire by themselves at `rate` [1/s], after the first second."""
    spikes = volleys.ectopic(rate, duration, bench.seed)
    return _counts(condition, spikes, [(SECOND, duration)], bench)[:, 0] * SECOND / (duration - SECOND)


def of_outputs(counts: np.ndarray) -> dict[str, np.ndarray]:
    """Mean over the cells (last axis) of each output."""
    where = places(POPULATIONS)
    return {name: counts[..., where[name]].mean(axis=-1) for name in OUTPUTS}


def _train_windows(times: np.ndarray, frequency: float) -> list[tuple[float, float]]:
    """A and C window of every stimulus, then that of the after-discharge."""
    a_end = value("volley.a_window", "ms")
    c_end = min(value("volley.c_window", "ms"), SECOND / frequency)
    found = [window for t in times for window in ((t, t + a_end), (t + a_end, t + c_end))]
    last = float(times[-1]) + value("volley.c_window", "ms")
    return [*found, (last, last + SECOND)]


def _counts(
    condition: Condition, spikes: volleys.Spikes, windows: list[tuple[float, float]], bench: Bench,
    kept: list[np.ndarray] | None = None,
) -> np.ndarray:  # fmt: skip
    """Spikes by condition, window and cell. `kept` collects single spikes too."""
    edges = [(round(start), round(end)) for start, end in windows]
    total = None
    for first, fired in pieces(
        condition, spikes, windows[-1][1], bench.seed, bench.substeps, bench.noise, bench.circuit, bench.precision
    ):
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
