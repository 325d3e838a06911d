r"""The numbers by which circuits are judged: many circuits side by side, each under every condition of the targets.

    ratio            C_n / C_1 after 16 stimuli at 1 Hz, 4 at 0.1 Hz, 16 at 0.5 Hz
    growth at 2 Hz   (C_16 - C_8) / (C_8 - C_1): below one half, wind-up saturates
    block            C_16 and C_1 under block relative to none; the A window of the first stimulus likewise
    brush            lamina-I spikes under touch, healthy; and with weak inhibition or shifted chloride, per C_16
    halved           the latter two under half block relative to none
    more receptors   absolute wind-up with twice the NMDA receptors relative to healthy
    opioid           C_1 and ratio under opioid tone

Source: the conditions are those of the targets (dorsal_horn.csv). Leaves out: the spread over seeds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from unwound.dorsal_horn.cell import Condition
from unwound.dorsal_horn.circuit import SUBSTEPS, horn
from unwound.dorsal_horn.stimulation import Bench, at_rest_and_brushed, conditions, of_outputs, train
from unwound.dorsal_horn.wiring import OUTPUTS
from unwound.evidence import value

STIMULI, EIGHTH = 16, 7
FEW = 0.1
"""Spikes per cell: what is divided by is never smaller."""
CONDITION_KEYS = (
    *("condition.chloride", "condition.low_block", "condition.high_block", "condition.half_block"),
    *("condition.weak_inhibition", "condition.chloride_shift", "condition.more_receptors", "condition.opioid_tone"),
)


@dataclass(frozen=True)
class Effort:
    """How thoroughly circuits are measured."""

    substeps: int = SUBSTEPS
    slow_stimuli: int = 4
    onset_stimuli: int = STIMULI
    threads: int = 2


Measured = dict[str, np.ndarray]
"""Name -> (circuits, outputs); rows of `OUTPUTS` in the last axis."""


def measure(circuits: Sequence[Mapping[str, float]] = ({},), seed: int = 0, effort: Effort | None = None) -> Measured:
    """Every number of every circuit; each circuit is a set of evidence values to replace (empty: the evidence)."""
    effort = effort or Effort()
    shares = [part for part in np.array_split(np.arange(len(circuits)), effort.threads) if len(part)]
    with ThreadPoolExecutor(len(shares)) as pool:
        parts = list(pool.map(lambda part: _measure([circuits[n] for n in part], seed, effort), shares))
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _measure(circuits: Sequence[Mapping[str, float]], seed: int, effort: Effort) -> Measured:
    low, high, half = (value(f"condition.{name}_block", "1") for name in ("low", "high", "half"))
    healthy, more = value("condition.chloride", "mV"), value("condition.more_receptors", "1")
    weak, shifted = value("condition.weak_inhibition", "1"), value("condition.chloride_shift", "mV")
    side = _Side(circuits, seed, effort.substeps)
    one = side.train(1.0, STIMULI, block=[0, low, high, half, 1, 0, 0], nmda=[1, 1, 1, 1, 1, more, 1],
                     opioid=[0, 0, 0, 0, 0, 0, value("condition.opioid_tone", "1")])  # fmt: skip
    slow = side.train(0.1, effort.slow_stimuli)
    onset, fast = side.train(0.5, effort.onset_stimuli), side.train(2.0, STIMULI)
    touch = side.touch(
        block=[0, half, 0, half, 0, half], inhibition=[1, 1, weak, weak, 1, 1],
        chloride=[healthy, healthy, healthy, healthy, shifted, shifted],
    )  # fmt: skip
    a, c = one[:, :, 0:-1:2], one[:, :, 1:-1:2]  # (circuit, condition, stimulus, output)
    first, last = c[:, :, 0], c[:, :, -1]
    brush = touch[:, :, 1]
    shown = np.maximum(brush, FEW)
    f = fast[:, 0, 1:-1:2]
    return {
        "first": first[:, 0],
        "last": last[:, 0],
        "ratio": _over(last[:, 0], first[:, 0]),
        "ratio_slow": _over(slow[:, 0, -2], slow[:, 0, 1]),
        "ratio_onset": _over(onset[:, 0, -2], onset[:, 0, 1]),
        "ratio_fast": _over(f[:, -1], f[:, 0]),
        "growth_fast": _over(f[:, -1] - f[:, EIGHTH], f[:, EIGHTH] - f[:, 0]),
        "last_low_block": _over(last[:, 1], last[:, 0]),
        "last_high_block": _over(last[:, 2], last[:, 0]),
        "first_high_block": _over(first[:, 2], first[:, 0]),
        "first_half_block": _over(first[:, 3], first[:, 0]),
        "first_full_block": _over(first[:, 4], first[:, 0]),
        "a_window": np.max(np.abs(_over(a[:, 1:5, 0], a[:, :1, 0]) - 1.0), axis=1),
        "brush": brush[:, 0],
        "brush_change": np.abs(_over(shown[:, 1], shown[:, 0]) - 1.0),
        "brush_weak": _over(brush[:, 2], last[:, 0]),
        "brush_shifted": _over(brush[:, 4], last[:, 0]),
        "halved_weak": _over(brush[:, 3], brush[:, 2]),
        "halved_shifted": _over(brush[:, 5], brush[:, 4]),
        "more_receptors": _over(_absolute(c[:, 5]), _absolute(c[:, 0])),
        "opioid_first": _over(first[:, 6], first[:, 0]),
        "opioid_ratio": _over(last[:, 6], first[:, 6]),
        "rest": touch[:, 0, 0],
    }


class _Side:
    """Circuits times conditions as lanes of one run."""

    def __init__(self, circuits: Sequence[Mapping[str, float]], seed: int, substeps: int) -> None:
        self.circuits, self.seed, self.substeps = circuits, seed, substeps

    def train(self, frequency: float, stimuli: int, **states: Sequence[float]) -> np.ndarray:
        """(circuit, condition, window, output)."""
        condition, bench, count = self._lanes(states)
        return self._folded(train(condition, bench, frequency, stimuli), count)

    def touch(self, **states: Sequence[float]) -> np.ndarray:
        """(circuit, condition, rest or brush, output)."""
        condition, bench, count = self._lanes(states)
        return self._folded(at_rest_and_brushed(condition, bench, rest=500.0), count)

    def _lanes(self, states: Mapping[str, Sequence[float]]) -> tuple[Condition, Bench, int]:
        count = len(next(iter(states.values()))) if states else 1
        healthy = {"nmda": 1.0, "block": 0.0, "inhibition": 1.0, "chloride": value("condition.chloride", "mV"),
                   "opioid": 0.0, "substance_p": 1.0}  # fmt: skip
        lanes = {name: np.tile(np.broadcast_to(states.get(name, one), count), len(self.circuits))
                 for name, one in healthy.items()}  # fmt: skip
        keys = list(dict.fromkeys(key for one in self.circuits for key in one))
        given = {key: np.repeat([one[key] for one in self.circuits], count) for key in keys}
        return conditions(lanes), Bench(horn(self.seed, given), self.seed, self.substeps), count

    def _folded(self, counts: np.ndarray, count: int) -> np.ndarray:
        outputs = np.stack([of_outputs(counts)[name] for name in OUTPUTS], axis=-1)
        return outputs.reshape(len(self.circuits), count, *outputs.shape[1:])


def _absolute(counts: np.ndarray) -> np.ndarray:
    """Sum over stimuli of C_i - C_1, (circuit, stimulus, output)."""
    found: np.ndarray = np.sum(counts - counts[:, :1], axis=1)
    return found


def _over(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """part / whole, with a whole of at least `FEW`."""
    found: np.ndarray = part / np.where(np.abs(whole) < FEW, FEW, whole)
    return found
