"""Everything that the circuit runs on, as plain numbers, for a simulator that knows nothing of this package.

Parameters with their units, who is connected to whom and how strongly, when each afferent fires, the noise current of
every cell and millisecond, the conditions. The equations are not among them: whoever reads this writes them anew (as
`bench/oracle` does in Brian2), so that agreement says something.

Source: the numbers of this room. Leaves out: ectopic discharge, trapped block.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from unwound.core.errors import InputError, Problem
from unwound.core.units import units_of
from unwound.dorsal_horn import volleys
from unwound.dorsal_horn.cell import Condition
from unwound.dorsal_horn.circuit import PIECE, physiology
from unwound.dorsal_horn.wiring import (
    AFFERENTS,
    OUTPUTS,
    POPULATIONS,
    PROJECTIONS,
    WEIGHT_KEYS,
    connections,
    count,
    kinds,
    places,
    sizes,
    strengths,
    weight_key,
)
from unwound.evidence import value

SECOND = 1000.0  # ms
DIGITS, NOISE_DIGITS = 9, 3
"""Numbers count as the same when they agree to so many places: the last bits of a draw differ between processors."""


@dataclass(frozen=True)
class Inputs:
    """What `exported` gives: `about` is what JSON can hold, `arrays` is the rest."""

    about: Mapping[str, Any]
    """parameters, afferents, populations, outputs, conditions, protocols (times in ms)."""
    arrays: Mapping[str, np.ndarray]
    """connection.SOURCE_to_TARGET.RECEPTOR [nS], kind.NAME per cell, PROTOCOL.times [ms] and .fibers, noise [pA]."""

    @property
    def fingerprint(self) -> str:
        """Changes with any number that changes a spike."""
        found = hashlib.sha256(json.dumps(self.about, sort_keys=True).encode())
        for name in sorted(self.arrays):
            array = self.arrays[name]
            found.update(f"{name} {array.shape}".encode())
            digits = NOISE_DIGITS if name == "noise" else DIGITS
            found.update((np.round(array, digits) + 0.0).astype("<f8").tobytes())  # + 0.0: no -0.0
        return found.hexdigest()

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write an .npz: the arrays, and `about` and `fingerprint` as text."""
        texts = {"about": np.array(json.dumps(self.about)), "fingerprint": np.array(self.fingerprint)}
        np.savez(path, **self.arrays, **texts)  # type: ignore[arg-type]


def exported(
    conditions: Mapping[str, Mapping[str, float]], trains: Mapping[str, tuple[float, int]], *, seed: int = 0
) -> Inputs:
    """The circuit of `seed` under named `conditions`, for named `trains` of (frequency [1/s], stimuli) and for brush.

    A condition names what differs from healthy, by the words of `windup`. Raises `InputError` for other words.
    """
    healthy = _healthy()
    problems = [
        Problem(f"{name}.{word}", given[word], "is no part of a condition", f"choose of {', '.join(healthy)}")
        for name, given in conditions.items()
        for word in given
        if word not in healthy
    ]
    if "brush" in trains:
        problems.append(Problem("trains", "brush", "is the name of the protocol of touch", "give another name"))
    if problems:
        raise InputError(problems)
    spikes, protocols = _protocols(trains, seed)
    longest = max(protocol["end"] for protocol in protocols.values())
    noise = [volleys.noise(seed, n, PIECE, count(POPULATIONS)) for n in range(int(np.ceil(longest / PIECE)))]
    about = {
        "seed": seed,
        "parameters": _parameters(),
        "afferents": {name: sizes()[name] for name in AFFERENTS},
        "populations": {name: sizes()[name] for name in POPULATIONS},
        "outputs": list(OUTPUTS),
        "conditions": {name: {**healthy, **{k: float(v) for k, v in one.items()}} for name, one in conditions.items()},
        "protocols": protocols,
    }
    which = kinds()
    arrays = {
        **_connections(seed),
        **{f"kind.{name}": np.asarray(getattr(which, name)) for name in units_of(which)},
        **spikes,
        "noise": value("horn.noise", "pA") * np.concatenate([np.asarray(one) for one in noise]),
    }
    return Inputs(about, arrays)


def _healthy() -> dict[str, float]:
    """A condition in which nothing has been done."""
    names = [
        field.name for field in dataclasses.fields(Condition) if not field.name.startswith(("binding", "unbinding"))
    ]
    ones = ("nmda", "inhibition", "substance_p")
    return {name: float(name in ones) for name in names} | {"chloride": value("condition.chloride", "mV")}


def _parameters() -> dict[str, list[Any]]:
    """Name -> [number, unit], of the cells and of the windows in which spikes are counted."""
    p, found = physiology(), {}
    for part in dataclasses.fields(p):
        record = getattr(p, part.name)
        for name, unit in units_of(record).items():
            found[f"{part.name}.{name}"] = [float(getattr(record, name)), unit]
    windows = {f"window.{name}": [value(f"volley.{name}_window", "ms"), "ms"] for name in ("a", "c")}
    return found | windows | {"horn.delay": [value("horn.delay", "ms"), "ms"]}


def _protocols(trains: Mapping[str, tuple[float, int]], seed: int) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Afferent spikes of every protocol, and what each is."""
    arrays, protocols = {}, {}
    drawn = {}
    for name, (frequency, stimuli) in trains.items():
        times = np.arange(stimuli) * SECOND / frequency
        drawn[name] = volleys.stimuli(times, seed)
        end = float(times[-1]) + value("volley.c_window", "ms") + SECOND  # the after-discharge included
        protocols[name] = {"stimuli": times.tolist(), "period": SECOND / frequency, "end": end}
    drawn["brush"] = volleys.brush(SECOND, 2.0 * SECOND, seed)
    protocols["brush"] = {"brush": [SECOND, 2.0 * SECOND], "end": 2.0 * SECOND}
    for name, pieces in drawn.items():
        arrays[f"{name}.times"] = np.concatenate([times for times, _ in pieces])
        arrays[f"{name}.fibers"] = np.concatenate([fibers for _, fibers in pieces])
    return arrays, protocols


def _connections(seed: int) -> dict[str, np.ndarray]:
    """Conductance [nS] that a spike of each source cell (row) opens in each target cell (column)."""
    there, targets = connections(seed), places(POPULATIONS)
    strong = strengths({key: value(key, "nS") for key in WEIGHT_KEYS})
    return {
        f"connection.{weight_key(source, target, receptor)}": np.asarray(
            (there[source] * strong[receptor][source])[:, targets[target]]
        )
        for (source, target), receptors in PROJECTIONS.items()
        for receptor in receptors
    }
