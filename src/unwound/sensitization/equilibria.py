r"""Where the memory rests: every fixed point of the synaptic gain, with latent memory and block held.

    f(S; d, B) = kon (1 - S) psi((1 - B)(d + gS S)) - koff S,     psi(N) = N^n / (N^n + th^n)
    d = p + gL L,     1 - B = (1 - b)(1 - eta Z)

Solved for d instead of S, a fixed point is explicit, so no root can be missed:

    f = 0  <=>  d = D(S; B) = th/(1 - B) u^(1/n) - gS S,     u = koff S / (kon (1 - S) - koff S)

D rises, falls and rises again. Its two turning points are the saddle-nodes: above the first (d_SN) there is no
pain-free state, below the second no pain state, and between them both are stable, parted by the separatrix. For a
drive that is given, the thresholds at which the states vanish are roots of a quadratic,

    n gS (kon + koff) S^2 - (n - 1) gS kon S + kon d = 0,     th_c = (d + gS S) u^(-1/n)

the larger root for the pain state, the smaller for the pain-free one. A block raises the threshold to th/(1 - B), so
the pain state is gone above the critical depth B_c = 1 - th/th_c: below it no duration resets.

Source: established mathematics of saddle-nodes; the equations are those of `switch`, an assumption.
Leaves out: the latent memory, which moves over hundreds of days, and flares.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from unwound.sensitization.switch import Switch

Numbers = Any
"""A number, or an array of them."""

CLASSES = ("healthy only", "bistable", "pain only")
_HALVINGS = 64  # of a bracket: more than a double has bits
_SCAN = 0.5 - 0.5 * np.cos(np.pi * np.arange(1, 1000) / 1000.0)  # places to look at, denser near both ends


class Fold(NamedTuple):
    """A saddle-node: the gain there, and the drive at which it happens."""

    gain: float
    drive: float


@dataclass(frozen=True)
class Equilibrium:
    """A fixed point of the synaptic gain."""

    gain: float
    slope: float
    """f_S there [1/d]: negative where it is stable."""

    @property
    def stable(self) -> bool:
        """Whether a small push dies out."""
        return self.slope < 0.0


def frozen_drive(latent: Numbers, p: Switch) -> Numbers:
    """The drug-free drive d at a latent memory that is held."""
    return p.input + p.latent_gain * latent


def total_block(block: Numbers, protection: Numbers, p: Switch) -> Numbers:
    """B, the share of the plasticity signal that drug and protection take away together."""
    return 1.0 - (1.0 - block) * (1.0 - p.protection_strength * protection)


def rate(gain: Numbers, drive: Numbers, p: Switch, block: Numbers = 0.0) -> Numbers:
    """f, the rate of change of the gain [1/d]: `switch.flow` in plain numbers, for arrays without a compiler."""
    signal = np.maximum((1.0 - np.asarray(block)) * (drive + p.gain * np.asarray(gain)), 0.0)
    relative = (signal / p.threshold) ** p.hill
    return p.activation * (1.0 - gain) * relative / (1.0 + relative) - p.decay * gain


def slope(gain: float, drive: float, p: Switch, block: float = 0.0) -> float:
    """f_S [1/d]."""
    on, share = _activation(gain, drive, p, block)
    return float(-p.activation * on - p.decay + p.activation * (1.0 - gain) * share * p.gain)


def drive_slope(gain: float, drive: float, p: Switch, block: float = 0.0) -> float:
    """f_d [1/d]: what a little more drive adds to the flow."""
    _, share = _activation(gain, drive, p, block)
    return float(p.activation * (1.0 - gain) * share)


def block_slope(gain: float, drive: float, p: Switch, block: float = 0.0) -> float:
    """f_B [1/d], negative: what a little more block does to the flow."""
    _, share = _activation(gain, drive, p, block)
    return float(-p.activation * (1.0 - gain) * share * (drive + p.gain * gain) / (1.0 - block))


def curvature(gain: float, drive: float, p: Switch, block: float = 0.0) -> float:
    """f_SS [1/d]."""
    on, share = _activation(gain, drive, p, block)
    signal = drive + p.gain * gain
    if signal <= 0.0:
        return 0.0
    bend = share * (p.hill * (1.0 - 2.0 * on) - 1.0) / signal
    return float(-2.0 * p.activation * share * p.gain + p.activation * (1.0 - gain) * bend * p.gain**2)


def _activation(gain: float, drive: float, p: Switch, block: float) -> tuple[float, float]:
    """psi, and its slope in the drive."""
    signal = max(drive + p.gain * gain, 0.0)
    relative = ((1.0 - block) * signal / p.threshold) ** p.hill
    on = relative / (1.0 + relative)
    return on, (p.hill * on * (1.0 - on) / signal if signal > 0.0 else 0.0)


def highest_gain(p: Switch) -> float:
    """kon/(kon + koff): no fixed point lies above."""
    return float(p.activation / (p.activation + p.decay))


def holding_drive(gain: Numbers, p: Switch, block: float = 0.0) -> Numbers:
    """D, the drive at which `gain` is at rest; infinite at the highest gain."""
    odds = _odds(np.asarray(gain, float), p)
    return p.threshold / (1.0 - block) * odds ** (1.0 / p.hill) - p.gain * gain


def _odds(gain: np.ndarray, p: Switch) -> np.ndarray:
    with np.errstate(divide="ignore"):
        found: np.ndarray = p.decay * gain / np.maximum(p.activation - (p.activation + p.decay) * gain, 0.0)
    return found


def folds(p: Switch, block: float = 0.0) -> tuple[Fold, Fold] | None:
    """The two saddle-nodes: where the pain-free state ends, and where the pain state does. None: no switch at all."""
    kon, koff, n, th, gs = _constants(p, block)
    top = kon / (kon + koff)
    grid = top * _SCAN
    room = kon - (kon + koff) * grid
    values = th * (koff * grid / room) ** (1.0 / n) * kon / (n * grid * room) - gs
    lowest = float(grid[int(np.argmin(values))])

    def rise(gain: float) -> float:
        """D'(S)."""
        room = kon - (kon + koff) * gain
        return th * (koff * gain / room) ** (1.0 / n) * kon / (n * gain * room) - gs if room > 0.0 else math.inf

    if rise(lowest) >= 0.0:
        return None
    gains = (_bisected(rise, top * 1e-15, lowest, falling=True), _bisected(rise, lowest, top, falling=False))
    hold = _holder(p, block)
    low, high = (Fold(gain, hold(gain)) for gain in gains)
    return low, high


def _bisected(function: Callable[[float], float], low: float, high: float, falling: bool) -> float:
    """Where a function changes its sign between `low` and `high`, once."""
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        if (function(middle) > 0.0) == falling:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


def _constants(p: Switch, block: float) -> tuple[float, float, float, float, float]:
    """kon, koff, n, th/(1 - B), gS as plain numbers: records are slow to ask many thousand times."""
    threshold = float(p.threshold) / (1.0 - block)
    return float(p.activation), float(p.decay), float(p.hill), threshold, float(p.gain)


def _holder(p: Switch, block: float) -> Callable[[float], float]:
    """D as a function of one number."""
    kon, koff, n, th, gs = _constants(p, block)

    def hold(gain: float) -> float:
        room = kon - (kon + koff) * gain
        return th * (koff * gain / room) ** (1.0 / n) - gs * gain if room > 0.0 else math.inf

    return hold


def bistable_range(p: Switch, block: float = 0.0) -> tuple[float, float] | None:
    """The drives between which both states are stable (the lower may be below zero); None without a switch."""
    both = folds(p, block)
    return None if both is None else (both[1].drive, both[0].drive)


def equilibria(drive: float, p: Switch, block: float = 0.0) -> tuple[Equilibrium, ...]:
    """Every fixed point at this drive and block, in rising order: one, or three of which the middle is unstable."""
    if block >= 1.0:
        return (Equilibrium(0.0, -float(p.decay)),)
    top, both, hold = highest_gain(p), folds(p, block), _holder(p, block)
    pieces = [(0.0, top)] if both is None else [(0.0, both[0].gain), (both[0].gain, both[1].gain), (both[1].gain, top)]
    found = []
    for number, (low, high) in enumerate(pieces):
        rises = number != 1
        if drive <= 0.0 and number == 0:
            found.append(0.0)  # no drive, no activation: silence is at rest
            continue
        ends = hold(low) - drive, hold(high) - drive
        if (ends[0] < 0.0 < ends[1]) if rises else (ends[0] > 0.0 > ends[1]):
            found.append(_bisected(lambda s: hold(s) - drive, low, high, falling=not rises))
    return tuple(Equilibrium(gain, slope(gain, drive, p, block)) for gain in found)


def separatrix(drive: float, p: Switch, block: float = 0.0) -> float | None:
    """The gain that parts recovery from relapse; None where there is only one state."""
    found = equilibria(drive, p, block)
    return found[1].gain if len(found) == 3 else None


def pain_gain(drive: float, p: Switch, block: float = 0.0) -> float | None:
    """The gain of the pain state; None where there is none (or no switch)."""
    both = folds(p, block)
    highest = equilibria(drive, p, block)[-1].gain
    return None if both is None or highest < both[1].gain else highest


def patient_class(drive: float, p: Switch) -> str:
    """ "healthy only", "bistable" or "pain only", for the drug-free drive; "no switch" if nothing is bistable."""
    between = bistable_range(p)
    if between is None:
        return "no switch"
    low, high = between
    return CLASSES[0] if drive < low else CLASSES[2] if drive > high else CLASSES[1]


def vanishing_gains(drive: float, p: Switch) -> tuple[float, float] | None:
    """The gains at which, with a rising or falling threshold, the pain-free and the pain state vanish; None: never."""
    linear = float((p.hill - 1.0) * p.gain * p.activation)
    square = float(p.hill * p.gain * (p.activation + p.decay))
    inside = linear**2 - 4.0 * square * float(p.activation) * drive
    if inside <= 0.0 or drive <= 0.0:
        return None
    return (linear - math.sqrt(inside)) / (2.0 * square), (linear + math.sqrt(inside)) / (2.0 * square)


def vanishing_thresholds(drive: float, p: Switch) -> tuple[float, float] | None:
    """The thresholds between which both states exist at this drive; None where no threshold makes two."""
    gains = vanishing_gains(drive, p)
    if gains is None:
        return None
    low, high = (float((drive + p.gain * s) * _odds(np.asarray(s), p) ** (-1.0 / p.hill)) for s in gains)
    return low, high


def critical_block(drive: float, p: Switch) -> float | None:
    """B_c: total block above which there is no pain state. 0 or less: there is none without drug either."""
    both = vanishing_thresholds(drive, p)
    return None if both is None else float(1.0 - p.threshold / both[1])


def opening_block(drive: float, p: Switch) -> float | None:
    """Total block above which there is a pain-free state; 0 or less: there is one without drug too."""
    both = vanishing_thresholds(drive, p)
    return None if both is None else float(1.0 - p.threshold / both[0])
