"""One block of a job: simulated, written, told. Doing it twice is doing it once.

The people of a block are computed in chunks, so memory does not grow with the block but for its rows. The part is on
the disk before its line: a worker killed at any moment leaves a block that is done, or one that will be done again
with the same bytes. Two workers on one block write the same.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from unwound.core.errors import InputError, StoreError
from unwound.core.files import write_whole
from unwound.long_runs.folder import JobFolder
from unwound.long_runs.line import Line
from unwound.reporting.disk import digest_of, reason
from unwound.reporting.manifest import digest
from unwound.reporting.parquet import arrow_table, write_table

if TYPE_CHECKING:
    from unwound.trials.people_rows import PeopleRows

CHUNK = 4096
"""People computed at once: enough to fill the lanes of those who need a finer mesh, some 100 MB of their courses."""

KEYS = "evidence_keys"
"""The field of a part's metadata that names the rows of the evidence it rests on."""


def simulate_block(
    folder: JobFolder, block: int, progress: Callable[[int], None] | None = None, threads: int = 1
) -> Line:
    """Do one block, unless it is done: its part, then its line. `progress` hears of every person computed.

    Raises `StoreError` when the disk refuses; what was stored before stays.
    """
    ids = folder.ids(block)
    if (done := stored(folder, block)) is not None:
        return done
    data = part_bytes(folder, np.asarray(ids), progress, threads)
    line = Line(folder.sha256, block, ids[0], ids[-1], len(ids), len(data), digest(data))
    try:
        write_whole(folder.part_path(block), data)
        write_whole(folder.line_path(block), line.render())
    except OSError as error:
        remedy = f"what is stored stays: make room and permission, then `unwound trial resume {folder.path}`"
        raise StoreError(f"{folder.path}: block {block} cannot be stored ({reason(error)}); {remedy}") from None
    return line


def stored(folder: JobFolder, block: int) -> Line | None:
    """The line of a block whose part is what the line says; None for one that is missing or damaged."""
    try:
        line = folder.line(block)
        if line is None or digest_of(folder.part_path(block)) != line.sha256:
            return None
    except (StoreError, OSError):
        return None
    return line


def part_bytes(
    folder: JobFolder, ids: np.ndarray, progress: Callable[[int], None] | None = None, threads: int = 1
) -> bytes:
    """The Parquet file of some people of the job."""
    import pyarrow

    table = pyarrow.concat_tables(list(_tables(folder, ids, progress, threads))).combine_chunks()
    stream = pyarrow.BufferOutputStream()
    write_table(table, stream)
    return bytes(stream.getvalue().to_pybytes())


def _tables(folder: JobFolder, ids: np.ndarray, progress: Any, threads: int) -> Iterator[Any]:
    from unwound.trials.people_rows import people_rows

    job = folder.job
    setting = dataclasses.replace(job.setting, threads=threads)
    for begin in range(0, len(ids), CHUNK):
        yield table_of(people_rows(job.trial, setting, ids[begin : begin + CHUNK], job.daily, progress))


def table_of(rows: PeopleRows) -> Any:
    """The rows of some people as an Arrow table: weeks and days are lists, what is missing is null."""
    lists = {name: np.ma.masked_invalid(values) for name, values in {**rows.weekly, **rows.daily}.items()}
    own = {name: np.ma.masked_invalid(v) if v.dtype.kind == "f" else v for name, v in rows.columns.items()}
    columns = {"person": np.asarray(rows.ids, np.int64), **own, **lists}
    units = {name: unit for name, unit in rows.units.items() if name in columns}
    return arrow_table("people", columns, units, {KEYS: " ".join(rows.keys)})


def work(path: str, block: int) -> int:
    """What a process or a worker of a cluster is asked to do; gives how many people were computed."""
    try:
        return simulate_block(JobFolder.open(path), block).rows
    except InputError as error:  # it does not travel between processes
        raise StoreError(f"block {block}: {error}") from None
