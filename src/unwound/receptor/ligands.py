"""Drugs of the pore, by name: how tightly and how fast each binds to each subtype."""

from __future__ import annotations

from dataclasses import dataclass

from unwound.core.errors import UnknownName
from unwound.evidence import value
from unwound.receptor.pore import Blocker
from unwound.receptor.register import subtype_name

LIGANDS = ("ketamine",)


@dataclass(frozen=True)
class Ligand:
    """A drug: its rows of evidence begin with `prefix`."""

    name: str
    prefix: str

    def blocker(self, subtype: str) -> Blocker:
        """Its binding to a subtype, microscopic. Raises `UnknownName`."""
        short = subtype_name(subtype).removeprefix("GluN").lower()
        return Blocker(
            dissociation=value(f"{self.prefix}.k_{short}", "uM"),
            reference_voltage=value(f"{self.prefix}.reference_voltage", "mV"),
            delta=value(f"{self.prefix}.delta", "1"),
            on_rate=value(f"{self.prefix}.on_rate", "1/uM/s"),
        )


def ligand(name: str) -> Ligand:
    """The drug called `name`. Raises `UnknownName`."""
    folded = name.lower().strip()
    if folded not in LIGANDS:
        raise UnknownName("ligand", name, LIGANDS)
    return Ligand(folded, folded.replace("-", "_"))
