"""What was fitted behind a course: which models, how many draws of their posterior, and which numbers they replaced.

A course under fitted models rests on draws and not on the values of the tables; this record says so wherever the result
goes. Either people take the draws in turn, or one typical person takes each: then what spreads is the uncertainty of
the posterior, and not how people differ.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

AVERAGE = "average"
"""All fitted models by weight."""


@dataclass(frozen=True)
class Fitted:
    """Draws of fitted models behind a course."""

    model: str
    """"average", or one fitted model ("H0", "H2 tonic", ...)."""
    turns: tuple[str, ...]
    """The model of each draw, in the order in which they take turns."""
    settings_sha256: str
    """Of every number of the draws."""
    replaced: tuple[str, ...] = ()
    """Evidence keys whose numbers are those of the draws, not of the tables."""
    trials: tuple[str, ...] = ()
    """Short names of the trials that were fitted."""
    cites: tuple[str, ...] = ()
    """Keys of the bibliography: their publications."""
    first_line: str = ""
    """How the mechanisms do on trials that were left out, in one sentence."""
    takers: Literal["one person", "people", "replicates"] = "people"
    """Who takes the draws: one typical person every one of them, or people or replicates of a trial in turn."""

    @property
    def of_one_person(self) -> bool:
        """Whether what spreads is the posterior, and not people."""
        return self.takers == "one person"

    @property
    def draws(self) -> int:
        """How many draws."""
        return len(self.turns)

    @property
    def models(self) -> Mapping[str, int]:
        """Fitted model -> its draws, by name."""
        return dict(sorted(Counter(self.turns).items()))

    @property
    def hypotheses(self) -> tuple[str, ...]:
        """The hypotheses among the draws: "H1", "H2"."""
        return tuple(dict.fromkeys(name.partition(" ")[0] for name in self.models))

    @property
    def drivers(self) -> tuple[str, ...]:
        """What drives the slow memory in the draws that have one."""
        return tuple(dict.fromkeys(driver for name in self.models if (driver := name.partition(" ")[2])))

    @property
    def told(self) -> str:
        """``average of 6 fitted models by weight, 40 draws``, or ``fitted, 40 draws``."""
        draws = f"{self.draws} draw{'s' if self.draws > 1 else ''}"
        if self.model != AVERAGE:
            return f"fitted, {draws}"
        return f"average of {len(self.models)} fitted model{'s' if len(self.models) > 1 else ''} by weight, {draws}"

    @property
    def in_words(self) -> str:
        """Every model with its number of draws."""
        return ", ".join(f"{name} {count}" for name, count in self.models.items())

    def taken(self, count: int) -> list[str]:
        """The model of each of `count` who take the draws in turn."""
        return [self.turns[n % self.draws] for n in range(count)]

    def as_dict(self) -> dict[str, Any]:
        """The record as JSON and manifest give it; the numbers themselves ship with the package."""
        return {
            "model": self.model, "told": self.told, "draws": self.draws, "models": dict(self.models),
            "turns": list(self.turns), "settings_sha256": self.settings_sha256, "numbers": "unwound fit pain",
            "replaced": list(self.replaced), "fitted_to": list(self.trials), "out_of_sample": self.first_line,
            "taken_by": self.takers,
        }  # fmt: skip
