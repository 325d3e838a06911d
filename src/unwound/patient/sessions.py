"""The sessions of a regimen: doses that lie close together are one session, whatever number of doses it takes.

    a session ends and another begins where no drug is given for `GAP_H` hours

Doses that rules may add are not known beforehand and are not counted (a warning says so elsewhere).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from unwound.regimen import Regimen

GAP_H = 12.0
"""A night without drug: what lies closer is one stay on the chair or in bed."""


@dataclass(frozen=True)
class Session:
    """From the first to the last minute of drug [h]."""

    start_h: float
    end_h: float

    @property
    def hours(self) -> float:
        """How long drug is given, pauses within a session included."""
        return self.end_h - self.start_h


def sessions_of(regimen: Regimen) -> tuple[Session, ...]:
    """The planned sessions in order; none for an empty regimen."""
    spans = sorted((float(start), float(start) + dose.hours) for dose in regimen.doses for start in dose.starts())
    found: list[Session] = []
    for start, end in spans:
        if found and start - found[-1].end_h < GAP_H:
            found[-1] = Session(found[-1].start_h, max(found[-1].end_h, end))
        else:
            found.append(Session(start, end))
    return tuple(found)


def earlier_sessions(sessions: tuple[Session, ...], time_h: np.ndarray) -> np.ndarray:
    """How many sessions were over before the one that each time belongs to; between sessions, all that are over."""
    starts = np.array([one.start_h for one in sessions])
    return np.maximum(np.searchsorted(starts, np.asarray(time_h) + 1e-9, side="right") - 1, 0)
