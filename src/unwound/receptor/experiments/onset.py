r"""How fast a drug blocks a channel that works: it is added to a steady current in glutamate.

    block(t) = 1 - I(t) / I(0)

The open pool empties first and the desensitized one follows, so onset is not one exponential; told are the time to
half and to 1 - 1/e of the final block.

Source: no numbers of its own. Leaves out: the exchange of solution, access through the membrane.
"""

from __future__ import annotations

import numpy as np

from unwound.receptor.experiments.notes import ON_RATE, PATCHES, RECALLED
from unwound.receptor.experiments.patch import Patch
from unwound.receptor.experiments.record import Curve, Experiment, Panel, looks, time_to
from unwound.receptor.pore import off_rate
from unwound.receptor.scheme import opened
from unwound.receptor.solve import Step, piecewise


def onset(patch: Patch, duration: float | None = None) -> Experiment:
    """Add the drug at time 0 and watch for `duration` [s]; default: until nothing changes. Raises `InputError`."""
    patch.need_drug()
    control = patch.washed()
    before = control.stationary()
    final = 1.0 - patch.pore()[0] / control.pore()[0]
    duration = duration if duration is not None else settled(patch)
    seen = piecewise(patch.channel(), [Step(patch.solution(), duration, looks(1e-5 * duration, duration))], before)
    blocked = 1.0 - seen.conducting / seen.conducting[0]
    return Experiment(
        name="onset",
        title=f"{patch.subtype}: onset of block",
        conditions=(patch.describe(), f"steady current in {patch.glutamate:g} uM glutamate; drug from time 0"),
        numbers={
            "steady_inhibition": float(final),
            "time_to_half_s": time_to(seen.time, blocked, 0.5 * final),
            "time_constant_s": time_to(seen.time, blocked, (1.0 - np.exp(-1.0)) * final),
        },
        panels=(
            Panel("block", "Block after the drug is added", "time_s", "block", (Curve("block", seen.time, blocked),)),
        ),
        notes=(ON_RATE, PATCHES, RECALLED),
        keys=patch.keys,
    )


def settled(patch: Patch, times: float = 12.0) -> float:
    """`times` the time constant [s] of the slowest drug, from below: what is open lets go at its own rate."""
    channel = patch.channel()
    is_open = float(opened(channel.gating, patch.gate()))
    slowest = min(float(off_rate(patch.voltage, blocker, patch.thermal_voltage)) for blocker in channel.blockers)
    return float(times / (slowest * is_open))
