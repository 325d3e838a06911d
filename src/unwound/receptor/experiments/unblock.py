r"""How fast the current rises after a jump of the voltage: magnesium leaves, and drug after it.

    fraction(t) = I(t) / I(infinity) after the jump, both at the new voltage

Followed with the full scheme, in which magnesium has rates of its own. The asymmetric curve lets magnesium hold the
gate: channels that closed with it have to open first, which makes a slow part.

Source: vargas2004 (the asymmetry). Leaves out: drugs that hold the gate.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from unwound.core.errors import InputError, Problem
from unwound.receptor.experiments.notes import ASYMMETRIC, RECALLED, UNBLOCK
from unwound.receptor.experiments.patch import Patch
from unwound.receptor.experiments.record import Curve, Experiment, Panel, looks
from unwound.receptor.pore import Asymmetry
from unwound.receptor.scheme import opened
from unwound.receptor.solve import Step, piecewise, settled
from unwound.receptor.vargas2004 import asymmetry

TOLD = (0.001, 0.020, 0.100)  # s


def unblock(patch: Patch, to: float = 40.0, duration: float = 1.0) -> Experiment:
    """From steady state at the voltage of `patch`, jump to `to` [mV]; watch for `duration` [s]. Raises `InputError`."""
    if not 0.0 < duration < np.inf:
        raise InputError(Problem("duration", f"{duration:g} s", "must be more than 0", 'give for example "1 s"'))
    after = patch.but(voltage=to)
    runs = {"symmetric": (patch.without_drug(), None), "asymmetric": (patch.without_drug(), asymmetry())}
    if any(amount for _, amount in patch.in_pore):
        runs["symmetric, with drug"] = (patch, None)
    at = np.unique(np.concatenate([looks(1e-6, duration, 160), [t for t in TOLD if t <= duration]]))
    curves: list[Curve] = []
    told: dict[str, float] = {}
    for label, (dish, held) in runs.items():
        fraction = _fraction(dish, after.voltage, held, at)
        curves.append(Curve(label, at[1:], fraction[1:]))
        told |= {f"{label}, {1000 * t:g} ms": float(fraction[np.argmin(abs(at - t))]) for t in TOLD if t <= duration}
    return Experiment(
        name="unblock",
        title=f"{patch.subtype}: unblock after a jump of the voltage",
        conditions=(patch.describe(), f"in {patch.glutamate:g} uM glutamate; at time 0 to {to:g} mV"),
        numbers={"fraction_of_final_current": told},
        panels=(Panel("fraction", "Part of the final current", "time_s", "fraction", tuple(curves), logarithmic=True),),
        notes=(UNBLOCK, ASYMMETRIC, RECALLED),
        keys=(*patch.keys, "asymmetry.opening", "asymmetry.closing"),
    )


def _fraction(dish: Patch, to: float, held: Asymmetry | None, at: np.ndarray) -> np.ndarray:
    """Current at times `at` [s] after the jump, relative to the one that it settles at."""
    dish.need_glutamate()
    channel = dataclasses.replace(dish.channel(), asymmetry=held)
    now = dish.solution(voltage=to)
    before = settled(channel, dish.solution(), lumped=False)
    seen = piecewise(channel, [Step(now, float(at[-1]), at)], before, lumped=False)
    final = opened(channel.gating, settled(channel, now, lumped=False)[0])
    return np.asarray(seen.conducting / float(final))
