r"""How much drug is still there after a wash without glutamate: closed gates keep it.

    trapped = share of channels with drug after the wash / before it

Drug is applied with glutamate, both are taken away, and the channel is looked at when the wash ends. What leaves in
between leaves while the gate still closes (deactivation), or through an escape that needs no gate (`escape`).

Source: no numbers of its own; the procedure is that of mealing1999. Leaves out: a superficial site.
"""

from __future__ import annotations

import numpy as np

from unwound.core.errors import InputError, Problem
from unwound.receptor.experiments.notes import CORTEX, NO_ESCAPE, PATCHES, RECALLED
from unwound.receptor.experiments.patch import Patch
from unwound.receptor.experiments.record import Curve, Experiment, Panel, looks
from unwound.receptor.solve import Step, piecewise


def trapping(patch: Patch, applied: float = 30.0, wash: float = 120.0, escape: float = 0.0) -> Experiment:
    """Apply glutamate and drug for `applied` s, wash both out for `wash` s; `escape` [1/s]. Raises `InputError`."""
    patch.need_drug()
    _check(applied, wash, escape)
    clean = patch.without_drug()
    channel = patch.channel()
    loading = Step(patch.solution(), applied, np.linspace(0.0, applied, 121))
    washing = Step(clean.solution(glutamate=0.0), wash, looks(1e-5 * wash, wash, 120))
    loaded = piecewise(channel, [loading], clean.stationary())
    washed = piecewise(channel, [washing], loaded.last, escape=escape)
    before = np.asarray(loaded.last)[1:].sum(axis=-1)
    after = np.asarray(washed.last)[1:].sum(axis=-1)
    names = [name for name, _ in patch.drugs]
    curves = tuple(
        Curve(name, np.concatenate([loaded.time, applied + washed.time]), np.concatenate([first, second]))
        for name, first, second in zip(names, loaded.blocked, washed.blocked, strict=True)
    )
    return Experiment(
        name="trapping",
        title=f"{patch.subtype}: trapping behind a closed gate",
        conditions=(
            patch.describe(),
            f"{applied:g} s of drug in {patch.glutamate:g} uM glutamate, then {wash:g} s without either",
            f"escape without the gate: {escape:g} per s",
        ),
        numbers={
            "blocked_before": dict(zip(names, map(float, before), strict=True)),
            "blocked_after": dict(zip(names, map(float, after), strict=True)),
            "trapped": dict(zip(names, map(float, after / before), strict=True)),
        },
        panels=(Panel("blocked", "Channels that hold drug", "time_s", "share_of_channels", curves),),
        notes=(CORTEX, PATCHES, RECALLED) if escape else (NO_ESCAPE, CORTEX, PATCHES, RECALLED),
        keys=patch.keys,
    )


def _check(applied: float, wash: float, escape: float) -> None:
    given = {"applied": (applied, "s"), "wash": (wash, "s")}
    problems = [
        Problem(name, f"{number:g} {label}", "must be more than 0", f'give for example "30 {label}"')
        for name, (number, label) in given.items()
        if not 0.0 < number < np.inf
    ]
    if not 0.0 <= escape < np.inf:
        problems.append(Problem("escape", f"{escape:g} per s", "must not be negative", "give 0 or more"))
    if problems:
        raise InputError(problems)
