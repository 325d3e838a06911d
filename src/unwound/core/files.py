"""Files that people give us, and files that we leave behind.

Reading is suspicious: a missing, empty, binary, oversized or deeply nested file ends in one clear problem and
never in a traceback. Writing is whole or not at all: the bytes go to a hidden neighbour of the target, reach
the disk, and only then take its name, which reaches the disk as well. So neither Ctrl-C nor a loss of power
leaves a half-written result.

Raises `ProtocolError` (or the error type asked for) when reading, `StoreError` when writing.
"""

from __future__ import annotations

import os
import pathlib
import re
import secrets
import tomllib
from typing import Any

from unwound.core.errors import InputError, Problem, ProtocolError, StoreError

DEEPEST = 20
"""Levels of nesting in a protocol; ours need four. Deeper data is a mistake or an attack on the parser."""

_LARGEST = 1 << 20  # bytes; a protocol of a thousand doses has a tenth of it
_LONGEST_LINE = 2000  # characters
_DOTTED_KEY = re.compile(r"""(?:["']?[\w-]+["']?[ \t]*\.[ \t]*){21}""")
"""A key that nests too deep by its dots. Thousands of these would hold the TOML parser for a minute."""


def read_text(
    path: str | os.PathLike[str],
    *,
    kind: str = "a protocol file",
    largest: int = _LARGEST,
    error: type[InputError] = ProtocolError,
) -> str:
    """The text of a file, without byte-order mark.

    `kind` names what was expected, `largest` is in bytes. Raises `error` with one problem when the file is
    missing, a folder, unreadable, larger than `largest`, empty, or not UTF-8 text.
    """
    name = os.fspath(path)

    def refused(rule: str, remedy: str) -> InputError:
        return error(Problem("file", pathlib.PurePath(name).name, rule, remedy), name)

    try:
        file = pathlib.Path(name)
        if file.is_dir():
            raise refused("this is a folder", f"name the file in it that is {kind}")
        if not file.exists():
            raise refused("no such file", "check the spelling and the folder you are in")
        if not file.is_file():
            raise refused("not a regular file", f"give {kind}")
        with file.open("rb") as stream:
            data = stream.read(largest + 1)
    except (OSError, ValueError) as failure:  # ValueError: a NUL inside the name
        reason = getattr(failure, "strerror", None) or str(failure)
        raise refused(f"cannot be read ({reason})", "check its name and permissions") from None
    if len(data) > largest:
        raise refused(f"larger than {largest // 1024} KiB", f"check that this is {kind}")
    if b"\x00" in data:
        raise refused("a binary file", f"give {kind} in plain text (UTF-8)")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as failure:
        line = data.count(b"\n", 0, failure.start) + 1
        raise refused(f"not UTF-8 text (line {line})", "save it as plain text in UTF-8") from None
    if not text.strip():
        raise refused("the file is empty", f"give {kind}")
    return text


def read_toml(path: str | os.PathLike[str], *, kind: str = "a protocol file") -> dict[str, Any]:
    """The contents of a TOML file. Raises `ProtocolError` as `read_text` does, or for TOML that is none."""
    return parse_toml(read_text(path, kind=kind), os.fspath(path))


def parse_toml(text: str, source: str = "") -> dict[str, Any]:
    """The contents of a TOML text. Raises `ProtocolError` naming the line, or the depth of nesting."""
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > _LONGEST_LINE:
            rule, remedy = f"longer than {_LONGEST_LINE} characters", "break it into several lines"
            raise ProtocolError(Problem(f"line {number}", line, rule, remedy), source)
        if _DOTTED_KEY.search(line):
            raise ProtocolError(_too_deep(f"line {number}"), source)
    try:
        data = tomllib.loads(text)
    except RecursionError:
        raise ProtocolError(_too_deep("file"), source) from None
    except (tomllib.TOMLDecodeError, ValueError) as failure:  # ValueError: an integer of 5000 digits
        remedy = 'write key = "value" lines and [[tables]] as in TOML 1.0'
        name = pathlib.PurePath(source).name or "text"
        raise ProtocolError(Problem("file", name, f"not TOML: {failure}", remedy), source) from None
    if (problem := nesting_problem(data)) is not None:
        raise ProtocolError(problem, source)
    return data


def nesting_problem(data: Any, field: str = "file") -> Problem | None:
    """A problem when `data` is nested deeper than `DEEPEST` levels (or holds itself), else None."""
    layer = [data]
    for _ in range(DEEPEST + 1):
        inner: list[Any] = []
        for value in layer:
            if isinstance(value, dict):
                inner.extend(v for v in value.values() if isinstance(v, (dict, list, tuple)))
            elif isinstance(value, (list, tuple)):
                inner.extend(v for v in value if isinstance(v, (dict, list, tuple)))
        if not inner:
            return None
        layer = inner
    return _too_deep(field)


def _too_deep(field: str) -> Problem:
    rule = f"nested deeper than {DEEPEST} levels"
    return Problem(field, "its contents", rule, "flatten it; a protocol needs four levels")


def atomic_write(path: str | os.PathLike[str], data: bytes | str) -> None:
    """Writes `data` (text as UTF-8) to `path`, whole or not at all; replaces what was there.

    Raises `StoreError` when the folder is missing or cannot be written; the hidden neighbour is removed, also
    after an interrupt.
    """
    try:
        write_whole(pathlib.Path(path), data)
    except OSError as failure:
        reason = failure.strerror or str(failure)
        raise StoreError(
            f"{os.fspath(path)}: cannot be written ({reason}); choose a folder that exists and is yours"
        ) from None


being_written: set[pathlib.Path] = set()
"""Hidden files of this process, for who must leave at once and clean up by hand."""


def write_whole(target: pathlib.Path, data: bytes | str) -> None:
    """`atomic_write` for who has words of their own for a refusal. Raises `OSError`."""
    hidden = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    being_written.add(hidden)
    try:
        with open(hidden, "xb") as stream:
            stream.write(data.encode("utf-8") if isinstance(data, str) else data)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(hidden, target)
        sync(target.parent)
    finally:
        hidden.unlink(missing_ok=True)
        being_written.discard(hidden)


def sync(path: pathlib.Path) -> None:
    """Wait until `path` (a file, or the names in a folder) is on the disk. Windows cannot do this for a folder."""
    if os.name == "nt" and path.is_dir():
        return
    handle = os.open(path, os.O_RDWR if path.is_file() else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
