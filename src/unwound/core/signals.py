"""The records that rooms of one floor hand to each other: what is given, on an exact clock.

    regimen --CompiledRegimen--> pharmacokinetics --(concentrations, mg/L)--> sensitization --(drive)--> outcomes

Rooms of one floor never import each other; they share these records, and arrays whose units the receiving function
states (uM of total drug for drivers and effects). Times are hours from the first dose, amounts mg of base.
This file needs numpy only, so that reading a protocol does not load JAX.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

Enantiomer = Literal["S", "R", "racemic"]


@dataclass(frozen=True)
class Input:
    """What one enantiomer receives on the clock of a `CompiledRegimen` with ``n`` intervals.

    A patient of weight W [kg] receives at the constant rate ``rate + W * rate_per_kg`` [mg/h] in each interval,
    and at once ``bolus + W * bolus_per_kg`` [mg] at the start of each interval (breakpoint 0 ... n-1).
    """

    rate: np.ndarray  # (n,) mg/h
    rate_per_kg: np.ndarray  # (n,) mg/kg/h
    bolus: np.ndarray  # (n,) mg
    bolus_per_kg: np.ndarray  # (n,) mg/kg


@dataclass(frozen=True)
class Uptake:
    """How one part of a dose by some route enters the body: after `lag` [h], over `duration` [h].

    A duration of 0 is at once; None is as the dose itself is given (at once, or as long as the pump runs).
    """

    duration: float | None
    lag: float = 0.0


@dataclass(frozen=True)
class Channel:
    """Doses of one enantiomer by one route that enter the body in one way.

    `given` holds whole amounts; which share arrives, and where, is for the kinetic model to say, person by person.
    """

    enantiomer: str
    route: str
    part: int  # which of the route's uptakes
    size: float  # mg, or mg/kg when `per_kg`: the whole dose, because a share may depend on it (devices of a spray)
    per_kg: bool
    given: Input


@dataclass(frozen=True)
class TitrationRule:
    """A stepwise titration as a rule; what is reached is an outcome.

    Start on ``levels[0]``. At each assessment ``start + k * every`` before ``end``: after a side effect that the
    patient does not tolerate go `step_back` levels down and stay; otherwise go one level up, to the ceiling
    ``levels[-1]``.
    """

    enantiomer: Enantiomer  # "racemic" feeds S and R with half of the rate each
    start: float  # h
    end: float  # h
    every: float  # h
    levels: np.ndarray  # (steps,) mg/h, or mg/kg/h when `per_kg`
    per_kg: bool
    step_back: int

    @property
    def assessments(self) -> np.ndarray:
        """Times [h] at which the rule decides, all of them breakpoints of the clock."""
        count = int(np.ceil((self.end - self.start) / self.every - 1e-9))
        return self.start + self.every * np.arange(1, max(count, 1))


Key = str | tuple[str, str, int, float, bool]
"""Where a dose enters: an enantiomer into a vein, or the fields of a `Channel` but its last."""


@dataclass(frozen=True)
class DosingRule:
    """A rule on the clock: when it looks, at what, and what it then does.

    It acts at ``assessments[k] + delay`` when ``quantity`` is above (or below) `threshold`: `pain` [points], `fallen`
    (percent of the pain at the start), or `felt` (relative to the person's own threshold, 1). A giving rule adds
    ``slots[k]``.
    """

    kind: Literal["booster", "rescue", "titrate", "reduce", "hold", "stop"]
    quantity: Literal["pain", "fallen", "felt", "intolerable"]
    above: bool
    threshold: float
    assessments: np.ndarray  # (times,) h
    delay: float  # h
    at_most: int
    apart: float  # h
    amount: float = 0.0  # titrate: step, reduce: factor (shares of the plan); hold: h
    ceiling: float = 1.0  # share of the plan
    slots: tuple[Mapping[Key, Input], ...] = ()
    told: str = ""
    """The rule in a sentence."""
    cautious: bool = False
    """Heard first: where it acts, nothing is raised or given at that time."""


@dataclass(frozen=True)
class CompiledRegimen:
    """A regimen as piecewise-constant rates between breakpoints; no hour of infusion is lost.

    `times` has n + 1 breakpoints [h], the first 0, strictly increasing, the last one the end of the last dose
    (or later). `inputs` holds what the fixed doses put into a vein (keys among "S", "R"; a racemic dose is split in
    halves, or stays "racemic" for a model of the total), `absorbed` what is taken by other routes. `titrations` are
    decided during the computation, on top of the fixed doses.
    """

    times: np.ndarray
    inputs: Mapping[str, Input]
    titrations: tuple[TitrationRule, ...] = field(default=())
    absorbed: tuple[Channel, ...] = field(default=())
    split: bool = True
    """Whether a racemate is two enantiomers here; False for a model of their sum."""
    rules: tuple[DosingRule, ...] = field(default=())
    """What may change the doses during the computation; every moment of them is on the clock."""
    origins: Mapping[Key, np.ndarray] = field(default_factory=dict)
    """Channel -> when the dose was taken that enters in each interval [h]: a later stop does not take it back."""

    @property
    def enantiomers(self) -> tuple[str, ...]:
        """Which forms are given at all, in the order S, R, racemic (the last for models of the total only)."""
        given = {*self.inputs, *(channel.enantiomer for channel in self.absorbed)}
        for rule in self.titrations:
            given |= {"S", "R"} if rule.enantiomer == "racemic" and self.split else {rule.enantiomer}
        return tuple(e for e in ("S", "R", "racemic") if e in given)
