"""Observed beside simulated, row by row, with the rule by which a row passes.

A row with an observed number passes when both hold:
  (i)  the simulated mean lies within ``observed +/- max(tolerance, 1.64 standard errors of the observed value)``;
  (ii) the observed value lies in the 90 % interval over replicates at the trial's own size.
A P value printed as a bound ("P<0.001") becomes the probability of finding it, and passes when at least half of the
replicates do, and one printed as a significant number the probability of being at most that. One printed as not
significant passes when at least half of the replicates are not significant. A standard deviation is judged by (i).
A row the model has no outcome for is kept, with no verdict. Tolerances are rows of the table `judgement`.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from unwound.evidence import TrialRow, trial_names, trial_results, value
from unwound.trials.analysis import compare, mean_and_sd
from unwound.trials.conduct import TrialResult

SIGNIFICANT = 0.05
INTERVAL = (5.0, 95.0)  # percent: the 90 % interval over replicates


@dataclass(frozen=True)
class Simulated:
    """A statistic over replicates. `sd` is the spread between patients for an arm mean, else between replicates."""

    mean: float
    low: float
    high: float
    sd: float | None


@dataclass(frozen=True)
class Row:
    """One observed row of a trial beside what was simulated."""

    arm: str
    endpoint: str
    week: int | None
    window: str
    unit: str
    observed: float | None
    observed_text: str
    provenance: str
    rule: str
    simulated: Simulated | None
    passed: bool | None
    hypothesis: str

    @property
    def name(self) -> str:
        """Arm, endpoint and time in one phrase."""
        return f"{self.arm}: {self.endpoint}, {self.window}"

    def as_dict(self) -> dict[str, Any]:
        """The row as every JSON door gives it."""
        simulated = self.simulated
        return {
            "arm": self.arm,
            "endpoint": self.endpoint,
            "week": self.week,
            "window": self.window,
            "unit": self.unit,
            "observed": self.observed,
            "observed_text": self.observed_text,
            "provenance": self.provenance,
            "rule": self.rule,
            "simulated": None
            if simulated is None
            else {"mean": simulated.mean, "low": simulated.low, "high": simulated.high, "sd": simulated.sd},
            "pass": self.passed,
            "hypothesis": self.hypothesis,
        }


def rows_of(result: TrialResult) -> tuple[Row, ...]:
    """Every observed row of a published trial; for a trial of one's own, what its visits show."""
    if result.trial.name in trial_names():
        rows: list[Row] = []
        for published in trial_results(result.trial.name):
            rows.extend(_published(result, published))
        return tuple(rows)
    return tuple(_own_rows(result))


def _published(result: TrialResult, row: TrialRow) -> list[Row]:
    if row.endpoint == "P of the difference":
        return [_p_row(result, row)]
    if row.endpoint == "pain NRS" and row.arm == "difference" and row.week is not None:
        difference = _comparison(result, int(row.week)).difference
        simulated = _over_replicates(difference, sd=float(np.std(difference)))
        return [_judged(result, row, row.endpoint, simulated, value("judgement.nrs_difference", "points"), row.spread)]
    if row.endpoint == "pain NRS" and row.week is not None:
        return _arm_rows(result, row)
    if row.endpoint == "psychomimetic effect":
        share = 100.0 * result.of_arm(row.arm, result.course.psychomimetic).mean(axis=-1)
        simulated = _over_replicates(share, sd=float(np.std(share)))
        return [_judged(result, row, row.endpoint, simulated, value("judgement.event_share", "percent"), None)]
    if row.endpoint == "dose reached" and len(result.course.rate_reached):
        reached = result.of_arm(row.arm, _rate_per_70kg(result))
        simulated = _over_replicates(reached.mean(axis=-1), sd=float(reached.std(axis=-1, ddof=1).mean()))
        return [_judged(result, row, row.endpoint, simulated, value("judgement.dose", "mg/h"), None)]
    return [_row(result, row, row.endpoint, row.value, row.observed_text, "no outcome of this version", None, None)]


def _arm_rows(result: TrialResult, row: TrialRow) -> list[Row]:
    """The mean of an arm, and its spread when a standard error was printed with the number of patients."""
    means, deviations = mean_and_sd(result.of_arm(row.arm, _flat(result)[int(row.week or 0)]))
    simulated = _over_replicates(means, sd=float(deviations.mean()))
    mean = _judged(result, row, row.endpoint, simulated, value("judgement.nrs_mean", "points"), row.spread)
    if row.spread is None or row.spread_kind != "se" or row.n is None:
        return [mean]
    spread = row.spread * math.sqrt(row.n)
    text = f"{spread:.2f} (from the standard error and n = {row.n})"
    spread_row = _spread_row(result, row, spread, text, deviations)
    return [mean, spread_row]


def _spread_row(result: TrialResult, row: TrialRow, spread: float, text: str, deviations: np.ndarray) -> Row:
    simulated = _over_replicates(deviations, sd=float(np.std(deviations)))
    tolerance = value("judgement.nrs_sd", "points")
    rule = f"simulated mean within {tolerance:g} of the observed value"
    passed = abs(simulated.mean - spread) <= tolerance
    derived = row.provenance if "derived" in row.provenance or row.provenance == "memory" else "read-derived"
    made = _row(result, row, "pain NRS, standard deviation", spread, text, rule, simulated, passed)
    return Row(**{**made.__dict__, "provenance": derived})


def _p_row(result: TrialResult, row: TrialRow) -> Row:
    bound = re.search(r"P\s*<\s*(0?\.\d+)", row.observed_text)
    p = _comparison(result, int(row.week)).p if row.week is not None else _overall(result).p
    if bound:
        limit = float(bound[1])
        found, endpoint = p < limit, f"probability of P < {limit:g}"
    elif row.value is not None and row.value >= SIGNIFICANT:
        found, endpoint = p >= SIGNIFICANT, f"probability of P >= {SIGNIFICANT:g} (no longer significant)"
    else:
        limit = row.value if row.value is not None else SIGNIFICANT
        found, endpoint = p <= limit, f"probability of P <= {limit:g}"
    share = float(found.mean())
    error = math.sqrt(share * (1 - share) / len(found))
    simulated = Simulated(share, max(share - 1.64 * error, 0.0), min(share + 1.64 * error, 1.0), sd=error)
    rule = "at least half of the replicates show what was found (interval: Monte-Carlo error)"
    return _row(result, row, endpoint, None, row.observed_text, rule, simulated, share >= 0.5)


def _judged(
    result: TrialResult, row: TrialRow, endpoint: str, simulated: Simulated, tolerance: float, spread: float | None
) -> Row:
    if row.value is None:
        return _row(result, row, endpoint, None, row.observed_text, "nothing observed to compare", simulated, None)
    error = spread if spread is not None else 0.0
    if row.unit == "percent" and row.n:
        error = math.sqrt(max(row.value * (100.0 - row.value), 0.0) / row.n)
    half = max(tolerance, value("judgement.standard_errors", "1") * error)
    passed = abs(simulated.mean - row.value) <= half and simulated.low <= row.value <= simulated.high
    rule = f"simulated mean within {half:.2g} of the observed value, and that inside the 90 % interval"
    return _row(result, row, endpoint, row.value, row.observed_text, rule, simulated, passed)


def _row(
    result: TrialResult, row: TrialRow, endpoint: str, observed: float | None, text: str, rule: str,
    simulated: Simulated | None, passed: bool | None,
) -> Row:  # fmt: skip
    return Row(
        row.arm, endpoint, None if row.week is None else int(row.week), row.window, row.unit, observed, text,
        row.provenance, rule, simulated, None if passed is None else bool(passed), result.course.hypothesis,
    )  # fmt: skip


def _over_replicates(values: np.ndarray, sd: float | None) -> Simulated:
    low, high = np.percentile(values, INTERVAL)
    return Simulated(float(values.mean()), float(low), float(high), sd)


def _flat(result: TrialResult) -> np.ndarray:
    return result.ratings.reshape(result.ratings.shape[0], -1)


def _comparison(result: TrialResult, week: int) -> Any:
    ratings = _flat(result)[week]
    treated, control = result.trial.treated.name, result.trial.control.name
    return compare(result.of_arm(treated, ratings), result.of_arm(control, ratings))


def _overall(result: TrialResult) -> Any:
    """Each patient's mean over the weeks after the start of treatment; who has none is left out."""
    ratings = _flat(result)[1:]
    with np.errstate(invalid="ignore"):
        count = (~np.isnan(ratings)).sum(axis=0)
        means = np.where(count > 0, np.nansum(ratings, axis=0) / np.maximum(count, 1), np.nan)
    treated, control = result.trial.treated.name, result.trial.control.name
    return compare(result.of_arm(treated, means), result.of_arm(control, means))


def _rate_per_70kg(result: TrialResult) -> np.ndarray:
    """Rate at the end of the titration, scaled to a person of 70 kg [mg/h/70kg]."""
    reached = result.course.rate_reached[0]
    per_kg = reached if result.course.rate_unit == "mg/kg/h" else reached / np.asarray(result.people.weight)
    return np.asarray(70.0 * per_kg)


def _own_rows(result: TrialResult) -> list[Row]:
    """Arm means and the difference at the first and last visit, for a trial that was never published."""
    rows = []
    for week in (0, 1, result.trial.weeks):
        for arm in result.trial.arms:
            means, deviations = mean_and_sd(result.of_arm(arm.name, _flat(result)[week]))
            simulated = _over_replicates(means, sd=float(deviations.mean()))
            rows.append(_own_row(result, arm.name, "pain NRS", week, "points", simulated))
        comparison = _comparison(result, week)
        simulated = _over_replicates(comparison.difference, sd=float(np.std(comparison.difference)))
        rows.append(_own_row(result, "difference", "pain NRS", week, "points", simulated))
        share = float((comparison.p < SIGNIFICANT).mean())
        error = math.sqrt(share * (1 - share) / len(comparison.p))
        power = Simulated(share, max(share - 1.64 * error, 0.0), min(share + 1.64 * error, 1.0), error)
        rows.append(_own_row(result, "difference", f"probability of P < {SIGNIFICANT:g}", week, "1", power))
    return rows


def _own_row(result: TrialResult, arm: str, endpoint: str, week: int, unit: str, simulated: Simulated) -> Row:
    window = "baseline" if week == 0 else f"week {week}"
    return Row(
        arm, endpoint, week, window, unit, None, "", "simulated only", "nothing observed to compare", simulated, None,
        result.course.hypothesis,
    )  # fmt: skip
