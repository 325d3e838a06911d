"""What was published about a trial, as points and sentences to draw beside the curves.

A point is an observed arm mean of pain with the standard error that was printed with it. P values have no place on
the axis of pain: they become sentences. `recalled` says that a number was remembered and not read in its source.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from unwound.evidence import trial_names, trial_results

if TYPE_CHECKING:
    from unwound.trials import Row, Trial


@dataclass(frozen=True)
class Point:
    """An observed arm mean of pain [points] with its standard error, None where none was printed."""

    arm: str
    week: float
    value: float
    error: float | None
    recalled: bool


def observed_points(trial: Trial, rows: Sequence[Row]) -> tuple[Point, ...]:
    """The observed arm means of pain among `rows`, each once."""
    errors = _standard_errors(trial)
    arms = {arm.name for arm in trial.arms}
    points: dict[tuple[str, int], Point] = {}
    for row in rows:
        if row.arm in arms and row.endpoint == "pain NRS" and row.week is not None and row.observed is not None:
            place = (row.arm, row.week)
            points[place] = Point(*place, row.observed, errors.get(place), row.provenance == "memory")
    return tuple(points.values())


def _standard_errors(trial: Trial) -> dict[tuple[str, float], float]:
    if trial.name not in trial_names():
        return {}
    return {
        (row.arm, row.week): row.spread
        for row in trial_results(trial.name)
        if row.endpoint == "pain NRS" and row.week is not None and row.spread_kind == "se" and row.spread
    }


def p_sentences(rows: Sequence[Row], hypothesis: str, replicates: int) -> tuple[str, ...]:
    """One for each published P value: what was found (and how often the virtual trials find it)."""
    sentences = []
    for row in rows:
        if row.hypothesis != hypothesis or not row.observed_text or row.simulated is None:
            continue
        if match := re.match(r"probability of (P) ([<>]=?) ([\d.]+)", row.endpoint):
            sign = {"<=": "≤", ">=": "≥"}.get(match[2], match[2])
            found = f"{match[1]} {sign} {match[3]} "
            found = "" if row.observed_text.replace(" ", "") == found.replace(" ", "") else found
            sentences.append(f"{row.window}: {row.observed_text} ({found}in {_share(row.simulated.mean, replicates)})")
    return tuple(sentences)


def _share(share: float, replicates: int) -> str:
    """A share of virtual trials; none and all are counts, for they are no certainty."""
    if share in (0.0, 1.0):
        return f"{'all' if share else 'none'} of {replicates:,} trials"
    return f"{100 * share:.0f} % of trials"
