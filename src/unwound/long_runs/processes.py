"""Processes of this machine: spawned (a forked JAX may hang), each with one thread of XLA, gone when their parent is.

A worker that dies (killed, out of memory) breaks a pool of processes; a new pool goes on with what is missing. Only
when nothing was stored between two deaths is the run given up.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass

from unwound.core.errors import StoreError
from unwound.core.files import being_written
from unwound.long_runs.block import stored, work
from unwound.long_runs.folder import JobFolder


def hold_to_one_thread() -> None:
    """Have XLA make one thread for itself. Before JAX starts: it reads this once."""
    os.environ["NPROC"] = "1"


def begin_worker() -> None:
    """Prepare a new process: one thread, deaf to Ctrl-C (the parent hears it), gone when the parent is gone."""
    hold_to_one_thread()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _end)
    parent = multiprocessing.parent_process()
    if parent is not None:

        def leave() -> None:
            parent.join()
            os._exit(1)

        threading.Thread(target=leave, daemon=True).start()


def _end(*_: object) -> None:
    """Leave at once. (An exception could be lost in a callback, or the pool would hand over the next block.)"""
    for hidden in tuple(being_written):
        hidden.unlink(missing_ok=True)
    os._exit(1)


@dataclass(frozen=True)
class Processes:
    """A pool of processes, each of which does whole blocks."""

    count: int

    def run(self, folder: JobFolder, blocks: Sequence[int], heard: Callable[[int], None]) -> None:
        left = list(blocks)
        while left:
            try:
                self._run(folder, left, heard)
            except BrokenProcessPool:
                still = [block for block in left if stored(folder, block) is None]
                if len(still) == len(left):
                    remedy = f"give it more memory or fewer processes, then `unwound trial resume {folder.path}`"
                    rule = "a process died (killed, or out of memory), and no block was stored meanwhile"
                    raise StoreError(f"{folder.path}: {rule}; what is stored stays: {remedy}") from None
                left = still
            else:
                return

    def _run(self, folder: JobFolder, blocks: Sequence[int], heard: Callable[[int], None]) -> None:
        spawn = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(min(self.count, len(blocks)), mp_context=spawn, initializer=begin_worker)
        try:
            futures = [pool.submit(work, str(folder.path), block) for block in blocks]
            for future in as_completed(futures):
                heard(future.result())
        except BaseException:
            workers = list((getattr(pool, "_processes", None) or {}).values())
            pool.shutdown(wait=False, cancel_futures=True)
            for worker in workers:  # a block takes seconds; who presses Ctrl-C does not wait for it
                worker.terminate()
            for worker in workers:
                worker.join()
            raise
        pool.shutdown()
