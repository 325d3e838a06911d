r"""How much of the current is lost at steady state, and what sits in the pore meanwhile: one number with its context.

    inhibition = C/K / (1 + [Mg]/K_Mg + C/K)          IC50 = K(V) (1 + [Mg]/K_Mg(V))

With several drugs C/K is the sum over them, and the IC50 of each is the one in the absence of the others. Neither
depends on the gate or on how much glutamate there is, as long as there is some.

Source: no numbers of its own. Leaves out: what `pore` leaves out.
"""

from __future__ import annotations

from unwound.receptor.experiments.notes import CORTEX, HILL, RECALLED
from unwound.receptor.experiments.patch import Patch
from unwound.receptor.experiments.record import Experiment
from unwound.receptor.pore import dissociation, half_inhibition, inhibition, magnesium_dissociation


def block(patch: Patch) -> Experiment:
    """Steady-state block of `patch`."""
    c, vt = patch.channel(), patch.thermal_voltage
    amounts = [amount for _, amount in patch.drugs]
    names = [name for name, _ in patch.drugs]
    pore = patch.pore()
    lost = inhibition(patch.voltage, patch.magnesium, amounts, c.magnesium, c.blockers, vt)
    each = list(zip(names, c.blockers, strict=True))
    half = {n: float(half_inhibition(patch.voltage, patch.magnesium, c.magnesium, b, vt)) for n, b in each}
    return Experiment(
        name="block",
        title=f"{patch.subtype}: block at steady state",
        conditions=(patch.describe(), "glutamate present, until nothing changes any more"),
        numbers={
            "inhibition": float(lost),
            "ic50_uM": half,
            "occupancy": {
                "empty": float(pore[0]),
                "Mg2+": float(pore[1]),
                **{name: float(share) for name, share in zip(names, pore[2:], strict=True)},
            },
            "k_uM": {name: float(dissociation(patch.voltage, b, vt)) for name, b in each},
            "k_magnesium_mM": float(magnesium_dissociation(patch.voltage, c.magnesium)),
        },
        panels=(),
        notes=(HILL, RECALLED, CORTEX),
        keys=patch.pore_keys,
    )
