"""What the drug does at the channel: gating of four subtypes, what sits in the pore, what is left of the current.

`gating_scheme("GluN2A")` is a published chain, `ligand("ketamine")` a drug; `pore` joins them. Time is in seconds here,
drug and agonists in uM (free), magnesium in mM, voltage in mV.
"""

from unwound.receptor.ligands import Ligand, ligand
from unwound.receptor.register import coagonist_of, gating_scheme, magnesium_of, thermal_voltage
from unwound.receptor.scheme import Agonists, Gating, Transition

__all__ = [
    "Agonists",
    "Gating",
    "Ligand",
    "Transition",
    "coagonist_of",
    "gating_scheme",
    "ligand",
    "magnesium_of",
    "thermal_voltage",
]
