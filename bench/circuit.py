"""The dorsal-horn circuit against Brian2 in C++, on the same inputs. `python bench/circuit.py --help`."""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import platform
import subprocess
import sys
import tempfile
from typing import Any

from comparison import hold_to_one_thread

hold_to_one_thread()  # the engines are processes of their own and inherit the core

import numpy as np  # noqa: E402

from unwound.dorsal_horn import exported  # noqa: E402

ROOT = pathlib.Path(__file__).parents[1]
TRAIN, SEED = (1.0, 4), 0
RANGES = {
    "nmda": (1.0, 2.0),
    "block": (0.0, 1.0),
    "inhibition": (0.3, 1.0),
    "chloride": (-72.0, -55.0),
    "opioid": (0.0, 0.5),
}
"""Conditions are drawn evenly from these."""
APART = 0.05
"""A condition has failed when its C spikes differ by more from those of the yardstick, or are not finite."""
YARDSTICK = "Brian2 C++"
ENGINES = {
    YARDSTICK: ("brian2", None),
    "Brian2 C++, one": ("brian2", 1),
    "unwound": ("unwound", None),
    "unwound, double": ("unwound", None),
    "unwound, one": ("unwound", 1),
}
"""Name -> (which simulator, how many conditions at once; None: all)."""


def drawn(count: int) -> dict[str, list[float]]:
    """So many conditions, word by word."""
    draw = np.random.default_rng(20240601)
    return {word: draw.uniform(low, high, count).round(3).tolist() for word, (low, high) in RANGES.items()}


def called(command: list[str], folder: pathlib.Path) -> dict[str, Any]:
    """What an engine prints last, as JSON. It has no compiled programs of earlier runs."""
    surroundings = {**os.environ, "PYTHONWARNINGS": "ignore", "UNWOUND_CACHE": str(folder / "cache")}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=surroundings)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def measured(engine: str, count: int, folder: pathlib.Path, oracle: str) -> dict[str, Any]:
    """One engine on the work in `folder`."""
    simulator, at_once = ENGINES[engine]
    at_once = count if at_once is None else at_once
    if simulator == "unwound":
        return called(
            [sys.executable, str(ROOT / "bench/circuit_own.py"), str(folder / "work.json"), str(at_once),
             "double" if engine.endswith("double") else "single"], folder
        )  # fmt: skip
    script = str(ROOT / "bench/oracle/speed.py")
    return called([oracle, script, str(folder / "inputs.npz"), "--conditions", str(at_once)], folder)


def judged(engine: str, found: dict[str, Any], exact: dict[str, Any]) -> dict[str, Any]:
    """The row of one engine; speed is simulated seconds x conditions per CPU-second."""
    mine, theirs = (np.array(list(one["c_spikes"].values())) for one in (found, exact))
    count = mine.shape[1]
    apart = np.abs(mine / theirs[:, :count] - 1.0).max(axis=0)
    seconds = (TRAIN[1] - 1) / TRAIN[0] + 2.0  # to the end of the after-discharge
    return {
        "engine": engine,
        "conditions": count,
        "condition_seconds_per_cpu_second": count * seconds / found["cpu_seconds"],
        "cpu_seconds": found["cpu_seconds"],
        "set_up_seconds": found["set_up_seconds"],
        "compile_seconds": found["compile_seconds"],
        "peak_MB": found["peak_MB"],
        "worst_difference": float(np.nanmax(apart)),
        "failed": int((~(apart <= APART)).sum()),
    }


def _line(row: dict[str, Any]) -> str:
    memory = "-" if row["peak_MB"] is None else f"{row['peak_MB']:,.0f} MB"
    return (
        f"{row['engine']:<16} {row['conditions']:>4} at once {row['condition_seconds_per_cpu_second']:>8,.1f} "
        f"condition-s/CPU-s  {row['ratio_to_brian2']:>6.2f} x Brian2  peak {memory:>8}  "
        f"compile {row['compile_seconds']:>4.0f} s, set up {row['set_up_seconds']:.2f} s  "
        f"worst difference {row['worst_difference']:.1e}  failed {row['failed']} of {row['conditions']}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="The dorsal-horn circuit against Brian2 (see bench/README.md).")
    parser.add_argument("--conditions", type=int, default=128, help="conditions side by side (default 128)")
    parser.add_argument("--oracle", default=str(ROOT / ".venv-oracle/bin/python"), help="the Python that has Brian2")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    options = parser.parse_args()
    if not pathlib.Path(options.oracle).exists():
        parser.error(f"--oracle: there is no {options.oracle}; `bash scripts/oracle` makes it")
    rows: list[dict[str, Any]] = []
    conditions = drawn(options.conditions)
    named = {
        str(n): dict(zip(conditions, values, strict=True))
        for n, values in enumerate(zip(*conditions.values(), strict=True))
    }
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        exported(named, {"train": TRAIN}, seed=SEED).save(folder / "inputs.npz")
        work = {"frequency": TRAIN[0], "stimuli": TRAIN[1], "seed": SEED, "conditions": conditions}
        (folder / "work.json").write_text(json.dumps(work))
        exact: dict[str, Any] = {}
        for engine in ENGINES:  # the yardstick first
            found = measured(engine, options.conditions, folder, options.oracle)
            exact = exact or found
            rows.append(judged(engine, found, exact))
            speed = rows[-1]["condition_seconds_per_cpu_second"]
            rows[-1]["ratio_to_brian2"] = speed / rows[0]["condition_seconds_per_cpu_second"]
            if not options.json:
                print(_line(rows[-1]), flush=True)
    if options.json:
        about = {"machine": platform.platform(), "brian2": exact["version"]}
        print(json.dumps(about | {"engines": rows}, indent=2))


if __name__ == "__main__":
    main()
