"""What the articles claim, and what stands for and against it: `claims.toml`, read strictly.

    supported        a controlled result or a source that we have read says so, and nothing read says otherwise
    contested        there is evidence on both sides, or it is indirect: animals, no control, other patients
    not supported    nothing read here says so; that does not make it false

Recalled evidence alone cannot give "supported": the reader refuses it. What the model says is computed elsewhere
(`unwound.trials.claims`), by the functions that a claim names under `computed`.
"""

from __future__ import annotations

import functools
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import MISSING, dataclass, fields
from typing import Any, Literal, cast, get_args

from unwound.core.errors import EvidenceError, UnknownName
from unwound.evidence.bibliography import bibliography
from unwound.evidence.load import all_estimates, estimate
from unwound.evidence.shipped import text_of
from unwound.evidence.trial_index import trial_index, trial_note
from unwound.evidence.trial_rows import trial_results

PAGE = "claims.toml"
COMPUTED_FILE = "claims_computed.json"
Verdict = Literal["supported", "contested", "not supported"]
Seen = Literal["abstract", "in part", "secondary", "recalled"]


@dataclass(frozen=True)
class Source:
    """A publication that is no trial of the package. `seen` says how much of it we have read."""

    cite: str
    seen: Seen
    says: str


@dataclass(frozen=True)
class Claim:
    """One claim of the articles."""

    id: str
    title: str
    claim: str
    """In one sentence."""
    used: str
    """Where the model uses it, or why it does not."""
    verdict: Verdict
    reason: str
    refuted_by: str
    """What would settle it the other way."""
    trials: tuple[str, ...] = ()
    """Short names."""
    rows: tuple[str, ...] = ()
    """Keys of evidence rows that carry it in the model."""
    sources: tuple[Source, ...] = ()
    computed: tuple[str, ...] = ()
    """Names of `unwound.trials.claims.COMPUTATIONS`."""
    not_modelled: str = ""
    """What of it the model does not have."""

    @property
    def read(self) -> bool:
        """Whether anything about it was read rather than recalled."""
        results = (row for name in self.trials for row in trial_results(name))
        return any(row.provenance != "memory" for row in results) or any(s.seen != "recalled" for s in self.sources)

    def provenance(self) -> list[str]:
        """Trial by trial, source by source and for the rows: what was read and what was recalled or assumed."""
        lines = [_trial_line(name) for name in self.trials]
        lines += [_source_line(one) for one in self.sources]
        if self.rows:
            counted = Counter(estimate(key).basis for key in self.rows)
            told = ", ".join(f"{count} {basis}" for basis, count in counted.items())
            lines.append(f"rows of the model: {told} ({', '.join(self.rows)})")
        return lines

    def as_dict(self) -> dict[str, Any]:
        """For the doors."""
        data = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "sources"}
        return {**data, "sources": [vars(one) for one in self.sources], "evidence": self.provenance()}


@functools.cache
def claims() -> tuple[Claim, ...]:
    """Every claim, in the order of the file. Raises `EvidenceError`."""
    return read_claims(text_of(PAGE), PAGE)


def claim(name: str) -> Claim:
    """The claim with this id. Raises `UnknownName`."""
    found = {one.id: one for one in claims()}
    if name.lower() not in found:
        raise UnknownName("claim", name, tuple(found))
    return found[name.lower()]


def read_claims(text: str, source: str) -> tuple[Claim, ...]:
    """The claims in `text`. Raises `EvidenceError` naming `source`, claim and field."""
    try:
        page = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise EvidenceError(f"{source}: {error}") from error
    if set(page) != {"claim"}:
        raise EvidenceError(f"{source}: must hold [[claim]] and nothing else")
    found = tuple(_claim(dict(entry), f"{source}, claim {n}") for n, entry in enumerate(page["claim"], 1))
    ids = [one.id for one in found]
    if twice := sorted({one for one in ids if ids.count(one) > 1}):
        raise EvidenceError(f"{source}: the id {twice[0]!r} occurs twice")
    return found


def _claim(data: dict[str, Any], where: str) -> Claim:
    where = f"{where} ({data.get('id', 'without id')})"
    known = {field.name for field in fields(Claim)}
    needed = [field.name for field in fields(Claim) if field.default is MISSING]
    if unknown := [key for key in data if key not in known]:
        raise EvidenceError(f"{where}: unknown field {unknown[0]!r}")
    if missing := [key for key in needed if not data.get(key)]:
        raise EvidenceError(f"{where}: {missing[0]!r} must not be empty")
    data["sources"] = tuple(_source(one, where) for one in data.get("sources", ()))
    for key in ("trials", "rows", "computed"):
        data[key] = _texts(data.get(key, []), f"{where}: {key!r}")
    found = Claim(**cast(Any, data))
    _check(found, where)
    return found


def _source(data: Any, where: str) -> Source:
    if not isinstance(data, dict) or set(data) != {"cite", "seen", "says"} or data["seen"] not in get_args(Seen):
        raise EvidenceError(f"{where}: a source has cite, seen ({', '.join(get_args(Seen))}) and says")
    if data["cite"] not in bibliography():
        raise EvidenceError(f"{where}: {data['cite']!r} is not in references.bib")
    return Source(**data)


def _texts(value: Any, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        raise EvidenceError(f"{where} must be a list of words")
    return tuple(value)


def _check(found: Claim, where: str) -> None:
    if found.verdict not in get_args(Verdict):
        raise EvidenceError(f"{where}: the verdict is one of {', '.join(get_args(Verdict))}")
    short = {note.short for note in trial_index().values()}
    _all_known(found.trials, short, f"{where}: trial")
    _all_known(found.rows, set(all_estimates()), f"{where}: evidence row")
    if not found.computed and not found.not_modelled:
        raise EvidenceError(f"{where}: either something is computed, or not_modelled says why not")
    if found.verdict == "supported" and not found.read:
        raise EvidenceError(f"{where}: recalled evidence alone cannot give the verdict 'supported'")


def _all_known(names: Sequence[str], known: set[str], where: str) -> None:
    if unknown := [name for name in names if name not in known]:
        raise EvidenceError(f"{where} {unknown[0]!r} does not exist")


def _source_line(source: Source) -> str:
    seen = {"abstract": "abstract read", "in part": "read in part", "secondary": "read in a summary"}
    name = bibliography()[source.cite].text().split(" [")[0].rstrip(".")
    return f"{name} ({seen.get(source.seen, source.seen)}): {source.says}"


def _trial_line(name: str) -> str:
    note = trial_note(name)
    counted: Counter[str] = Counter(row.provenance for row in trial_results(name))
    words = {"read": "read", "read-derived": "derived", "memory": "recalled"}
    told = ", ".join(f"{counted[mark]} {word}" for mark, word in words.items() if counted[mark])
    unusual = {"none": "no control", "not in our evidence": "control not in our evidence"}
    control = unusual.get(note.comparator, f"against {note.comparator}")
    return f"{name}: {note.title} ({control}, {note.role}; results: {told or 'none'})"
