"""How far a job is, and whether every byte of it is still what it was."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from unwound.core.errors import StoreError
from unwound.core.safety import SIMULATION_ONLY
from unwound.long_runs.folder import JOB_NAME, JobFolder
from unwound.reporting import results
from unwound.reporting.disk import digest_of, reason


@dataclass(frozen=True)
class Status:
    """How far a job is."""

    folder: str
    trial: str
    job_sha256: str
    people: int
    block_size: int
    blocks: int
    missing: tuple[int, ...]
    people_stored: int
    finished: bool

    @property
    def stored(self) -> int:
        """How many blocks have their line."""
        return self.blocks - len(self.missing)

    def as_dict(self) -> dict[str, Any]:
        """For the doors; missing blocks as (first, last)."""
        own = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {
            "simulation_only": SIMULATION_ONLY, **own, "stored": self.stored, "missing": ranges(self.missing),
        }  # fmt: skip


def status(folder: JobFolder) -> Status:
    """How far the job is, by the lines that are there. Parts are not read (`verify` reads them)."""
    missing = tuple(block for block in range(folder.blocks) if not folder.line_path(block).is_file())
    left = sum(len(folder.ids(block)) for block in missing)
    return Status(
        folder=str(folder.path),
        trial=str(folder.specification["trial"]["name"]),
        job_sha256=folder.sha256,
        people=folder.people,
        block_size=folder.block_size,
        blocks=folder.blocks,
        missing=missing,
        people_stored=folder.people - left,
        finished=folder.result_path.is_dir(),
    )


def verify(path: str | os.PathLike[str], progress: Callable[[int], None] | None = None) -> list[str]:
    """What is wrong with the folder of a job: nothing, or one sentence for each problem.

    Blocks that are not done yet are no problem before the job is finished. Once it is, ``blocks/`` may be removed as a
    whole, and the result stands for itself.
    """
    try:
        folder = JobFolder.open(path)
    except StoreError as error:
        return [str(error)]
    problems = []
    finished = folder.result_path.is_dir()
    if finished:
        problems += [f"result: {problem}" for problem in _result_problems(folder)]
    if folder.blocks_path.is_dir() or not finished:
        problems += block_problems(folder, finished, progress)
    known = {JOB_NAME, folder.blocks_path.name, folder.result_path.name}
    strangers = sorted(e.name for e in folder.path.iterdir() if e.name not in known and not e.name.startswith("."))
    return problems + [f"{name} does not belong to this job" for name in strangers]


def block_problems(folder: JobFolder, all_of_them: bool, progress: Callable[[int], None] | None = None) -> list[str]:
    """What is wrong with the blocks; with `all_of_them`, a block that is not done is a problem too."""
    problems, missing, known = [], [], set()
    for block in range(folder.blocks):
        part, line_path = folder.part_path(block), folder.line_path(block)
        known |= {part.name, line_path.name}
        try:
            line = folder.line(block)
            if line is None:
                missing.append(block)
            elif part.is_symlink() or digest_of(part) != line.sha256:
                problems.append(f"the part {part.name} was altered: it no longer has the sha256 of its line")
        except StoreError as error:
            problems.append(str(error))
        except OSError as error:
            problems.append(f"the part {part.name} cannot be read: {reason(error)}")
        if progress is not None:
            progress(1)
    if missing and all_of_them:
        problems.append(gap(folder, missing))
    try:
        found = {entry.name for entry in folder.blocks_path.iterdir() if not entry.name.startswith(".")}
    except OSError as error:
        return [*problems, f"the folder of the blocks cannot be read: {reason(error)}"]
    return problems + [f"blocks/{name} does not belong to this job" for name in sorted(found - known)]


def gap(folder: JobFolder, missing: Sequence[int]) -> str:
    """A sentence about blocks that are not there."""
    people = sum(len(folder.ids(block)) for block in missing)
    which = ", ".join(f"{a}" if a == b else f"{a}-{b}" for a, b in ranges(missing)[:10])
    more = " and more" if len(ranges(missing)) > 10 else ""
    return f"{len(missing)} of {folder.blocks} blocks are missing ({which}{more}), with {people:,} people"


def ranges(blocks: Sequence[int]) -> list[tuple[int, int]]:
    """Runs of consecutive numbers, as (first, last)."""
    runs = itertools.groupby(enumerate(sorted(blocks)), key=lambda pair: pair[1] - pair[0])
    whole = [[block for _, block in run] for _, run in runs]
    return [(run[0], run[-1]) for run in whole]


def _result_problems(folder: JobFolder) -> list[str]:
    problems = results.verify(folder.result_path)
    if not problems:
        specification = results.read(folder.result_path).manifest.specification
        if specification.get("job_sha256") != folder.sha256:
            problems.append("it is the result of another job")
    return problems
