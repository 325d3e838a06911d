"""The hash of the frozen model: every file of the package that shapes a number, and none that only shows it.

    sha256 over (path, content) of all .py, .csv, .toml and .npz files, in the order of their paths

It is recorded before results are compared with data, so that nobody can mend a model afterwards and keep its name.
The hash of the evidence is the same sum over `evidence` alone.
Leaves out: `reporting` and `interfaces`; of the evidence the claims, which are words about it, and the ledger, whose
results arrive after the model; and the libraries underneath (the manifest of a result names their versions).
"""

from __future__ import annotations

import functools
import hashlib
import pathlib

import unwound

SHOWN_ONLY = ("reporting", "interfaces", "evidence/ledger", "evidence/claims")
COUNTED = (".py", ".csv", ".toml", ".npz")


@functools.cache
def model_hash() -> str:
    """The sha256 of the model as it is installed, in hexadecimal."""
    return _hash("")


@functools.cache
def evidence_hash() -> str:
    """The sha256 of the evidence alone: its tables, trials, guidelines and readers."""
    return _hash("evidence/")


def _hash(below: str) -> str:
    root = pathlib.Path(unwound.__file__).parent
    found = hashlib.sha256()
    for file in sorted(root.rglob("*")):
        place = file.relative_to(root).as_posix()
        if file.suffix in COUNTED and place.startswith(below) and not _shown_only(place):
            found.update(place.encode() + b"\0" + file.read_bytes() + b"\0")
    return found.hexdigest()


def _shown_only(place: str) -> bool:
    return any(place == own or place.startswith((f"{own}/", f"{own}.")) for own in SHOWN_ONLY)
