r"""What the circuit does, without running it: smooth, monotone functions fitted to it once and shipped as data.

    x = (nmda (1 - block), inhibition, chloride, opioid, substance P), each scaled to -1 .. 1 over the box
    y = low + (high - low) (v0 + v . tanh(U tanh(W x + a) + c))
    v >= 0, U >= 0, and W >= 0 (or <= 0) in every input in which the read-out rises (or falls); else W is free

Block and up-regulation count as their product only (`cell`), so they are one input. A network whose weights have one
sign along every path is monotone in that input everywhere in the box, not only where it was fitted. Read-outs: spikes
per cell of both outputs, and three rates for the slow clock (under a train, under touch, under ectopic discharge).

Source: no numbers of its own; fitted by ``scripts/make_dorsal_horn_emulator.py`` to the circuit of the evidence. Leaves
out: other circuits of the ensemble, trapped block, other frequencies.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.resources
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from unwound.core.arrays import Array, Float, Record, jnp
from unwound.core.errors import InputError, Problem
from unwound.dorsal_horn.stimulation import KEYS
from unwound.dorsal_horn.wiring import OUTPUTS
from unwound.evidence import estimate, value

INPUTS = ("drive", "inhibition", "chloride", "opioid", "substance_p")
"""drive is nmda (1 - block)."""
UNITS = ("1", "1", "mV", "1", "1")
BOX = {"drive": (0.0, 2.5), "inhibition": (0.2, 1.2), "chloride": (-75.0, -55.0), "opioid": (0.0, 1.0),
       "substance_p": (0.0, 2.0)}  # fmt: skip
"""Where the circuit was run; outside nothing is said."""
RISES = {"drive": 1.0, "inhibition": -1.0, "chloride": 1.0, "opioid": -1.0, "substance_p": 1.0}
"""Direction in which read-outs go with an input, as the circuit was found to do (a test looks again)."""
FREE = {"a_first": ("inhibition", "chloride")}
"""Read-out -> inputs without a direction: in a disinhibited circuit the first A response goes either way."""
_EACH = {
    "first": "C spikes of the first stimulus", "eighth": "C spikes of stimulus 8", "last": "C spikes of stimulus 16",
    "total": "C spikes of all 16", "a_first": "A spikes of the first stimulus", "after": "after-discharge in 1 s",
    "brush": "spikes in 1 s of brush", "train_rate": "mean rate under C volleys at 1 Hz [1/s]",
    "ectopic_rate": "mean rate while every C fiber fires once per second [1/s]",
}  # fmt: skip
READOUTS = {f"{name}_{output}": f"{about}, {output}" for output in OUTPUTS for name, about in _EACH.items()}
"""Name -> what it is; spikes per cell."""


def direction(readout: str, name: str) -> float:
    """1 where the read-out rises with the input, -1 where it falls, 0 where no direction is imposed."""
    free = next((inputs for each, inputs in FREE.items() if readout.startswith(each)), ())
    return 0.0 if name in free else RISES[name]


class Network(Record):
    """One read-out; weights have the signs that make it monotone."""

    into: Float[Array, "hidden input"]  # W
    into_bias: Float[Array, " hidden"]  # a
    between: Float[Array, "second hidden"]  # U
    between_bias: Float[Array, " second"]  # c
    out: Float[Array, " second"]  # v
    out_bias: Float[Array, ""]  # v0
    low: Float[Array, ""]
    high: Float[Array, ""]

    def __call__(self, x: Float[Array, " input"]) -> Array:
        """The read-out at scaled inputs, without the floor at 0: smooth."""
        hidden = jnp.tanh(self.into @ x + self.into_bias)
        second = jnp.tanh(self.between @ hidden + self.between_bias)
        return self.low + (self.high - self.low) * (self.out_bias + self.out @ second)


@dataclass(frozen=True)
class Emulator:
    """All read-outs, and how good they are."""

    networks: Mapping[str, Network]
    errors: Mapping[str, float]
    """Cross-validated root mean square error as a share of the range of the read-out."""
    record: Mapping[str, Any]
    """What was fitted, on what, with which seed."""


def fingerprint() -> str:
    """Changes when any number of the circuit changes: then the emulator must be made again."""
    rows = "\n".join(f"{key}={estimate(key).value!r}" for key in sorted(KEYS))
    return hashlib.sha256(rows.encode()).hexdigest()[:16]


@functools.cache
def emulator() -> Emulator:
    """The emulator that ships."""
    text = (importlib.resources.files(__package__) / "data" / "emulator.json").read_text(encoding="utf-8")
    held = json.loads(text)
    networks = {
        name: Network(**{field: jnp.asarray(numbers, float) for field, numbers in fields.items()})
        for name, fields in held["networks"].items()
    }
    return Emulator(networks, held["errors"], held["record"])


def scaled(x: Float[Array, "*batch input"]) -> Array:
    """Inputs from -1 to 1 over the box."""
    low, high = (jnp.array([BOX[name][side] for name in INPUTS]) for side in (0, 1))
    return 2.0 * (jnp.asarray(x) - low) / (high - low) - 1.0


def readout(name: str, x: Float[Array, " input"]) -> Array:
    """One read-out at (drive, inhibition, chloride, opioid, substance P): pure, differentiable, unchecked."""
    return emulator().networks[name](scaled(x))


def emulate(
    *, nmda: Any = 1.0, block: Any = 0.0, inhibition: Any = 1.0, chloride: Any = None, opioid: Any = 0.0,
    substance_p: Any = 1.0,
) -> dict[str, np.ndarray]:  # fmt: skip
    """Every read-out for numbers, or arrays of one shape. Raises `InputError` outside the box: nothing is guessed."""
    reversal = value("condition.chloride", "mV") if chloride is None else chloride
    drive = np.asarray(nmda, float) * (1.0 - np.asarray(block, float))
    given = np.broadcast_arrays(*(np.asarray(one, float) for one in (drive, inhibition, reversal, opioid, substance_p)))
    _check(dict(zip(INPUTS, given, strict=True)))
    x = scaled(jnp.stack([one.ravel() for one in given], axis=-1))
    shape = given[0].shape
    return {
        name: np.maximum(np.asarray(jnp.vectorize(network, signature="(i)->()")(x)), 0.0).reshape(shape)
        for name, network in emulator().networks.items()
    }


def _check(given: Mapping[str, np.ndarray]) -> None:
    problems = []
    for name, numbers in given.items():
        low, high = BOX[name]
        wrong = numbers[~((numbers >= low - 1e-9) & (numbers <= high + 1e-9))]
        if wrong.size:
            field = "nmda (1 - block)" if name == "drive" else name
            rule = f"the emulator knows {low:g} to {high:g} only"
            problems.append(Problem(field, float(wrong.flat[0]), rule, "run the circuit itself: `windup`"))
    if problems:
        raise InputError(problems)
