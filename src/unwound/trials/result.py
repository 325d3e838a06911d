"""What a conducted trial is: people, their course, their ratings, and who was in which group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from unwound.patient.course import Course
from unwound.patient.people import People
from unwound.patient.simulation import Setting
from unwound.regimen import LimitWarning
from unwound.trials.allocation import NOBODY
from unwound.trials.trial import Trial

MATCHES = 1e-6  # h


@dataclass(frozen=True)
class TrialResult:
    """All replicates of a trial under one hypothesis."""

    trial: Trial
    setting: Setting
    replicates: int
    people: People
    course: Course
    ratings: np.ndarray  # (visits, replicates, patients); NaN after dropout, and of who was not randomized
    limit_warnings: tuple[LimitWarning, ...]
    keys: tuple[str, ...]
    allocation: np.ndarray  # (replicates, patients) number of the group, `NOBODY` when not randomized
    visits_h: np.ndarray  # (visits,) from the start of treatment
    rescues: np.ndarray  # (visits, replicates, patients) whether rescue was taken after the visit
    events: Mapping[str, np.ndarray] = field(default_factory=dict)
    """Adverse event -> (replicates, patients), whether it was reported during the treatment."""

    def of_arm(self, name: str, values: np.ndarray) -> np.ndarray:
        """The part of `values`, (..., all people), that belongs to an arm: (..., replicates, patients of the arm).

        Arms whose size differs between replicates are filled up with NaN (False for truths). A crossover is asked for
        by sequence; by arm it gives everybody who was randomized.
        """
        shaped = values.reshape(*values.shape[:-1], self.replicates, self.trial.size)
        names = [group.name for group in self.trial.groups]
        which = [names.index(name)] if name in names else list(range(len(names)))
        if name not in names:
            self.trial.arm(name)
        inside = np.isin(self.allocation, which)
        count = inside.sum(axis=1)
        first = int(inside[0].argmax())
        if (inside[:, first : first + count[0]]).all() and (count == count[0]).all():
            return shaped[..., first : first + count[0]]  # the same people of every replicate, side by side
        order = np.argsort(~inside, axis=1, kind="stable")[:, : count.max()]
        taken = np.take_along_axis(shaped, np.broadcast_to(order, (*shaped.shape[:-1], order.shape[1])), axis=-1)
        absent = np.arange(order.shape[1]) >= count[:, None]
        if not absent.any():
            return taken
        return taken & ~absent if taken.dtype == bool else np.where(absent, np.nan, taken)

    def rated(self, name: str) -> np.ndarray:
        """Ratings at the visits from randomization on, (visits, replicates, patients of the arm), NaN where missing.

        In a crossover the visits are those of the period in which a person received the arm, and people keep their
        places, so that two arms can be compared within them.
        """
        return self.at_visits(name, self.ratings)

    def at_visits(self, name: str, values: np.ndarray) -> np.ndarray:
        """The part of `values`, (all visits, replicates, patients), that `rated` speaks of."""
        trial, count = self.trial, len(self.trial.visit_h)
        before = len(self.visits_h) - count * (len(trial.groups[0].arms))
        flat = values.reshape(len(values), -1)
        if trial.crossover is None:
            return self.of_arm(name, flat[before:])
        found = np.full((count, self.replicates, trial.size), np.nan)
        for number, group in enumerate(trial.groups):
            inside = self.allocation == number
            begin = before + count * [arm.name for arm in group.arms].index(name)
            found[:, inside] = values[begin : begin + count][:, inside]
        return found

    def visit(self, hours: float) -> int:
        """Which of the visits of `rated` is at `hours` [h] after randomization. Raises `KeyError` for none."""
        for number, at in enumerate(self.trial.visit_h):
            if abs(at - hours) < MATCHES:
                return number
        raise KeyError(f"no visit at {hours:g} h")

    @property
    def randomized(self) -> np.ndarray:
        """Who was randomized, (replicates, patients)."""
        return np.asarray(self.allocation != NOBODY)
