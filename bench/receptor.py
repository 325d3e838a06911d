"""Full scheme and reduced form of receptor block against scipy, on the same work. `python bench/receptor.py --help`."""

from __future__ import annotations

import argparse
import json
import platform
import time
from collections.abc import Callable
from typing import Any

from comparison import hold_to_one_thread

hold_to_one_thread()

import numpy as np  # noqa: E402

from receptor_work import CONDITIONS, doses, own_full, own_reduced, scipy_expm, scipy_lsoda  # noqa: E402

MOST_FULL = 500  # simulations of the full scheme at once: memory


def measured(run: Callable[[], list[np.ndarray] | np.ndarray]) -> tuple[np.ndarray, float]:
    """(what it found, CPU seconds)."""
    begin = time.process_time()
    found = np.asarray(run())
    return found, time.process_time() - begin


def compare(condition: str, count: int, seconds: float) -> list[dict[str, Any]]:
    """Every engine on one condition, one after another."""
    dose, rows = doses(count), []
    exact = np.stack([scipy_expm(c, condition) for c in dose[:20]])

    def note(engine: str, found: np.ndarray, used: float) -> None:
        compared = min(len(found), len(exact))
        error = abs(found[:compared] - exact[:compared]).max(axis=1)
        rows.append(
            {
                "condition": condition,
                "engine": engine,
                "simulations": len(found),
                "simulations_per_cpu_second": len(found) / used,
                "error_at_1_uM": float(error[0]),
                "worst_error_to_1_uM": float(error[dose[:compared] <= 1.0].max()),
                "worst_error": float(error.max()),
            }
        )

    for name, engine in (("scipy LSODA, full", scipy_lsoda), ("scipy expm, full", scipy_expm)):
        engine(dose[0], condition)  # what JAX compiles for the matrices is left out
        found, used = [], 0.0
        for c in dose:
            one, spent = measured(lambda c=c, engine=engine: engine(c, condition))
            found.append(one)
            used += spent
            if used > seconds:
                break
        note(name, np.stack(found), used)
    for name, made, some in (
        ("unwound, full", own_full, dose[: min(count, 500)]),
        ("unwound, reduced", own_reduced, dose),
    ):
        run = made(condition)
        run(some)  # compilation is left out
        note(name, *measured(lambda run=run, some=some: run(some)))
    speed = {row["engine"]: row["simulations_per_cpu_second"] for row in rows}
    for row in rows:
        row["ratio_to_scipy_lsoda"] = row["simulations_per_cpu_second"] / speed["scipy LSODA, full"]
        row["ratio_to_full"] = row["simulations_per_cpu_second"] / speed["unwound, full"]
    return rows


def _line(row: dict[str, Any]) -> str:
    return (
        f"{row['condition']:16} {row['engine']:18} {row['simulations']:>7,} simulations "
        f"{row['simulations_per_cpu_second']:>11,.1f}/s  x{row['ratio_to_scipy_lsoda']:>8,.0f} LSODA "
        f"x{row['ratio_to_full']:>7,.1f} full  error {row['error_at_1_uM']:.1e} at 1 uM, "
        f"{row['worst_error_to_1_uM']:.1e} below, {row['worst_error']:.1e} to 10 uM"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Full scheme and reduced form of receptor block (see bench/README.md)."
    )
    parser.add_argument("--simulations", type=int, default=10_000, help="concentrations (default 10,000)")
    parser.add_argument("--seconds", type=float, default=10.0, help="CPU seconds per scipy engine (default 10)")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    options = parser.parse_args()
    rows: list[dict[str, Any]] = []
    for condition in CONDITIONS:
        for row in compare(condition, options.simulations, options.seconds):
            rows.append(row)
            if not options.json:
                print(_line(row), flush=True)
    if options.json:
        print(json.dumps({"machine": platform.platform(), "rows": rows}, indent=2))


if __name__ == "__main__":
    main()
