"""What a result needs of the disk: hashes of files, folders made and removed, refusals told in one sentence."""

from __future__ import annotations

import contextlib
import hashlib
import os
import pathlib
import shutil
from collections.abc import Iterator

from unwound.core.errors import StoreError


def with_suffix(name: str, suffix: str) -> str:
    """`name`, with `suffix` where it has none."""
    return name if name.endswith(suffix) else name + suffix


def digest_of(file: pathlib.Path) -> str:
    """The sha256 of a file, in hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def make_parents(path: pathlib.Path, made: list[pathlib.Path]) -> None:
    """Make the folders above `path`; those that were missing are noted in `made`, the innermost first."""
    for parent in reversed([parent for parent in path.parents if not parent.exists()]):
        made.insert(0, parent)
        parent.mkdir(exist_ok=True)


def remove(work: pathlib.Path, made: list[pathlib.Path], owner: int) -> None:
    """Remove what an unfinished result left behind. A forked child leaves its parent's folder alone."""
    if os.getpid() != owner:
        return
    shutil.rmtree(work, ignore_errors=True)
    for parent in made:
        with contextlib.suppress(OSError):
            parent.rmdir()


def reason(error: Exception) -> str:
    """Why the system refused, in its own words."""
    return (getattr(error, "strerror", None) or str(error)).rstrip(".")


@contextlib.contextmanager
def refusing(what: str) -> Iterator[None]:
    """A refusal of the system (no permission, disk full, no such place) as a `StoreError` about `what`."""
    try:
        yield
    except (OSError, ValueError) as error:
        raise StoreError(f"{what}: {reason(error)}; choose another --out, or make room and permission") from None
