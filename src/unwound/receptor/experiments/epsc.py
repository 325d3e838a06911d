r"""A synaptic current: a brief pulse of glutamate, without drug, at first contact with it, at equilibrium with it.

    decay time = integral of the current after its peak / peak         charge = integral of the current

At first contact every gate was closed and empty; at equilibrium earlier use has brought the pore to its steady state.
Because the gate does not feel the pore, the second current is the drug-free one times the share of pores without drug,
up to what binds and leaves during the response.

Source: no numbers of its own. Leaves out: diffusion and uptake of transmitter, the AMPA component.
"""

from __future__ import annotations

import numpy as np

from unwound.core.errors import InputError, Problem
from unwound.receptor.experiments.notes import DEACTIVATION, PATCHES, RECALLED
from unwound.receptor.experiments.patch import Patch
from unwound.receptor.experiments.record import Curve, Experiment, Panel, looks, time_to
from unwound.receptor.scheme import at_rest
from unwound.receptor.solve import Step, Trace, piecewise, resting, start


def epsc(patch: Patch, pulse: float = 0.001, peak: float = 1000.0, duration: float | None = None) -> Experiment:
    """`pulse` s of `peak` uM glutamate, watched for `duration` [s]; default: until it is over. Raises `InputError`."""
    if not 0.0 < pulse < np.inf or not 0.0 < peak < np.inf:
        rule = "pulse and peak must be more than 0"
        raise InputError(Problem("pulse", f"{1000 * pulse:g} ms of {peak:g} uM", rule, "give 1 ms of 1000 uM"))
    channel = patch.channel()
    clean = patch.without_drug()
    duration = duration if duration is not None else _over(clean, pulse, peak)
    equilibrium = start(at_rest(channel.gating, patch.glycine), list(patch.pore()))
    traces = {"no drug": _follow(clean, pulse, peak, duration, resting(channel, patch.glycine))}
    if any(amount for _, amount in patch.drugs):
        traces["first in drug"] = _follow(patch, pulse, peak, duration, resting(channel, patch.glycine))
        traces["at equilibrium with it"] = _follow(patch, pulse, peak, duration, equilibrium)
    shapes = {label: _shape(trace) for label, trace in traces.items()}
    control = shapes["no drug"]
    return Experiment(
        name="epsc",
        title=f"{patch.subtype}: a synaptic current",
        conditions=(
            patch.describe(),
            f"{1000 * pulse:g} ms of {peak:g} uM glutamate at time 0; watched for {duration:g} s",
        ),
        numbers={
            "peak_open_probability": float(traces["no drug"].open_probability.max()),
            **{name: {label: shape[name] for label, shape in shapes.items()} for name in control},
            "peak_ratio": {label: shape["peak"] / control["peak"] for label, shape in shapes.items()},
            "charge_ratio": {label: shape["charge_s"] / control["charge_s"] for label, shape in shapes.items()},
        },
        panels=(
            Panel(
                "current", "Open and empty channels", "time_s", "share_of_channels",
                tuple(Curve(label, trace.time, trace.conducting) for label, trace in traces.items()),
            ),
        ),
        notes=(DEACTIVATION, PATCHES, RECALLED),
        keys=patch.keys,
    )  # fmt: skip


def _follow(dish: Patch, pulse: float, peak: float, duration: float, state: object) -> Trace:
    steps = [
        Step(dish.solution(glutamate=peak), pulse, np.linspace(0.0, pulse, 21)[:-1]),
        Step(dish.solution(glutamate=0.0), duration, looks(1e-4 * duration, duration, 240)),
    ]
    return piecewise(dish.channel(), steps, state)


def _over(dish: Patch, pulse: float, peak: float) -> float:
    """How long until a thousandth of the peak is left [s]: doubled from 0.25 s on."""
    duration = 0.25
    while duration < 300.0:
        trace = _follow(dish, pulse, peak, duration, resting(dish.channel(), dish.glycine))
        if trace.conducting[-1] < 1e-3 * trace.conducting.max():
            break
        duration *= 2.0
    return duration


def _shape(trace: Trace) -> dict[str, float]:
    time, current = trace.time, trace.conducting
    top = int(np.argmax(current))
    after = float(np.trapezoid(current[top:], time[top:]))
    rising = (time_to(time[: top + 1], current[: top + 1], part * current[top]) for part in (0.1, 0.9))
    low, high = rising
    return {
        "peak": float(current[top]),
        "rise_10_90_ms": 1000.0 * (high - low),
        "decay_ms": 1000.0 * after / float(current[top]),
        "charge_s": float(np.trapezoid(current, time)),
    }
