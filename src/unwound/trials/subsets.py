"""Smaller trials out of a large one: the first patients of each replicate, or the first visits.

A run of the largest trial holds every smaller one, with the same people and the same random numbers:

    by order             the first n people of each arm
    simple, blocked      the first people who enter: their dice and their blocks are those of a smaller trial

What a run cannot be cut from is conducted anew at each size: a crossover (sequences share one list of people), a
trial with a run-in (who is randomized is an outcome), and stratified blocks (a smaller trial has other last blocks).
"""

from __future__ import annotations

import dataclasses

import numpy as np

from unwound.core.strict import Measure
from unwound.trials.result import TrialResult
from unwound.trials.trial import Trial


def why_anew(trial: Trial) -> str:
    """Why smaller trials cannot be cut from a larger one; empty when they can."""
    if trial.crossover is not None:
        return "a crossover is conducted anew at each size: its sequences share one list of people"
    if trial.run_in is not None:
        return "a trial with a run-in is conducted anew at each size: how many are randomized is an outcome"
    if trial.randomization.method == "stratified":
        return "a trial in stratified blocks is conducted anew at each size: its last blocks are cut elsewhere"
    return ""


def counted(trial: Trial) -> str:
    """What a size counts, in words."""
    if trial.patients is not None:
        return "patients who enter"
    sizes = {arm.patients for arm in trial.arms}
    return "patients per arm" if len(sizes) == 1 else "patients in the smallest arm"


def own_size(trial: Trial) -> int:
    """The size the file has, in what `counted` says."""
    return trial.patients or min(arm.patients or 0 for arm in trial.arms)


def resized(trial: Trial, size: int) -> Trial:
    """The same trial with another number of patients; arms keep their ratio."""
    if trial.patients is not None:
        return trial.model_copy(update={"patients": size})
    smallest = own_size(trial)
    arms = tuple(
        arm.model_copy(update={"patients": round(size * (arm.patients or 0) / smallest)}) for arm in trial.arms
    )
    return trial.model_copy(update={"arms": arms})


def first_patients(result: TrialResult, size: int) -> TrialResult:
    """The trial of `size` within a larger one. The course stays that of everybody: no endpoint reads it."""
    trial = resized(result.trial, size)
    if trial.size == result.trial.size:
        return result
    if trial.randomization.method == "by order":
        sizes = [(whole.patients or 0, own.patients or 0) for whole, own in zip(result.trial.arms, trial.arms,
                                                                               strict=True)]  # fmt: skip
        begins = np.cumsum([0, *(whole for whole, _ in sizes)])
        kept = np.concatenate([begin + np.arange(own) for begin, (_, own) in zip(begins, sizes, strict=False)])
    else:
        kept = np.arange(trial.size)
    flat = (np.arange(result.replicates)[:, None] * result.trial.size + kept).ravel()
    return dataclasses.replace(
        result,
        trial=trial,
        people=result.people.take(flat),
        ratings=result.ratings[..., kept],
        allocation=result.allocation[:, kept],
        rescues=result.rescues[..., kept],
        events={name: own[:, kept] for name, own in result.events.items()},
    )


def first_visits(result: TrialResult, last: int) -> TrialResult:
    """The trial as if it had ended with visit `last` (0 is randomization). Not for crossovers."""
    assert result.trial.crossover is None, "periods have visits of their own"
    hours = result.trial.visit_h[: last + 1]
    upto = len(result.visits_h) - len(result.trial.visit_h) + last + 1
    return dataclasses.replace(
        result,
        trial=result.trial.model_copy(update={"visits": tuple(Measure.of(hour, "h") for hour in hours)}),
        ratings=result.ratings[:upto],
        visits_h=result.visits_h[:upto],
        rescues=result.rescues[:upto],
    )


def without_effect(trial: Trial) -> Trial:
    """The same trial in which every arm receives saline: whatever it finds, it finds by chance."""
    control = trial.control.name
    arms = tuple(
        arm.model_copy(update={"gives": "saline", "regimen": None, "control": arm.name == control})
        for arm in trial.arms
    )
    return trial.model_copy(update={"arms": arms})
