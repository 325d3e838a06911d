"""From a drug to the block that the circuit of the dorsal horn feels: where receptor and dorsal horn meet.

    b = sum over subtypes of share * inhibition        steady state, free concentration, one voltage V0
    kb = sum over subtypes of share * k C              ku exp(V0/Vu) = kb B(V0) (1 - b)/b,   Vu = RT/(delta F)

b is the block of NMDA receptors between afferents and cells, for the mixture of subtypes that the receptor room
assumes in the dorsal horn. A circuit may keep it constant, or let it follow use: then kb and ku are how fast the drug
enters and leaves open receptors, such that b is the equilibrium at V0 (long exposure at rest).

Source: no numbers of its own. Leaves out: subtypes that trap differently (delta is their mean).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from unwound.dorsal_horn import Trapped
from unwound.dorsal_horn.cell import unblocked
from unwound.dorsal_horn.circuit import physiology
from unwound.evidence import value
from unwound.receptor.averages import MEMBRANES, ROOM, shares
from unwound.receptor.experiments import Patch, block
from unwound.receptor.ligands import ligand
from unwound.receptor.register import thermal_voltage

SHARE_KEYS = ("synapses.share_2a", "synapses.share_2b", "synapses.share_2d")


@dataclass(frozen=True)
class SynapticBlock:
    """Block of the NMDA current of the mixture, and what it rests on."""

    drug: str
    concentration_uM: float  # noqa: N815
    voltage_mV: float  # noqa: N815
    block: float
    by_subtype: dict[str, float]
    trapped: Trapped
    """How the drug comes and goes with use, for `windup(trapped=...)`."""
    keys: tuple[str, ...]
    notes: tuple[str, ...]


def synaptic_block(drug: str, concentration_uM: float, voltage_mV: float | None = None) -> SynapticBlock:
    """Block by a free concentration [uM], at rest unless a voltage [mV] is given. Raises `InputError`."""
    voltage = value(MEMBRANES["rest"], "mV") if voltage_mV is None else voltage_mV
    found: dict[str, float] = {}
    keys, notes = [*SHARE_KEYS, MEMBRANES["rest"], "synapses.magnesium"], list[str]()
    for subtype in shares():
        patch = Patch(
            subtype=subtype, drugs=((drug, concentration_uM),), magnesium=value("synapses.magnesium", "mM"),
            voltage=voltage, temperature=ROOM,
        )  # fmt: skip
        one = block(patch)
        lost = one.numbers["inhibition"]
        assert isinstance(lost, float)
        found[subtype] = lost
        keys += one.keys
        notes += one.notes
    mixed = sum(share * found[subtype] for subtype, share in shares().items()) / sum(shares().values())
    return SynapticBlock(
        drug, concentration_uM, voltage, mixed, found, _trapped(drug, concentration_uM, voltage, mixed),
        tuple(dict.fromkeys(keys)), tuple(dict.fromkeys(notes)),
    )  # fmt: skip


def _trapped(drug: str, concentration_uM: float, voltage: float, mixed: float) -> Trapped:
    """Exchange with open receptors such that `mixed` is the block at equilibrium; no drug: none."""
    total = sum(shares().values())
    blockers = {subtype: ligand(drug).blocker(subtype) for subtype in shares()}
    binding = sum(share * float(blockers[s].on_rate) for s, share in shares().items()) / total * concentration_uM
    delta = sum(share * float(blockers[s].delta) for s, share in shares().items()) / total
    if binding * mixed <= 0.0:
        return Trapped(0.0, 0.0, 1.0)
    slope = thermal_voltage(ROOM) / delta
    free = float(unblocked(voltage, physiology().synapse))
    unbinding = binding * free * (1.0 - mixed) / mixed * math.exp(-voltage / slope)
    return Trapped(binding, unbinding, slope)
