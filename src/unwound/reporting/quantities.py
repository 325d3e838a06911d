"""What a course holds, by one name each: pain, concentrations and slow states, with label and unit.

The name ends in its unit where it has one (`s_ketamine_ng_per_mL`, `pain_nrs`), so that a column of a table needs
no legend. A state that a new hypothesis brings along is shown under its own name, without unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from unwound.patient.course import Course

PAIN = "pain_nrs"

_STATES = {
    "synaptic_gain": ("synaptic_gain", "synaptic gain S", "1"),
    "latent_memory": ("latent_memory", "latent memory L", "1"),
    "protection": ("protection", "protection Z", "1"),
    "block": ("block", "block b", "1"),
    "relief": ("relief", "relief", "1"),
    "slow_concentration": ("slow_concentration_uM", "slow concentration", "uM"),
}
"""State of a course -> (column name, words, unit)."""

_OF_A_SWITCH = ("synaptic_gain", "latent_memory", "protection", "block")
"""Columns of states that H1 and H2 have, and H0 has not."""


@dataclass(frozen=True)
class Quantity:
    """One thing that changes over time. `values` is (times, people)."""

    name: str
    label: str
    unit: str
    values: np.ndarray


def quantities_of(course: Course) -> tuple[Quantity, ...]:
    """Everything in `course` that changes over time: pain first, then concentrations, then states."""
    return (
        Quantity(PAIN, "pain", "points", course.pain_nrs),
        *concentrations_of(course),
        *states_of(course),
    )


def concentrations_of(course: Course) -> tuple[Quantity, ...]:
    """The analytes of `course`, the parent first."""
    return tuple(
        Quantity(f"{analyte.lower().replace('-', '_')}_ng_per_mL", analyte, "ng/mL", values)
        for analyte, values in course.concentration_ng_per_mL.items()
    )


def states_of(course: Course) -> tuple[Quantity, ...]:
    """The slow states of `course` and the block, in a fixed order."""
    known = [name for name in _STATES if name in course.states]
    others = [name for name in course.states if name not in _STATES]
    return tuple(
        Quantity(*_STATES.get(name, (name, name.replace("_", " "), "1")), course.states[name])
        for name in (*known, *others)
    )


def shown_states(course: Course) -> tuple[Quantity, ...]:
    """The states to draw: those that half of the people have or more, where hypotheses are averaged."""
    return tuple(state for state in states_of(course) if np.mean(~np.isnan(state.values[0])) >= 0.5)


def states_title(course: Course) -> str:
    """``Slow states under H2``; of an average, the hypotheses that have what is drawn."""
    if course.fitted is None or len(course.fitted.hypotheses) == 1:
        name = course.hypothesis if course.fitted is None else course.fitted.hypotheses[0]
        return f"Slow states under {name}"
    without = {"H0"} if any(state.name in _OF_A_SWITCH for state in shown_states(course)) else {"H1", "H2"}
    return f"Slow states under {' and '.join(h for h in course.fitted.hypotheses if h not in without)}"


def usable(course: Course) -> np.ndarray:
    """Whether the numbers of a person may be used, per person."""
    good = np.ones(course.people, dtype=bool)
    good[course.failed()] = False
    return good
