"""A cluster through Dask distributed: blocks are sent to its workers, and sent again when workers die.

The workers need the same software and the same folder under the same path (a shared disk). Dask gives up a block
after a number of deaths of its workers (``distributed.scheduler.allowed-failures``); it is then sent anew as long as
other blocks get done.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from unwound.core.errors import InputError, Problem, StoreError
from unwound.long_runs.block import stored, work
from unwound.long_runs.folder import JobFolder
from unwound.long_runs.processes import hold_to_one_thread

CONNECT_S = "30s"


def work_on_cluster(path: str, block: int) -> int:
    """What a worker of the cluster does."""
    if "jax" not in sys.modules:
        hold_to_one_thread()
    return work(path, block)


@dataclass(frozen=True)
class DaskCluster:
    """The workers of the scheduler at an address, or of the one a scheduler file (.json) names."""

    address: str

    def run(self, folder: JobFolder, blocks: Sequence[int], heard: Callable[[int], None]) -> None:
        try:
            from distributed import Client
        except ImportError:
            remedy = "pip install 'unwound[cluster]', or use processes:N"
            raise InputError(Problem("executor", f"dask:{self.address}", "Dask is not installed", remedy)) from None
        where: dict[str, Any] = {"address": self.address}
        if self.address.endswith(".json"):
            where = {"scheduler_file": os.path.realpath(self.address)}
        try:
            client = Client(**where, timeout=CONNECT_S, set_as_default=False)
        except (OSError, ValueError, ImportError) as error:
            remedy = "check the address and that `dask scheduler` runs there"
            raise InputError(Problem("executor", f"dask:{self.address}", f"no scheduler: {error}", remedy)) from None
        with client:
            _run(client, folder, list(blocks), heard)


def _run(client: Any, folder: JobFolder, left: list[int], heard: Callable[[int], None]) -> None:
    turn = 0
    while left:
        given_up = _one_turn(client, folder, left, heard, turn)
        if len(given_up) == len(left):
            rule = "its workers die, and no block was stored meanwhile"
            remedy = f"look at their memory and logs, then `unwound trial resume {folder.path}`"
            raise StoreError(f"{folder.path}: {rule}; what is stored stays: {remedy}")
        left, turn = given_up, turn + 1


def _one_turn(client: Any, folder: JobFolder, blocks: list[int], heard: Callable[[int], None], turn: int) -> list[int]:
    """Send every block once; those that Dask gave up."""
    from distributed import KilledWorker, as_completed
    from distributed.client import FutureCancelledError

    name = f"unwound-{folder.sha256[:12]}-{os.getpid()}-{turn}"
    futures = {
        client.submit(work_on_cluster, str(folder.path), block, key=f"{name}-{block}", pure=False): block
        for block in blocks
    }
    given_up = []
    try:
        for future in as_completed(list(futures), loop=client.loop):
            block = futures.pop(future)  # no longer wanted: what a dying worker remembers need not be done again
            try:
                heard(future.result())
            except KilledWorker:
                given_up.append(block)
            except FutureCancelledError:
                rule, remedy = "the scheduler is gone", f"start it, then `unwound trial resume {folder.path}`"
                raise StoreError(f"{folder.path}: {rule}; what is stored stays: {remedy}") from None
    finally:
        client.cancel(list(futures))
    return [block for block in given_up if stored(folder, block) is None]
