r"""Near the separatrix flares decide: the chance to end in the pain state, simulated and estimated.

Linear near the separatrix, d(S - S*)/dt = lambda (S - S*) + beta x(t), with lambda = f_S > 0, beta = f_d and a flare x
of size sd and memory tau. What an unstable state makes of a flare is Gaussian, so the chance to end in pain is

    P = Phi( (S - S*) / s ),     s = beta sd / sqrt(lambda (lambda + 1/tau))

It holds near the separatrix and for the first days; later, flares carry people back and forth. Far below the border
the hazard of relapse is simulated: the usual estimate of an escape over a barrier (white noise) is wrong there by many
orders of magnitude, because a flare lasts as long as the gain takes to settle and moves the barrier itself.

Source: mathematics (a linear unstable system under an Ornstein-Uhlenbeck process); the equations are those of `switch`
and `flares`, an assumption.
Leaves out: the latent memory, which is held.
"""

from __future__ import annotations

import itertools
import math

import numpy as np

from unwound.core.arrays import Array
from unwound.sensitization import flares as flares_room
from unwound.sensitization.equilibria import drive_slope, equilibria, rate
from unwound.sensitization.flares import Flares
from unwound.sensitization.switch import Switch

_PARTS = 12
"""Steps from one flare knot (a day) to the next."""


def border_width(drive: float, p: Switch, flares: Flares, block: float = 0.0) -> float | None:
    """s, over which the chance of pain goes from 16 to 84 % around the separatrix (2 s); None without one."""
    found = equilibria(drive, p, block)
    if len(found) != 3:
        return None
    leaves = found[1].slope
    push = drive_slope(found[1].gain, drive, p, block) * float(flares.flare_sd)
    return push / math.sqrt(leaves * (leaves + 1.0 / float(flares.flare_time)))


def chance_of_pain(gain: float, drive: float, p: Switch, flares: Flares, block: float = 0.0) -> float | None:
    """P, the estimated chance that flares carry somebody at `gain` to the pain state; None without a separatrix."""
    found, width = equilibria(drive, p, block), border_width(drive, p, flares, block)
    if width is None:
        return None
    away = gain - found[1].gain
    if width == 0.0:
        return 0.5 * (1.0 + float(np.sign(away)))
    return 0.5 * (1.0 + math.erf(away / width / math.sqrt(2.0)))


def under_flares(gain: np.ndarray, drive: float, p: Switch, flares: Flares, keys: Array, days: int) -> np.ndarray:
    """The gain of everybody on every day, (days + 1, people), on flares drawn as in a run (one key per person)."""
    path = np.asarray(flares_room.path(keys, days + 1, flares))
    now = np.broadcast_to(np.asarray(gain, float), path.shape[1:]).copy()
    found, step = [now], 1.0 / _PARTS
    for before, after in itertools.pairwise(path):
        for part in range(_PARTS):
            first, middle, last = (drive + before + (part + w) * step * (after - before) for w in (0.0, 0.5, 1.0))
            k1 = rate(now, first, p)
            k2 = rate(now + 0.5 * step * k1, middle, p)
            k3 = rate(now + 0.5 * step * k2, middle, p)
            k4 = rate(now + step * k3, last, p)
            now = now + step / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
        found.append(now)
    return np.array(found)


def share_in_pain(
    gain: float, drive: float, p: Switch, flares: Flares, keys: Array, days: int = 20
) -> tuple[float, float]:
    """The simulated chance to be above the separatrix after `days`, and its standard error."""
    found = equilibria(drive, p)
    border = found[1].gain if len(found) == 3 else 0.5 * found[0].gain
    share = float(np.mean(under_flares(np.asarray(gain), drive, p, flares, keys, days)[-1] > border))
    return share, math.sqrt(max(share * (1.0 - share), 1e-12) / keys.shape[0])


def relapse_hazard(drive: float, p: Switch, flares: Flares, keys: Array, days: int = 200) -> float:
    """Relapses per day of people who start silent, simulated; the first tenth of the time does not count."""
    found = equilibria(drive, p)
    border = found[1].gain if len(found) == 3 else found[0].gain + 0.5
    path = under_flares(np.asarray(found[0].gain), drive, p, flares, keys, days)
    silent = (np.maximum.accumulate(path, axis=0) < border).mean(axis=1)
    first = days // 10
    return float(np.log(silent[first] / max(float(silent[-1]), 0.5 / keys.shape[0])) / (days - first))
