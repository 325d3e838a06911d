"""What a result says about itself: how it was made, and the sha256 by which an alteration is found.

    part hash      = sha256(bytes of the file)
    specification  = sha256(canonical JSON of the specification)
    result hash    = sha256(canonical JSON of {parts, specification hash})
    manifest hash  = sha256(canonical JSON of the manifest without this field)

Canonical JSON has sorted keys and no spaces; NaN and infinity, which JSON lacks, become null. The result hash
leaves out the time, the command line, the machine and the versions: the same result made twice has the same
hash. The hashes find accidents (a bad disk, an edited file), not a forger: they lie beside what they guard.
"""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.metadata
import json
import math
import platform
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from unwound.core.errors import StoreError
from unwound.core.safety import SIMULATION_ONLY

MANIFEST_NAME = "manifest.json"
FORMAT = 1
_LIBRARIES = ("equinox", "jax", "jaxlib", "numpy", "pyarrow")
_PART_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$")


def plain(value: Any, where: str = "value") -> Any:
    """`value` in the types of JSON; NaN and infinity become None, what JSON cannot hold is refused."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        if odd := [key for key in value if not isinstance(key, str)]:
            raise StoreError(f"{where}: the key {odd[0]!r} is not a text, and JSON has no other keys")
        return {key: plain(inner, f"{where}.{key}") for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner, f"{where}[{place}]") for place, inner in enumerate(value)]
    if isinstance(value, (np.ndarray, np.generic)) or hasattr(value, "__array__"):
        array = np.asarray(value)
        if array.dtype.kind in "biufU":
            return plain(array.tolist(), where)
    raise StoreError(f"{where}: JSON cannot hold a {type(value).__name__}; turn it into numbers or text")


def canonical(value: Any) -> bytes:
    """The one JSON text that stands for `value`: sorted keys, no spaces, NaN as null."""
    text = json.dumps(plain(value), sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode()


def pretty(value: Any) -> bytes:
    """JSON for people: sorted keys, indented, a final newline, NaN as null."""
    text = json.dumps(plain(value), sort_keys=True, indent=2, allow_nan=False, ensure_ascii=False)
    return text.encode(errors="backslashreplace") + b"\n"


def digest(data: bytes) -> str:
    """The sha256 of `data`, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def check_part_name(name: str) -> str:
    """`name`, if it can name a part: letters, digits, dot, dash and underscore, and no folder."""
    if not isinstance(name, str) or not _PART_NAME.match(name) or name.casefold() == MANIFEST_NAME:
        raise StoreError(
            f"part name {name!r}: a name has letters, digits, '.', '-' and '_', begins with a letter or "
            f"digit, and is not {MANIFEST_NAME!r}; choose another name"
        )
    return name


def library_versions() -> dict[str, str]:
    """The versions of the libraries that shape the numbers; "absent" for one that is not installed."""
    return {name: _version(name) for name in _LIBRARIES}


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "absent"


@dataclass(frozen=True)
class Part:
    """One file of a result."""

    name: str
    sha256: str
    bytes: int


@dataclass(frozen=True)
class Manifest:
    """How a result was made and what belongs to it. Hashes are computed, never given."""

    command: str
    seed: int | None
    specification: Mapping[str, Any]
    parts: Sequence[Part]
    created_utc: str
    assumed: Sequence[Any] = ()
    citations: Sequence[Any] = ()
    verdicts: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    warnings: Sequence[str] = ()
    version: str = dataclasses.field(default_factory=lambda: _version("unwound"))
    python: str = dataclasses.field(default_factory=platform.python_version)
    libraries: Mapping[str, str] = dataclasses.field(default_factory=library_versions)

    @property
    def specification_sha256(self) -> str:
        return digest(canonical(self.specification))

    @property
    def result_sha256(self) -> str:
        """The same for the same specification and parts, whenever and however they were made."""
        parts = [dataclasses.asdict(part) for part in sorted(self.parts, key=lambda part: part.name)]
        return digest(canonical({"parts": parts, "specification_sha256": self.specification_sha256}))

    def as_dict(self) -> dict[str, Any]:
        own = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        own["parts"] = [dataclasses.asdict(part) for part in sorted(self.parts, key=lambda part: part.name)]
        fixed = {"tool": "unwound", "format": FORMAT, "simulation_only": SIMULATION_ONLY}
        hashes = {
            "specification_sha256": self.specification_sha256,
            "result_sha256": self.result_sha256,
        }
        everything: dict[str, Any] = plain({**own, **fixed, **hashes}, "manifest")
        return everything | {"manifest_sha256": digest(canonical(everything))}

    def render(self) -> bytes:
        """The bytes of ``manifest.json``."""
        return pretty(self.as_dict())

    @classmethod
    def parse(cls, raw: bytes) -> Manifest:
        """The manifest in `raw`. Raises `StoreError` unless `raw` is, byte for byte, what `render` writes."""
        try:
            found = json.loads(raw.decode())
            if not isinstance(found, dict) or found.get("tool") != "unwound":
                raise ValueError("it is not a manifest of unwound")
            if found.get("format") != FORMAT:
                raise ValueError(f"its format is {found.get('format')!r}, this version reads {FORMAT}")
            names = [f.name for f in dataclasses.fields(cls)]
            known = {name: found[name] for name in names if name != "parts"}
            manifest = cls(**known, parts=tuple(Part(**part) for part in found["parts"]))
            for part in manifest.parts:
                check_part_name(part.name)
            rendered = manifest.render()
        except StoreError:
            raise
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise StoreError(f"{MANIFEST_NAME} cannot be read: {type(error).__name__}: {error}") from None
        if rendered != raw:
            raise StoreError(f"{MANIFEST_NAME} was altered: text and hashes do not agree")
        return manifest
