"""What exactly is estimated: population, variable, what happens after an intercurrent event, summary.

An intercurrent event (rescue medication, stopping treatment) changes what a later rating means. Each event of an
estimand names one strategy:

    treatment policy      ratings are used as they are, whatever happened
    hypothetical          ratings from the event on are set missing: what would have been without it
    composite             the event is a failure: from it on the variable takes the value of a failure
    while on treatment    the last rating before the event stands for those after it

The first event of a patient whose strategy is not "treatment policy" decides over all later ratings; of two at one
time the order is composite, hypothetical, while on treatment. A rating at the time of the event counts as after it.

Method: the words and attributes are those of the addendum ICH E9(R1). Leaves out: principal stratum, which asks for a
model of who would have had the event, and is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from unwound.core.errors import Problem, UnknownName
from unwound.trials.analysis.inputs import refuse, require_alike

Strategy = Literal["treatment policy", "hypothetical", "composite", "while on treatment"]
STRATEGIES: tuple[str, ...] = get_args(Strategy)
_ORDER = ("composite", "hypothetical", "while on treatment")  # which wins at one time


@dataclass(frozen=True)
class Estimand:
    """The question of a trial. `intercurrent` maps the name of an event to its strategy."""

    population: str
    variable: str
    intercurrent: Mapping[str, Strategy]
    summary: str

    def __post_init__(self) -> None:
        given: Mapping[str, str] = dict(self.intercurrent)
        for event, strategy in given.items():
            if strategy == "principal stratum":
                remedy = "choose one of " + ", ".join(STRATEGIES)
                refuse([Problem(f"strategy of {event}", strategy, "is not available for simulated trials", remedy)])
            if strategy not in STRATEGIES:
                raise UnknownName(f"strategy of {event}", strategy, STRATEGIES)

    def sentence(self) -> str:
        """The estimand as a protocol states it."""
        events = "; ".join(f"{event}: {strategy}" for event, strategy in self.intercurrent.items()) or "none named"
        return (
            f"Population: {self.population}. Variable: {self.variable}. Intercurrent events: {events}. "
            f"Summary: {self.summary}."
        )


@dataclass(frozen=True)
class Prepared:
    """Ratings as the estimand wants them, before anything missing is dealt with."""

    ratings: np.ndarray  # (visits, replicates, patients)
    failed: np.ndarray  # the same shape: a failure by the composite strategy
    set_missing: np.ndarray  # the same shape: set missing by the hypothetical strategy


def prepare(
    estimand: Estimand,
    ratings: np.ndarray,
    visit_times: np.ndarray,
    events: Mapping[str, np.ndarray],
    failure: np.ndarray | float | None = None,
) -> Prepared:
    """Apply `estimand` to ratings. `events`: name -> time of each patient's event, infinite or NaN where none.

    `failure` is the value of a failed rating (such as the baseline, or 10 on a scale of 0 to 10); without one it is
    missing here, and `failed` tells the analysis of responders.
    """
    _check(estimand, ratings, visit_times, events)
    deciding = {event: s for event, s in estimand.intercurrent.items() if s != "treatment policy"}
    values = np.array(ratings, dtype=float)
    failed, dropped = np.zeros(values.shape, dtype=bool), np.zeros(values.shape, dtype=bool)
    if not deciding:
        return Prepared(values, failed, dropped)
    names = sorted(deciding, key=lambda event: _ORDER.index(deciding[event]))
    times = np.stack([np.where(np.isnan(events[name]), np.inf, events[name]) for name in names])
    first, when = np.argmin(times, axis=0), np.min(times, axis=0)  # argmin takes the earlier name of two equal ones
    after = np.asarray(visit_times, dtype=float)[:, None, None] >= when
    kind = np.array([_ORDER.index(deciding[name]) for name in names])[first]
    failed, dropped, held = (after & (kind == n) for n in range(3))
    held_value = _last_before(values, after)
    values = np.where(held, held_value, values)
    values = np.where(failed, np.nan if failure is None else failure, values)
    return Prepared(np.where(dropped, np.nan, values), failed, dropped)


def _last_before(values: np.ndarray, after: np.ndarray) -> np.ndarray:
    """The last rating before the event, at every visit."""
    last = np.full(values.shape[1:], np.nan)
    for value, late in zip(values, after, strict=True):
        last = np.where(~late & np.isfinite(value), value, last)
    return np.broadcast_to(last, values.shape)


def _check(estimand: Estimand, ratings: np.ndarray, visit_times: np.ndarray, events: Mapping[str, np.ndarray]) -> None:
    refuse(
        [
            Problem("events", sorted(events), f"the estimand names {event!r}, and no times of it were given",
                    f"add events[{event!r}], infinite where it did not happen")
            for event in estimand.intercurrent
            if event not in events
        ]
        + [
            Problem("events", event, "happened and is not in the estimand",
                    f"give it a strategy, one of {', '.join(STRATEGIES)}")
            for event in events
            if event not in estimand.intercurrent
        ]
    )  # fmt: skip
    require_alike(ratings=ratings, **{f"events of {name}": times for name, times in events.items()})
    if len(visit_times) != len(ratings):
        rule = f"one time per visit, {len(ratings)} in all"
        refuse([Problem("visit_times", len(visit_times), rule, "give the times of the visits in order")])
