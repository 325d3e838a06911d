r"""Drugs of the pore, by name: how tightly and how fast each binds to each subtype, and what rival sources say.

    off rate of the open channel = on rate * K

The rows of a drug begin with its prefix: `k_2a` ... `k_2d` are its dissociation constants in the pore at its
reference voltage, `k_native` one for neurons. A constant that no source gives is absent: `dissociation` says None,
`blocker` refuses. Drugs without kinetics of their own share one on-rate and one delta (rows `blockers`): that is a
prior, not a measurement. Rows `other_SUBTYPE_SOURCE` are rival values that are shown and not used.

Source: the table of evidence, row by row. Leaves out: drugs that bind elsewhere (`allosteric`, `tonic`,
`off_targets`), a voltage dependence of binding.
"""

from __future__ import annotations

from dataclasses import dataclass

from unwound.core.errors import InputError, Problem, UnknownName
from unwound.evidence import Estimate, all_estimates, value
from unwound.receptor.pore import Blocker
from unwound.receptor.register import SUBTYPES, subtype_name

NATIVE = "native"
"""The receptors of a neuron, whatever they are made of."""

COMMON = "blockers"
"""Prefix of what drugs without rows of their own share."""


@dataclass(frozen=True)
class Ligand:
    """A drug: its rows of evidence begin with `prefix`."""

    name: str
    prefix: str

    @property
    def own_kinetics(self) -> bool:
        """Whether it has an on-rate of its own; else it binds as fast as the prior of all drugs says."""
        return f"{self.prefix}.on_rate" in all_estimates()

    def dissociation(self, subtype: str) -> float | None:
        """K [uM] at the reference voltage of `subtype` (or "native"); None where no number is on record."""
        key = f"{self.prefix}.k_{_short(subtype)}"
        return value(key, "uM") if key in all_estimates() else None

    def known(self) -> tuple[str, ...]:
        """The subtypes that it has a dissociation constant for."""
        return tuple(subtype for subtype in (*SUBTYPES, NATIVE) if self.dissociation(subtype) is not None)

    def keys(self, subtype: str) -> tuple[str, ...]:
        """The rows behind `blocker`, in the order of its fields. Raises `InputError`."""
        short = _short(subtype)
        if self.dissociation(subtype) is None:
            raise InputError(
                Problem(
                    "receptor subtype", subtype, f"how tightly {self.name} binds there is not known to us",
                    f"known for {self.name}: {', '.join(self.known())}",
                )
            )  # fmt: skip
        voltage = "native_voltage" if short == NATIVE else "reference_voltage"
        return (f"{self.prefix}.k_{short}", f"{self.prefix}.{voltage}", self._own("delta"), self._own("on_rate"))

    def blocker(self, subtype: str) -> Blocker:
        """Its binding to a subtype, microscopic. Raises `UnknownName`; `InputError` where it is not known."""
        dissociation, voltage, delta, on_rate = self.keys(subtype)
        return Blocker(
            dissociation=value(dissociation, "uM"),
            reference_voltage=value(voltage, "mV"),
            delta=value(delta, "1"),
            on_rate=value(on_rate, "1/uM/s"),
        )

    def readings(self, subtype: str) -> tuple[Estimate, ...]:
        """Every dissociation constant or IC50 without magnesium on record: the one used first, then its rivals."""
        short = _short(subtype)
        used, rival = f"{self.prefix}.k_{short}", f"{self.prefix}.other_{short}_"
        rows = all_estimates()
        return tuple(rows[key] for key in rows if key == used) + tuple(
            rows[key] for key in rows if key.startswith(rival)
        )

    def _own(self, field: str) -> str:
        """The key of its own row, or of the row that all drugs share."""
        key = f"{self.prefix}.{field}"
        return key if key in all_estimates() else f"{COMMON}.{field}"


_DRUGS = (
    Ligand("ketamine", "ketamine"),
    Ligand("S-ketamine", "s_ketamine"),
    Ligand("R-ketamine", "r_ketamine"),
    Ligand("norketamine", "norketamine"),
    Ligand("S-norketamine", "s_norketamine"),
    Ligand("R-norketamine", "r_norketamine"),
    Ligand("(2R,6R)-hydroxynorketamine", "hnk_2r6r"),
    Ligand("(2S,6S)-hydroxynorketamine", "hnk_2s6s"),
    Ligand("memantine", "memantine"),
    Ligand("MK-801", "mk801"),
    Ligand("(-)-MK-801", "mk801_minus"),
    Ligand("phencyclidine", "phencyclidine"),
    Ligand("dextrorphan", "dextrorphan"),
    Ligand("dextromethorphan", "dextromethorphan"),
    Ligand("amantadine", "amantadine"),
    Ligand("lanicemine", "lanicemine"),
)

LIGANDS = tuple(drug.name for drug in _DRUGS)

ALIASES = {
    "racemic ketamine": "ketamine", "(R,S)-ketamine": "ketamine", "rac-ketamine": "ketamine",
    "esketamine": "S-ketamine", "S-(+)-ketamine": "S-ketamine", "(+)-ketamine": "S-ketamine",
    "arketamine": "R-ketamine", "R-(-)-ketamine": "R-ketamine", "(-)-ketamine": "R-ketamine",
    "racemic norketamine": "norketamine", "(R,S)-norketamine": "norketamine",
    "esnorketamine": "S-norketamine", "arnorketamine": "R-norketamine",
    "(2R,6R)-HNK": "(2R,6R)-hydroxynorketamine", "(2S,6S)-HNK": "(2S,6S)-hydroxynorketamine",
    "dizocilpine": "MK-801", "(+)-MK-801": "MK-801",
    "PCP": "phencyclidine", "DXO": "dextrorphan", "DXM": "dextromethorphan",
    "AR-R15896AR": "lanicemine", "AZD6765": "lanicemine",
}  # fmt: skip
"""Other names. A bare HNK is none of them: its stereoisomers differ."""


def _folded(name: str) -> str:
    """A name without case, spaces and brackets; the signs of optical rotation survive."""
    spelled = name.lower().replace("(+)", "plus").replace("(-)", "minus")
    return "".join(letter for letter in spelled if letter.isalnum())


_BY_NAME = {_folded(drug.name): drug for drug in _DRUGS}
_BY_NAME |= {_folded(alias): _BY_NAME[_folded(name)] for alias, name in ALIASES.items()}


def ligand(name: str) -> Ligand:
    """The drug called `name`: "S-ketamine", "esketamine", "(S)-ketamine" are one. Raises `UnknownName`."""
    found = _BY_NAME.get(_folded(name))
    if found is None:
        raise UnknownName("ligand", name, (*LIGANDS, *ALIASES))
    return found


def _short(subtype: str) -> str:
    """ "2a" for every spelling of GluN2A, "native" for native receptors. Raises `UnknownName`."""
    if subtype.lower().strip() == NATIVE:
        return NATIVE
    return subtype_name(subtype).removeprefix("GluN").lower()
