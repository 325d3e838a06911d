"""How fast Brian2 runs the circuit in C++: one JSON line for `bench/circuit.py`, which calls this.

    python speed.py inputs.npz --conditions 128

All conditions are replicas in one network. CPU time is that of the compiled program between the beginning and the end
of the run, so that building the network is not in it. The greatest memory is that of the compiled program.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import subprocess
import tempfile
import time

import brian2 as b2
import numpy as np
from brian import AS_CIRCUIT, network
from brian_inputs import counts, read

CLOCK = 'std::cout << "CPU " << clock() / (double)CLOCKS_PER_SEC << std::endl;'


def peak_memory(process: subprocess.Popen[str]) -> float:
    """The greatest resident memory [MB] of a program until it ends; Linux tells it while the program runs."""
    status, found = pathlib.Path(f"/proc/{process.pid}/status"), 0.0
    while process.poll() is None:
        try:
            lines = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
        except OSError:
            lines = []
        found = max([found, *(int(line.split()[1]) / 1024.0 for line in lines)])
        time.sleep(0.02)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description="Speed of the dorsal-horn circuit in Brian2.")
    parser.add_argument("inputs", type=pathlib.Path)
    parser.add_argument("--conditions", type=int, default=128, help="use only so many (default 128)")
    options = parser.parse_args()
    inputs = read(options.inputs)
    (protocol,) = set(inputs.about["protocols"]) - {"brush"}
    lanes = [(condition, protocol) for condition in list(inputs.about["conditions"])[: options.conditions]]
    end = inputs.about["protocols"][protocol]["end"]
    begin = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="unwound-bench-") as folder:
        b2.set_device("cpp_standalone", directory=folder, build_on_run=False)
        net, monitor = network(inputs, lanes, 0.1, AS_CIRCUIT)
        for place in ("before_network_run", "after_network_run"):
            b2.device.insert_code(place, CLOCK)
        net.run(end * b2.ms)
        b2.device.build(directory=folder, compile=True, run=False)
        built = time.perf_counter() - begin
        program = subprocess.Popen(["./main"], cwd=folder, stdout=subprocess.PIPE, text=True)
        memory = peak_memory(program)
        text = program.communicate()[0]
        if program.returncode:
            raise SystemExit(f"the compiled program ended with {program.returncode}")
        start, stop = (float(line.split()[1]) for line in text.splitlines() if line.startswith("CPU "))
        b2.get_device().has_been_run = True  # it has, by us: now its results can be read
        found = counts(inputs, lanes, np.asarray(monitor.i), np.asarray(monitor.t / b2.ms), 0.1)
    row = {
        "cpu_seconds": stop - start,
        "set_up_seconds": start,
        "compile_seconds": built,
        "peak_MB": memory,
        "c_spikes": {
            output: [sum(one[output]["c"]) for one in found[protocol].values()] for output in inputs.about["outputs"]
        },
        "version": b2.__version__,
    }
    print(json.dumps(row))


if __name__ == "__main__":
    main()
