"""A result folder that is read back: every hash verified first, every problem told at once."""

from __future__ import annotations

import json
import os
import pathlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from unwound.core.errors import StoreError
from unwound.reporting.disk import digest_of, reason, refusing, with_suffix
from unwound.reporting.manifest import MANIFEST_NAME, Manifest
from unwound.reporting.parquet import numbers, read_table


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
        with refusing(f"{self.folder}: the part {name} cannot be read"):
            return (self.folder / name).read_bytes()

    def json(self, name: str) -> Any:
        """A part that was written with `write_json`."""
        return json.loads(self.bytes(with_suffix(name, ".json")))

    def table(self, name: str) -> dict[str, np.ndarray]:
        """The columns of a part that was written with `write_table`, page checksums verified."""
        table = self._arrow(name)
        return {column: numbers(table[column]) for column in table.column_names}

    def units(self, name: str) -> dict[str, str]:
        """The unit of each column that has one."""
        labels = {field.name: (field.metadata or {}).get(b"unit") for field in self._arrow(name).schema}
        return {column: label.decode() for column, label in labels.items() if label is not None}

    def _arrow(self, name: str) -> Any:
        import pyarrow

        data = self.bytes(with_suffix(name, ".parquet"))
        try:
            return read_table(data)
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
        return None, [f"{MANIFEST_NAME} cannot be read: {reason(error)}"]
    problems = []
    for part in manifest.parts:
        file = folder / part.name
        if part.name not in found:
            problems.append(f"the part {part.name} is missing")
            continue
        try:
            if file.is_symlink() or not file.is_file() or digest_of(file) != part.sha256:
                problems.append(f"the part {part.name} was altered: it no longer has the sha256 it was given")
        except OSError as error:
            problems.append(f"the part {part.name} cannot be read: {reason(error)}")
    strangers = sorted(found - {part.name for part in manifest.parts})
    return manifest, problems + [f"{name} does not belong to this result" for name in strangers]
