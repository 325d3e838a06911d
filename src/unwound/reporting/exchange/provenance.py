"""What every exported model says of itself: safety, model, person, doses, warnings, sources, assumptions."""

from __future__ import annotations

from collections.abc import Iterable

from unwound import evidence
from unwound.core.safety import SIMULATION_ONLY
from unwound.reporting.versions import version


def provenance(title: str, facts: Iterable[str], keys: Iterable[str], warnings: Iterable[str]) -> list[str]:
    """Lines of plain text. `keys` are evidence rows; those that no table has are left out."""
    rows = evidence.all_estimates()
    known = [key for key in dict.fromkeys(keys) if key in rows]
    assumed = [f"Assumed: {row.key} = {row.value:g} {row.unit} ({row.note})" for row in evidence.assumptions(known)]
    return [
        f"{SIMULATION_ONLY}.",
        f"{title} (written by unwound {version()})",
        *facts,
        *(f"Warning: {warning}" for warning in dict.fromkeys(warnings)),
        *(f"Source [{source.key}] {source.text()}" for source in evidence.citations(known)),
        *assumed,
    ]
