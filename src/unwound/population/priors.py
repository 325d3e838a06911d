"""What a disorder is as a prior over the mechanisms of the slow memory, with its evidence grade.

Nothing here enters a simulation: it says which root cause and which slow states a disorder is thought to have, so that
somebody can switch them on (`Setting.mechanisms`) and a fit can begin somewhere. Assumed stays assumed.
"""

from __future__ import annotations

from dataclasses import dataclass

from unwound.evidence import Estimate, all_estimates
from unwound.evidence.disorder_notes import RECALLED, DisorderNote, disorder_notes
from unwound.population.populations import DISORDERS


@dataclass(frozen=True)
class DisorderPrior:
    """A disorder, what is thought of it, and the two numbers in which its memory may differ."""

    name: str
    note: DisorderNote
    input_factor: Estimate | None
    """The person's input p, relative to the typical patient with CRPS-1; None where there is no dorsal horn."""
    reachable_share: Estimate
    """Mean share of the drive that the drug can reach."""

    def told(self) -> list[str]:
        """In sentences."""
        note, share = self.note, self.reachable_share
        said = [f"thought of it (assumed): {note.why}"]
        if note.causes:
            said.append(f"root cause (assumed): {', then '.join(note.causes)}; `unwound chronify {note.causes[0]}`")
        if note.mechanisms:
            said.append(f"slow states thought to matter (assumed, off in fits): {', '.join(note.mechanisms)}")
        if self.input_factor is not None:
            said.append(
                f"input p relative to CRPS-1 (assumed): {self.input_factor.value:g}, {self.input_factor.spread}"
            )
        said.append(f"share of the drive that the drug reaches, mean of people: {share.value:.2g}, {share.spread}")
        graded = f"; grade {note.grade}, certainty {note.certainty} ({RECALLED})" if note.grade else ""
        said.append(f"guideline (read in a summary): {note.recommendation}{graded}")
        return said

    def as_dict(self) -> dict[str, object]:
        """For the doors."""
        factor, share = self.input_factor, self.reachable_share
        return {
            "causes": list(self.note.causes), "mechanisms": list(self.note.mechanisms), "why": self.note.why,
            "basis": "assumed",
            "input_factor": None if factor is None else {"value": factor.value, "spread": str(factor.spread)},
            "reachable_share": {"value": share.value, "spread": str(share.spread), "basis": share.basis},
            "guideline": {"recommendation": self.note.recommendation, "seen": self.note.seen,
                          "grade": self.note.grade or None, "certainty": self.note.certainty or None,
                          "grade_seen": "no" if self.note.grade else None, "cite": list(self.note.cite)},
        }  # fmt: skip


def prior_of(name: str) -> DisorderPrior | None:
    """The prior of a registered disorder; None for a population of the user's own."""
    prefix = DISORDERS.get(name)
    if prefix is None or prefix not in disorder_notes():
        return None
    rows = all_estimates()
    return DisorderPrior(
        name,
        disorder_notes()[prefix],
        rows.get(f"prior_{prefix}.input_factor"),
        rows[f"prior_{prefix}.reachable_share"],
    )
