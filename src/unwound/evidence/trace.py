"""From a result back to its sources: which papers it rests on, and what was merely assumed.

A derived number rests on everything its formula reads, so both questions follow the formulas down.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from typing import Any

from unwound.core.errors import EvidenceError
from unwound.evidence.bibliography import Citation, bibliography
from unwound.evidence.estimates import ASSUMPTION, Estimate
from unwound.evidence.formula import evaluate, names_in_formula
from unwound.evidence.load import all_estimates, estimate
from unwound.evidence.planned import planned_names
from unwound.evidence.shipped import names_in, text_of
from unwound.evidence.trial_index import trial_names
from unwound.evidence.trial_rows import trial_results


def assumptions(keys: Iterable[str]) -> list[Estimate]:
    """The rows among `keys`, and below their formulas, that rest on an assumption. Raises `UnknownName`."""
    return [row for row in _with_ingredients(keys) if row.is_assumption]


def citations(keys: Iterable[str]) -> list[Citation]:
    """The sources of the rows called `keys`, each once, in order of first mention. Raises `UnknownName`."""
    cited = dict.fromkeys(cite for row in _with_ingredients(keys) for cite in row.cite)
    return [bibliography()[cite] for cite in cited if cite != ASSUMPTION]


def recompute(key: str) -> float:
    """The value of the derived row called `key`, computed again from its formula, in the unit of the row.

    Raises `UnknownName`, and `EvidenceError` for a row that is not derived.
    """
    row = estimate(key)
    if not row.formula:
        raise EvidenceError(f"{key} is {row.basis} and has no formula")
    return evaluate(row.formula, all_estimates(), row.unit)


def search(text: str) -> list[Estimate]:
    """The rows in which every word of `text` occurs: in key, meaning, note, place or source; in any case."""
    words = text.lower().split()
    found = []
    for row in all_estimates().values():
        page = " ".join((row.key, row.about, row.note, row.where, row.basis, *row.cite)).lower()
        if words and all(word in page for word in words):
            found.append(row)
    return found


def cited_keys() -> frozenset[str]:
    """Every source that a shipped table, trial, planned trial, guideline or claim names, ``assumption`` included."""
    keys = {cite for row in all_estimates().values() for cite in row.cite}
    keys.update(cite for name in trial_names() for row in trial_results(name) for cite in row.source)
    pages = [f"guidelines/{name}.toml" for name in names_in("guidelines", ".toml")]
    pages += ["trials/index.toml", "claims.toml"]
    for name in trial_names():
        pages += [f"trials/{name}/{page}.toml" for page in names_in(f"trials/{name}", ".toml")]
    pages += [f"ledger/{name}/protocol.toml" for name in planned_names()]
    for page in pages:
        keys.update(_cites_in(tomllib.loads(text_of(page))))
    return frozenset(keys)


def _with_ingredients(keys: Iterable[str]) -> list[Estimate]:
    """The rows called `keys` and all rows below their formulas, each once (the tables hold no circles)."""
    rows: dict[str, Estimate] = {}
    waiting = list(keys)
    while waiting:
        row = estimate(waiting.pop(0))
        if row.key not in rows:
            rows[row.key] = row
            waiting += names_in_formula(row.formula) if row.formula else ()
    return list(rows.values())


def _cites_in(node: Any) -> Iterator[str]:
    """What stands under any ``cite`` in a TOML document: one key, or a list of keys."""
    if isinstance(node, dict):
        for name, inner in node.items():
            if name == "cite":
                yield from [inner] if isinstance(inner, str) else inner
            else:
                yield from _cites_in(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _cites_in(inner)
