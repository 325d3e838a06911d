"""One receptor subtype under voltage clamp, and what is in the dish.

Concentrations are free ones [uM]. What is wrong with a patch is said all at once.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from unwound.core.arrays import Array
from unwound.core.errors import InputError, Problem
from unwound.core.units import unit
from unwound.evidence import keys_of
from unwound.receptor.ligands import ligand
from unwound.receptor.pore import Solution, occupancy
from unwound.receptor.register import gating_scheme, magnesium_of, subtype_name, thermal_voltage
from unwound.receptor.scheme import Agonists, Gating, generator, stationary
from unwound.receptor.solve import Channel, start

_LIMITS = {
    "magnesium": (0.0, 100.0, "mM"),
    "voltage": (-200.0, 200.0, "mV"),
    "temperature": (0.0, 45.0, "C"),
    "glutamate": (0.0, 100_000.0, "uM"),
}
MOST_DRUG = 1e6  # uM: more is no solution of it


def _refused(what: Callable[[Any], object], argument: Any) -> tuple[Problem, ...]:
    """The problems that `what` has with `argument`."""
    try:
        what(argument)
    except InputError as error:
        return error.problems
    return ()


@dataclass(frozen=True)
class Patch:
    """A patch of membrane with one subtype. Raises `InputError` with every problem, `UnknownName`."""

    subtype: str = "GluN2A"
    drugs: tuple[tuple[str, float], ...] = (("ketamine", 1.0),)
    """(name, free concentration [uM]) of each."""
    magnesium: float = unit("mM", default=1.0)
    voltage: float = unit("mV", default=-66.0)
    temperature: float = 23.0
    """[deg C]; rates of the gate are those of its recordings."""
    glutamate: float = unit("uM", default=100.0)
    scheme: str = ""
    """A registered gating scheme; empty: the default one of the subtype."""

    def __post_init__(self) -> None:
        problems = list(self._problems())
        if problems:
            raise InputError(problems)
        object.__setattr__(self, "subtype", subtype_name(self.subtype))
        object.__setattr__(self, "drugs", tuple((ligand(name).name, float(amount)) for name, amount in self.drugs))

    def _problems(self) -> Iterator[Problem]:
        for name, (low, high, label) in _LIMITS.items():
            number = getattr(self, name)
            if not low <= number <= high:
                remedy = f"give a number from {low:g} to {high:g} {label}"
                yield Problem(name, f"{number:g} {label}", "out of range", remedy)
        for name, amount in self.drugs:
            if not 0.0 <= amount <= MOST_DRUG:
                remedy = f"give a free concentration from 0 to {MOST_DRUG:g} uM"
                yield Problem(f"concentration of {name}", f"{amount:g} uM", "out of range", remedy)
        unknown = [
            *_refused(subtype_name, self.subtype),
            *(p for name, _ in self.drugs for p in _refused(ligand, name)),
        ]
        yield from unknown
        if unknown:
            return
        yield from _refused(lambda _: self.gating(), None)
        for name, _ in self.drugs:
            yield from _refused(ligand(name).blocker, self.subtype)
        names = [ligand(name).name for name, _ in self.drugs]
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield Problem("drug", name, "it is in the dish twice", "name each drug once")

    def but(self, **changes: Any) -> Patch:
        """The same patch with some fields changed."""
        return dataclasses.replace(self, **changes)

    def without_drug(self) -> Patch:
        """The same drugs, at no concentration."""
        return self.but(drugs=tuple((name, 0.0) for name, _ in self.drugs))

    def gating(self) -> Gating:
        """Its gating scheme. Raises `InputError` for one of another subtype."""
        found = gating_scheme(self.scheme or self.subtype)
        if found.subtype not in (subtype_name(self.subtype), "native"):
            rule = f"this is a scheme of {found.subtype}, and the patch holds {subtype_name(self.subtype)}"
            raise InputError(Problem("scheme", self.scheme, rule, "leave the scheme out, or name that subtype"))
        return found

    @property
    def thermal_voltage(self) -> float:
        """RT/F [mV]."""
        return thermal_voltage(self.temperature)

    def channel(self) -> Channel:
        """The channel, ready to be followed."""
        blockers = tuple(ligand(name).blocker(self.subtype) for name, _ in self.drugs)
        return Channel(self.gating(), magnesium_of(self.subtype), blockers, self.thermal_voltage)

    def solution(self, **changes: Any) -> Solution:
        """What the channel is exposed to; `changes` are fields of the patch."""
        now = self.but(**changes) if changes else self
        amounts = [amount for _, amount in now.drugs]
        return Solution(Agonists(now.glutamate), now.magnesium, amounts, now.voltage)

    def pore(self) -> np.ndarray:
        """The stationary pore: shares of (empty, Mg, drugs ...)."""
        c = self.channel()
        amounts = [amount for _, amount in self.drugs]
        return np.asarray(
            occupancy(self.voltage, self.magnesium, amounts, c.magnesium, c.blockers, self.thermal_voltage)
        )

    def stationary(self, lumped: bool = True) -> Array:
        """The steady state (arm, gate) in glutamate. Raises `InputError` without glutamate: there is none then."""
        self.need_glutamate()
        channel = self.channel()
        gate = stationary(generator(channel.gating, Agonists(self.glutamate), channel.opening, channel.speed))
        return start(channel, gate, list(self.pore()), lumped)

    def need_glutamate(self) -> None:
        """Raises `InputError` where no gate would ever open."""
        if self.glutamate <= 0:
            rule = "without glutamate no gate opens, drug neither enters nor leaves, and there is no steady state"
            raise InputError(Problem("glutamate", f"{self.glutamate:g} uM", rule, 'give for example "100 uM"'))

    def need_drug(self) -> None:
        """Raises `InputError` where no drug is in the dish."""
        if not any(amount > 0 for _, amount in self.drugs):
            rule = "this experiment needs a drug in the dish"
            raise InputError(Problem("concentration", "0 uM", rule, 'give for example "1 uM"'))

    @property
    def keys(self) -> tuple[str, ...]:
        """The rows of evidence behind it."""
        scheme = self.gating()
        return (
            *keys_of(type(scheme), scheme.prefix),
            *self.pore_keys,
        )

    @property
    def pore_keys(self) -> tuple[str, ...]:
        """The rows of evidence behind its pore alone."""
        short = self.subtype.removeprefix("GluN").lower()
        block = ("reference_voltage", "slope", "off_rate", "off_slope")
        drugs = [key for name, _ in self.drugs for key in ligand(name).keys(self.subtype)]
        constants = ("physics.gas_constant", "physics.faraday")
        return (f"magnesium.dissociation_{short}", *(f"magnesium.{name}" for name in block), *drugs, *constants)

    def describe(self) -> str:
        """The dish in one line."""
        drugs = ", ".join(f"{amount:g} uM {name}" for name, amount in self.drugs)
        rest = f"{self.magnesium:g} mM Mg2+, {self.voltage:g} mV, {self.temperature:g} C"
        return f"{self.subtype} ({self.gating().title}): {drugs or 'no drug'}, {rest}"
