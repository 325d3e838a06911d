"""Harm from repeated exposure, over a whole schedule: the liver computed, the rest bounded, or said to be unknown.

    liver     the hazard of `unwound.outcomes.hazards` along the plasma course; interval: both hazards at their ends
    bladder   no rate at clinical doses is in the evidence: unknown, with the share of recreational users as a ceiling
    biliary   nothing in the evidence: not modeled
    counted   events of a year of esketamine spray, as counts with their intervals; not scaled to other schedules

A share of nobody is never told as 0 %: it is an upper bound. Concentrations are straight lines between the times given.

Source: outcomes_repeated.csv. Leaves out: stopping when enzymes rise, misuse, cognition.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import cast

import numpy as np

from unwound.core.arrays import Array, jax, jnp
from unwound.evidence import Interval, all_estimates, fill, keys_of, value
from unwound.outcomes import hazards, share_interval
from unwound.outcomes.hazards import Liver, LiverHazard
from unwound.patient.course import Course

STEP_H = 2.0
"""Longest step of the integration; the fastest process takes a day."""
PARENTS = ("S-ketamine", "R-ketamine", "ketamine")
SHORT_H = 24.0
COUNTED = {"serious_event": "serious adverse event", "death": "death, cause not assessed"}
EVENTS = ("single_infusion", "second_infusion", "stopped_series")
"""What was counted of the liver, by the prefix ``liver_`` of its rows."""


@dataclass(frozen=True)
class Count:
    """Events among people, and what that says."""

    what: str
    events: int
    people: int
    key: str

    @property
    def interval(self) -> Interval:
        """95 %: Wilson's, for nothing the exact upper bound."""
        return share_interval(self.events, self.people)

    def told(self) -> str:
        """In words; nothing in n is a bound."""
        high = f"{100.0 * self.interval.high:.2g} %"
        if self.events == 0:
            return f"none of {self.people}: up to {high}"
        low = f"{100.0 * self.interval.low:.2g}"
        return f"{self.events} of {self.people}: {100.0 * self.events / self.people:.2g} % ({low} to {high})"


@dataclass(frozen=True)
class LiverRisk:
    """Enzymes of three times the upper limit or more, so far, over time; shares, people last."""

    time_h: np.ndarray
    probability: np.ndarray
    low: np.ndarray
    high: np.ndarray
    sensitization: np.ndarray

    def told(self, place: int = -1) -> str:
        """The mean over people at one time, in words; never 0 %."""
        middle, low, high = (100.0 * float(x[place].mean()) for x in (self.probability, self.low, self.high))
        if middle < SMALLEST:
            return f"up to {max(high, SMALLEST):.2g} %"
        return f"{middle:.2g} % ({low:.2g} to {high:.2g})"


SMALLEST = 0.1
"""Percent; what is computed below this is told as a bound only."""


@dataclass(frozen=True)
class Unknown:
    """A harm without a rate at clinical doses."""

    what: str
    why: str
    ceiling: float | None
    """Share in other users, no prediction; None: nothing is known."""

    def told(self) -> str:
        """In words."""
        seen = "" if self.ceiling is None else f"; {100.0 * self.ceiling:.1f} % of recreational users (recalled)"
        return f"unknown: {self.why}{seen}"


@dataclass(frozen=True)
class Safety:
    """Everything about harm from repeated exposure."""

    liver: LiverRisk
    unknown: tuple[Unknown, ...]
    counts: tuple[Count, ...]
    notes: tuple[str, ...]
    keys: tuple[str, ...]


def safety_over_time(course: Course, longest_session_h: float) -> Safety:
    """What `course` may do to liver and bladder. `longest_session_h` decides whether the liver is extrapolated."""
    notes = ["the liver: two numbers are fitted to 107 people; the shape of sensitization is assumed"]
    if longest_session_h < SHORT_H:
        lasts = f"lasts {longest_session_h:.3g} h" if longest_session_h > 0.0 else "is a dose at once"
        notes.append(
            f"the liver is extrapolated: enzymes were counted after infusions of days, and the longest session {lasts}"
        )
    liver = liver_risk(course.time_h, total_ketamine(course))
    return Safety(liver, unknown_harms(), year_counts(), tuple(notes), safety_keys())


def total_ketamine(course: Course) -> np.ndarray:
    """Ketamine in plasma, enantiomers together [ng/mL], (times, people)."""
    parts = [np.asarray(course.concentration_ng_per_mL[name]) for name in PARENTS
             if name in course.concentration_ng_per_mL]  # fmt: skip
    return np.maximum(np.sum(parts, axis=0), 0.0) if parts else np.zeros_like(course.pain_nrs)


def liver_risk(time_h: np.ndarray, concentration: np.ndarray, p: LiverHazard | None = None) -> LiverRisk:
    """The liver along plasma `concentration` [ng/mL], (times, people). With `p` given, low and high are the same."""
    if p is not None:
        one = _followed(time_h, concentration, p)
        share = np.asarray(hazards.probability(one.hazard))
        return LiverRisk(time_h, share, share, share, np.asarray(hazards.sensitization(one.remembered, p)))
    middle = fill(LiverHazard, LiverHazard.prefix)
    states = [_followed(time_h, concentration, each) for each in (middle, *_ends())]
    shares = [np.asarray(hazards.probability(state.hazard)) for state in states]
    known = np.asarray(hazards.sensitization(states[0].remembered, middle))
    return LiverRisk(time_h, shares[0], shares[1], shares[2], known)


def _ends() -> list[LiverHazard]:
    found = []
    for end in ("low", "high"):
        own = {}
        for name in ("first_hazard", "sensitized_hazard"):
            row = all_estimates()[f"liver.{name}"]
            assert row.spread is not None
            assert row.spread.interval is not None
            own[name] = float(getattr(row.spread.interval, end))
        found.append(fill(LiverHazard, LiverHazard.prefix, **own))
    return found


def _followed(time_h: np.ndarray, concentration: np.ndarray, p: LiverHazard) -> Liver:
    """The state at every time, (times, people)."""
    time_h = np.asarray(time_h, float)
    cuts = [np.linspace(a, b, int(np.ceil((b - a) / STEP_H)) + 1)[:-1] for a, b in itertools.pairwise(time_h)]
    fine = np.concatenate([*cuts, time_h[-1:]])
    place = np.clip(np.searchsorted(time_h, fine, side="right") - 1, 0, max(len(time_h) - 2, 0))
    width = np.diff(time_h)[place] if len(time_h) > 1 else np.ones(1)
    part = ((fine - time_h[place]) / width)[:, None]
    after = np.minimum(place + 1, len(time_h) - 1)
    level = concentration[place] * (1.0 - part) + concentration[after] * part
    states = _integrated(jnp.diff(jnp.asarray(fine)), jnp.asarray(level), p)
    wanted = np.searchsorted(fine, time_h - 1e-9)
    return cast(Liver, jax.tree.map(lambda leaf: np.asarray(leaf)[wanted], states))


@jax.jit
def _integrated(steps: Array, level: Array, p: LiverHazard) -> Liver:
    """Runge and Kutta's fourth order between the points of `level`."""

    def moved(state: Liver, rate: Liver, length: Array) -> Liver:
        return cast(Liver, jax.tree.map(lambda x, v: x + length * v, state, rate))

    def step(state: Liver, given: tuple[Array, Array, Array]) -> tuple[Liver, Liver]:
        h, before, after = given
        middle = 0.5 * (before + after)
        k1 = hazards.flow(state, before, p)
        k2 = hazards.flow(moved(state, k1, h / 2.0), middle, p)
        k3 = hazards.flow(moved(state, k2, h / 2.0), middle, p)
        k4 = hazards.flow(moved(state, k3, h), after, p)
        later = jax.tree.map(lambda x, a, b, c, d: x + h / 6.0 * (a + 2.0 * b + 2.0 * c + d), state, k1, k2, k3, k4)
        return later, later

    start = hazards.never_exposed(level.shape[1])
    _, states = jax.lax.scan(step, start, (steps, level[:-1], level[1:]))
    return cast(Liver, jax.tree.map(lambda first, later: jnp.concatenate([first[None], later]), start, states))


def liver_counts() -> tuple[Count, ...]:
    """What was counted of the liver."""
    names = {"single_infusion": "single infusion of 72 to 168 h", "second_infusion": "second infusion of 100 h",
             "stopped_series": "infusions of days, stopped for enzymes"}  # fmt: skip
    return tuple(_count(f"liver_{name}", names[name]) for name in EVENTS)


def year_counts() -> tuple[Count, ...]:
    """Events within a year of esketamine spray."""
    return tuple(_count(f"year_{name}", what) for name, what in COUNTED.items())


def _count(prefix: str, what: str) -> Count:
    return Count(what, round(value(f"{prefix}.events", "1")), round(value(f"{prefix}.people", "1")), f"{prefix}.events")


def unknown_harms() -> tuple[Unknown, ...]:
    """Harms that are named and not computed."""
    why = "no rate at clinical doses is in the evidence; the label of esketamine asks to watch for urinary symptoms"
    return (
        Unknown("bladder", why, value("bladder.recreational_share", "1")),
        Unknown("bile ducts", "nothing about it is in the evidence, so it is not modeled", None),
    )


def safety_keys() -> tuple[str, ...]:
    """The rows of evidence behind all of it."""
    counts = [f"{prefix}.{name}" for prefix in (*(f"liver_{e}" for e in EVENTS), *(f"year_{e}" for e in COUNTED))
              for name in ("events", "people")]  # fmt: skip
    return (*keys_of(LiverHazard, LiverHazard.prefix), *counts, "bladder.recreational_share")
