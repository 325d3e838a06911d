r"""How fast the current rises after a jump of the voltage: magnesium leaves, and drug after it.

    fraction(t) = I(t) / I(infinity) after the jump, both at the new voltage

Followed with the full scheme, in which magnesium has rates of its own.

Source: no numbers of its own. Leaves out: the slow part that asymmetric trapping of magnesium makes.
"""

from __future__ import annotations

import numpy as np

from unwound.core.errors import InputError, Problem
from unwound.receptor.experiments.notes import RECALLED, UNBLOCK
from unwound.receptor.experiments.patch import Patch
from unwound.receptor.experiments.record import Curve, Experiment, Panel, looks
from unwound.receptor.solve import Step, piecewise

TOLD = (0.001, 0.020, 0.100)  # s


def unblock(patch: Patch, to: float = 40.0, duration: float = 1.0) -> Experiment:
    """From steady state at the voltage of `patch`, jump to `to` [mV]; watch for `duration` [s]. Raises `InputError`."""
    if not 0.0 < duration < np.inf:
        raise InputError(Problem("duration", f"{duration:g} s", "must be more than 0", 'give for example "1 s"'))
    after = patch.but(voltage=to)
    dishes = {"no drug": (patch.without_drug(), after.without_drug())}
    if any(amount for _, amount in patch.drugs):
        dishes["with drug"] = (patch, after)
    at = np.unique(np.concatenate([looks(1e-6, duration, 160), [t for t in TOLD if t <= duration]]))
    curves: list[Curve] = []
    told: dict[str, float] = {}
    for label, (before, now) in dishes.items():
        state = before.stationary(lumped=False)
        seen = piecewise(now.channel(), [Step(now.solution(), duration, at)], state, lumped=False)
        fraction = seen.conducting / seen.open_probability / now.pore()[0]
        curves.append(Curve(label, at[1:], fraction[1:]))
        told |= {f"{label}, {1000 * t:g} ms": float(fraction[np.argmin(abs(at - t))]) for t in TOLD if t <= duration}
    return Experiment(
        name="unblock",
        title=f"{patch.subtype}: unblock after a jump of the voltage",
        conditions=(patch.describe(), f"in {patch.glutamate:g} uM glutamate; at time 0 to {to:g} mV"),
        numbers={"fraction_of_final_current": told},
        panels=(Panel("fraction", "Part of the final current", "time_s", "fraction", tuple(curves), logarithmic=True),),
        notes=(UNBLOCK, RECALLED),
        keys=patch.keys,
    )
