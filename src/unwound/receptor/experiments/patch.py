"""One receptor subtype under voltage clamp, and what is in the dish.

Concentrations are free ones [uM]. A drug sits in the pore, or (`slowing`) makes the gate open more rarely. Native
receptors are those of a neuron: a small scheme, the magnesium of Jahr and Stevens, affinities measured in neurons.
What is wrong with a patch is said all at once.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from unwound.core.arrays import Array
from unwound.core.errors import InputError, Problem, UnknownName
from unwound.core.units import unit
from unwound.evidence import fill, keys_of, value
from unwound.receptor.allosteric import ALLOSTERIC, allosteric, opening_left
from unwound.receptor.ligands import ALIASES, LIGANDS, NATIVE, ligand
from unwound.receptor.pore import Magnesium, Solution, occupancy
from unwound.receptor.register import SUBTYPES, gating_scheme, magnesium_of, subtype_name, thermal_voltage
from unwound.receptor.scheme import Agonists, Gating, generator, opened, stationary
from unwound.receptor.solve import Channel, start
from unwound.receptor.temperature import speed_of

NATIVE_SCHEME = "destexhe1996"
"""The gate of native receptors unless one is named: one of five sets of rates, the last in time."""
MOST_DRUG = 1e6  # uM: more is no solution of it
_LIMITS = {
    "magnesium": (0.0, 100.0, "mM"),
    "voltage": (-200.0, 200.0, "mV"),
    "temperature": (0.0, 45.0, "C"),
    "glutamate": (0.0, 100_000.0, "uM"),
    "glycine": (0.0, 100_000.0, "uM"),
}


def patch_subtype(name: str) -> str:
    """The registered spelling of a subtype, or "native". Raises `UnknownName`."""
    if name.lower().strip() == NATIVE:
        return NATIVE
    try:
        return subtype_name(name)
    except UnknownName:
        raise UnknownName("receptor subtype", name, (*SUBTYPES, NATIVE)) from None


def drug_name(name: str) -> str:
    """The registered name of a drug of the pore, or of an allosteric one. Raises `UnknownName`."""
    for find in (ligand, allosteric):
        try:
            return find(name).name
        except UnknownName:
            continue
    raise UnknownName("drug", name, (*LIGANDS, *ALLOSTERIC, *ALIASES))


def known_subtypes(name: str) -> tuple[str, ...]:
    """The subtypes at which the drug called `name` can be computed; native receptors only where nothing else is."""
    drug = drug_name(name)
    known = allosteric(drug).known() if drug in ALLOSTERIC else ligand(drug).known()
    return tuple(subtype for subtype in known if subtype != NATIVE) or known


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
    """[deg C]"""
    glutamate: float = unit("uM", default=100.0)
    glycine: float | None = unit("uM", default=None)
    """None: saturating."""
    scheme: str = ""
    """A registered gating scheme; empty: the default one of the subtype."""

    def __post_init__(self) -> None:
        problems = list(self._problems())
        if problems:
            raise InputError(problems)
        object.__setattr__(self, "subtype", patch_subtype(self.subtype))
        object.__setattr__(self, "drugs", tuple((drug_name(name), float(amount)) for name, amount in self.drugs))

    def _problems(self) -> Iterator[Problem]:
        for name, (low, high, label) in _LIMITS.items():
            number = getattr(self, name)
            if number is not None and not low <= number <= high:
                remedy = f"give a number from {low:g} to {high:g} {label}"
                yield Problem(name, f"{number:g} {label}", "out of range", remedy)
        for name, amount in self.drugs:
            if not 0.0 <= amount <= MOST_DRUG:
                remedy = f"give a free concentration from 0 to {MOST_DRUG:g} uM"
                yield Problem(f"concentration of {name}", f"{amount:g} uM", "out of range", remedy)
        unknown = [*_refused(patch_subtype, self.subtype)]
        for name, _ in self.drugs:
            unknown += _refused(drug_name, name)
        yield from unknown
        if unknown:
            return
        yield from _refused(lambda _: self.gating(), None)
        names = [drug_name(name) for name, _ in self.drugs]
        for name in names:
            known = allosteric(name).at if name in ALLOSTERIC else ligand(name).blocker
            yield from _refused(known, self.subtype)
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield Problem("drug", name, "it is in the dish twice", "name each drug once")

    def but(self, **changes: Any) -> Patch:
        """The same patch with some fields changed."""
        return dataclasses.replace(self, **changes)

    def without_drug(self) -> Patch:
        """The same drugs, at no concentration."""
        return self.but(drugs=tuple((name, 0.0) for name, _ in self.drugs))

    def washed(self) -> Patch:
        """The same dish without the drugs of the pore: allosteric ones stay."""
        return self.but(drugs=tuple((name, a if name in ALLOSTERIC else 0.0) for name, a in self.drugs))

    @property
    def in_pore(self) -> tuple[tuple[str, float], ...]:
        """The drugs of the pore."""
        return tuple((name, amount) for name, amount in self.drugs if name not in ALLOSTERIC)

    @property
    def slowing(self) -> tuple[tuple[str, float], ...]:
        """The allosteric drugs."""
        return tuple((name, amount) for name, amount in self.drugs if name in ALLOSTERIC)

    def gating(self) -> Gating:
        """Its gating scheme. Raises `InputError` for one of another subtype."""
        subtype = patch_subtype(self.subtype)
        found = gating_scheme(self.scheme or (NATIVE_SCHEME if subtype == NATIVE else subtype))
        if found.subtype != subtype:
            rule = f"this is a scheme of {found.subtype}, and the patch holds {subtype}"
            raise InputError(Problem("scheme", self.scheme, rule, f"leave it out, or name the subtype {found.subtype}"))
        return found

    @property
    def thermal_voltage(self) -> float:
        """RT/F [mV]."""
        return thermal_voltage(self.temperature)

    def magnesium_block(self) -> Magnesium:
        """Block by magnesium: fitted per subtype, for native receptors that of Jahr and Stevens."""
        if self.subtype != NATIVE:
            return magnesium_of(self.subtype)
        at_zero, slope = value("jahr_stevens.dissociation", "mM"), value("magnesium.slope", "mV")
        reference = value("magnesium.reference_voltage", "mV")
        return fill(Magnesium, "magnesium", dissociation=at_zero * float(np.exp(reference / slope)))

    def channel(self) -> Channel:
        """The channel, ready to be followed."""
        gating = self.gating()
        opening = 1.0
        for name, amount in self.slowing:
            opening *= float(opening_left(amount, allosteric(name).at(self.subtype)))
        blockers = tuple(ligand(name).blocker(self.subtype) for name, _ in self.in_pore)
        speed = float(speed_of(gating, self.temperature))
        return Channel(gating, self.magnesium_block(), blockers, self.thermal_voltage, opening, speed)

    def solution(self, **changes: Any) -> Solution:
        """What the channel is exposed to; `changes` are fields of the patch."""
        now = self.but(**changes) if changes else self
        amounts = [amount for _, amount in now.in_pore]
        return Solution(Agonists(now.glutamate, now.glycine), now.magnesium, amounts, now.voltage)

    def pore(self) -> np.ndarray:
        """The stationary pore: shares of (empty, Mg, drugs of the pore ...)."""
        c = self.channel()
        amounts = [amount for _, amount in self.in_pore]
        return np.asarray(
            occupancy(self.voltage, self.magnesium, amounts, c.magnesium, c.blockers, self.thermal_voltage)
        )

    def gate(self) -> Array:
        """The steady state of the gate. Raises `InputError` without glutamate: there is none then."""
        self.need_glutamate()
        c = self.channel()
        return stationary(generator(c.gating, Agonists(self.glutamate, self.glycine), c.opening, c.speed))

    def stationary(self, lumped: bool = True) -> Array:
        """The steady state (arm, gate) in glutamate. Raises `InputError` without glutamate."""
        return start(self.gate(), list(self.pore()), lumped)

    def current(self) -> float:
        """Share of the channels that are open and empty at steady state. An opening that nothing changes is left out
        of a ratio: with drugs of the pore only, glutamate plays no role and 1 stands for the gate."""
        gate = float(opened(self.gating(), self.gate())) if self.slowing else 1.0
        return gate * float(self.pore()[0])

    def need_glutamate(self) -> None:
        """Raises `InputError` where no gate would ever open."""
        if self.glutamate <= 0 or (self.glycine is not None and self.glycine <= 0):
            rule = "without both agonists no gate opens, drug neither enters nor leaves, and there is no steady state"
            amounts = f"{self.glutamate:g} uM" + ("" if self.glycine is None else f", glycine {self.glycine:g} uM")
            raise InputError(Problem("glutamate", amounts, rule, 'give for example "100 uM"'))

    def need_drug(self, anywhere: bool = False) -> None:
        """Raises `InputError` where no drug is in the pore (or `anywhere`)."""
        if not any(amount > 0 for _, amount in (self.drugs if anywhere else self.in_pore)):
            rule = "this experiment needs a drug" if anywhere else "this experiment needs a drug of the pore"
            told = ", ".join(f"{amount:g} uM {name}" for name, amount in self.drugs) or "(none)"
            raise InputError(Problem("concentration", told, rule, 'give for example "1 uM" of ketamine'))

    @property
    def keys(self) -> tuple[str, ...]:
        """The rows of evidence behind it."""
        return tuple(dict.fromkeys((*self._gate_keys(), *self.pore_keys)))

    def _gate_keys(self) -> Iterator[str]:
        scheme, short = self.gating(), self.subtype.removeprefix("GluN").lower()
        yield from (key for key in keys_of(type(scheme), scheme.prefix) if not key.endswith(".glycine_half"))
        if self.glycine is not None and scheme.glycine_half is not None:
            yield f"coagonist.glycine_{short}"
        if self.temperature != scheme.temperature:
            yield "receptor_temperature.q10"
        for name, _ in self.slowing:
            yield from (f"{name}.half_{short}", "allosteric.greatest")

    @property
    def pore_keys(self) -> tuple[str, ...]:
        """The rows of evidence behind its steady state; with an allosteric drug those of the gate too."""
        short = self.subtype.removeprefix("GluN").lower()
        own = "jahr_stevens.dissociation" if self.subtype == NATIVE else f"magnesium.dissociation_{short}"
        block = [f"magnesium.{name}" for name in ("reference_voltage", "slope", "off_rate", "off_slope")]
        drugs = [key for name, _ in self.in_pore for key in ligand(name).keys(self.subtype)]
        gate = self._gate_keys() if self.slowing else ()
        return (own, *block, *drugs, *gate, "physics.gas_constant", "physics.faraday")

    def describe(self, held: bool = True) -> str:
        """The dish in one line; without its voltage where that is not `held`."""
        drugs = ", ".join(f"{amount:g} uM {name}" for name, amount in self.drugs)
        voltage = f", {self.voltage:g} mV" if held else ""
        rest = f"{self.magnesium:g} mM Mg2+{voltage}, {self.temperature:g} C"
        glycine = "" if self.glycine is None else f", {self.glycine:g} uM glycine"
        return f"{self.gating().title}: {drugs or 'no drug'}, {rest}{glycine}"
