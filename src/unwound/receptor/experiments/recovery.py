r"""How fast a blocked channel recovers when the drug is washed out and glutamate stays.

    recovery(t) = 1 - block(t) / block(0);       rate = P_open k_off(V) for a channel that is open with P_open

The gate is at its steady state throughout, so recovery is close to one exponential of that rate as long as opening and
closing are fast against it.

Source: no numbers of its own. Leaves out: rebinding of drug that is still near the membrane.
"""

from __future__ import annotations

import numpy as np

from unwound.receptor.experiments.notes import NO_ESCAPE, PATCHES, RECALLED
from unwound.receptor.experiments.onset import settled
from unwound.receptor.experiments.patch import Patch
from unwound.receptor.experiments.record import Curve, Experiment, Panel, looks, time_to
from unwound.receptor.solve import Step, piecewise


def recovery(patch: Patch, duration: float | None = None) -> Experiment:
    """From steady block, wash the drug out at time 0. `duration` [s]; default: until nothing changes.

    Raises `InputError`.
    """
    patch.need_drug()
    before = patch.stationary()
    clean = patch.washed()
    duration = duration if duration is not None else settled(patch)
    seen = piecewise(patch.channel(), [Step(clean.solution(), duration, looks(1e-5 * duration, duration))], before)
    unblocked = float(clean.pore()[0]) * seen.open_probability
    current = seen.conducting / unblocked
    recovered = (current - current[0]) / (1.0 - current[0])
    constant = time_to(seen.time, recovered, 1.0 - np.exp(-1.0))
    return Experiment(
        name="recovery",
        title=f"{patch.subtype}: recovery from block",
        conditions=(
            patch.describe(),
            f"steady block in {patch.glutamate:g} uM glutamate; from time 0 no drug, the same glutamate",
        ),
        numbers={
            "inhibition_before": float(1.0 - current[0]),
            "time_to_half_s": time_to(seen.time, recovered, 0.5),
            "time_constant_s": constant,
            "rate_per_s": 1.0 / constant,
            "open_probability": float(seen.open_probability[0]),
        },
        panels=(
            Panel(
                "current", "Current after the drug is washed out", "time_s", "relative_current",
                (Curve("relative to drug-free", seen.time, current),),
            ),
        ),
        notes=(NO_ESCAPE, PATCHES, RECALLED),
        keys=patch.keys,
    )  # fmt: skip
