"""The folder of a job: what is to be done, what is done, and in the end the result.

    DIR/job.json              the job, its hash, the size of a block, the software
    DIR/blocks/000012.parquet the rows of block 12      DIR/blocks/000012.json   its line
    DIR/result/               the result of all blocks, once finished (`reporting.store`)

Block n of size B holds the people n B ... (n+1) B - 1, whatever the size of a replicate. Files take their names in one
step, whole; hidden files (a leading dot) are what a killed worker left behind and count for nothing.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import json
import os
import pathlib
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from unwound.core.errors import InputError, Problem, StoreError
from unwound.core.files import atomic_write, sync
from unwound.core.safety import SIMULATION_ONLY
from unwound.long_runs.job import Job, made_with
from unwound.long_runs.line import Line
from unwound.reporting.disk import reason, refusing
from unwound.reporting.manifest import canonical, digest, pretty

JOB_NAME = "job.json"
FORMAT = 1
BLOCK_SIZE = 4096
LARGEST_BLOCK = 65536  # people; their rows are held in memory until the part is written


@dataclass(frozen=True)
class JobFolder:
    """A folder that belongs to one job."""

    path: pathlib.Path
    specification: Mapping[str, Any]
    block_size: int
    made_with: Mapping[str, str]
    command: str

    @classmethod
    def prepare(
        cls, path: str | os.PathLike[str], job: Job, block_size: int | None = None, command: str = ""
    ) -> JobFolder:
        """The folder for `job`: made now, or found as this job left it. Raises `StoreError` for a folder of another."""
        if block_size is not None and not 1 <= block_size <= LARGEST_BLOCK:
            rule = f"must be 1 to {LARGEST_BLOCK:,} people"
            raise InputError(Problem("block size", block_size, rule, f"leave it out for {BLOCK_SIZE:,}"))
        folder = pathlib.Path(os.path.realpath(path))
        if is_job_folder(folder):
            return cls.open(folder)._for(job, block_size)
        with refusing(f"--out {folder}: a run cannot be stored here"):
            if folder.is_dir() and [entry for entry in folder.iterdir() if not _is_leftover(entry)]:
                rule = "the folder holds something else than a job; nothing is overwritten"
                raise StoreError(f"--out {folder}: {rule}: choose another --out or remove it")
            folder.mkdir(parents=True, exist_ok=True)
            made = cls(folder, job.specification, block_size or BLOCK_SIZE, made_with(), command)
            made.blocks_path.mkdir(exist_ok=True)
        atomic_write(folder / JOB_NAME, made.render())
        sync(folder.parent)
        return made

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> JobFolder:
        """The job in a folder. Raises `StoreError` where there is none, or an altered one."""
        folder = pathlib.Path(os.path.realpath(path))
        try:
            raw = (folder / JOB_NAME).read_bytes()
        except OSError as error:
            raise StoreError(f"{path}: no job here ({JOB_NAME}: {reason(error)}); name the folder of a run") from None
        try:
            found = json.loads(raw.decode())
            if found["tool"] != "unwound" or found["format"] != FORMAT:
                raise ValueError(f"this version reads format {FORMAT}")
            known = {name: found[name] for name in ("specification", "block_size", "made_with", "command")}
            opened = cls(folder, **known)
            rendered = opened.render()
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, StoreError) as error:
            raise StoreError(f"{path}: {JOB_NAME} cannot be read: {type(error).__name__}: {error}") from None
        if rendered != raw:
            raise StoreError(f"{path}: {JOB_NAME} was altered: text and hash do not agree")
        return opened

    def render(self) -> bytes:
        """The bytes of ``job.json``."""
        own = {name: getattr(self, name) for name in ("specification", "block_size", "made_with", "command")}
        fixed = {"tool": "unwound", "format": FORMAT, "simulation_only": SIMULATION_ONLY, "job_sha256": self.sha256}
        return pretty({**own, **fixed, "file_sha256": digest(canonical({**own, **fixed}))})

    @functools.cached_property
    def sha256(self) -> str:
        """The hash of the job."""
        return digest(canonical(self.specification))

    @functools.cached_property
    def job(self) -> Job:
        """The job itself, to be computed. Raises `StoreError` when begun with other software or evidence."""
        now = made_with()
        if changed := [name for name in self.made_with if self.made_with[name] != now.get(name)]:
            was = ", ".join(
                f"{name} {self.made_with[name][:12]} (now {now.get(name, 'absent')[:12]})" for name in changed
            )
            remedy = "install what it was begun with, or start anew in another folder"
            raise StoreError(f"{self.path}: begun with {was}; one result must not mix both: {remedy}")
        job = Job.from_specification(self.specification)
        if job.sha256 != self.sha256:
            raise StoreError(f"{self.path}: this version reads another job out of {JOB_NAME}; start anew elsewhere")
        return job

    @property
    def people(self) -> int:
        return int(self.specification["people"])

    @property
    def blocks(self) -> int:
        """How many blocks."""
        return -(-self.people // self.block_size)

    @property
    def blocks_path(self) -> pathlib.Path:
        return self.path / "blocks"

    @property
    def result_path(self) -> pathlib.Path:
        return self.path / "result"

    def ids(self, block: int) -> range:
        """The numbers of the people of a block. Raises `InputError` for a block there is none of."""
        if not 0 <= block < self.blocks:
            rule = f"this job has the blocks 0 to {self.blocks - 1}"
            raise InputError(Problem("block", block, rule, "`unwound trial status` tells which are missing"))
        return range(block * self.block_size, min((block + 1) * self.block_size, self.people))

    def part_path(self, block: int) -> pathlib.Path:
        return self.blocks_path / f"{block:06d}.parquet"

    def line_path(self, block: int) -> pathlib.Path:
        return self.blocks_path / f"{block:06d}.json"

    def line(self, block: int) -> Line | None:
        """The line of a block, None where it is not done. Raises `StoreError` for one that cannot be this block's."""
        path, ids = self.line_path(block), self.ids(block)
        try:
            raw = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreError(f"the line {path.name} cannot be read: {reason(error)}") from None
        line = Line.parse(raw, path.name)
        if (line.job_sha256, line.block) != (self.sha256, block):
            raise StoreError(f"the line {path.name} belongs to another job or block")
        if (line.first, line.last, line.rows) != (ids[0], ids[-1], len(ids)):
            raise StoreError(f"the line {path.name} tells of other people than those of block {block}")
        return line

    def sweep(self, older_than_s: float = 0.0) -> None:
        """Remove what killed workers left behind, if it is older than this: somebody else may be at work."""
        for entry in [*self.path.iterdir(), *self.blocks_path.iterdir()]:
            with contextlib.suppress(OSError):
                if time.time() - entry.stat().st_mtime < older_than_s:
                    continue
            if entry.name.startswith(".unwound-"):  # a result that was being written
                shutil.rmtree(entry, ignore_errors=True)
            elif entry.name.startswith(".") and entry.name.endswith(".part"):
                with contextlib.suppress(OSError):
                    entry.unlink()

    def _for(self, job: Job, block_size: int | None) -> JobFolder:
        if job.sha256 != self.sha256:
            differs = ", ".join(_differences(self.specification, job.specification))
            remedy = "choose another --out, or continue the job that is there with `unwound trial resume`"
            raise StoreError(f"--out {self.path}: the folder of another job (it differs in {differs}): {remedy}")
        if block_size not in (None, self.block_size):
            rule = f"this job was begun with blocks of {self.block_size}"
            raise InputError(Problem("block size", block_size, rule, "leave it out, or choose another --out"))
        return self


def is_job_folder(path: str | os.PathLike[str]) -> bool:
    """Whether a job lies in a folder (whole or not)."""
    return (pathlib.Path(path) / JOB_NAME).is_file()


def _is_leftover(entry: pathlib.Path) -> bool:
    """What a killed `prepare` may leave: an empty folder of blocks, and a hidden job.json."""
    empty_blocks = entry.name == "blocks" and entry.is_dir() and not any(entry.iterdir())
    return empty_blocks or entry.name.startswith(f".{JOB_NAME}.")


def _differences(one: Any, other: Any, where: str = "") -> list[str]:
    """Where two specifications differ, with both values."""
    if not (isinstance(one, Mapping) and isinstance(other, Mapping)):
        return [] if one == other else [f"{where}: {_short(one)}, asked for {_short(other)}"]
    names = dict.fromkeys((*one, *other))
    deeper = (_differences(one.get(name), other.get(name), f"{where}.{name}" if where else name) for name in names)
    return [line for lines in deeper for line in lines][:5]


def _short(value: Any) -> str:
    text = json.dumps(value) if not dataclasses.is_dataclass(value) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."
