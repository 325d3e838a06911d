"""The real chain (kinetics, block, slow memory with flares, outcomes, weekly rows) beside P2, in one run on one core.

    python bench/chain.py --patients 16384

P2 is the generic chain of `workload.py`, through the same engine. The bar of the real chain is half of its speed.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import tempfile
import time

import numpy as np

from million import trial_file
from own import own_engine
from unwound.patient.simulation import Setting
from unwound.trials import Trial
from unwound.trials.people_rows import people_rows
from workload import draw

CHUNK = 4096


def chain(trial: Trial, patients: int, setting: Setting) -> tuple[float, int]:
    """(CPU seconds, people whose numbers must not be used) for the rows of `patients` people."""
    begin, failed = time.process_time(), 0
    for first in range(0, patients, CHUNK):
        rows = people_rows(trial, setting, np.arange(first, min(first + CHUNK, patients)))
        failed += int((rows.columns["verdict"] >= 2).sum())
    return time.process_time() - begin, failed


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--patients", type=int, default=16_384)
    asked.add_argument("--json", action="store_true")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as place:
        trial = Trial.from_toml(trial_file(pathlib.Path(place)))
    setting = Setting(threads=1, metabolites=False)
    chain(trial, CHUNK, setting)  # everything compiled
    _, p2 = own_engine(draw("P2", given.patients))
    seconds, failed = chain(trial, given.patients, setting)
    told = {
        "patients": given.patients, "P2_patients_per_cpu_second": round(given.patients / p2),
        "chain_patients_per_cpu_second": round(given.patients / seconds), "ratio": round(p2 / seconds, 2),
        "failed": failed,
    }  # fmt: skip
    print(json.dumps(told) if given.json else "\n".join(f"{name}: {value}" for name, value in told.items()))


if __name__ == "__main__":
    main()
