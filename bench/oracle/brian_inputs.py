"""What `unwound.dorsal_horn.exported` wrote, read without it, and the windows in which spikes are counted."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import brian2 as b2
import numpy as np

SYMBOLS = {
    "membrane.capacitance": "C", "membrane.leak": "gL", "membrane.rest": "EL", "membrane.threshold": "VT",
    "membrane.steepness": "D", "membrane.spike": "Vspike", "membrane.reset": "Vreset",
    "membrane.refractory": "refractory", "membrane.adaptation": "bad", "membrane.adaptation_time": "tauw",
    "synapse.ampa_time": "tauA", "synapse.nmda_rise": "tauR", "synapse.nmda_decay": "tauN",
    "synapse.inhibitory_time": "tauI", "synapse.neurokinin_time": "tauNK", "synapse.magnesium": "Mg",
    "synapse.magnesium_dissociation": "KMg", "synapse.magnesium_slope": "VMg", "synapse.opioid_conductance": "gK",
    "synapse.potassium": "EK", "synapse.presynaptic_opioid": "held_back", "plateau.conductance": "gP",
    "plateau.reversal": "EP", "plateau.time": "tauP", "plateau.calcium_time": "tauCa",
    "plateau.calcium_per_charge": "kCa", "plateau.calcium_per_spike": "dCa", "window.a": "a_window",
    "window.c": "c_window", "horn.delay": "delay",
}  # fmt: skip
CONDITION = {"nmda", "block", "inhibition", "chloride", "opioid", "substance_p"}
RECEPTORS = ("ampa", "nmda", "inhibitory", "neurokinin")
UNITS = {
    "pF": b2.pF, "nS": b2.nS, "mV": b2.mV, "pA": b2.pA, "ms": b2.ms, "mM": b2.mmolar, "1": 1, "1/pA/ms": 1 / b2.ms,
}  # fmt: skip
"""kCa belongs to a current in pA: the equation divides by pA."""


@dataclass(frozen=True)
class Inputs:
    """The file."""

    about: Mapping[str, Any]
    arrays: Mapping[str, np.ndarray]
    fingerprint: str

    @property
    def parameters(self) -> dict[str, Any]:
        return {SYMBOLS[name]: number * UNITS[unit] for name, (number, unit) in self.about["parameters"].items()}

    @property
    def cells(self) -> int:
        return sum(self.about["populations"].values())

    def place(self, name: str, among: str) -> slice:
        """Where a population lies among all "populations", or a class of fibers among all "afferents"."""
        sizes = self.about[among]
        start = sum(sizes[one] for one in list(sizes)[: list(sizes).index(name)])
        return slice(start, start + sizes[name])


def read(path: str | pathlib.Path) -> Inputs:
    """The inputs. What these equations do not know is refused: a new parameter must not be passed over."""
    with np.load(path) as file:
        arrays = dict(file)
    about, fingerprint = json.loads(str(arrays.pop("about"))), str(arrays.pop("fingerprint"))
    names = set(about["parameters"])
    words = {word for one in about["conditions"].values() for word in one}
    receptors = {name.rsplit(".", 1)[1] for name in arrays if name.startswith("connection.")}
    kinds = {name for name in arrays if name.startswith("kind.")}
    for what, found, known in (
        ("parameters", names, set(SYMBOLS)), ("parts of a condition", words, CONDITION),
        ("receptors", receptors, set(RECEPTORS)), ("kinds of cells", kinds, {"kind.output", "kind.opioid"}),
    ):  # fmt: skip
        if found != known:
            raise SystemExit(
                f"{path}: {what} differ from those of brian.py: {sorted(found ^ known)}; mend the equations"
            )
    return Inputs(about, arrays, fingerprint)


def windows(inputs: Inputs, protocol: str) -> dict[str, list[tuple[float, float]]]:
    """Read-out -> its windows [ms], rounded to whole ms."""
    about, (a_end, _), (c_end, _) = inputs.about["protocols"][protocol], *(
        inputs.about["parameters"][f"window.{name}"] for name in ("a", "c")
    )  # fmt: skip
    if "brush" in about:
        return {"rest": [(0.0, about["brush"][0])], "brush": [tuple(about["brush"])]}
    times = about["stimuli"]
    found = {
        "a": [(t, t + a_end) for t in times],
        "c": [(t + a_end, t + min(c_end, about["period"])) for t in times],
        "after": [(times[-1] + c_end, times[-1] + c_end + 1000.0)],
    }
    return {name: [(round(start), round(end)) for start, end in spans] for name, spans in found.items()}


def counts(inputs: Inputs, lanes: Sequence[Lane], number: np.ndarray, at: np.ndarray, dt: float) -> dict[str, Any]:
    """protocol -> condition -> output -> read-out -> spikes per cell in every window. `at` and the step `dt` in ms.

    A spike of the step from t to t + dt is at t for Brian2 and at t + dt for the circuit.
    """
    found: dict[str, Any] = {}
    lane, cell = np.divmod(number, inputs.cells)
    for n, (condition, protocol) in enumerate(lanes):
        of = found.setdefault(protocol, {}).setdefault(condition, {})
        for output in inputs.about["outputs"]:
            where = inputs.place(output, "populations")
            times = at[(lane == n) & (cell >= where.start) & (cell < where.stop)] + dt + 1e-6  # on the edge: in
            size = where.stop - where.start
            of[output] = {
                name: [float(((times >= start) & (times < end)).sum()) / size for start, end in spans]
                for name, spans in windows(inputs, protocol).items()
            }
    return found
