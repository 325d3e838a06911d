r"""How much drug is still there after a wash without glutamate: closed gates keep it.

    trapped = share of channels with drug after the wash / before it

Drug is applied with glutamate, both are taken away, and the channel is looked at when the wash ends. What leaves in
between leaves while the gate still closes (deactivation), or through an escape that needs no gate (`escape`).

A shallow site that leaves after closure (`superficial`) is told beside it where a share of it is on record.

Source: no numbers of its own; the procedure is that of mealing1999. Leaves out: rebinding during the wash.
"""

from __future__ import annotations

import numpy as np

from unwound.core.errors import InputError, Problem
from unwound.receptor.experiments.notes import CORTEX, NATIVE_TRAPPING, NO_ESCAPE, PATCHES, RECALLED, SHALLOW
from unwound.receptor.experiments.patch import Patch
from unwound.receptor.experiments.record import Curve, Experiment, Panel, looks
from unwound.receptor.ligands import ligand
from unwound.receptor.pore import dissociation
from unwound.receptor.solve import Step, piecewise
from unwound.receptor.superficial import superficial_site, trapped_share


def trapping(patch: Patch, applied: float = 30.0, wash: float = 120.0, escape: float = 0.0) -> Experiment:
    """Apply glutamate and drug for `applied` s, wash both out for `wash` s; `escape` [1/s]. Raises `InputError`."""
    patch.need_drug()
    _check(applied, wash, escape)
    clean = patch.washed()
    channel = patch.channel()
    loading = Step(patch.solution(), applied, np.linspace(0.0, applied, 121))
    washing = Step(clean.solution(glutamate=0.0), wash, looks(1e-5 * wash, wash, 120))
    loaded = piecewise(channel, [loading], clean.stationary())
    washed = piecewise(channel, [washing], loaded.last, escape=escape)
    before = np.asarray(loaded.last)[1:].sum(axis=-1)
    after = np.asarray(washed.last)[1:].sum(axis=-1)
    names = [name for name, _ in patch.in_pore]
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
            **_with_shallow_site(patch, applied, wash),
        },
        panels=(Panel("blocked", "Channels that hold drug", "time_s", "share_of_channels", curves),),
        notes=(
            *(() if escape else (NO_ESCAPE,)),
            *((NATIVE_TRAPPING,) if patch.subtype == "native" else ()),
            SHALLOW,
            CORTEX,
            PATCHES,
            RECALLED,
        ),
        keys=patch.keys,
    )


def _with_shallow_site(patch: Patch, applied: float, wash: float) -> dict[str, dict[str, float]]:
    """Trapping when a second, shallow site holds its share too: of one drug alone, where that share is on record."""
    if len(patch.drugs) != 1 or len(patch.in_pore) != 1 or patch.temperature != patch.gating().temperature:
        return {}
    c, drug = patch.channel(), ligand(patch.in_pore[0][0])
    site = superficial_site(drug, dissociation(patch.voltage, c.blockers[0], c.thermal_voltage))
    if not site.affinity > 0:
        return {}
    bath = patch.solution()
    share = trapped_share(c.gating, bath, c.blockers[0], site, c.magnesium, c.thermal_voltage, applied, wash)[1]
    return {"trapped_with_shallow_site": {drug.name: float(share)}}


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
