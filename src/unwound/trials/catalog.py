"""The published trials side by side: what each is, what was given for how long, what it may be used for.

Doses and durations are added up from the protocol (`unwound.trials.exposure`), never typed; what a result rests on is
counted from its rows.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from unwound.evidence import TrialNote, trial_index, trial_results
from unwound.trials.described import Described, published_protocol
from unwound.trials.exposure import Exposure, exposure
from unwound.trials.trial import Trial

MARKS = ("read", "read-derived", "memory")


@dataclass(frozen=True)
class Listed:
    """One published trial as the tables show it."""

    note: TrialNote
    protocol: Trial | Described
    given: tuple[tuple[str, Exposure], ...]
    """Arm -> what it receives of ketamine in all."""
    provenance: dict[str, int]
    """Results that were read, derived from what was read, recalled."""

    @property
    def simulated(self) -> bool:
        """Whether it can be conducted here."""
        return isinstance(self.protocol, Trial)

    @property
    def why(self) -> str:
        """Why it is not simulated; empty when it is."""
        return self.protocol.why if isinstance(self.protocol, Described) else ""

    @property
    def doses(self) -> str:
        """Drug and total dose, arm by arm where arms differ."""
        return self._told([str(one) for _, one in self.given])

    @property
    def durations(self) -> str:
        """How long, arm by arm where arms differ."""
        return self._told([one.time for _, one in self.given])

    @property
    def counts(self) -> str:
        """``12 read, 1 derived, 5 recalled``."""
        words = {"read": "read", "read-derived": "derived", "memory": "recalled"}
        return ", ".join(f"{self.provenance[mark]} {words[mark]}" for mark in MARKS if self.provenance[mark])

    @property
    def sentences(self) -> list[str]:
        """What is given of ketamine, in sentences."""
        if isinstance(self.protocol, Trial):
            return self.protocol.told_regimens()
        told = [(arm.name, self.protocol.regimen_of_arm(arm)) for arm in self.protocol.arms]
        return [f"{name}: {line}" for name, regimen in told if regimen is not None for line in regimen.describe()]

    def _told(self, said: list[str]) -> str:
        if len(set(said)) <= 1:
            return said[0] if said else "-"
        return "; ".join(f"{arm}: {one}" for (arm, _), one in zip(self.given, said, strict=True))

    def as_dict(self) -> dict[str, Any]:
        """The entry as JSON gives it."""
        note, protocol = self.note, self.protocol
        return {
            "id": note.short,
            "name": note.name,
            "title": note.title,
            "disorder": note.disorder,
            "design": protocol.design,
            "patients": note.patients,
            "weeks": protocol.weeks,
            "arms": [arm.model_dump(mode="json", exclude_none=True) for arm in protocol.arms],
            "doses": [
                {
                    "arm": arm,
                    "drug": one.drug,
                    "route": one.route,
                    "total_mg_70kg": one.amount_mg,
                    "at_most": one.at_most,
                    "hours": one.hours,
                    "occasions": one.occasions,
                    "span_h": one.span_h,
                }
                for arm, one in self.given
            ],
            "regimen": self.sentences,
            "comparator": note.comparator,
            "role": note.role,
            "shares_patients_with": list(note.shares_patients_with),
            "pins": note.pins,
            "read": note.read,
            "results": dict(self.provenance),
            "simulated": self.simulated,
            "why_not": self.why,
            "lacks": list(protocol.lacks) if isinstance(protocol, Described) else [],
            "assumed": list(protocol.assumed),
            "cite": list(note.cite),
            "note": note.note,
        }


def catalog() -> tuple[Listed, ...]:
    """All published trials, in the order of the index."""
    return tuple(_listed(note) for note in trial_index().values())


def _listed(note: TrialNote) -> Listed:
    protocol = published_protocol(note.name)
    counted: Counter[str] = Counter(row.provenance for row in trial_results(note.name))
    return Listed(note, protocol, tuple(_given(protocol)), {mark: counted[mark] for mark in MARKS})


def _given(protocol: Trial | Described) -> list[tuple[str, Exposure]]:
    if isinstance(protocol, Trial):
        told = [(arm.name, protocol.regimen_of_arm(arm)) for arm in protocol.arms]
    else:
        told = [(arm.name, protocol.regimen_of_arm(arm)) for arm in protocol.arms]
    if protocol.run_in is not None and protocol.run_in.regimen is not None:
        told = [("run-in", protocol.run_in.regimen), *told]
    sums = [(name, exposure(regimen)) for name, regimen in told if regimen is not None]
    return [(name, found) for name, found in sums if found is not None]
