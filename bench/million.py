"""A million people for 180 days, stored week by week, on the cores of this machine.

    python bench/million.py                          1,000,000 people, two processes (bar: 10 minutes, 2 GB each)
    python bench/million.py --patients 50000 --json  and what a million would take

The work is the replica of Sigtermans 2009 with 26 weekly visits, under H2 with flares: 100 hours of titrated infusion,
and 180 days of follow-up. Time is from the start of the command to the finished result, compiling included.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import threading
import time
from typing import Any

UNWOUND = "import sys; from unwound.interfaces.cli import main; sys.argv[0] = 'unwound'; main()"
MILLION = 1_000_000
WEEKS = 26


def trial_file(place: pathlib.Path) -> pathlib.Path:
    """The replica, followed for half a year."""
    from unwound.evidence.shipped import text_of

    text = text_of("trials/sigtermans2009/protocol.toml")
    path = place / "half_a_year.toml"
    named = text.replace('name = "sigtermans2009"', 'name = "half_a_year"')
    path.write_text(named.replace("weeks = 12", f"weeks = {WEEKS}"), encoding="utf-8")
    return path


class Memory:
    """Watches a process and its children: the most memory each has held [MB], and processor time of all [s]."""

    def __init__(self, process: subprocess.Popen):
        self.most: dict[int, float] = {}
        self.cpu: dict[int, float] = {}
        self._process = process
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while self._process.poll() is None:
            for process in self._family():
                try:
                    status = (pathlib.Path("/proc") / str(process) / "status").read_text()
                    ticks = (pathlib.Path("/proc") / str(process) / "stat").read_text().rpartition(")")[2].split()
                except OSError:
                    continue
                peak = next((line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")), "0")
                self.most[process] = max(self.most.get(process, 0.0), float(peak) / 1024.0)  # a zombie holds none
                self.cpu[process] = (float(ticks[11]) + float(ticks[12])) / 100.0
            time.sleep(0.5)

    def _family(self) -> list[int]:
        known = [self._process.pid]
        for process in known:
            for children in pathlib.Path(f"/proc/{process}/task").glob("*/children"):
                try:
                    known += [int(child) for child in children.read_text().split()]
                except OSError:
                    continue
        return known


def measure(patients: int, executor: str, block_size: int) -> dict[str, Any]:
    """One run from the start of the command to the result."""
    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place) / "run"
        words = ["trial", "run", trial_file(pathlib.Path(place)), "--out", folder, "--patients", patients]
        words += ["--executor", executor, "--block-size", block_size, "--json"]
        begin = time.monotonic()
        run = subprocess.Popen([sys.executable, "-c", UNWOUND, *map(str, words)], stdout=subprocess.PIPE, text=True)
        memory = Memory(run)
        out, _ = run.communicate()
        seconds = time.monotonic() - begin
        if run.returncode not in (0, 3):
            raise SystemExit("the run failed")
        told = json.loads(out)
        stored = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    cpu = sum(memory.cpu.values())
    return {
        "people": told["people"], "executor": executor, "seconds": round(seconds, 1), "cpu_seconds": round(cpu, 1),
        "people_per_cpu_second": round(told["people"] / cpu), "verdicts": told["verdicts"],
        "peak_memory_mb": sorted((round(most) for most in memory.most.values()), reverse=True),
        "stored_mb": round(stored / 2**20, 1), "result_sha256": told["result_sha256"],
    }  # fmt: skip


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--patients", type=int, default=MILLION)
    asked.add_argument("--executor", default="processes:2")
    asked.add_argument("--block-size", type=int, default=8192)
    asked.add_argument("--json", action="store_true")
    given = asked.parse_args()
    told = measure(given.patients, given.executor, given.block_size)
    if given.patients < MILLION:
        small = measure(max(given.patients // 10, 1000), given.executor, given.block_size)
        for name in ("seconds", "cpu_seconds"):
            per_person = (told[name] - small[name]) / (told["people"] - small["people"])
            whole = told[name] + per_person * (MILLION - told["people"])
            told[f"a_million_would_take_{name}"] = round(whole)
    print(json.dumps(told, indent=2) if given.json else "\n".join(f"{name}: {value}" for name, value in told.items()))


if __name__ == "__main__":
    main()
