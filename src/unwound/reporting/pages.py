"""A folder that fills up page by page: each trial of a qualification is written as soon as it is there.

A page lies in ``rows_SIG09.json`` with the settings it was computed with, among them the hash of the model. Asked again
with the same settings it is read and not computed; pages of other settings are refused and never overwritten. The
report and the manifest, with the sha256 of everything, come last and are renewed by every run.
"""

from __future__ import annotations

import datetime
import json
import pathlib
from collections.abc import Mapping
from typing import Any

from unwound.core.errors import StoreError
from unwound.core.files import write_whole
from unwound.reporting.disk import digest_of, refusing
from unwound.reporting.manifest import MANIFEST_NAME, Manifest, Part, plain, pretty

_BEGIN, _END = "rows_", ".json"


class PageFolder:
    """The pages in `path`, all computed with `settings`."""

    def __init__(self, path: pathlib.Path, settings: Mapping[str, Any]):
        self.path, self.settings = path, plain(settings)

    @classmethod
    def open(cls, path: str, settings: Mapping[str, Any]) -> PageFolder:
        """A new folder at `path`, or one with pages of the same settings. Raises `StoreError`."""
        folder = cls(pathlib.Path(path), settings)
        with refusing(f"--out {path}: a result cannot be written here"):
            folder.path.mkdir(parents=True, exist_ok=True)
            pages = sorted(folder.path.glob(f"{_BEGIN}*{_END}"))
            if not pages and any(folder.path.iterdir()):
                raise StoreError(f"--out {path}: the folder holds something else; choose another --out or remove it")
        for file in pages:
            folder._read(file)
        return folder

    def page(self, name: str) -> dict[str, Any] | None:
        """The page of a trial; None for one that is not there yet."""
        file = self._file(name)
        return self._read(file) if file.exists() else None

    def keep(self, name: str, page: Mapping[str, Any]) -> None:
        """Write the page of a trial, whole or not at all."""
        self._write(self._file(name), pretty({"settings": self.settings, "page": page}))

    def finish(self, parts: Mapping[str, bytes], about: Mapping[str, Any]) -> dict[str, str]:
        """Write what is made of all pages, then the manifest; gives back what lies where."""
        for name, data in parts.items():
            self._write(self.path / name, data)
        files = sorted(file for file in self.path.iterdir() if file.name != MANIFEST_NAME and file.name[0] != ".")
        found = tuple(Part(file.name, digest_of(file), file.stat().st_size) for file in files)
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        self._write(self.path / MANIFEST_NAME, Manifest(**plain(about), parts=found, created_utc=now).render())
        names = {name.split(".")[0]: str(self.path / name) for name in (*parts, MANIFEST_NAME)}
        return {"folder": str(self.path), **names}

    def _file(self, name: str) -> pathlib.Path:
        return self.path / f"{_BEGIN}{name}{_END}"

    def _write(self, file: pathlib.Path, data: bytes) -> None:
        with refusing(f"--out {self.path}: {file.name} cannot be written"):
            write_whole(file, data)

    def _read(self, file: pathlib.Path) -> dict[str, Any]:
        with refusing(f"{file}: the page cannot be read"):
            found = json.loads(file.read_bytes())
        if not isinstance(found, dict) or {"settings", "page"} - set(found):
            raise StoreError(f"{file}: it is no page of a qualification; remove it or choose another --out")
        own, page = found["settings"], found["page"]
        if own != self.settings:
            other = [name for name in self.settings if own.get(name) != self.settings[name]]
            rule = f"computed with another {' and '.join(other) or 'setting'}"
            raise StoreError(f"{file}: {rule}; pages are never overwritten: choose another --out")
        return dict(page)
