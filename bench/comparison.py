"""Run engines on the same work, one after another on one core, and print one line for each."""

from __future__ import annotations

import argparse
import importlib
import importlib.metadata
import json
import os
import platform
from typing import Any, Literal

YARDSTICKS = ("lsoda", "lsoda-odeint")
"""LSODA as it is usually called, and in the fastest form without a compiler."""


def hold_to_one_thread() -> None:
    """One core and one thread for everything that follows. Call it before JAX or numpy is imported."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    os.environ["EQX_ON_ERROR"] = "nan"  # as the package sets it; diffrax would import equinox first
    os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"


def main(problem: Literal["P1", "P2"]) -> None:
    hold_to_one_thread()
    import numpy as np

    import peers
    import workload

    usual = [*YARDSTICKS, "libroadrunner", "diffrax-tsit5", "unwound"]
    parser = argparse.ArgumentParser(description=f"Compare engines on {problem} (see bench/README.md).")
    parser.add_argument("--patients", type=int, default=1000, help="how many virtual patients (default 1000)")
    parser.add_argument("--seconds", type=float, default=10.0, help="CPU seconds per peer (default 10)")
    parser.add_argument("--compared", type=int, default=40, help="how many patients have a reference (default 40)")
    parser.add_argument("--engines", default=",".join(usual), help=f"of {', '.join(peers.ENGINES)}, unwound")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    options = parser.parse_args()
    engines = options.engines.split(",")
    if strangers := sorted(set(engines) - {*peers.ENGINES, "unwound"}):
        parser.error(f"--engines: no engine {strangers[0]!r}; choose of {', '.join(peers.ENGINES)}, unwound")

    engines.sort(key=lambda engine: engine not in YARDSTICKS)  # the yardsticks first
    patients = workload.draw(problem, options.patients)
    exact = workload.reference(patients[: options.compared])
    rows: list[dict[str, Any]] = []
    for engine in engines:
        if engine == "unwound":  # the package under test (own.py) always does all patients
            run = peers.Run(*importlib.import_module("own").own_engine(patients))
        else:
            run = peers.ENGINES[engine](patients, options.seconds)
        compared = min(len(run.outputs), len(exact))
        well = np.isfinite(run.outputs[:compared]).all(axis=(1, 2))  # the others are counted as failed
        error = workload.worst_error(run.outputs[:compared][well], exact[:compared][well])
        rows.append(
            {
                "engine": engine,
                "patients": len(run.outputs),
                "patients_per_cpu_second": len(run.outputs) / run.cpu_seconds,
                "worst_error": error,
                "compared": int(well.sum()),
                "failed": run.failed,
            }
        )
        speed = {row["engine"]: row["patients_per_cpu_second"] for row in rows}
        for yardstick in YARDSTICKS:
            ratio = speed[engine] / speed[yardstick] if yardstick in speed else None
            rows[-1][f"ratio_to_{yardstick.replace('-', '_')}"] = ratio
        if not options.json:
            print(_line(rows[-1]), flush=True)
    if options.json:
        names = ("numpy", "scipy", "jax", "diffrax", "libroadrunner")
        versions = {name: importlib.metadata.version(name) for name in names}
        about = {"problem": problem, "machine": platform.platform(), "versions": versions}
        print(json.dumps(about | {"engines": rows}, indent=2))


def _line(row: dict[str, Any]) -> str:
    ratios = [row[f"ratio_to_{name.replace('-', '_')}"] for name in YARDSTICKS]
    shown = ["-" if ratio is None else f"{ratio:,.1f}" for ratio in ratios]
    return (
        f"{row['engine']:<15} {row['patients_per_cpu_second']:>11,.1f} patients/CPU-s  "
        f"{shown[0]:>8} x LSODA (solve_ivp)  {shown[1]:>7} x LSODA (odeint)  "
        f"worst error {row['worst_error']:.1e} of {row['compared']}  "
        f"failed {row['failed']} of {row['patients']}"
    )
