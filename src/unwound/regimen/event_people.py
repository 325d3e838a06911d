"""A person of an event table, and the table itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from unwound.core.errors import EventTableError, Problem
from unwound.regimen.event_occasions import Occasion
from unwound.regimen.regimen import Regimen


@dataclass(frozen=True)
class Person:
    """What one ID was given and what was observed, occasion by occasion, and covariates (None is unknown)."""

    id: str
    occasions: tuple[Occasion, ...]
    weight_kg: float | None = None
    age_y: float | None = None
    sex: str | None = None  # as the table codes it

    @property
    def occasion(self) -> Occasion:
        """The only occasion. Raises `EventTableError` when a reset makes several."""
        if len(self.occasions) != 1:
            rule = "resets part the rows of this ID into several occasions"
            remedy = "go through person.occasions, or give a table with one occasion per ID"
            raise EventTableError(Problem(f"ID {self.id[:40]}", f"{len(self.occasions)} occasions", rule, remedy))
        return self.occasions[0]

    def named_occasions(self) -> list[tuple[str, Occasion]]:
        """The occasions by name: "ID 7", or "ID 7, occasion 2" where resets make several."""
        if len(self.occasions) == 1:
            return [(f"ID {self.id}", self.occasions[0])]
        labels = [occasion.label or str(n) for n, occasion in enumerate(self.occasions, 1)]
        if len(set(labels)) < len(labels):
            labels = [str(n) for n in range(1, len(labels) + 1)]
        return [(f"ID {self.id}, occasion {label}", o) for label, o in zip(labels, self.occasions, strict=True)]

    @property
    def regimen(self) -> Regimen:
        """What was given, of a person with one occasion."""
        return self.occasion.regimen

    @property
    def observed_h(self) -> np.ndarray:
        """When it was observed [h], of a person with one occasion."""
        return self.occasion.observed_h

    @property
    def observed(self) -> np.ndarray:
        """What was observed, of a person with one occasion."""
        return self.occasion.observed


@dataclass(frozen=True)
class EventTable:
    """The persons of a table in its order, the unit of what was observed, and what was odd."""

    persons: tuple[Person, ...]
    observed_unit: str | None
    warnings: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.persons)

    def __iter__(self) -> Iterator[Person]:
        return iter(self.persons)
