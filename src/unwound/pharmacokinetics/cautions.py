"""What to keep in mind about a drug beside ketamine when no concentration of it is computed: sentences with a source.

Methadone, buprenorphine, naltrexone, tramadol, gabapentinoids, lamotrigine, MAO inhibitors, theophylline and others
are flags: they have no kinetics here and change no number. Evidence that points the other way is a caution of its own.

Source: the page ``guidelines/co_medication.toml``, each sentence with what it cites and whether that was read.
Leaves out: doses, timing, and every drug that is not named there; an empty answer means that nothing is recorded.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from unwound.core.errors import EvidenceError, UnknownName
from unwound.evidence import bibliography
from unwound.evidence.shipped import text_of
from unwound.pharmacokinetics.interactions import OTHER_NAMES, READINGS
from unwound.pharmacokinetics.partners import PARTNERS

PAGE = "guidelines/co_medication.toml"
_FIELDS = {"id", "names", "concerns", "text", "basis", "cite"}


@dataclass(frozen=True)
class Caution:
    """One sentence about a drug or a class of drugs."""

    id: str
    names: tuple[str, ...]
    concerns: str
    text: str
    basis: str
    """``read`` in a source of `cite`, or ``recalled`` and not seen."""
    cite: tuple[str, ...]

    def as_dict(self) -> dict[str, object]:
        """As every JSON door gives it."""
        about = {"id": self.id, "names": list(self.names), "concerns": self.concerns}
        return {**about, "text": self.text, "basis": self.basis, "cite": list(self.cite)}


def cautions_for(names: Iterable[str]) -> list[Caution]:
    """The cautions about the drugs called `names`, each once, in the order of the names.

    A drug whose kinetics or interaction we have, and about which nothing else is recorded, gives none. Raises
    `UnknownName` with the nearest names for one that we do not know at all: silence would look like safety.
    """
    found: dict[str, Caution] = {}
    for name in names:
        folded = _folded(name)
        own = [c for c in all_cautions() if folded in map(_folded, c.names)]
        if not own and folded not in _known():
            raise UnknownName("co-medication", name, tuple(_known()))
        found |= {caution.id: caution for caution in own}
    return list(found.values())


def known_names() -> tuple[str, ...]:
    """Every name that `cautions_for` takes."""
    return tuple(_known())


@functools.cache
def all_cautions() -> tuple[Caution, ...]:
    """Every caution, in the order of the page."""
    return read_cautions(text_of(PAGE), PAGE)


def read_cautions(text: str, source: str) -> tuple[Caution, ...]:
    """The cautions of a page. Raises `EvidenceError` naming `source` and the caution."""
    try:
        entries = tomllib.loads(text)["caution"]
    except (tomllib.TOMLDecodeError, KeyError) as error:
        raise EvidenceError(f"{source}: {error}") from error
    cautions = tuple(_caution(entry, f"{source}, caution {place}") for place, entry in enumerate(entries, 1))
    if len({c.id for c in cautions}) < len(cautions):
        raise EvidenceError(f"{source}: an id occurs twice")
    return cautions


def _caution(entry: dict[str, Any], source: str) -> Caution:
    if set(entry) != _FIELDS or not entry["names"] or not entry["text"].endswith("."):
        raise EvidenceError(f"{source}: it has {', '.join(sorted(_FIELDS))}, a name and a whole sentence")
    if entry["basis"] not in ("read", "recalled") or (entry["basis"] == "read") != bool(entry["cite"]):
        raise EvidenceError(f"{source}: what was read cites a source, and what is recalled cites none")
    for key in entry["cite"]:
        if key not in bibliography():
            raise EvidenceError(f"{source}: {key!r} is not in references.bib")
    return Caution(**{**entry, "names": tuple(entry["names"]), "cite": tuple(entry["cite"])})


def _folded(name: str) -> str:
    return " ".join(name.strip().lower().replace("_", " ").replace("-", " ").split())


@functools.cache
def _known() -> dict[str, None]:
    named = [name for caution in all_cautions() for name in caution.names]
    return dict.fromkeys(map(_folded, (*named, *PARTNERS, *READINGS, *OTHER_NAMES)))
