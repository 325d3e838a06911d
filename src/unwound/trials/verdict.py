"""Observed beside simulated, row by row, with the rule by which a row passes.

A row with an observed number passes when both hold:
  (i)  the simulated mean lies within ``observed +/- max(tolerance, 1.64 standard errors of the observed value)``;
  (ii) the observed value lies in the 90 % interval over replicates at the trial's own size.
A P value printed as a bound ("P<0.001") becomes the probability of finding it, and passes when at least half of the
replicates do, and one printed as a significant number the probability of being at most that. One printed as not
significant passes when at least half of the replicates are not significant. A standard deviation is judged by (i).
A printed range of means is held against the simulated mean, with the tolerance beyond both ends. A row of shares or of
pain is compared with the endpoint of the trial file that has its name and its hour.
A recalled value counts half, and missing it does not fail a trial alone (`Row.fails`).
A row the model has no outcome for is kept, with no verdict. Tolerances are rows of the table `judgement`.
"""

from __future__ import annotations

import dataclasses
import math
import re
from typing import Any

import numpy as np

from unwound.core.strict import Measure
from unwound.evidence import TrialRow, trial_names, trial_results, value
from unwound.trials.analysis import compare, mean_and_sd
from unwound.trials.conduct import TrialResult
from unwound.trials.endpoint import EVENTS, Endpoint
from unwound.trials.endpoint_rows import endpoint_rows
from unwound.trials.endpoint_values import values_of
from unwound.trials.row import Row, Simulated, over_replicates

SIGNIFICANT = 0.05


def rows_of(result: TrialResult) -> tuple[Row, ...]:
    """Every observed row of a published trial; for a trial of one's own, what its visits show."""
    if result.trial.name in trial_names():
        rows: list[Row] = []
        for published in trial_results(result.trial.name):
            rows.extend(_published(result, published))
        return (*rows, *_endpoints_without_observation(result))
    return tuple(_own_rows(result))


def _published(result: TrialResult, row: TrialRow) -> list[Row]:
    if row.endpoint == "P of the difference":
        return [_p_row(result, row)]
    if row.endpoint == "pain NRS" and row.arm == "difference" and row.week is not None:
        difference = _comparison(result, int(row.week)).difference
        simulated = over_replicates(difference, sd=float(np.std(difference)))
        return [_judged(result, row, row.endpoint, simulated, value("judgement.nrs_difference", "points"), row.spread)]
    if row.endpoint == "pain NRS" and row.week is not None and row.arm in {arm.name for arm in result.trial.arms}:
        return _arm_rows(result, row)
    if row.endpoint in EVENTS:
        share = 100.0 * result.of_arm(row.arm, result.events[row.endpoint].ravel().astype(float)).mean(axis=-1)
        simulated = over_replicates(share, sd=float(np.std(share)))
        return [_judged(result, row, row.endpoint, simulated, value("judgement.event_share", "percent"), None)]
    if row.endpoint == "dose reached" and len(result.course.rate_reached):
        reached = result.of_arm(row.arm, _rate_per_70kg(result))
        simulated = over_replicates(reached.mean(axis=-1), sd=float(reached.std(axis=-1, ddof=1).mean()))
        return [_judged(result, row, row.endpoint, simulated, value("judgement.dose", "mg/h"), None)]
    if (endpoint := _same_endpoint(result, row)) is not None:
        return [_endpoint_row(result, row, endpoint)]
    return [_row(result, row, row.endpoint, row.value, row.observed_text, "no outcome of this version", None, None)]


def _endpoints_without_observation(result: TrialResult) -> list[Row]:
    """What the file of a published trial measures and no printed row speaks of: simulated only."""
    printed = [_same_endpoint(result, row) for row in trial_results(result.trial.name)]
    rest = tuple(endpoint for endpoint in result.trial.endpoints if endpoint not in printed)
    return endpoint_rows(dataclasses.replace(result, trial=result.trial.model_copy(update={"endpoints": rest})))


def _same_endpoint(result: TrialResult, row: TrialRow) -> Endpoint | None:
    """The endpoint of the trial file that an observed row of an arm speaks of: the same name at the same hour."""
    if row.hours is None or row.arm not in {arm.name for arm in result.trial.arms}:
        return None
    same = (e for e in result.trial.endpoints if e.at is not None and abs(e.at.value - (row.hours or 0.0)) < 1e-6)
    return next((e for e in same if e.name == row.endpoint and e.measure in ("responders", "pain NRS")), None)


def _endpoint_row(result: TrialResult, row: TrialRow, endpoint: Endpoint) -> Row:
    own = values_of(result, endpoint, row.arm).values
    if endpoint.measure == "responders":
        share = 100.0 * np.nanmean(own, axis=-1)
        simulated = over_replicates(share, sd=float(np.nanstd(share)))
        return _judged(result, row, row.endpoint, simulated, value("judgement.responder_share", "percent"), None)
    means = np.nanmean(own, axis=-1)
    simulated = over_replicates(means, sd=float(np.nanmean(np.nanstd(own, axis=-1, ddof=1))))
    return _judged(result, row, row.endpoint, simulated, value("judgement.nrs_mean", "points"), row.spread)


def _arm_rows(result: TrialResult, row: TrialRow) -> list[Row]:
    """The mean of an arm, and its spread when a standard error was printed with the number of patients."""
    means, deviations = mean_and_sd(result.of_arm(row.arm, _flat(result)[int(row.week or 0)]))
    simulated = over_replicates(means, sd=float(deviations.mean()))
    mean = _judged(result, row, row.endpoint, simulated, value("judgement.nrs_mean", "points"), row.spread)
    if row.spread is None or row.spread_kind != "se" or row.n is None:
        return [mean]
    spread = row.spread * math.sqrt(row.n)
    text = f"{spread:.2f} (from the standard error and n = {row.n})"
    spread_row = _spread_row(result, row, spread, text, deviations)
    return [mean, spread_row]


def _spread_row(result: TrialResult, row: TrialRow, spread: float, text: str, deviations: np.ndarray) -> Row:
    simulated = over_replicates(deviations, sd=float(np.std(deviations)))
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
    if row.value is None and row.interval_kind == "range of means" and row.low is not None and row.high is not None:
        low, high = row.low - tolerance, row.high + tolerance
        rule = f"simulated mean between {low:g} and {high:g}: the printed range of means, and {tolerance:g} beyond it"
        inside = low <= simulated.mean <= high
        return _row(result, row, endpoint, None, row.observed_text, rule, simulated, inside)
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
        row.n, "secondary" in row.note,
    )  # fmt: skip


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
    """The endpoints of a trial that was never published; without any, pain at the first, second and last visit."""
    if result.trial.endpoints:
        return endpoint_rows(result)
    visits = sorted({0, 1, len(result.trial.visit_h) - 1})
    at = [Measure.of(result.trial.visit_h[visit] / 168.0, "week") for visit in visits]
    endpoints = tuple(Endpoint(measure="pain NRS", at=when.text) for when in at)  # type: ignore[arg-type]
    return endpoint_rows(dataclasses.replace(result, trial=result.trial.model_copy(update={"endpoints": endpoints})))
