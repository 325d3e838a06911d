"""The CONSORT flow of a conducted trial: means over its virtual copies.

Everybody who enters a virtual trial fulfills its criteria, so nobody is assessed in vain; after a run-in those who may
not be randomized are excluded. Everybody randomized receives what the arm gives, as far as it is tolerated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from unwound.reporting.flow_figure import ArmFlow, Flow
from unwound.trials.endpoint_values import ratings_of, values_of
from unwound.trials.power import chosen_endpoint, told

if TYPE_CHECKING:
    from unwound.trials import TrialResult
    from unwound.trials.endpoint import Endpoint

CARRIED = ("LOCF", "BOCF", "multiple imputation")


def trial_flow(result: TrialResult) -> tuple[Flow, str]:
    """The flow, and the endpoint for which people are counted as analyzed."""
    trial = result.trial
    if trial.design == "single arm":
        endpoint = next((e for e in trial.endpoints if e.primary), trial.endpoints[0] if trial.endpoints else None)
    else:
        endpoint = chosen_endpoint(trial, None)[0]
    counts = _analyzed(result, endpoint)
    gone = np.isnan(result.ratings[-1])
    arms = []
    for number, group in enumerate(trial.groups):
        inside = result.allocation == number
        allocated, analyzed = inside.sum(axis=1).mean(), (counts & inside).sum(axis=1).mean()
        lost = (gone & inside).sum(axis=1).mean()
        missing = allocated - analyzed
        left = {"before the last visit": float(lost)} if lost > 0 else {}
        none = {"no value for the endpoint": float(missing)} if missing > 0 else {}
        arms.append(ArmFlow(group.name, float(allocated), float(allocated), float(analyzed), left, none))
    out = float((~result.randomized).sum(axis=1).mean())
    reason = "not randomized after the run-in"
    flow = Flow(float(trial.size), arms, {reason: out} if out > 0 else {})
    return flow, "pain NRS at the last visit" if endpoint is None else told(endpoint)


def _analyzed(result: TrialResult, endpoint: Endpoint | None) -> np.ndarray:
    """Who enters the analysis of the endpoint, (replicates, patients)."""
    trial = result.trial
    if endpoint is None:
        return np.asarray(~np.isnan(result.ratings[-1]))
    found = np.zeros(result.allocation.shape, bool)
    by_arm = {arm.name: _counts(result, endpoint, arm.name) for arm in trial.arms}
    if trial.crossover is not None:  # people keep their places
        return np.asarray(np.logical_and.reduce(list(by_arm.values())))
    for number, group in enumerate(trial.groups):
        inside = result.allocation == number
        order = np.argsort(~inside, axis=1, kind="stable")[:, : by_arm[group.name].shape[1]]
        there = np.take_along_axis(inside, order, axis=1)
        rows, places = np.nonzero(there)
        found[rows, order[rows, places]] = by_arm[group.name][rows, places]
    return found


def _counts(result: TrialResult, endpoint: Endpoint, arm: str) -> np.ndarray:
    """Who of an arm has what the analysis needs, in the order of `TrialResult.of_arm`."""
    ratings = ratings_of(result, endpoint, arm)
    if endpoint.analyzed in CARRIED:
        return np.asarray(~np.isnan(ratings[0]))
    if endpoint.analyzed == "MMRM" and endpoint.at is not None:
        upto = ratings[1 : result.visit(endpoint.at.value) + 1]
        return np.asarray(~np.isnan(ratings[0]) & (~np.isnan(upto)).any(axis=0))
    if endpoint.measure == "cumulative responders":
        return np.asarray(~np.isnan(ratings[result.visit(endpoint.at.value if endpoint.at else 0.0)]))
    return np.asarray(~np.isnan(values_of(result, endpoint, arm).values))
