"""The sources: a small, strict reader of references.bib.

The file is written by us in one shape (one field per line, braces around the value, a comma at the end), so a
reader of that shape is enough; anything else in it is an `EvidenceError`. Titles, pages and identifiers that
we have not seen are left out of the file, and the note of an entry says what remains to be verified.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from unwound.core.errors import EvidenceError
from unwound.evidence.shipped import text_of

_FIELDS = (
    *("author", "title", "journal", "howpublished", "year", "volume"),
    *("pages", "doi", "pmcid", "url", "note"),
)
_FIELD = re.compile(r"  (\w+) = \{([^{}]+)\},\n")
_ENTRY = re.compile(rf"@(article|misc|book)\{{([a-z][a-z0-9_]*),\n((?:{_FIELD.pattern})+)\}}\n")


@dataclass(frozen=True)
class Citation:
    """One source. `fields` holds what we know of it, by BibTeX field name."""

    key: str
    kind: str
    fields: Mapping[str, str]

    def text(self) -> str:
        """One readable line: ``Otto et al. 2021. European Journal of Clinical Pharmacology 77:1181-1192.``"""
        get = self.fields.get
        place = " ".join(filter(None, (get("journal"), get("volume"))))
        if get("pages"):
            place += f":{get('pages')}"
        year = get("year", "")
        head, tail = (f"{self._authors()} {year}".strip(), "") if get("author") else ("", year)
        parts = (head, get("title"), place, get("howpublished"), get("pmcid"), tail)
        line = ". ".join(part for part in parts if part) + "."
        return f"{line} [{get('note')}]" if get("note") else line

    def _authors(self) -> str:
        """``"Dahan and Olofsen and others"`` -> ``"Dahan, Olofsen et al."``"""
        *first, last = self.fields["author"].split(" and ")
        if last == "others":
            return f"{', '.join(first)} et al."
        return f"{', '.join(first)} & {last}" if first else last

    def bibtex(self) -> str:
        """The entry as BibTeX, the way it stands in references.bib."""
        lines = "".join(f"  {name} = {{{value}}},\n" for name, value in self.fields.items())
        return f"@{self.kind}{{{self.key},\n{lines}}}\n"


def read_bibliography(text: str, source: str) -> dict[str, Citation]:
    """The entries of BibTeX `text` by key. Raises `EvidenceError` naming `source` and the entry or line."""
    entries: dict[str, Citation] = {}
    place = 0
    for match in _ENTRY.finditer(text):
        _nothing_between(text, place, match.start(), source)
        place = match.end()
        kind, key, body = match[1], match[2], match[3]
        pairs = _FIELD.findall(body)
        fields = dict(pairs)
        if key in entries:
            raise EvidenceError(f"{source}: the entry {key!r} occurs twice")
        if len(fields) < len(pairs):
            raise EvidenceError(f"{source}, entry {key!r}: a field occurs twice")
        if unknown := [name for name in fields if name not in _FIELDS]:
            raise EvidenceError(f"{source}, entry {key!r}: unknown field {unknown[0]!r}")
        entries[key] = Citation(key, kind, MappingProxyType(fields))
    _nothing_between(text, place, len(text), source)
    return entries


@functools.cache
def bibliography() -> Mapping[str, Citation]:
    """Every source of the package, by key."""
    return MappingProxyType(read_bibliography(text_of("references.bib"), "references.bib"))


def _nothing_between(text: str, start: int, end: int, source: str) -> None:
    """Between entries there are blank lines only; anything else was meant to be an entry."""
    if rest := text[start:end].strip():
        line = text.count("\n", 0, text.index(rest, start)) + 1
        raise EvidenceError(f"{source}, line {line}: cannot read {rest.splitlines()[0]!r} as part of an entry")
