"""The hash of the frozen model: every file of the package that shapes a number, and none that only shows it.

    sha256 over (path, content) of all .py, .csv, .toml and .npz files, in the order of their paths

It is recorded before results are compared with data, so that nobody can mend a model afterwards and keep its name.
Leaves out: `reporting` and `interfaces`, and the libraries underneath (the manifest of a result names their versions).
"""

from __future__ import annotations

import functools
import hashlib
import pathlib

import unwound

SHOWN_ONLY = ("reporting", "interfaces")
COUNTED = (".py", ".csv", ".toml", ".npz")


@functools.cache
def model_hash() -> str:
    """The sha256 of the model as it is installed, in hexadecimal."""
    root = pathlib.Path(unwound.__file__).parent
    found = hashlib.sha256()
    for file in sorted(root.rglob("*")):
        place = file.relative_to(root)
        if file.suffix in COUNTED and place.parts[0] not in SHOWN_ONLY:
            found.update(place.as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return found.hexdigest()
