"""Which drugs and which gating schemes there are, as plain tables."""

from __future__ import annotations

from typing import Any

from unwound.evidence import value
from unwound.receptor.allosteric import ALLOSTERIC, allosteric
from unwound.receptor.ligands import LIGANDS, ligand
from unwound.receptor.register import DEFAULT, SCHEMES


def drugs() -> list[dict[str, Any]]:
    """Every drug: where it acts, and its dissociation constants [uM] by subtype."""
    found: list[dict[str, Any]] = []
    for name in LIGANDS:
        drug = ligand(name)
        known = drug.known()
        subtypes = [subtype for subtype in known if subtype != "native"]
        voltage = value(drug.keys(subtypes[0])[1], "mV") if subtypes else value(drug.keys(known[0])[1], "mV")
        found.append(
            {
                "name": name,
                "acts": "in the pore",
                "k_uM": {subtype: drug.dissociation(subtype) for subtype in known},
                "k_at_mV": voltage,
                "own_kinetics": drug.own_kinetics,
            }
        )
    for name in ALLOSTERIC:
        rare = allosteric(name)
        halves = {subtype: float(rare.at(subtype).half) for subtype in rare.known()}
        found.append({"name": name, "acts": "on opening", "k_uM": halves, "k_at_mV": None, "own_kinetics": False})
    return found


def schemes() -> list[dict[str, Any]]:
    """Every gating scheme."""
    found = []
    for name, build in SCHEMES.items():
        scheme = build()
        found.append(
            {
                "name": name,
                "title": scheme.title,
                "subtype": scheme.subtype,
                "states": len(scheme.states),
                "default": next((subtype for subtype, chosen in DEFAULT.items() if chosen == name), ""),
                "temperature_C": scheme.temperature,
            }
        )
    return found
