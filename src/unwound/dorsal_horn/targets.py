r"""What a circuit should do, and what of it a set of numbers does: hits and misses side by side.

    miss = max(0, low - x, x - high) / scale        met when 0; scale = half of the bound, at least 0.1
    loss = sum over targets and outputs of weight * (miss beyond a bound that is tightened by a margin)^2

Bounds are rows ``target.NAME_low`` and ``target.NAME_high`` of the evidence. All weights are 1: no source tells them
apart, and a weight of its own for each would be one more number to choose.

Source: staud2007, price1994, guirimand2000, low_threshold_ketamine (directions), assumption (all bounds). Leaves out:
spread between circuits of other seeds; `judge` takes a seed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from unwound.core.errors import UnknownName
from unwound.dorsal_horn.measure import CONDITION_KEYS, Effort, Measured, measure
from unwound.dorsal_horn.wiring import OUTPUTS
from unwound.evidence import value

BOTH, LAMINA_ONE, WIDE = OUTPUTS, ("lamina_one",), ("wide",)


@dataclass(frozen=True)
class Aim:
    """One target: a number of `measure` and its bounds."""

    name: str
    about: str
    measured: str
    outputs: tuple[str, ...] = BOTH
    low: str = ""
    high: str = ""
    """Evidence key after ``target.``; empty: no bound."""

    def bounds(self) -> tuple[float, float]:
        """The least and the greatest value that meets the target."""
        low = value(f"target.{self.low}", "1") if self.low else -np.inf
        high = value(f"target.{self.high}", "1") if self.high else np.inf
        return low, high

    def missed(self, measured: Measured, margin: float = 0.0) -> np.ndarray:
        """How far each circuit is off, relative to the bound, (circuits, outputs of this target); 0 is met."""
        found = measured[self.measured][:, [OUTPUTS.index(one) for one in self.outputs]]
        low, high = self.bounds()
        scale = max(0.5 * max(abs(bound) for bound in (low, high) if np.isfinite(bound)), 0.1)
        below, above = low + margin * scale - found, found - high + margin * scale
        off: np.ndarray = np.maximum(np.maximum(below, above), 0.0) / scale
        return np.where(np.isfinite(found), off, 10.0)


def _aim(about: str, measured: str, low: bool, high: bool, outputs: tuple[str, ...] = BOTH, key: str = "") -> Aim:
    key = key or measured
    return Aim(key, about, measured, outputs, f"{key}_low" if low else "", f"{key}_high" if high else "")


AIMS = (
    _aim("wind-up ratio at 1 Hz, 16 stimuli", "ratio", True, True),
    _aim("wind-up ratio at 0.1 Hz", "ratio_slow", False, True),
    _aim("wind-up ratio at 0.5 Hz", "ratio_onset", True, False),
    _aim("growth after the eighth stimulus at 2 Hz", "growth_fast", False, True),
    _aim("last C response left under 15 % block", "last_low_block", False, True),
    _aim("last C response left under 25 % block", "last_high_block", True, False),
    _aim("first C response left under 25 % block", "first_high_block", True, False),
    _aim("first C response left under half block", "first_half_block", True, False),
    _aim("first C response left under full block", "first_full_block", True, False),
    _aim("change of the first A response under block", "a_window", False, True),
    _aim("healthy brush spikes of lamina I", "brush", False, True, LAMINA_ONE),
    _aim("healthy brush spikes of deep cells", "brush", True, False, WIDE, "brush_wide"),
    _aim("change of the healthy deep brush response under half block", "brush_change", False, True, WIDE),
    _aim("brush spikes per last C response, inhibition x 0.3", "brush_weak", True, False, LAMINA_ONE),
    _aim("brush spikes per last C response, chloride -55 mV", "brush_shifted", True, False, LAMINA_ONE),
    _aim("brush spikes left under half block, inhibition x 0.3", "halved_weak", False, True, LAMINA_ONE),
    _aim("brush spikes left under half block, chloride -55 mV", "halved_shifted", False, True, LAMINA_ONE),
    _aim("absolute wind-up with twice the NMDA receptors", "more_receptors", True, False),
    _aim("first C response under opioid tone", "opioid_first", False, True),
    _aim("wind-up ratio under opioid tone", "opioid_ratio", True, False),
)
TARGET_KEYS = (*(f"target.{key}" for aim in AIMS for key in (aim.low, aim.high) if key), *CONDITION_KEYS)


@dataclass(frozen=True)
class Target:
    """One thing the circuit should do, and what one output of it does."""

    name: str
    about: str
    output: str
    wanted: str
    found: float
    met: bool


def judge(
    seed: int = 0, output: str | None = None, given: Mapping[str, float] | None = None, effort: Effort | None = None
) -> tuple[Target, ...]:
    """Every target, for one output or for both; `given` as in `windup`. Takes about a minute. Raises `UnknownName`."""
    if output is not None and output not in OUTPUTS:
        raise UnknownName("output", output, list(OUTPUTS))
    return judged(measure([given or {}], seed, effort), 0, output)


def judged(measured: Measured, place: int, output: str | None = None) -> tuple[Target, ...]:
    """Every target of one measured circuit."""
    found = []
    for aim in AIMS:
        off = aim.missed(measured)[place]
        for one, miss in zip(aim.outputs, off, strict=True):
            if output in (None, one):
                number = float(measured[aim.measured][place, OUTPUTS.index(one)])
                found.append(Target(aim.name, aim.about, one, _wanted(aim), number, bool(miss == 0.0)))
    return tuple(found)


def misses(measured: Measured) -> np.ndarray:
    """(circuits, targets): whether any output misses the target."""
    return np.stack([(aim.missed(measured) > 0.0).any(axis=1) for aim in AIMS], axis=-1)


def loss(measured: Measured, margin: float) -> np.ndarray:
    """One number per circuit; bounds are tightened by `margin` of their scale, so that other seeds have room."""
    total: np.ndarray = np.sum([(aim.missed(measured, margin) ** 2).mean(axis=1) for aim in AIMS], axis=0)
    return total


def _wanted(aim: Aim) -> str:
    low, high = aim.bounds()
    if np.isfinite(low) and np.isfinite(high):
        return f"{low:g} to {high:g}"
    return f"at least {low:g}" if np.isfinite(low) else f"at most {high:g}"
