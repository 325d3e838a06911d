"""The endpoints of a trial file as rows: each arm, each comparison, how often it is found.

With two arms the comparison is called "difference"; with more it names both. An endpoint that is only described
(analysis "none") has no row of probability.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from unwound.trials.analysis import Comparison
from unwound.trials.dispatch import ANALYSES, LEVEL, Compared
from unwound.trials.endpoint import TIMED, Endpoint
from unwound.trials.endpoint_values import Values, ratings_of, responding, restricted_mean, values_of, weeks_of
from unwound.trials.result import TrialResult
from unwound.trials.row import Row, Simulated, over_replicates

SHARES = ("responders", "adverse event")
UNITS = {"opioid equivalents": "mg/d", "rescue": "1", **dict.fromkeys(TIMED, "weeks")}
CURVE = tuple(range(0, 101, 10))  # percent


def endpoint_rows(result: TrialResult) -> list[Row]:
    """All endpoints of the trial file, in its order."""
    rows: list[Row] = []
    for endpoint in result.trial.endpoints:
        rows += (
            _curve_rows(result, endpoint) if endpoint.measure == "cumulative responders" else _rows(result, endpoint)
        )
    return rows


def _rows(result: TrialResult, endpoint: Endpoint) -> list[Row]:
    trial = result.trial
    values = {arm.name: values_of(result, endpoint, arm.name) for arm in trial.arms}
    means = {name: means_of(result, endpoint, own) for name, own in values.items()}
    rows = [
        _row(result, endpoint, name, endpoint.name, _arm_spread(endpoint, means[name], values[name])) for name in values
    ]
    for label, pair in _compare(result, endpoint, values, means).items():
        gap, found = pair.difference, pair.comparison
        rows.append(_row(result, endpoint, label, endpoint.name, over_replicates(gap, float(np.nanstd(gap)))))
        if found is not None:
            rows.append(_found_row(result, endpoint, label, found))
    return rows


@dataclass(frozen=True)
class Pair:
    """What one comparison of an endpoint finds, one value per replicate."""

    arm: str
    control: str
    difference: np.ndarray  # in the unit of the row
    comparison: Comparison | None  # None for an endpoint that is only described
    level: float

    @property
    def rejects(self) -> np.ndarray:
        """Whether each replicate finds what the analysis looks for."""
        assert self.comparison is not None, "an endpoint that is only described finds nothing"
        return self.comparison.rejects(self.level)


def comparisons(result: TrialResult, endpoint: Endpoint) -> dict[str, Pair]:
    """Every comparison of an endpoint that compares arms: "difference", or "high dose minus saline"."""
    values = {arm.name: values_of(result, endpoint, arm.name) for arm in result.trial.arms}
    return _compare(result, endpoint, values, {n: means_of(result, endpoint, own) for n, own in values.items()})


def level_of(endpoint: Endpoint) -> float:
    """The level at which an endpoint is tested: half of it for the one side of non-inferiority."""
    return LEVEL / 2.0 if endpoint.analyzed == "non-inferiority" else LEVEL


def unit_of(endpoint: Endpoint) -> str:
    """The unit of an endpoint's rows."""
    return UNITS.get(endpoint.measure, "percent" if endpoint.measure in SHARES else "points")


def _compare(
    result: TrialResult, endpoint: Endpoint, values: dict[str, Values], means: dict[str, np.ndarray]
) -> dict[str, Pair]:
    trial, found = result.trial, {}
    control = endpoint.against or trial.control.name
    for arm in [endpoint.arm] if endpoint.arm else [arm.name for arm in trial.arms if arm.name != control]:
        label = "difference" if len(trial.arms) == 2 else f"{arm} minus {control}"
        test = None
        if endpoint.analyzed != "none":
            test = ANALYSES[endpoint.analyzed](_compared(result, endpoint, arm, control, values))
        found[label] = Pair(arm, control, means[arm] - means[control], test, level_of(endpoint))
    return found


def _compared(result: TrialResult, endpoint: Endpoint, arm: str, control: str, values: dict[str, Values]) -> Compared:
    return Compared(
        arm=values[arm].values,
        control=values[control].values,
        arm_ratings=ratings_of(result, endpoint, arm),
        control_ratings=ratings_of(result, endpoint, control),
        visit=result.visit(endpoint.at.value) if endpoint.at else len(result.trial.visit_h) - 1,
        weeks=weeks_of(result),
        paired=result.trial.crossover is not None,
        margin=endpoint.margin.value if endpoint.margin else 0.0,
        arm_event=values[arm].event,
        control_event=values[control].event,
    )


def means_of(result: TrialResult, endpoint: Endpoint, own: Values) -> np.ndarray:
    """One number per replicate, in the unit of the row."""
    if endpoint.measure in TIMED:
        return restricted_mean(own, weeks_of(result))
    with np.errstate(invalid="ignore"):
        return np.asarray(np.nanmean(own.values, axis=-1) * (100.0 if endpoint.measure in SHARES else 1.0))


def _arm_spread(endpoint: Endpoint, means: np.ndarray, own: Values) -> Simulated:
    """The mean over replicates; the spread between patients, or between replicates for shares and times."""
    if endpoint.measure in (*SHARES, *TIMED):
        return over_replicates(means, float(np.nanstd(means)))
    return over_replicates(means, float(np.nanmean(np.nanstd(own.values, axis=-1, ddof=1))))


def _found_row(result: TrialResult, endpoint: Endpoint, label: str, found: Comparison) -> Row:
    what = f"probability of P < {LEVEL:g}"
    if endpoint.analyzed == "non-inferiority":
        what = f"probability of non-inferiority (margin {endpoint.margin})"
    share = float(found.rejects(level_of(endpoint)).mean())
    error = math.sqrt(share * (1 - share) / len(found.p))
    simulated = Simulated(share, max(share - 1.64 * error, 0.0), min(share + 1.64 * error, 1.0), error)
    return _row(result, endpoint, label, f"{what}, {endpoint.name}, {endpoint.analyzed}", simulated, unit="1")


def _curve_rows(result: TrialResult, endpoint: Endpoint) -> list[Row]:
    rows = []
    for arm in result.trial.arms:
        now = ratings_of(result, endpoint, arm.name)[result.visit(endpoint.at.value if endpoint.at else 0.0)]
        for percent in CURVE:
            share = 100.0 * np.nanmean(responding(result, endpoint, arm.name, now, percent / 100.0), axis=-1)
            spread = over_replicates(share, float(np.nanstd(share)))
            rows.append(
                _row(result, endpoint, arm.name, f"share with {percent} % less pain or more", spread, "percent")
            )
    return rows


def _row(result: TrialResult, endpoint: Endpoint, arm: str, name: str, simulated: Simulated, unit: str = "") -> Row:
    weeks = None if endpoint.at is None else endpoint.at.value / 168.0
    window = "whole trial" if weeks is None else ("baseline" if weeks == 0 else f"week {weeks:g}")
    if endpoint.at is not None and weeks and abs(weeks - round(weeks, 2)) > 1e-9:
        window = endpoint.at.text  # "45 min", and not week 0.00446
    if endpoint.primary:
        window += ", primary"
    unit = unit or unit_of(endpoint)
    whole = None if weeks is None or abs(weeks - round(weeks)) > 1e-9 else round(weeks)
    return Row(
        arm, name, whole, window, unit, None, "", "simulated only", "nothing observed to compare", simulated, None,
        result.course.hypothesis,
    )  # fmt: skip
