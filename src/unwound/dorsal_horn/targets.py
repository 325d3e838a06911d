"""What the circuit should do, and whether the shipped numbers do it: hits and misses side by side.

Each target compares read-outs of the circuit with a bound of the evidence table (rows ``target.*``). Nothing here is
fitted: the targets judge the numbers that ship.

Source: staud2007, price1994, guirimand2000 (directions), assumption (all bounds). Leaves out: spread between circuits
of other seeds; `judge` takes a seed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from unwound.dorsal_horn.stimulation import windup
from unwound.evidence import value

BLOCKS = np.array([0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0])
TARGET_KEYS = (
    *("target.ratio_low", "target.ratio_high", "target.slow_ratio", "target.onset_ratio", "target.halved"),
    *("target.first_spared", "target.brush_gain", "target.touch_change"),
)
FEW = 0.1
"""Spikes per cell below which a response counts as one tenth: nothing is divided by 0."""


@dataclass(frozen=True)
class Target:
    """One thing the circuit should do."""

    about: str
    wanted: str
    found: float
    met: bool


def judge(seed: int = 0, output: str = "wide") -> tuple[Target, ...]:
    """Every target for wind-up of `output` (touch: as the target says). Takes about a minute."""
    one = windup(1.0, 16, block=BLOCKS, seed=seed)
    slow, onset, fast = (windup(f, n, seed=seed, touch=False) for f, n in ((0.1, 4), (0.5, 16), (2.0, 16)))
    disinhibited = windup(1.0, 1, inhibition=0.3, seed=seed)
    first, last = one.c_spikes[output][:, 0], one.c_spikes[output][:, -1]
    halving = float(np.interp(-value("target.halved", "1"), -last / last[0], BLOCKS))
    left = float(np.interp(halving, BLOCKS, first / first[0]))
    ratio = float(one.ratio(output)[0])
    brushed = one.brush_spikes["wide"]
    half = list(BLOCKS).index(0.5)
    healthy = max(float(one.brush_spikes["lamina_one"][0]), FEW)
    gain = float(disinhibited.brush_spikes["lamina_one"][0]) / healthy
    low, high = value("target.ratio_low", "1"), value("target.ratio_high", "1")
    rising = bool(np.all(np.diff(one.ratio(output)) < 0))
    return (
        Target("wind-up ratio at 1 Hz, 16 stimuli", f"{low:g} to {high:g}", ratio, low <= ratio <= high),
        _bound("wind-up ratio at 0.1 Hz", "below", "target.slow_ratio", float(slow.ratio(output)[0])),
        _bound("wind-up ratio at 0.5 Hz", "above", "target.onset_ratio", float(onset.ratio(output)[0])),
        _bound("wind-up ratio at 2 Hz", "above", "target.ratio_low", float(fast.ratio(output)[0])),
        _bound("first C response left when block halves the last", "above", "target.first_spared", left),
        _bound("first C response left under full block", "above", "target.first_spared", float(first[-1] / first[0])),
        Target("ratio falls with every step of block", "always", float(np.diff(one.ratio(output)).max()), rising),
        _bound("gain of lamina-I brush spikes, inhibition x 0.3", "above", "target.brush_gain", gain),
        _bound(
            "change of healthy brush response under half block", "below", "target.touch_change",
            float(abs(brushed[half] / max(float(brushed[0]), FEW) - 1.0)),
        ),
    )  # fmt: skip


def _bound(about: str, side: str, key: str, found: float) -> Target:
    """A target with one bound."""
    bound = value(key, "1")
    holds: Callable[[float, float], bool] = (lambda a, b: a <= b) if side == "below" else (lambda a, b: a >= b)
    return Target(about, f"{side} {bound:g}", found, holds(found, bound))
