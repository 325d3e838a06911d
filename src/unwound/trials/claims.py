"""The claims of the articles, computed: which function says what the model says of which claim.

What takes minutes is computed once (`python docs/generate_claims.py`) and ships with the hash of the model that
computed it; `unwound claims ID --compute` computes one claim again with the model that is installed.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from unwound.core.errors import EvidenceError
from unwound.evidence.claims import COMPUTED_FILE, Claim, claims
from unwound.evidence.shipped import text_of
from unwound.trials import claim_courses, claim_mechanisms, claim_outcomes
from unwound.trials.claim_findings import Finding

COMPUTATIONS: dict[str, Callable[[int], list[Finding]]] = {
    "relief": claim_courses.relief,
    "reset": claim_courses.reset,
    "series": claim_courses.series,
    "boosters": claim_courses.boosters,
    "pain_memory": claim_courses.pain_memory,
    "reference": claim_courses.reference,
    "up_regulation": claim_mechanisms.up_regulation,
    "inhibition": claim_mechanisms.inhibition,
    "normal_pathways": claim_mechanisms.normal_pathways,
    "subtypes": claim_mechanisms.subtypes,
    "glutamate": claim_mechanisms.glutamate,
    "opioids": claim_outcomes.opioids,
    "esketamine": claim_outcomes.esketamine,
    "mood_boosters": claim_outcomes.mood_boosters,
    "one_mechanism": claim_outcomes.one_mechanism,
    "stopping": claim_outcomes.stopping,
    "organs": claim_outcomes.organs,
    "deaths": claim_outcomes.deaths,
    "null_trials": claim_outcomes.null_trials,
}
"""Name in `claims.toml` -> function of a seed."""
SEED = 1


@dataclass(frozen=True)
class Computed:
    """The shipped findings, and with which model and seed they were made."""

    model_sha256: str
    seed: int
    command: str
    findings: dict[str, tuple[Finding, ...]]

    def of(self, claim: Claim) -> tuple[Finding, ...]:
        """What was computed for `claim`, in the order it asks for. Raises `EvidenceError` for what does not ship."""
        missing = [name for name in claim.computed if name not in self.findings]
        if missing:
            raise EvidenceError(f"{COMPUTED_FILE}: {missing[0]!r} of the claim {claim.id!r} is not there")
        return tuple(one for name in claim.computed for one in self.findings[name])


def shipped() -> Computed:
    """What ships. Raises `EvidenceError`."""
    data = json.loads(text_of(COMPUTED_FILE))
    found = {name: tuple(Finding.from_dict(one) for one in rows) for name, rows in data["findings"].items()}
    return Computed(data["model_sha256"], data["seed"], data["command"], found)


def compute(claim: Claim, seed: int = SEED, progress: Callable[[int], None] | None = None) -> tuple[Finding, ...]:
    """What the installed model says of `claim`, computed now; `progress` counts computations.

    Raises `EvidenceError` for a computation that nobody wrote.
    """
    unknown = [name for name in claim.computed if name not in COMPUTATIONS]
    if unknown:
        raise EvidenceError(f"claims.toml, {claim.id}: no computation is called {unknown[0]!r}")
    found: list[Finding] = []
    for name in claim.computed:
        found += COMPUTATIONS[name](seed)
        if progress is not None:
            progress(1)
    return tuple(found)


def needed() -> tuple[str, ...]:
    """Every computation that a claim asks for, once."""
    return tuple(dict.fromkeys(name for claim in claims() for name in claim.computed))
