r"""A train of pulses of glutamate with the drug in the bath: block that needs use.

    ratio_n = peak of pulse n with drug / peak of pulse n without it

At rest every gate is closed and empty of drug; each opening lets some in. Both trains are followed with the same two
exponentials per pulse, and the drug-free train supplies the denominator, so fatigue by desensitization is not block.

Source: no numbers of its own. Leaves out: depletion of transmitter, facilitation.
"""

from __future__ import annotations

import numpy as np

from unwound.core.errors import InputError, Problem
from unwound.receptor.experiments.notes import ON_RATE, PATCHES, RECALLED
from unwound.receptor.experiments.patch import Patch
from unwound.receptor.experiments.record import Curve, Experiment, Panel, looks
from unwound.receptor.solve import Step, resting, train

MOST_PULSES = 5000


def use_dependence(
    patch: Patch, pulses: int = 60, period: float = 1.0, pulse: float = 0.001, peak: float = 1000.0
) -> Experiment:
    """`pulses` of `peak` uM glutamate, each `pulse` s long, one every `period` [s]. Raises `InputError`."""
    patch.need_drug()
    _check(pulses, period, pulse, peak)
    silence = period - pulse
    on = np.linspace(0.0, pulse, 9)[1:]
    off = looks(1e-3 * min(silence, 0.1), silence, 60)[1:]

    def peaks(dish: Patch) -> tuple[np.ndarray, np.ndarray]:
        sound = Step(dish.solution(glutamate=peak), pulse, on)
        quiet = Step(dish.solution(glutamate=0.0), silence, off)
        channel = dish.channel()
        traces = train(channel, sound, quiet, pulses, resting(channel, dish.glycine))
        return np.array([t.conducting.max() for t in traces]), np.array([t.blocked.sum(axis=0)[-1] for t in traces])

    with_drug, blocked = peaks(patch)
    without, _ = peaks(patch.without_drug())
    ratio = with_drug / without
    number = np.arange(1, pulses + 1)
    steady = float(patch.pore()[0] / patch.without_drug().pore()[0])
    return Experiment(
        name="train",
        title=f"{patch.subtype}: block by use",
        conditions=(
            patch.describe(),
            f"{pulses} pulses of {peak:g} uM glutamate, {1000 * pulse:g} ms each, one every {period:g} s; drug from "
            "the start, gates closed",
        ),
        numbers={
            "first_pulse_ratio": float(ratio[0]),
            "last_pulse_ratio": float(ratio[-1]),
            "pore_ratio_at_equilibrium": steady,
            "blocked_after_train": float(blocked[-1]),
        },
        panels=(
            Panel(
                "ratio", "Peaks relative to drug-free", "pulse", "ratio", (Curve("ratio", number, ratio),), points=True
            ),
            Panel(
                "blocked", "Channels that hold drug before the next pulse", "pulse", "share_of_channels",
                (Curve("blocked", number, blocked),), points=True,
            ),
        ),
        notes=(ON_RATE, PATCHES, RECALLED),
        keys=patch.keys,
    )  # fmt: skip


def _check(pulses: int, period: float, pulse: float, peak: float) -> None:
    problems = []
    if not 1 <= pulses <= MOST_PULSES:
        problems.append(Problem("pulses", pulses, "out of range", f"give 1 to {MOST_PULSES}"))
    if not 0.0 < period < np.inf:
        problems.append(Problem("period", f"{period:g} s", "must be more than 0", 'give for example "1 s"'))
    elif not 0.0 < pulse < period:
        rule = f"must be more than 0 and shorter than the period, {1000.0 * period:g} ms"
        problems.append(Problem("pulse", f"{1000 * pulse:g} ms", rule, 'give for example "1 ms"'))
    if not 0.0 < peak < np.inf:
        problems.append(Problem("peak", f"{peak:g} uM", "must be more than 0", 'give for example "1000 uM"'))
    if problems:
        raise InputError(problems)
