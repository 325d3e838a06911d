"""The line of the manifest that belongs to one block: which people, how many rows, and the sha256 of its part.

Every block has a file of its own for its line, so that no two workers ever write to the same file. The line guards the
part and its own hash guards the line; it is written after the part is on the disk, so a block with a line is done.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass

from unwound.core.errors import StoreError
from unwound.core.safety import SIMULATION_ONLY
from unwound.reporting.manifest import canonical, digest


@dataclass(frozen=True)
class Line:
    """What a finished block says of itself; `first` and `last` are the numbers of people, `size` is in bytes."""

    job_sha256: str
    block: int
    first: int
    last: int
    rows: int
    size: int
    sha256: str

    def render(self) -> bytes:
        """The line as it stands in its file."""
        own = {**dataclasses.asdict(self), "simulation_only": SIMULATION_ONLY}
        return canonical({**own, "line_sha256": digest(canonical(own))}) + b"\n"

    @classmethod
    def parse(cls, raw: bytes, name: str) -> Line:
        """The line in `raw`. Raises `StoreError` unless `raw` is, byte for byte, what `render` writes."""
        try:
            found = json.loads(raw.decode())
            line = cls(**{field.name: found[field.name] for field in dataclasses.fields(cls)})
            if line.render() == raw:
                return line
        except (ValueError, KeyError, TypeError, RecursionError):
            pass
        raise StoreError(f"the line {name} was altered: text and hash do not agree")
