"""The speed of this package's circuit: one JSON line for `circuit.py`, which calls this in a process of its own."""

from __future__ import annotations

import json
import pathlib
import sys
import time
from typing import Any

from comparison import hold_to_one_thread

hold_to_one_thread()

import numpy as np  # noqa: E402

from unwound.dorsal_horn import OUTPUTS, windup  # noqa: E402


def peak_memory() -> float | None:
    """The greatest resident memory [MB] of this process so far, where Linux tells it."""
    status = pathlib.Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) / 1024.0 for line in lines if line.startswith("VmHWM")), None)


def main() -> None:
    """`circuit_own.py WORK.json CONDITIONS single|double`: the first so many conditions of the work, side by side."""
    work, count = json.loads(pathlib.Path(sys.argv[1]).read_text()), int(sys.argv[2])
    columns = {word: np.array(values[:count]) for word, values in work["conditions"].items()}

    def run() -> Any:
        return windup(
            work["frequency"], work["stimuli"], seed=work["seed"], touch=False, precision=sys.argv[3], **columns
        )

    begin = time.process_time()
    run()
    first = time.process_time() - begin
    begin = time.process_time()
    found = run()
    used = time.process_time() - begin
    row = {
        "cpu_seconds": used,
        "set_up_seconds": 0.0,
        "compile_seconds": first - used,
        "peak_MB": peak_memory(),
        "c_spikes": {output: found.c_spikes[output].sum(axis=1).tolist() for output in OUTPUTS},
    }
    print(json.dumps(row))


if __name__ == "__main__":
    main()
