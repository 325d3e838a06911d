r"""How open receptors stand in a class of synapses, on average: the bridge from milliseconds to months.

    A_on = <O m(V)>        A_off = <O exp(delta F (V - V0)/RT)>          averages over time, from shipped data
    class of synapses      A = sum over subtypes of share * A
    retention              tau = 1 / (<O> k K(V) + k_esc)                of a trapped drug, once it is gone outside

Which activity a class has is a stated assumption until a circuit exists that says it: pulse trains for the three
synaptic classes, ambient glutamate for receptors outside synapses. The voltage is constant. The data come from the
gating chains by ``scripts/make_receptor_averages.py``; delta in A_off is that of ketamine.

Source: the gating schemes of each subtype; assumption (activities, voltages, shares). Leaves out: glycine (it
saturates), temperature (room), a voltage that follows the pulses.
"""

from __future__ import annotations

import csv
import functools
import importlib.resources
import math
from dataclasses import dataclass

from unwound.core.errors import UnknownName
from unwound.evidence import value
from unwound.receptor.ligands import Ligand
from unwound.receptor.pore import off_rate
from unwound.receptor.reduced import Activity
from unwound.receptor.register import thermal_voltage

COLUMNS = ("subtype", "scheme", "activity", "membrane", "mean_open", "a_on", "a_off")
HEADER = (
    "Averages of receptor opening, computed by scripts/make_receptor_averages.py; do not edit.",
    "mean_open: share of time that a receptor is open, drug or not. a_on = mean_open m(V), a_off = mean_open",
    "exp(delta F (V - V0)/RT) with delta of ketamine; 1 mM Mg2+ and room temperature.",
    "Activities, voltages and concentrations are rows of the evidence table receptor_synapses (assumed).",
)

ACTIVITIES: dict[str, tuple[str, str, str]] = {
    "0.1 Hz": ("pulses", "synapses.slow_train", "1/s"),
    "1 Hz": ("pulses", "synapses.train", "1/s"),
    "2 Hz": ("pulses", "synapses.fast_train", "1/s"),
    "ambient 25 nM": ("ambient", "synapses.ambient_low", "uM"),
    "ambient 0.5 uM": ("ambient", "synapses.ambient_high", "uM"),
}
"""Name -> (pulses or ambient glutamate, its evidence row, unit of it)."""

ROOM = 23.0
"""Temperature of the gating schemes [deg C]."""

MEMBRANES = {"rest": "synapses.rest", "depolarized": "synapses.depolarized"}
CLASSES = {
    "C to relay": "pulses",
    "relay to output": "pulses",
    "A-beta to relay": "pulses",
    "extrasynaptic": "ambient",
}
"""Class of receptors -> what opens them."""
_SHARES = {"GluN2A": "synapses.share_2a", "GluN2B": "synapses.share_2b", "GluN2D": "synapses.share_2d"}


@dataclass(frozen=True)
class Average:
    """One row of the shipped data."""

    subtype: str
    scheme: str
    activity: str
    membrane: str
    mean_open: float
    a_on: float
    a_off: float

    def of_activity(self) -> Activity:
        """As the reduced forms take it."""
        return Activity(binding=self.a_on, unbinding=self.a_off)


@functools.cache
def shipped() -> tuple[Average, ...]:
    """Every row."""
    place = importlib.resources.files("unwound.receptor") / "data" / "averages.csv"
    lines = [line for line in place.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return tuple(
        Average(
            row["subtype"],
            row["scheme"],
            row["activity"],
            row["membrane"],
            float(row["mean_open"]),
            float(row["a_on"]),
            float(row["a_off"]),
        )
        for row in csv.DictReader(lines)
    )


def average(subtype: str, activity: str, membrane: str = "rest") -> Average:
    """The row of a subtype under an activity. Raises `UnknownName`."""
    for name, known, what in ((activity, tuple(ACTIVITIES), "activity"), (membrane, tuple(MEMBRANES), "membrane")):
        if name not in known:
            raise UnknownName(what, name, known)
    for row in shipped():
        if (row.subtype, row.activity, row.membrane) == (subtype, activity, membrane):
            return row
    raise UnknownName("subtype", subtype, tuple(dict.fromkeys(row.subtype for row in shipped())))


def shares() -> dict[str, float]:
    """Share of each subtype in the receptors of the dorsal horn (assumed; the same in every class)."""
    return {subtype: value(key, "1") for subtype, key in _SHARES.items()}


def of_class(name: str, activity: str, membrane: str = "rest") -> Activity:
    """A_on and A_off of a class of synapses: its subtypes, mixed. Raises `UnknownName`.

    A mixture of subtypes binds a drug with several constants; the mean is what a single averaged receptor would have.
    """
    if name not in CLASSES:
        raise UnknownName("class of synapses", name, tuple(CLASSES))
    fitting = tuple(a for a, (kind, *_) in ACTIVITIES.items() if kind == CLASSES[name])
    if activity not in fitting:
        raise UnknownName(f"activity of {name}", activity, fitting)
    mixed = [(share, average(subtype, activity, membrane)) for subtype, share in shares().items()]
    return Activity(
        binding=sum(share * row.a_on for share, row in mixed),
        unbinding=sum(share * row.a_off for share, row in mixed),
    )


def retention(drug: Ligand, subtype: str, activity: str, membrane: str = "rest") -> float:
    """How long a trapped drug stays once none is left outside [s]: tau of the reduced form at concentration 0.

    Infinite for a drug that never leaves. Raises `UnknownName`; `InputError` where the binding is not known.
    """
    row = average(subtype, activity, membrane)
    leaving = off_rate(value(MEMBRANES[membrane], "mV"), drug.blocker(subtype), thermal_voltage(ROOM))
    rate = float(row.mean_open * leaving) + value("blockers.escape_rate", "1/s")
    return 1.0 / rate if rate > 0.0 else math.inf
