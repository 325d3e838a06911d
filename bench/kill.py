"""Kill a long run at random, and workers of its cluster; compare with a run that nobody disturbed.

    python bench/kill.py                        20 x kill -9 of 20,000 patients, 5 x of a Dask worker
    python bench/kill.py --patients 2000 --kills 3 --dask-kills 1 --json

Each kill comes at a random moment of a fresh `unwound trial resume`: while it computes, writes, or finishes. In the end
every person must be there once, and the result must have the hash of the undisturbed one.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time
from typing import Any

import numpy as np

UNWOUND = "import sys; from unwound.interfaces.cli import main; sys.argv[0] = 'unwound'; main()"
TRIAL = "SIG09"


def command(*words: Any) -> list[str]:
    return [sys.executable, "-c", UNWOUND, "trial", *map(str, words)]


def started(*words: Any) -> subprocess.Popen:
    """The command in a session of its own, so that a kill takes its processes too."""
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(command(*words), start_new_session=True, **silent)


def done(*words: Any) -> dict[str, Any]:
    finished = subprocess.run(command(*words, "--json"), capture_output=True, text=True)
    if finished.returncode not in (0, 3):  # 3: somebody's numbers failed their check, and are marked
        raise SystemExit(f"unwound trial {' '.join(map(str, words))}: {finished.stderr}")
    return json.loads(finished.stdout)


def lines(folder: pathlib.Path) -> int:
    return len(list((folder / "blocks").glob("[0-9]*.json")))


def kill_often(folder: pathlib.Path, kills: int, executor: str, dice: random.Random) -> tuple[int, int]:
    """(kills that hit a living run, most blocks stored when one hit)."""
    hit = most = 0
    while hit < kills:
        run = started("resume", folder, "--executor", executor)
        wanted = lines(folder) + dice.choice((0, 0, 1, 2))
        begin = time.monotonic()
        while run.poll() is None and lines(folder) < wanted and time.monotonic() - begin < 300:
            time.sleep(0.01)
        time.sleep(dice.uniform(0.0, 8.0 if wanted == lines(folder) and hit % 4 == 0 else 1.0))
        if run.poll() is not None:
            break  # the run is over: nothing left to disturb
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()
        hit, most = hit + 1, max(most, lines(folder))
    return hit, most


def kill_workers(folder: pathlib.Path, kills: int, dice: random.Random) -> int:
    """Kill workers of a local Dask cluster while they work; how many kills hit."""
    from distributed import Client, LocalCluster

    hit = 0
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        run = started("resume", folder, "--executor", f"dask:{cluster.scheduler_address}")
        while hit < kills and run.poll() is None:
            wanted = lines(folder) + 1
            while run.poll() is None and lines(folder) < wanted:
                time.sleep(0.02)
            time.sleep(dice.uniform(0.0, 1.0))
            workers = list(client.run(os.getpid).values()) if run.poll() is None else []
            if workers:
                os.kill(dice.choice(workers), signal.SIGKILL)
                hit += 1
        run.wait()
    return hit


def rows_lost_and_doubled(folder: pathlib.Path, people: int) -> tuple[int, int]:
    from unwound.reporting import read

    found = read(folder / "result").table("people")["person"]
    return people - len(np.unique(found)), len(found) - len(np.unique(found))


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--patients", type=int, default=20_000)
    asked.add_argument("--block-size", type=int, default=512)
    asked.add_argument("--kills", type=int, default=20)
    asked.add_argument("--dask-kills", type=int, default=5)
    asked.add_argument("--executor", default="processes:2")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--json", action="store_true")
    given = asked.parse_args()
    dice = random.Random(given.seed)
    with tempfile.TemporaryDirectory() as place:
        calm, killed, clustered = (pathlib.Path(place) / name for name in ("calm", "killed", "clustered"))
        size = ("--patients", given.patients, "--block-size", given.block_size)
        begin = time.monotonic()
        whole = done("run", TRIAL, "--out", calm, *size, "--executor", given.executor)
        told: dict[str, Any] = {"people": whole["people"], "seconds_undisturbed": round(time.monotonic() - begin, 1)}
        tries = [("kill -9 of the run", killed, lambda: kill_often(killed, given.kills, given.executor, dice)[0])]
        if given.dask_kills:
            tries.append(
                ("kill -9 of a Dask worker", clustered, lambda: kill_workers(clustered, given.dask_kills, dice))
            )
        for name, folder, disturb in tries:
            done("run", TRIAL, "--out", folder, *size, "--prepare")
            begin = time.monotonic()
            hits = disturb()
            blocks = lines(folder)
            again = done("resume", folder)
            lost, doubled = rows_lost_and_doubled(folder, whole["people"])
            told[name] = {
                "kills": hits, "blocks_stored_after_the_last_kill": blocks, "rows_lost": lost, "rows_doubled": doubled,
                "same_sha256": again["result_sha256"] == whole["result_sha256"],
                "problems": done("verify", folder)["problems"], "seconds": round(time.monotonic() - begin, 1),
            }  # fmt: skip
            if not given.json:
                print(f"{name}: {told[name]}", flush=True)
    if given.json:
        print(json.dumps(told, indent=2))
    else:
        print(f"undisturbed: {told['people']} people in {told['seconds_undisturbed']} s")


if __name__ == "__main__":
    main()
