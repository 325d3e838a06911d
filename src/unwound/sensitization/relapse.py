r"""How long relief lasts after a reset: two delays that add, or for ever.

Where the drug-free drive is above the saddle-node d_SN, a pain-free state exists only while protection is left:

    Z > Z_c(d),  1 - eta Z_c = th / th_low(d)         th_low: the threshold at which the pain-free state vanishes
    T_1 = ln(Z_end / Z_c) / kz0                       protection decays to that border
    T_2 ~ pi / sqrt(f0 c / 2),  f0 = min f,  c = f_SS there       the bottleneck (ghost) that the vanished state leaves

Below it the reset is for good, without flares. Latent memory moves a person across: remission if

    L < (d_SN - p) / gL

The ghost formula is good to 10 % only near the saddle-node (f0 below 4e-4 per day); `ghost_passage` integrates.

Source: established mathematics; the equations are those of `switch`, an assumption.
Leaves out: that protection still decays, and latent memory still falls, while the gain passes the bottleneck.
"""

from __future__ import annotations

import math

import numpy as np

from unwound.sensitization.equilibria import curvature, equilibria, folds, opening_block, pain_gain, rate
from unwound.sensitization.reset import passage_time
from unwound.sensitization.switch import Switch


def protection_border(drive: float, p: Switch) -> float | None:
    """Z_c: protection below which there is no pain-free state; 0 or less: there is one without any; None: never."""
    block = opening_block(drive, p)
    return None if block is None else block / float(p.protection_strength)


def protection_time(protection: float, drive: float, p: Switch) -> float:
    """T_1 [d]: from the protection at the end of treatment to the border; infinite where none is needed."""
    border = protection_border(drive, p)
    if border is None or protection <= border:
        return 0.0
    return math.inf if border <= 0.0 else math.log(protection / border) / float(p.protection_off)


def bottleneck(drive: float, p: Switch) -> tuple[float, float] | None:
    """(gain, f0) where the flow toward pain is slowest; None where it does not pass (a pain-free state exists)."""
    top = pain_gain(drive, p)
    if folds(p) is None or top is None or len(equilibria(drive, p)) > 1:
        return None
    grid = np.linspace(0.0, top, 20001)
    flow = np.asarray(rate(grid, drive, p))
    inner = np.flatnonzero((flow[1:-1] <= flow[:-2]) & (flow[1:-1] <= flow[2:])) + 1
    if not len(inner):
        return None  # far from the saddle-node nothing holds the gain up
    where = int(inner[0])
    low, high = grid[where - 1], grid[where + 1]
    for _ in range(200):  # golden section
        a, b = high - 0.6180339887498949 * (high - low), low + 0.6180339887498949 * (high - low)
        if float(rate(a, drive, p)) < float(rate(b, drive, p)):
            high = b
        else:
            low = a
    gain = 0.5 * (low + high)
    return float(gain), float(rate(gain, drive, p))


def ghost_time(drive: float, p: Switch) -> float:
    """T_2 [d] by the formula; infinite where a pain-free state exists, 0 where nothing slows the return."""
    found = bottleneck(drive, p)
    if found is None:
        return math.inf if len(equilibria(drive, p)) > 1 or pain_gain(drive, p) is None else 0.0
    gain, slowest = found
    return math.pi / math.sqrt(0.5 * slowest * curvature(gain, drive, p))


def ghost_passage(drive: float, p: Switch, start: float = 0.0) -> float:
    """Days from the gain `start` until half of the gain of pain has come back, by quadrature."""
    top = pain_gain(drive, p)
    return math.inf if top is None else passage_time(start, 0.5 * top, drive, p)


def relapse_time(protection: float, drive: float, p: Switch) -> float:
    """Both delays [d], from the end of treatment, after a reset; infinite: remission (without flares)."""
    first = protection_time(protection, drive, p)
    return math.inf if math.isinf(first) else first + ghost_time(drive, p)


def remission_latent(p: Switch) -> float | None:
    """The latent memory below which a reset is for good, ``(d_SN - p)/gL``; below 0: never, above 1: always."""
    both = folds(p)
    return None if both is None else float((both[0].drive - p.input) / p.latent_gain)
