"""Who does the blocks: threads of this process, processes of this machine, or a cluster.

    auto            threads, one per core
    threads[:N]     N blocks at a time in one process; one compiled program serves all
    processes:N     N processes, spawned and never forked, XLA held to one thread in each
    dask:ADDRESS    the workers of a Dask scheduler (tcp://host:port, or a scheduler file), on a shared disk

A batch scheduler needs none of these: `simulate_block` in every task, then `finish`. Whoever does a block, its bytes
are the same, and a block that is done is never done again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Protocol

from unwound.core.errors import InputError, Problem
from unwound.long_runs.block import simulate_block, stored
from unwound.long_runs.folder import JobFolder
from unwound.reporting.disk import refusing

ABANDONED_S = 600.0
"""A hidden file of that age belongs to nobody any more: a part is written in seconds."""

Heard = Callable[[int], None]
"""Hears how many more people were computed."""


class Executor(Protocol):
    """Does blocks of a job and returns when all of them are done."""

    def run(self, folder: JobFolder, blocks: Sequence[int], heard: Heard) -> None: ...


def executor_of(text: str = "auto", threads: int | None = None) -> Executor:
    """The executor that `text` names. Raises `InputError`."""
    kind, _, rest = text.partition(":")
    if kind in ("auto", "threads") and (not rest or kind == "threads"):
        from unwound.patient.lanes import thread_count

        return Threads(_count(text, rest) if rest else thread_count(threads))
    if kind == "processes":
        from unwound.long_runs.processes import Processes

        return Processes(_count(text, rest))
    if kind == "dask" and rest:
        from unwound.long_runs.cluster import DaskCluster

        return DaskCluster(rest)
    raise _unknown(text)


def execute(folder: JobFolder, executor: Executor, heard: Heard | None = None) -> int:
    """Do every block of the job that is missing or damaged; how many there were.

    Raises `StoreError` when a block cannot be stored, and `KeyboardInterrupt` after Ctrl-C; what was stored stays.
    """
    _ = folder.job  # other software is refused before anybody starts to work
    with refusing(f"{folder.path}: its blocks cannot be stored"):
        folder.blocks_path.mkdir(exist_ok=True)
        folder.sweep(ABANDONED_S)
    blocks = [block for block in range(folder.blocks) if stored(folder, block) is None]
    if blocks:
        executor.run(folder, blocks, heard or (lambda people: None))
    return len(blocks)


class Stopped(Exception):
    """Raised inside a thread that shall end."""


@dataclass(frozen=True)
class Threads:
    """Threads that take blocks as they come. With fewer blocks than threads, the lanes of a block share them."""

    count: int

    def run(self, folder: JobFolder, blocks: Sequence[int], heard: Heard) -> None:
        stop, lock = threading.Event(), threading.Lock()
        at_once = min(self.count, len(blocks))

        def tell(people: int) -> None:
            if stop.is_set():
                raise Stopped
            with lock:
                heard(people)

        def work(block: int) -> None:
            if not stop.is_set():
                simulate_block(folder, block, tell, self.count // at_once)

        with ThreadPoolExecutor(at_once) as pool:
            try:
                futures = [pool.submit(work, block) for block in blocks]
                for future in wait(futures, return_when=FIRST_EXCEPTION).done:
                    future.result()
            except BaseException:
                stop.set()
                pool.shutdown(wait=True, cancel_futures=True)
                raise


def _count(text: str, number: str) -> int:
    if not number.isdigit() or not 1 <= int(number) <= 1024:
        raise _unknown(text)
    return int(number)


def _unknown(text: str) -> InputError:
    rule = "an executor is auto, threads, threads:N, processes:N or dask:ADDRESS"
    return InputError(Problem("executor", text, rule, "for example processes:2, or dask:tcp://10.0.0.1:8786"))
