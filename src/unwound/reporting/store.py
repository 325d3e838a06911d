"""The result of one run as a folder that is written whole or not at all, and can tell whether it was altered.

Everything goes into a hidden folder beside the final place, every file is synced to the disk, then the folder
takes its name in one step. After an error or Ctrl-C nothing half-written remains; nothing is overwritten::

    folder = ResultFolder.reserve("out/run-1")        # refuses now what would fail after the computation
    ...                                               # hours of work
    with folder:
        folder.write_table("courses", {"time_h": time, "pain": pain}, {"time_h": "h", "pain": "points"})
        folder.describe(command="unwound simulate ...", seed=7, specification=protocol)

    read("out/run-1").table("courses")["pain"]        # every hash verified

Tables are Parquet with a checksum on every page, written by one thread in row groups of a fixed size: the
same data give the same bytes.
"""

from __future__ import annotations

import contextlib
import datetime
import os
import pathlib
import secrets
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import numpy as np

from unwound.core.errors import StoreError
from unwound.core.files import sync
from unwound.reporting.disk import digest_of, make_parents, refusing, remove, with_suffix
from unwound.reporting.manifest import (
    MANIFEST_NAME,
    Manifest,
    Part,
    check_part_name,
    plain,
    pretty,
)
from unwound.reporting.parquet import ROWS_PER_GROUP, arrow_table, write_table, write_tables
from unwound.reporting.results import Results, read, verify

__all__ = ["ROWS_PER_GROUP", "ResultFolder", "Results", "read", "verify"]


class ResultFolder:
    """A place for one result: made by `reserve`, filled inside ``with``, there when the block has ended."""

    def __init__(self, path: pathlib.Path):
        self.path = path
        self._work: pathlib.Path | None = None
        self._parts: dict[str, Part] = {}
        self._about: dict[str, Any] | None = None

    @classmethod
    def reserve(cls, path: str | os.PathLike[str]) -> Self:
        """A result folder at `path`, after a rehearsal. Nothing is left on the disk yet.

        Raises `StoreError` when something lies at `path` already (an empty folder may) or when its parent
        cannot be written.
        """
        with refusing(f"--out {os.fspath(path)}: a result cannot be written here"):
            folder = cls(pathlib.Path(os.path.realpath(path)))
            folder._check_free()
            probe = folder._hidden()
            made: list[pathlib.Path] = []
            try:
                make_parents(probe, made)
                probe.mkdir()
            finally:
                remove(probe, made, os.getpid())
        return folder

    def __enter__(self) -> Self:
        if self._work is not None:
            raise StoreError(f"--out {self.path}: this result is open or written already; reserve another")
        self._work = self._hidden()
        made: list[pathlib.Path] = []
        self._cleanup = weakref.finalize(self, remove, self._work, made, os.getpid())  # also at a hard exit
        try:
            with refusing(f"--out {self.path}: a result cannot be written here"):
                self._check_free()
                make_parents(self.path, made)
                self._work.mkdir()
        except BaseException:
            self._cleanup()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._commit()
        finally:
            if (left := self._cleanup.peek()) is not None:
                remove(*left[2])  # a second Ctrl-C in here leaves the finalizer alive, which tries again
                self._cleanup.detach()

    def write_bytes(self, name: str, data: bytes) -> None:
        """Add the part `name` with the content `data`."""
        with self._new_part(name) as file:
            file.write_bytes(data)

    def write_json(self, name: str, value: Any) -> None:
        """Add the part `name` (".json" is appended where missing): sorted keys, NaN as null."""
        self.write_bytes(with_suffix(name, ".json"), pretty(value))

    def write_table(
        self, name: str, columns: Mapping[str, np.ndarray | Sequence[Any]], units: Mapping[str, str]
    ) -> None:
        """Add the part `name` (".parquet" is appended where missing): columns of one length, with units."""
        name = with_suffix(name, ".parquet")
        table = arrow_table(name, columns, units)
        with self._new_part(name) as file:
            write_table(table, file)

    def write_stream(self, name: str, tables: Iterable[Any]) -> None:
        """Add the part `name` (".parquet" is appended where missing): Arrow tables of one schema, one after another."""
        with self._new_part(with_suffix(name, ".parquet")) as file:
            write_tables(tables, file)

    def describe(
        self,
        *,
        command: str,
        seed: int | None,
        specification: Mapping[str, Any],
        assumed: Sequence[Any] = (),
        citations: Sequence[Any] = (),
        verdicts: Mapping[str, Any] | None = None,
        warnings: Sequence[str] = (),
    ) -> None:
        """Say how the result was made. Required once before the block ends; the last call counts."""
        about = {"command": command, "seed": seed, "specification": specification, "assumed": assumed}
        about |= {"citations": citations, "verdicts": verdicts or {}, "warnings": warnings}
        self._about = plain(about, "describe")

    @contextlib.contextmanager
    def _new_part(self, name: str) -> Iterator[pathlib.Path]:
        if self._work is None or not self._cleanup.alive:
            raise StoreError(f"part {name}: parts are written inside `with folder:`")
        if check_part_name(name).casefold() in {known.casefold() for known in self._parts}:
            raise StoreError(f"part {name}: this result has one already; choose another name")
        file = self._work / name
        with refusing(f"--out {self.path}: the part {name} cannot be written"):
            yield file
            sync(file)
            self._parts[name] = Part(name, digest_of(file), file.stat().st_size)

    def _commit(self) -> None:
        if self._about is None:
            raise StoreError(f"--out {self.path}: call describe(...) first; a result says how it was made")
        assert self._work is not None
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        manifest = Manifest(**self._about, parts=tuple(self._parts.values()), created_utc=now)
        with refusing(f"--out {self.path}: the result cannot be written here"):
            (self._work / MANIFEST_NAME).write_bytes(manifest.render())
            sync(self._work / MANIFEST_NAME)
            sync(self._work)
            self._check_free()
            if os.name == "nt" and self.path.exists():
                self.path.rmdir()
            self._work.rename(self.path)  # refused by the system if a file or a filled folder came meanwhile
            self._cleanup.detach()
            sync(self.path.parent)

    def _check_free(self) -> None:
        remedy = "choose another --out or remove it"
        if self.path.is_dir():
            if any(self.path.iterdir()):
                rule = "the folder exists and is not empty; a result is never overwritten"
                raise StoreError(f"--out {self.path}: {rule}: {remedy}")
            if os.path.ismount(self.path):
                raise StoreError(f"--out {self.path}: a mount point cannot be replaced: choose a folder inside it")
        elif os.path.lexists(self.path):
            raise StoreError(f"--out {self.path}: something that is not a folder lies here: {remedy}")

    def _hidden(self) -> pathlib.Path:
        return self.path.parent / f".unwound-{secrets.token_hex(8)}"
