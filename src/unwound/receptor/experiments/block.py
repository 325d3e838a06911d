r"""How much of the current is lost at steady state, and what sits in the pore meanwhile: one number with its context.

    inhibition = C/K / (1 + [Mg]/K_Mg + C/K)          IC50 = K(V) (1 + [Mg]/K_Mg(V))

With several drugs C/K is the sum over them, and the IC50 of each is the one in the absence of the others. Neither
depends on the gate or on how much glutamate there is, as long as there is some. A drug that makes the gate open more
rarely multiplies this by the ratio of the open probabilities, which does depend on both.

Source: no numbers of its own. Leaves out: what `pore` and `allosteric` leave out.
"""

from __future__ import annotations

from unwound.receptor.experiments.notes import CORTEX, HILL, NO_SITE, RECALLED
from unwound.receptor.experiments.patch import Patch
from unwound.receptor.experiments.record import Experiment
from unwound.receptor.pore import dissociation, half_inhibition, magnesium_dissociation
from unwound.receptor.scheme import opened


def block(patch: Patch) -> Experiment:
    """Steady-state block of `patch`."""
    c, vt = patch.channel(), patch.thermal_voltage
    control = patch.without_drug()
    names = [name for name, _ in patch.in_pore]
    pore = patch.pore()
    each = list(zip(names, c.blockers, strict=True))
    half = {n: float(half_inhibition(patch.voltage, patch.magnesium, c.magnesium, b, vt)) for n, b in each}
    gate = {}
    if patch.slowing:
        gate["open_probability"] = {
            "no drug": float(opened(c.gating, control.gate())),
            "with it": float(opened(c.gating, patch.gate())),
        }
    return Experiment(
        name="block",
        title=f"{patch.subtype}: block at steady state",
        conditions=(patch.describe(), f"{patch.glutamate:g} uM glutamate, until nothing changes any more"),
        numbers={
            "inhibition": 1.0 - patch.current() / control.current(),
            "ic50_uM": half,
            "occupancy": {
                "empty": float(pore[0]),
                "Mg2+": float(pore[1]),
                **{name: float(share) for name, share in zip(names, pore[2:], strict=True)},
            },
            "k_uM": {name: float(dissociation(patch.voltage, b, vt)) for name, b in each},
            **gate,
            "k_magnesium_mM": float(magnesium_dissociation(patch.voltage, c.magnesium)),
        },
        panels=(),
        notes=(HILL, RECALLED, CORTEX, *((NO_SITE,) if patch.slowing else ())),
        keys=patch.pore_keys,
        bars=("occupancy",),
    )
