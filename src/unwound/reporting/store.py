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
import hashlib
import json
import os
import pathlib
import secrets
import shutil
import weakref
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import numpy as np

from unwound.core.errors import StoreError
from unwound.core.safety import SIMULATION_ONLY
from unwound.reporting.manifest import (
    MANIFEST_NAME,
    Manifest,
    Part,
    check_part_name,
    plain,
    pretty,
)

ROWS_PER_GROUP = 65536


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
        with _refusing(f"--out {os.fspath(path)}: a result cannot be written here"):
            folder = cls(pathlib.Path(os.path.realpath(path)))
            folder._check_free()
            probe = folder._hidden()
            made: list[pathlib.Path] = []
            try:
                _make_parents(probe, made)
                probe.mkdir()
            finally:
                _remove(probe, made, os.getpid())
        return folder

    def __enter__(self) -> Self:
        if self._work is not None:
            raise StoreError(f"--out {self.path}: this result is open or written already; reserve another")
        self._work = self._hidden()
        made: list[pathlib.Path] = []
        self._cleanup = weakref.finalize(self, _remove, self._work, made, os.getpid())  # also at a hard exit
        try:
            with _refusing(f"--out {self.path}: a result cannot be written here"):
                self._check_free()
                _make_parents(self.path, made)
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
                _remove(*left[2])  # a second Ctrl-C in here leaves the finalizer alive, which tries again
                self._cleanup.detach()

    def write_bytes(self, name: str, data: bytes) -> None:
        """Add the part `name` with the content `data`."""
        with self._new_part(name) as file:
            file.write_bytes(data)

    def write_json(self, name: str, value: Any) -> None:
        """Add the part `name` (".json" is appended where missing): sorted keys, NaN as null."""
        self.write_bytes(_with_suffix(name, ".json"), pretty(value))

    def write_table(
        self, name: str, columns: Mapping[str, np.ndarray | Sequence[Any]], units: Mapping[str, str]
    ) -> None:
        """Add the part `name` (".parquet" is appended where missing): columns of one length, with units."""
        import pyarrow
        import pyarrow.parquet

        name = _with_suffix(name, ".parquet")
        if strangers := sorted(set(units) - set(columns)):
            raise StoreError(f"table {name}: a unit is given for {strangers[0]!r}, which is not a column")
        fields: list[Any] = []
        arrays: list[Any] = []
        for column, values in columns.items():
            try:
                array = pyarrow.array(values if isinstance(values, (list, tuple)) else np.asarray(values))
            except (pyarrow.ArrowException, TypeError, ValueError) as error:
                raise StoreError(f"table {name}, column {column!r}: {error}") from None
            if arrays and len(array) != len(arrays[0]):
                rule = f"{len(array)} rows, but {fields[0].name!r} has {len(arrays[0])}"
                raise StoreError(f"table {name}, column {column!r}: {rule}; columns are equally long")
            unit = {"unit": units[column]} if column in units else None
            fields.append(pyarrow.field(column, array.type, metadata=unit))
            arrays.append(array)
        schema = pyarrow.schema(fields, metadata={"simulation_only": SIMULATION_ONLY})
        with self._new_part(name) as file:
            pyarrow.parquet.write_table(
                pyarrow.Table.from_arrays(arrays, schema=schema),
                file,
                row_group_size=ROWS_PER_GROUP,
                compression="zstd",
                write_page_checksum=True,
            )

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
        with _refusing(f"--out {self.path}: the part {name} cannot be written"):
            yield file
            _sync(file)
            self._parts[name] = Part(name, _digest_of(file), file.stat().st_size)

    def _commit(self) -> None:
        if self._about is None:
            raise StoreError(f"--out {self.path}: call describe(...) first; a result says how it was made")
        assert self._work is not None
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        manifest = Manifest(**self._about, parts=tuple(self._parts.values()), created_utc=now)
        with _refusing(f"--out {self.path}: the result cannot be written here"):
            (self._work / MANIFEST_NAME).write_bytes(manifest.render())
            _sync(self._work / MANIFEST_NAME)
            _sync(self._work)
            self._check_free()
            if os.name == "nt" and self.path.exists():
                self.path.rmdir()
            self._work.rename(self.path)  # refused by the system if a file or a filled folder came meanwhile
            self._cleanup.detach()
            _sync(self.path.parent)

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


@dataclass(frozen=True)
class Results:
    """A verified result folder."""

    folder: pathlib.Path
    manifest: Manifest

    def bytes(self, name: str) -> bytes:
        """The content of a part."""
        names = [part.name for part in self.manifest.parts]
        if name not in names:
            raise StoreError(f"{self.folder}: no part {name!r}; it has {', '.join(names) or 'none'}")
        with _refusing(f"{self.folder}: the part {name} cannot be read"):
            return (self.folder / name).read_bytes()

    def json(self, name: str) -> Any:
        """A part that was written with `write_json`."""
        return json.loads(self.bytes(_with_suffix(name, ".json")))

    def table(self, name: str) -> dict[str, np.ndarray]:
        """The columns of a part that was written with `write_table`, page checksums verified."""
        table = self._arrow(name)
        return {column: table[column].to_numpy() for column in table.column_names}

    def units(self, name: str) -> dict[str, str]:
        """The unit of each column that has one."""
        labels = {field.name: (field.metadata or {}).get(b"unit") for field in self._arrow(name).schema}
        return {column: label.decode() for column, label in labels.items() if label is not None}

    def _arrow(self, name: str) -> Any:
        import pyarrow
        import pyarrow.parquet

        data = self.bytes(_with_suffix(name, ".parquet"))
        try:
            source = pyarrow.BufferReader(data)
            return pyarrow.parquet.read_table(source, page_checksum_verification=True, use_threads=False)
        except (pyarrow.ArrowException, OSError) as error:
            raise StoreError(f"{self.folder}: the part {name} cannot be read as a table: {error}") from None


def read(folder: str | os.PathLike[str]) -> Results:
    """The result in `folder`. Raises `StoreError` with every problem that `verify` finds."""
    manifest, problems = _examine(pathlib.Path(folder))
    if manifest is None or problems:
        raise StoreError(f"{os.fspath(folder)}: " + "; ".join(problems))
    return Results(pathlib.Path(folder), manifest)


def verify(folder: str | os.PathLike[str]) -> list[str]:
    """What is wrong with the result in `folder`: nothing, or one sentence for each problem."""
    return _examine(pathlib.Path(folder))[1]


def _examine(folder: pathlib.Path) -> tuple[Manifest | None, list[str]]:
    try:
        raw = (folder / MANIFEST_NAME).read_bytes()
        manifest = Manifest.parse(raw)
        found = {entry.name for entry in folder.iterdir()} - {MANIFEST_NAME}
    except StoreError as error:
        return None, [str(error)]
    except (OSError, ValueError) as error:
        return None, [f"{MANIFEST_NAME} cannot be read: {_reason(error)}"]
    problems = []
    for part in manifest.parts:
        file = folder / part.name
        if part.name not in found:
            problems.append(f"the part {part.name} is missing")
            continue
        try:
            if file.is_symlink() or not file.is_file() or _digest_of(file) != part.sha256:
                problems.append(f"the part {part.name} was altered: it no longer has the sha256 it was given")
        except OSError as error:
            problems.append(f"the part {part.name} cannot be read: {_reason(error)}")
    strangers = sorted(found - {part.name for part in manifest.parts})
    return manifest, problems + [f"{name} does not belong to this result" for name in strangers]


def _with_suffix(name: str, suffix: str) -> str:
    return name if name.endswith(suffix) else name + suffix


def _digest_of(file: pathlib.Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _sync(path: pathlib.Path) -> None:
    """Wait until `path` is on the disk. (Windows cannot do this for a folder.)"""
    if os.name == "nt" and path.is_dir():
        return
    handle = os.open(path, os.O_RDWR if path.is_file() else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _make_parents(path: pathlib.Path, made: list[pathlib.Path]) -> None:
    """Make the folders above `path`; those that were missing are noted in `made`, the innermost first."""
    for parent in reversed([parent for parent in path.parents if not parent.exists()]):
        made.insert(0, parent)
        parent.mkdir(exist_ok=True)


def _remove(work: pathlib.Path, made: list[pathlib.Path], owner: int) -> None:
    """Remove what an unfinished result left behind. A forked child leaves its parent's folder alone."""
    if os.getpid() != owner:
        return
    shutil.rmtree(work, ignore_errors=True)
    for parent in made:
        with contextlib.suppress(OSError):
            parent.rmdir()


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error)).rstrip(".")


@contextlib.contextmanager
def _refusing(what: str) -> Iterator[None]:
    """A refusal of the system (no permission, disk full, no such place) as a `StoreError` about `what`."""
    try:
        yield
    except (OSError, ValueError) as error:
        raise StoreError(f"{what}: {_reason(error)}; choose another --out, or make room and permission") from None
