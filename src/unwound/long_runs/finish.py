"""All blocks of a job become one result: every part verified, no gap, nobody twice, the same bytes however it was cut.

    result/people.parquet    one row per person, in the order of their numbers
    result/weekly.parquet    means of the arms by week       result/result.json    endpoints by arm, in short
    result/manifest.json     specification, seed, versions, sha256 of each file

One thread writes row groups of a fixed size. The result hash leaves out the time, the command and the machine.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from unwound import evidence
from unwound.core.errors import StoreError
from unwound.core.safety import SIMULATION_ONLY
from unwound.long_runs.block import KEYS
from unwound.long_runs.folder import JobFolder
from unwound.long_runs.summary import Summary
from unwound.long_runs.verify import block_problems, verify
from unwound.reporting.disk import refusing
from unwound.reporting.manifest import digest
from unwound.reporting.parquet import read_table, row_groups
from unwound.reporting.results import Results, read
from unwound.reporting.store import ResultFolder


def finish(path: str | os.PathLike[str], progress: Callable[[int], None] | None = None, command: str = "") -> Results:
    """The result of a job whose blocks are all done; made once, then found. `progress` hears of each block.

    Raises `StoreError` with every gap, stranger and alteration; nothing is written then.
    """
    from unwound.reporting.publish import assumed_in_words, values_of
    from unwound.trials.conduct import WEEK_H, visits_of

    folder = JobFolder.open(path)
    if folder.result_path.is_dir():
        if problems := verify(path):
            remedy = "remove the folder `result` and finish again" if folder.blocks_path.is_dir() else "run it again"
            raise StoreError(f"{path}: finished before, but: {'; '.join(problems)}: {remedy}")
        return read(folder.result_path)
    if problems := block_problems(folder, all_of_them=True):
        remedy = f"`unwound trial resume {path}` does what is missing or altered"
        raise StoreError(f"{path}: not finished: {'; '.join(problems)}: {remedy}")
    folder.sweep()
    trial = folder.specification["trial"]
    read_trial = folder.job.trial
    groups = [group.name for group in read_trial.groups]
    summary = Summary(groups, (visits_of(read_trial) / WEEK_H).tolist())
    keys: dict[str, None] = {}
    with ResultFolder.reserve(folder.result_path) as result:
        result.write_stream("people", _groups(folder, summary, keys, progress))
        result.write_table("weekly", *summary.weekly_columns())
        told = {
            "simulation_only": SIMULATION_ONLY, "trial": trial["name"], "title": trial["title"],
            "job_sha256": folder.sha256, "people": folder.people, "replicates": folder.specification["replicates"],
            "setting": folder.specification["setting"], "endpoints": summary.endpoints(),
            "verdicts": summary.verdicts(),
        }  # fmt: skip
        result.write_json("result", told)
        result.describe(
            command=folder.command or command,
            seed=folder.specification["setting"]["seed"],
            specification={**folder.specification, "job_sha256": folder.sha256, "evidence": values_of(keys)},
            assumed=[*trial.get("assumed", ()), *assumed_in_words(keys)],
            citations=[citation.text() for citation in evidence.citations(keys)],
            verdicts=summary.verdicts(),
            warnings=_warnings(trial),
        )
    return read(folder.result_path)


def _warnings(trial: Mapping[str, Any]) -> list[str]:
    """Soft dose limits exceeded: they stay in the result."""
    from unwound.trials import Trial

    return [str(warning) for warning in Trial.from_dict(trial, "job.json").warnings()]


def _groups(
    folder: JobFolder, summary: Summary, keys: dict[str, None], progress: Callable[[int], None] | None
) -> Iterator[Any]:
    """The rows of all blocks in groups of one size, counted as they pass."""
    for group in row_groups(_parts(folder, keys, progress)):
        summary.add(group)
        yield group


def _parts(folder: JobFolder, keys: dict[str, None], progress: Callable[[int], None] | None) -> Iterator[Any]:
    schema = None
    for block in range(folder.blocks):
        table = part_table(folder, block)
        keys |= dict.fromkeys((table.schema.metadata or {}).get(KEYS.encode(), b"").decode().split())
        schema = schema or table.schema
        if not table.schema.equals(schema, check_metadata=True):
            raise StoreError(f"block {block}: its columns are not those of block 0: remove blocks/ and resume")
        yield table
        if progress is not None:
            progress(1)


def part_table(folder: JobFolder, block: int) -> Any:
    """The rows of a block: hash, page checksums and the numbers of the people verified as they are read."""
    import pyarrow

    line = folder.line(block)
    path = folder.part_path(block)
    with refusing(f"{path}: the part cannot be read"):
        data = path.read_bytes()
    if line is None or digest(data) != line.sha256:
        raise StoreError(f"the part {path.name} was altered while it was read: `unwound trial resume {folder.path}`")
    try:
        table = read_table(data)
        found = table["person"].to_numpy()
    except (pyarrow.ArrowException, OSError, KeyError) as error:
        raise StoreError(f"the part {path.name} cannot be read as a table: {error}") from None
    if not np.array_equal(found, np.asarray(folder.ids(block))):
        raise StoreError(f"the part {path.name} holds other people than {line.first} to {line.last}")
    return table
