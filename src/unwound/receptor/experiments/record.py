"""What an experiment gives back: curves in panels, a few numbers, notes, and the evidence it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Curve:
    """One line of a panel."""

    label: str
    x: np.ndarray
    y: np.ndarray


@dataclass(frozen=True)
class Panel:
    """Curves over one axis. The names of the axes carry their units; those of shares have none."""

    name: str
    title: str
    x: str
    y: str
    curves: tuple[Curve, ...]
    logarithmic: bool = False
    points: bool = False
    """Whether single points are meant, such as the peaks of pulses."""

    def as_dict(self) -> dict[str, Any]:
        curves = [{"label": curve.label, self.x: curve.x, self.y: curve.y} for curve in self.curves]
        return {"name": self.name, "title": self.title, "curves": curves}


@dataclass(frozen=True)
class Experiment:
    """The result of one experiment."""

    name: str
    title: str
    conditions: tuple[str, ...]
    """What was in the dish, and what was done."""
    numbers: Mapping[str, float | Mapping[str, float]]
    """Names carry units; a number that differs by subtype or condition is a mapping."""
    panels: tuple[Panel, ...]
    notes: tuple[str, ...]
    """What the model does not reproduce, and what was assumed of the procedure."""
    keys: tuple[str, ...]
    """The rows of evidence, for `evidence.citations` and `evidence.assumptions`."""
    bars: tuple[str, ...] = ()
    """Numbers by subtype or state that a figure shows as bars."""

    def rows(self) -> Iterator[tuple[str, str, float]]:
        """(name, of what, value) of every number."""
        for name, found in self.numbers.items():
            if isinstance(found, Mapping):
                yield from ((name, of, value) for of, value in found.items())
            else:
                yield name, "", found

    def as_dict(self) -> dict[str, Any]:
        return {
            "experiment": self.name,
            "title": self.title,
            "conditions": list(self.conditions),
            **{name: dict(found) if isinstance(found, Mapping) else found for name, found in self.numbers.items()},
            "panels": [panel.as_dict() for panel in self.panels],
            "notes": list(self.notes),
        }


def time_to(time: np.ndarray, values: np.ndarray, level: float) -> float:
    """When `values`, which rise or fall towards their end, first pass `level`; NaN where they never do."""
    beyond = values >= level if values[-1] >= values[0] else values <= level
    if not beyond.any() or beyond[0]:
        return float(time[0]) if beyond[0] else float("nan")
    n = int(np.argmax(beyond))
    part = (level - values[n - 1]) / (values[n] - values[n - 1])
    return float(time[n - 1] + part * (time[n] - time[n - 1]))


def looks(first: float, last: float, count: int = 160) -> np.ndarray:
    """0 and `count` times from `first` to `last`, each a constant factor later than the one before."""
    return np.concatenate([[0.0], np.geomspace(first, last, count)])
