"""From a drug to the block that the circuit of the dorsal horn feels: where receptor and dorsal horn meet.

    b = sum over subtypes of share * inhibition        steady state, free concentration, one voltage

The circuit takes b as constant, so the block of NMDA receptors between afferents and cells is that of the receptor at a
membrane voltage, for the mixture of subtypes that the receptor room assumes in the dorsal horn.

Source: no numbers of its own. Leaves out: block that builds up with use during the train, a voltage that follows it.
"""

from __future__ import annotations

from dataclasses import dataclass

from unwound.evidence import value
from unwound.receptor.averages import MEMBRANES, ROOM, shares
from unwound.receptor.experiments import Patch, block

SHARE_KEYS = ("synapses.share_2a", "synapses.share_2b", "synapses.share_2d")


@dataclass(frozen=True)
class SynapticBlock:
    """Block of the NMDA current of the mixture, and what it rests on."""

    drug: str
    concentration_uM: float  # noqa: N815
    voltage_mV: float  # noqa: N815
    block: float
    by_subtype: dict[str, float]
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
        drug, concentration_uM, voltage, mixed, found, tuple(dict.fromkeys(keys)), tuple(dict.fromkeys(notes))
    )
