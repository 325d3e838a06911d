"""The dorsal-horn circuit in Brian2, written from its equations; nothing of unwound is imported here.

    python brian.py inputs.npz counts.json [--dt 0.1] [--method circuit]

Reads what `unwound.dorsal_horn.exported` wrote. Every condition under every protocol is a replica of the circuit, all
of them one network. Where conventions of time differ, those of the circuit are followed: see `cells` and `afferents`.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import tempfile
import time
from collections.abc import Iterator, Sequence
from typing import Any

import brian2 as b2
import numpy as np
from brian_inputs import RECEPTORS, Inputs, counts, read

EQUATIONS = """
dv/dt = (gL*(EL - v) + gL*D*exp(clip((v - VT)/D, -1000, 10)) - gA*v + I_N - gNK*v - gI*h*(v - EI)
         - gP*is_output*x*(v - EP) - gK*has_opioid*m*(v - EK) - w + I_noise(t, cell)) / C : volt (unless refractory)
I_N = -(gN_slow - gN_fast) * B * (1 - b) * u * v : amp
B = 1 / (1 + exp(-v/VMg) * Mg/KMg) : 1
dgA/dt = -gA*rA : siemens
dgN_slow/dt = -gN_slow*rN : siemens
dgN_fast/dt = -gN_fast*rR : siemens
dgI/dt = -gI*rI : siemens
dgNK/dt = -gNK*rNK : siemens
dw/dt = -w*rw : amp
dCa/dt = is_output * (-Ca/tauCa + kCa*clip(I_N/pA, 0, inf)) : 1
dx/dt = is_output * (Ca**2/(1 + Ca**2) - x)/tauP : 1
cell : integer (constant)
is_output : 1 (constant)
has_opioid : 1 (constant)
u : 1 (constant)
b : 1 (constant)
h : 1 (constant)
EI : volt (constant)
m : 1 (constant)
"""
AS_CIRCUIT = "circuit"
"""The steps that the circuit makes: conductances and adaptation decay exactly, everything else takes an Euler step."""


def rates(inputs: Inputs, dt: float, method: str) -> dict[str, Any]:
    """1/tau of everything that decays; for the steps of the circuit, what makes an Euler step of it exact."""
    p = {name: inputs.parameters[f"tau{name}"] for name in ("A", "N", "R", "I", "NK", "w")}
    if method == AS_CIRCUIT:
        return {f"r{name}": (1.0 - np.exp(-dt * b2.ms / tau)) / (dt * b2.ms) for name, tau in p.items()}
    return {f"r{name}": 1.0 / tau for name, tau in p.items()}


Lane = tuple[str, str]
"""(condition, protocol) of one replica."""


def network(inputs: Inputs, lanes: Sequence[Lane], dt: float, method: str) -> tuple[b2.Network, b2.SpikeMonitor]:
    """A replica of the circuit for every lane, and the spikes of all cells."""
    b2.defaultclock.dt = dt * b2.ms
    group = cells(inputs, lanes, dt, method)
    parts = [group, *afferents(inputs, lanes, group, dt), synapses(inputs, lanes, group)]
    monitor = b2.SpikeMonitor(group)
    return b2.Network(*parts, monitor), monitor


def cells(inputs: Inputs, lanes: Sequence[Lane], dt: float, method: str) -> b2.NeuronGroup:
    """All cells of all lanes, at rest.

    A spike of the step from t to t + dt is at t for Brian2 and at t + dt for the circuit. So `refractory` time that
    begins with the reset ends one step later than Brian2 would have it.
    """
    noise = b2.TimedArray(inputs.arrays["noise"] * b2.pA, dt=1 * b2.ms)
    p = inputs.parameters
    group = b2.NeuronGroup(
        len(lanes) * inputs.cells,
        EQUATIONS,
        method="euler" if method == AS_CIRCUIT else method,
        threshold="v >= Vspike",
        reset="v = Vreset; w += bad; Ca += is_output*dCa",
        refractory=p.pop("refractory") + dt * b2.ms,
        namespace={**p, **rates(inputs, dt, method), "I_noise": noise},
    )
    group.v, group.cell = p["EL"], np.tile(np.arange(inputs.cells), len(lanes))
    group.is_output = np.tile(inputs.arrays["kind.output"], len(lanes))
    group.has_opioid = np.tile(inputs.arrays["kind.opioid"], len(lanes))
    for name, word, unit in (
        ("u", "nmda", 1),
        ("b", "block", 1),
        ("h", "inhibition", 1),
        ("m", "opioid", 1),
        ("EI", "chloride", b2.mV),
    ):
        setattr(group, name, np.repeat([inputs.about["conditions"][c][word] for c, _ in lanes], inputs.cells) * unit)
    return group


def pairs(inputs: Inputs, among: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(source, target, conductance by receptor [nS]) of every connection from "afferents" or "populations"."""
    table = np.zeros((sum(inputs.about[among].values()), inputs.cells, len(RECEPTORS)))
    for name, conductance in inputs.arrays.items():
        if name.startswith("connection."):
            ends, receptor = name.removeprefix("connection.").rsplit(".", 1)
            source, target = ends.split("_to_")
            if source in inputs.about[among]:
                where = inputs.place(source, among), inputs.place(target, "populations"), RECEPTORS.index(receptor)
                table[where] = conductance
    source, target = np.nonzero(table.any(axis=2))
    return source, target, table[source, target]


OPEN = "gA_post += a; gN_slow_post += peak*n; gN_fast_post += peak*n; gI_post += i_; gNK_post += k"
WEIGHTS = "a : siemens (constant)\nn : siemens (constant)\ni_ : siemens (constant)\nk : siemens (constant)"


def peak(inputs: Inputs) -> float:
    """What makes the greatest value of exp(-t/tauN) - exp(-t/tauR) one."""
    decay, rise = (float(inputs.parameters[name] / b2.ms) for name in ("tauN", "tauR"))
    t = np.log(decay / rise) * decay * rise / (decay - rise)  # where the derivative is 0
    return float(1.0 / (np.exp(-t / decay) - np.exp(-t / rise)))


def connected(
    source: Any, group: b2.NeuronGroup, inputs: Inputs, i: Any, j: Any, conductance: np.ndarray
) -> b2.Synapses:
    """Synapses from `source` cells `i` to cells `j`, one row of `conductance` [nS] each."""
    made = b2.Synapses(source, group, WEIGHTS, on_pre=OPEN, namespace={"peak": peak(inputs)})
    made.connect(i=i, j=j)
    for name, column in zip(("a", "n", "i_", "k"), conductance.T, strict=True):
        setattr(made, name, column * b2.nS)
    return made


def synapses(inputs: Inputs, lanes: Sequence[Lane], group: b2.NeuronGroup) -> b2.Synapses:
    """Between cells of a lane, with the delay of all of them."""
    source, target, conductance = pairs(inputs, "populations")
    first = np.repeat(np.arange(len(lanes)) * inputs.cells, len(source))
    scaled = np.concatenate([scale(inputs, condition, np.ones(len(source))) * conductance for condition, _ in lanes])
    i, j = np.tile(source, len(lanes)) + first, np.tile(target, len(lanes)) + first
    made = connected(group, group, inputs, i, j, scaled)
    made.delay = inputs.parameters["delay"]
    return made


def afferents(inputs: Inputs, lanes: Sequence[Lane], group: b2.NeuronGroup, dt: float) -> Iterator[Any]:
    """The fibers of every protocol, and their synapses onto the lanes of that protocol. Opioids hold back C fibers.

    A spike between t and t + dt acts in that step; that of a generator acts in the next, so it comes one step earlier.
    """
    source, target, conductance = pairs(inputs, "afferents")
    c_fibers = np.isin(source, np.arange(sum(inputs.about["afferents"].values()))[inputs.place("c", "afferents")])
    for protocol in dict.fromkeys(protocol for _, protocol in lanes):
        step = np.floor(inputs.arrays[f"{protocol}.times"] / dt + 1e-9) - 1
        fibers = inputs.arrays[f"{protocol}.fibers"]
        generator = b2.SpikeGeneratorGroup(sum(inputs.about["afferents"].values()), fibers, step * dt * b2.ms)
        yield generator
        here = [n for n, lane in enumerate(lanes) if lane[1] == protocol]
        scaled = []
        for n in here:
            opioid = inputs.about["conditions"][lanes[n][0]]["opioid"]
            release = np.where(c_fibers, 1.0 - float(inputs.parameters["held_back"]) * opioid, 1.0)
            scaled.append(scale(inputs, lanes[n][0], release) * conductance)
        j = np.concatenate([target + n * inputs.cells for n in here])
        yield connected(generator, group, inputs, np.tile(source, len(here)), j, np.concatenate(scaled))


def scale(inputs: Inputs, condition: str, release: np.ndarray) -> np.ndarray:
    """Factor of every connection and receptor: release, and substance P at NK1."""
    found = np.repeat(release[:, None], len(RECEPTORS), axis=1)
    found[:, RECEPTORS.index("neurokinin")] *= inputs.about["conditions"][condition]["substance_p"]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description="The dorsal-horn circuit in Brian2.")
    parser.add_argument("inputs", type=pathlib.Path)
    parser.add_argument("counts", type=pathlib.Path)
    parser.add_argument("--dt", type=float, default=0.1, help="time step, ms (default 0.1)")
    parser.add_argument(
        "--method", default=AS_CIRCUIT, help="a state updater of Brian2, or the steps of the circuit (default)"
    )
    options = parser.parse_args()
    inputs = read(options.inputs)
    lanes = [(c, p) for p in inputs.about["protocols"] for c in inputs.about["conditions"]]
    begin = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="unwound-oracle-") as folder:
        b2.set_device("cpp_standalone", directory=folder, build_on_run=False)
        net, monitor = network(inputs, lanes, options.dt, options.method)
        longest = max(protocol["end"] for protocol in inputs.about["protocols"].values())
        net.run(longest * b2.ms)
        b2.device.build(directory=folder, compile=True, run=False)
        built = time.perf_counter()
        b2.device.run(directory=folder, with_output=False)
        number, at = np.asarray(monitor.i), np.asarray(monitor.t / b2.ms)
    print(
        f"dt {options.dt} ms, {options.method}: built in {built - begin:.0f} s, "
        f"run in {time.perf_counter() - built:.0f} s, {len(at):,} spikes"
    )
    record = {
        "brian2": b2.__version__,
        "numpy": np.__version__,
        "seed": inputs.about["seed"],
        "inputs": inputs.fingerprint,
    }
    found = {
        "record": record, "dt_ms": options.dt, "method": options.method,
        "about": {name: inputs.about[name] for name in ("seed", "conditions")},
        "counts": counts(inputs, lanes, number, at, options.dt),
    }  # fmt: skip
    options.counts.write_text(json.dumps(found))


if __name__ == "__main__":
    main()
