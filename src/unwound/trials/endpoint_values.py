"""What each patient contributes to an endpoint: one number per person, NaN where there is none.

    change               y_v - y_0                                     y_v the rating at visit v, y_0 at randomization
    responders           1 if y_v <= (1 - r) b, else 0                 b at the start (of the run-in where there is one)
    loss of response     first visit with y_v > (1 - r) b
    relapse              first visit with y_v >= (1 + r) y_0, and a point more at least
    area under the curve trapezoids of y over the visits that were rated, divided by their time: a mean in points
    opioid equivalents   D_0 (1 - f (1 - y_v / y_0)), not below 0      D_0, f of [opioid]

What is done about rescue and dropout is the estimand's: under "hypothetical" ratings while rescue lasts are missing;
under "composite" who is lost or took rescue is no responder; otherwise ratings count as they are, and who is lost is
left out.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from unwound.trials.endpoint import TIMED, Endpoint
from unwound.trials.plan import THIRTY
from unwound.trials.result import TrialResult

WEEK_H = 168.0
POINT = 1.0  # the grain of a rating


@dataclass(frozen=True)
class Values:
    """One number per patient, (replicates, patients); for times also whether the event happened."""

    values: np.ndarray
    event: np.ndarray | None = None


def weeks_of(result: TrialResult) -> np.ndarray:
    """The visits in weeks since randomization."""
    return np.array(result.trial.visit_h) / WEEK_H


def ratings_of(result: TrialResult, endpoint: Endpoint, arm: str) -> np.ndarray:
    """Ratings of an arm from randomization on, (visits, replicates, patients), as the estimand wants them."""
    ratings = result.rated(arm)
    rescue = result.trial.rescue
    if endpoint.estimand.intercurrent == "hypothetical" and rescue is not None:
        taken, weeks = result.at_visits(arm, result.rescues.astype(float)) > 0, weeks_of(result)
        acting = np.zeros(taken.shape, bool)
        for n, now in enumerate(weeks):
            recent = (now - weeks[:n]) * WEEK_H <= rescue.lasts.value + 1e-6
            acting[n] = taken[:n][recent].any(axis=0)
        ratings = np.where(acting, np.nan, ratings)
    return ratings


def values_of(result: TrialResult, endpoint: Endpoint, arm: str) -> Values:
    """What the patients of `arm` contribute."""
    ratings, measure = ratings_of(result, endpoint, arm), endpoint.measure
    if measure == "adverse event":
        return Values(_shares(result, result.of_arm(arm, result.events[str(endpoint.event)].ravel()), arm))
    if measure == "rescue":
        taken = result.at_visits(arm, result.rescues.astype(float)).sum(axis=0)
        return Values(np.where(np.isnan(ratings[0]), np.nan, taken))
    if measure in TIMED:
        return _time(result, endpoint, arm, ratings)
    if measure == "area under the curve":
        return Values(_mean_level(ratings, weeks_of(result), endpoint.at.value if endpoint.at else None))
    now = ratings[result.visit(endpoint.at.value if endpoint.at else 0.0)]
    if measure == "pain NRS":
        return Values(now)
    if measure == "pain NRS change":
        return Values(now - ratings[0])
    if measure == "opioid equivalents":
        return Values(_opioid(result, now, ratings[0]))
    reduction = (endpoint.reduction or THIRTY).value / 100.0
    return Values(responding(result, endpoint, arm, now, reduction))


def responding(result: TrialResult, endpoint: Endpoint, arm: str, now: np.ndarray, reduction: float) -> np.ndarray:
    """1 for who fell by `reduction` (0..1) or more, 0 for who did not, NaN for who does not count."""
    before = _start(result, arm)
    with np.errstate(invalid="ignore"):
        found = np.where(np.isnan(now) | np.isnan(before), np.nan, now <= before * (1.0 - reduction))
    if endpoint.estimand.intercurrent != "composite":
        return found
    upto = np.array(result.trial.visit_h) <= (endpoint.at.value if endpoint.at else np.inf) + 1e-6
    took = np.nansum(result.at_visits(arm, result.rescues.astype(float))[upto], axis=0) > 0
    found = np.where(np.isnan(now) | took, 0.0, found)
    return np.where(np.isnan(result.rated(arm)[0]) & _absent(result, arm), np.nan, found)


def _absent(result: TrialResult, arm: str) -> np.ndarray:
    """Who is nobody: filled-up places, and people of other arms of a crossover."""
    inside = result.at_visits(arm, np.broadcast_to(result.randomized.astype(float), result.ratings.shape))
    return np.asarray(np.isnan(inside[0]))


def _start(result: TrialResult, arm: str) -> np.ndarray:
    """The rating before any treatment: that of the run-in where there is one."""
    if result.trial.run_in is None:
        return np.asarray(result.rated(arm)[0])
    return np.asarray(result.of_arm(arm, result.ratings[0].ravel()))


def _shares(result: TrialResult, truths: np.ndarray, arm: str) -> np.ndarray:
    inside = result.of_arm(arm, np.ones(result.replicates * result.trial.size))
    return np.where(np.isnan(inside), np.nan, truths.astype(float))


def _opioid(result: TrialResult, now: np.ndarray, before: np.ndarray) -> np.ndarray:
    opioid = result.trial.opioid
    assert opioid is not None
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(before > 0, now / before, 1.0)
    return np.asarray(opioid.at_start.value * np.maximum(1.0 - opioid.follows.value / 100.0 * (1.0 - share), 0.0))


def _time(result: TrialResult, endpoint: Endpoint, arm: str, ratings: np.ndarray) -> Values:
    """Weeks to the first visit at which it has happened, or to the last rating."""
    reduction, weeks = (endpoint.reduction or THIRTY).value / 100.0, weeks_of(result)
    with np.errstate(invalid="ignore"):
        if endpoint.measure == "time to relapse":
            happened = (ratings >= ratings[0] * (1.0 + reduction)) & (ratings >= ratings[0] + POINT)
        else:
            happened = ratings > _start(result, arm) * (1.0 - reduction)
    happened[0] = False
    seen = ~np.isnan(ratings)
    last = weeks[len(weeks) - 1 - np.argmax(seen[::-1], axis=0)]
    event = happened.any(axis=0)
    time = np.where(event, weeks[np.argmax(happened, axis=0)], last)
    return Values(np.where(seen[0], time, np.nan), event & seen[0])


def _mean_level(ratings: np.ndarray, weeks: np.ndarray, until_h: float | None) -> np.ndarray:
    upto = weeks <= (np.inf if until_h is None else until_h / WEEK_H + 1e-9)
    total, length = np.zeros(ratings.shape[1:]), np.zeros(ratings.shape[1:])
    last_value, last_week = ratings[0], np.full(ratings.shape[1:], weeks[0])
    for now, week in zip(ratings[upto][1:], weeks[upto][1:], strict=True):
        here = ~np.isnan(now)
        lasts = np.where(here, week - last_week, 0.0)
        total += np.where(here, 0.5 * (last_value + np.where(here, now, 0.0)) * lasts, 0.0)
        length += lasts
        last_value, last_week = np.where(here, now, last_value), np.where(here, week, last_week)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(length > 0, total / length, np.nan)


def restricted_mean(values: Values, weeks: np.ndarray) -> np.ndarray:
    """Mean time without the event up to the last visit [weeks], one per replicate: the area under Kaplan and Meier."""
    assert values.event is not None
    alive, area = np.ones(len(values.values)), np.zeros(len(values.values))
    for before, week in itertools.pairwise(weeks):
        area += alive * (week - before)
        with np.errstate(invalid="ignore"):
            at_risk = (values.values >= week - 1e-9).sum(axis=-1)
            hit = (values.event & (np.abs(values.values - week) < 1e-9)).sum(axis=-1)
        alive = alive * (1.0 - hit / np.maximum(at_risk, 1))
    return area
