"""Disorders as priors over the same mechanisms: `disorders/priors.toml`, read strictly.

Root causes and mechanisms of a disorder are what is generally said of it, and assumed. The recommendation is that of
the guideline on chronic pain, with its grade, its certainty, and whether we have seen it.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any, Literal

from unwound.core.errors import EvidenceError
from unwound.evidence.bibliography import bibliography
from unwound.evidence.shipped import text_of

PAGE = "disorders/priors.toml"
RECALLED = "grade and certainty recalled, not seen"


@dataclass(frozen=True)
class DisorderNote:
    """What is thought of one disorder; all but the recommendation is assumed."""

    causes: tuple[str, ...]
    """Root causes, by the names of `sensitization.causes`; the first is the likelier."""
    mechanisms: tuple[str, ...]
    """Slow states thought to matter, by the names of `sensitization.mechanisms`."""
    why: str
    recommendation: str
    grade: str
    """Letter of the guideline; empty where it does not speak of the disorder."""
    certainty: str
    seen: Literal["secondary", "no"]
    """Whether the recommendation was read, in a summary."""
    cite: tuple[str, ...]


@functools.cache
def disorder_notes() -> Mapping[str, DisorderNote]:
    """Every disorder by the prefix of its evidence rows. Raises `EvidenceError`."""
    return read_notes(text_of(PAGE), PAGE)


def read_notes(text: str, source: str) -> Mapping[str, DisorderNote]:
    """The entries of a page. Raises `EvidenceError` naming `source`, entry and field."""
    return MappingProxyType({name: _note(name, data, source) for name, data in tomllib.loads(text).items()})


def _note(name: str, data: dict[str, Any], source: str) -> DisorderNote:
    known = [field.name for field in fields(DisorderNote)]
    for field in (*known, *data):
        if field not in data or field not in known:
            raise EvidenceError(f"{source}, {name}: {field} is {'missing' if field in known else 'no field'}")
    lists = ("causes", "mechanisms", "cite")
    for field, value in data.items():
        right = all(isinstance(one, str) for one in value) if field in lists else isinstance(value, str)
        if not right or isinstance(value, list) is not (field in lists):
            raise EvidenceError(f"{source}, {name}: {field} is not a {'list of texts' if field in lists else 'text'}")
    if data["seen"] not in ("secondary", "no"):
        raise EvidenceError(f"{source}, {name}: seen is secondary or no: nobody has read the guideline itself")
    if unknown := [cite for cite in data["cite"] if cite not in bibliography()]:
        raise EvidenceError(f"{source}, {name}: {unknown[0]!r} is not in references.bib")
    checked: dict[str, Any] = {field: tuple(value) if field in lists else value for field, value in data.items()}
    return DisorderNote(**checked)
