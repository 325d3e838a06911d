"""What can go wrong, as one family of exceptions.

    UnwoundError
    ├── InputError            something given to us is wrong: every problem is listed at once   (exit 2)
    │   ├── UnitError           a quantity without a unit, or with the wrong kind of unit
    │   ├── ProtocolError       a protocol file
    │   ├── EventTableError     a NONMEM-style event table
    │   ├── UnknownName         a drug, model, hypothesis, trial or key we do not have
    │   └── UnsafeDose          a hard dose limit, or a likely slip of the unit
    ├── StoreError            a result folder: it exists, cannot be written, or was altered      (exit 2)
    ├── EvidenceError         a defect of the shipped evidence tables (a bug of ours)
    └── NumericalError        a computation ended with a failed verdict                          (exit 3)

An `InputError` carries `Problem` records; each names the field, the value, the rule and the remedy.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Problem:
    """One thing wrong with an input, in the words of its author."""

    field: str
    value: Any
    rule: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.field} = {shown(self.value)}: {self.rule}; {self.remedy}"

    def as_dict(self) -> dict[str, str]:
        return {
            "field": self.field,
            "value": shown(self.value),
            "rule": self.rule,
            "remedy": self.remedy,
        }


def shown(value: Any, limit: int = 80) -> str:
    """`value` as it is quoted in a message: one line, never longer than `limit` characters."""
    text = repr(value) if isinstance(value, str) else str(value)
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 3] + "..."


class UnwoundError(Exception):
    """Base of every error this package raises on purpose."""


class InputError(UnwoundError):
    """Something given to us is wrong. `problems` lists all of it."""

    def __init__(self, problems: Problem | Iterable[Problem], source: str = ""):
        self.problems: tuple[Problem, ...] = (problems,) if isinstance(problems, Problem) else tuple(problems)
        self.source = source
        super().__init__(str(self))

    def __str__(self) -> str:
        head = f"{self.source}: " if self.source else ""
        if len(self.problems) == 1:
            return f"{head}{self.problems[0]}"
        lines = [f"{head}{len(self.problems)} problems"]
        return "\n".join(lines + [f"  {n}. {p}" for n, p in enumerate(self.problems, 1)])


class UnitError(InputError):
    """A quantity without a unit, or with the wrong kind of unit."""


class ProtocolError(InputError):
    """A protocol file that cannot be read as one."""


class EventTableError(InputError):
    """A NONMEM-style event table that cannot be read as one."""


class UnsafeDose(InputError):
    """A dose beyond a hard limit, or one that looks like a slip of the unit."""


class UnknownName(InputError):
    """A name we do not have; the message offers the nearest ones."""

    def __init__(self, field: str, value: object, known: Sequence[str], source: str = ""):
        near = difflib.get_close_matches(str(value).lower(), [k.lower() for k in known], n=3)
        offered = [k for k in known if k.lower() in near] or list(known)[:12]
        remedy = ("did you mean " if near else "choose one of ") + ", ".join(offered)
        super().__init__(Problem(field, value, f"no such {field}", remedy), source)


class StoreError(UnwoundError):
    """A result folder exists already, cannot be written, or was altered since it was written."""


class EvidenceError(UnwoundError):
    """A shipped evidence table is defective. This is a bug of the package."""


class NumericalError(UnwoundError):
    """A computation ended with a failed verdict (see `unwound.core.verdicts`)."""
