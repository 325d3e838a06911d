r"""Ifenprodil and traxoprodil: not in the pore, they make GluN2B open more rarely.

    every rate into an open state is multiplied by    a(C) = 1 - E C / (C + IC50)

The drug wraps a gating scheme (`Slowed`), and the wrapped scheme goes wherever a scheme goes: pore, magnesium and other
drugs stay as they are. Where receptors open rarely, as GluN2B does, the current falls nearly as far as the rate.

Source: traxoprodil: a review (K of 10 nM); assumption (IC50 of ifenprodil, recalled; E, 85 to 90 %). Leaves out: use
dependence, protons, and the slow kinetics of the drug itself (the effect is there at once).
"""

from __future__ import annotations

from dataclasses import dataclass

from unwound.core.arrays import Record, Scalar
from unwound.core.errors import InputError, Problem, UnknownName
from unwound.core.units import unit
from unwound.evidence import all_estimates, value
from unwound.receptor.register import SUBTYPES, subtype_name
from unwound.receptor.scheme import Agonists, Gating, Transition

ALLOSTERIC = ("ifenprodil", "traxoprodil")
_ALIASES = {"cp-101,606": "traxoprodil", "cp-101606": "traxoprodil"}


class Allosteric(Record):
    """How one drug acts on one subtype."""

    half: Scalar = unit("uM")  # IC50
    greatest: Scalar = unit("1")  # E


class Slowed(Record):
    """A gating scheme whose openings are multiplied by `opening`; a gating scheme itself."""

    gating: Gating
    opening: Scalar = unit("1")

    @property
    def prefix(self) -> str:
        return self.gating.prefix

    @property
    def title(self) -> str:
        return f"{self.gating.title}, openings reduced"

    @property
    def subtype(self) -> str:
        return self.gating.subtype

    @property
    def states(self) -> tuple[str, ...]:
        return self.gating.states

    @property
    def open_states(self) -> tuple[str, ...]:
        return self.gating.open_states

    @property
    def resting(self) -> tuple[str, ...]:
        return self.gating.resting

    @property
    def glycine_half(self) -> Scalar | None:
        return self.gating.glycine_half

    @property
    def temperature(self) -> float:
        return self.gating.temperature

    def transitions(self, agonists: Agonists) -> tuple[Transition, ...]:
        """Every way of the scheme, with fewer openings."""
        steps = self.gating.transitions(agonists)
        return tuple(step._replace(rate=step.rate * self.opening) if self._opens(step) else step for step in steps)

    def _opens(self, step: Transition) -> bool:
        return step.target in self.open_states and step.source not in self.open_states


@dataclass(frozen=True)
class AllostericDrug:
    """A drug of the amino-terminal site: its rows of evidence begin with `name`."""

    name: str

    def known(self) -> tuple[str, ...]:
        """The subtypes that its potency is known for."""
        return tuple(s for s in SUBTYPES if f"{self.name}.half_{_short(s)}" in all_estimates())

    def at(self, subtype: str) -> Allosteric:
        """Its action on a subtype. Raises `UnknownName`; `InputError` where it is not known."""
        registered = subtype_name(subtype)
        if registered not in self.known():
            rule = f"how strongly {self.name} acts there is not known to us"
            raise InputError(
                Problem("receptor subtype", subtype, rule, f"known for {self.name}: {', '.join(self.known())}")
            )
        return Allosteric(
            half=value(f"{self.name}.half_{_short(registered)}", "uM"), greatest=value("allosteric.greatest", "1")
        )


def allosteric(name: str) -> AllostericDrug:
    """The drug called `name`. Raises `UnknownName`."""
    folded = name.lower().strip()
    folded = _ALIASES.get(folded, folded)
    if folded not in ALLOSTERIC:
        raise UnknownName("allosteric drug", name, ALLOSTERIC)
    return AllostericDrug(folded)


def opening_left(concentration: Scalar, p: Allosteric) -> Scalar:
    """a: what the opening rates are multiplied by; 1 without drug."""
    return 1.0 - p.greatest * concentration / (concentration + p.half)


def slowed(gating: Gating, concentration: Scalar, p: Allosteric) -> Slowed:
    """`gating` under `concentration` [uM] of the drug."""
    return Slowed(gating=gating, opening=opening_left(concentration, p))


def _short(subtype: str) -> str:
    return subtype.removeprefix("GluN").lower()
