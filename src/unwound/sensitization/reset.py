r"""How long a block must last to reset: the depth-duration curve, and its two limits.

    T_reset(B, d) = integral from S_sep to S_hi of dS / |f(S; d, B)|      finite only for B > B_c(d)

    B -> 1:     T_min = ln(S_hi / S_sep) / koff                           only duration matters
    B -> B_c:   T ~ pi / sqrt(a (B - B_c)),  a = f_B f_SS / 2             at the saddle-node; diverges

S_hi is the pain state before treatment and S_sep the separatrix at the end of it. Where protection Z is left, S_sep is
that under the block eta Z; somebody whose only drug-free state is pain has no other. During an infusion Z still rises,

    Z(t) = Z_inf (1 - exp(-(kz1 b + kz0) t)),     Z_inf = kz1 b / (kz1 b + kz0)

and with it both B and the separatrix: `infusion_reset_times` follows them.

Source: established mathematics; the equations are those of `switch`, an assumption.
Leaves out: the latent memory, flares, the rise and fall of the concentration.
"""

from __future__ import annotations

import math

import numpy as np

from unwound.sensitization.equilibria import (
    Numbers,
    block_slope,
    critical_block,
    curvature,
    pain_gain,
    rate,
    separatrix,
    total_block,
    vanishing_gains,
)
from unwound.sensitization.switch import Switch

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)
_PANELS = 64
LONGEST = 60.0
"""Days after which `infusion_reset_times` gives up: by then Z and S have long settled."""
_STEP = 0.01  # days


def passage_time(start: float, end: float, drive: float, p: Switch, block: float = 0.0) -> float:
    """Days from one gain to another under a constant block; infinite if a fixed point lies between."""
    if start == end:
        return 0.0
    low, high = min(start, end), max(start, end)
    way = 1.0 if end > start else -1.0
    scan = np.linspace(low, high, 20001)
    flow = way * np.asarray(rate(scan, drive, p, block))
    if (flow <= 0.0).any():
        return math.inf
    slowest = float(scan[int(np.argmin(flow))])
    total = 0.0
    for edge, far in ((slowest, low), (slowest, high)):  # panels shrink toward the bottleneck
        if edge == far:
            continue
        edges = edge + (far - edge) * np.concatenate([[0.0], 2.0 ** np.arange(1.0 - _PANELS, 1.0)])
        middle, half = 0.5 * (edges[1:] + edges[:-1]), 0.5 * np.abs(np.diff(edges))
        points = middle[:, None] + half[:, None] * _NODES
        total += float(np.sum(half[:, None] * _WEIGHTS / (way * np.asarray(rate(points, drive, p, block)))))
    return total


def reset_time(block: float, drive: float, p: Switch, left: float = 0.0) -> float:
    """T_reset [d] of the total block `block`, if the block `left` (protection) remains after it.

    Infinite where no duration resets; 0 where there is no pain state to leave, or where `left` alone leaves none; not
    a number where there is no pain-free state afterwards.
    """
    return float(reset_times(np.array([block]), drive, p, left)[0])


def reset_times(blocks: np.ndarray, drive: float, p: Switch, left: float = 0.0) -> np.ndarray:
    """`reset_time` of many blocks."""
    blocks = np.asarray(blocks, float)
    start, border = pain_gain(drive, p), separatrix(drive, p, left)
    if start is None or pain_gain(drive, p, left) is None:
        return np.zeros(blocks.shape)
    if border is None:
        return np.full(blocks.shape, math.nan)
    depth = critical_block(drive, p)
    passes = np.full(blocks.shape, True) if depth is None else blocks > depth
    times = [
        passage_time(start, border, drive, p, float(b)) if ok else math.inf
        for b, ok in zip(blocks, passes, strict=True)
    ]
    return np.where(start <= border, 0.0, np.array(times))


def shortest_reset(drive: float, p: Switch, left: float = 0.0) -> float:
    """T_min [d]: what a complete block still takes."""
    start, border = pain_gain(drive, p), separatrix(drive, p, left)
    return math.nan if start is None or border is None else math.log(start / border) / float(p.decay)


def divergence(block: float, drive: float, p: Switch) -> float:
    """The law of the approach to the critical depth [d]: ``pi / sqrt(a (B - B_c))``."""
    depth, gains = critical_block(drive, p), vanishing_gains(drive, p)
    if depth is None or gains is None or block <= depth:
        return math.inf
    gain = gains[1]
    a = 0.5 * curvature(gain, drive, p, depth) * block_slope(gain, drive, p, depth)
    return math.pi / math.sqrt(a * (block - depth))


def protection_at(days: Numbers, block: Numbers, p: Switch) -> Numbers:
    """Z after so many days of a constant block, none at the start."""
    on = p.protection_on * block
    pace = on + p.protection_off
    return on / pace * -np.expm1(-pace * np.asarray(days))


def infusion_reset_times(blocks: np.ndarray, drive: float, p: Switch) -> np.ndarray:
    """Days of each constant drug block until the gain is below the separatrix that the protection of that day leaves.

    Infinite where that is not within `LONGEST` days, 0 where there is no pain state.
    """
    blocks, start = np.asarray(blocks, float), pain_gain(drive, p)
    if start is None:
        return np.zeros(blocks.shape)
    times = np.arange(0.0, LONGEST + _STEP, _STEP)
    halves = protection_at(0.5 * _STEP * np.arange(2 * len(times))[:, None], blocks, p)
    depth = np.asarray(total_block(blocks, halves, p))
    gains = [np.full(blocks.shape, start)]
    for n in range(len(times) - 1):
        gains.append(_runge_kutta(gains[-1], drive, p, depth[2 * n : 2 * n + 3]))
    path, left = np.array(gains), np.asarray(total_block(0.0, halves[::2], p))
    return np.array([_first_reset(times, path[:, n], left[:, n], drive, p) for n in range(len(blocks))])


def _runge_kutta(gain: np.ndarray, drive: float, p: Switch, depth: np.ndarray) -> np.ndarray:
    """One step of `_STEP` days, given the total block at its start, middle and end."""
    k1 = rate(gain, drive, p, depth[0])
    k2 = rate(gain + 0.5 * _STEP * k1, drive, p, depth[1])
    k3 = rate(gain + 0.5 * _STEP * k2, drive, p, depth[1])
    k4 = rate(gain + _STEP * k3, drive, p, depth[2])
    after: np.ndarray = gain + _STEP / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
    return after


def _first_reset(times: np.ndarray, path: np.ndarray, left: np.ndarray, drive: float, p: Switch) -> float:
    """The first day from which the gain would go on falling under the block that is left (found by halving)."""
    low, high = 0, len(times)
    while low < high:
        middle = (low + high) // 2
        border = separatrix(drive, p, float(left[middle]))
        falls = path[middle] < border if border is not None else pain_gain(drive, p, float(left[middle])) is None
        low, high = (low, middle) if falls else (middle + 1, high)
    return float(times[low]) if low < len(times) else math.inf
