"""A trial is conducted: patients drawn, treated, rated each week, some lost; many times over.

Replicate r of a trial of N patients holds the people r N ... r N + N - 1; the first ones form the first arm (people are
exchangeable, so this is a random allocation). Replicates and arms share one clock and one mesh.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from unwound.core.arrays import Array, jax, jnp
from unwound.core.errors import InputError, Problem
from unwound.core.random import patient_keys, root_key, stream
from unwound.core.verdicts import Verdict
from unwound.outcomes import Pain
from unwound.outcomes.pain import observed
from unwound.patient.blood import compile_for
from unwound.patient.course import Course
from unwound.patient.lanes import WIDE
from unwound.patient.people import People
from unwound.patient.simulation import Setting, outcomes_from_evidence, simulate_people
from unwound.pharmacokinetics import routed_model
from unwound.population import disorder, disorder_keys, sample
from unwound.regimen import LimitWarning
from unwound.trials.design import Trial

WEEK_H = 168.0
MOST_PATIENTS = 5_000_000  # a slip of the number of replicates; more belongs into blocks


@dataclass(frozen=True)
class TrialResult:
    """All replicates of a trial under one hypothesis."""

    trial: Trial
    setting: Setting
    replicates: int
    people: People
    course: Course
    ratings: np.ndarray  # (weeks + 1, replicates, patients); NaN after dropout
    limit_warnings: tuple[LimitWarning, ...]
    keys: tuple[str, ...]

    def arm_slice(self, name: str) -> slice:
        """Where the patients of an arm lie within a replicate."""
        begin = 0
        for arm in self.trial.arms:
            if arm.name == name:
                return slice(begin, begin + arm.patients)
            begin += arm.patients
        raise KeyError(name)

    def of_arm(self, name: str, values: np.ndarray) -> np.ndarray:
        """The part of `values`, (..., all people), that belongs to an arm: (..., replicates, patients of the arm)."""
        shaped = values.reshape(*values.shape[:-1], self.replicates, self.trial.size)
        return shaped[..., self.arm_slice(name)]


def conduct(
    trial: Trial,
    setting: Setting,
    replicates: int,
    progress: Callable[[int], None] | None = None,
) -> TrialResult:
    """Run `replicates` virtual copies of `trial`. Raises `InputError` (limits, enantiomer, number of replicates)."""
    if not 1 <= replicates * trial.size <= MOST_PATIENTS:
        rule = f"must be 1 or more, and give at most {MOST_PATIENTS:,} patients in all"
        raise InputError(Problem("replicates", replicates, rule, "500 is enough for a 90 % interval"))
    ids = np.arange(replicates * trial.size)
    people = sample(setting.seed, ids, trial.disorder, setting.model)
    warnings = tuple(trial.warnings())
    weekly = np.arange(trial.weeks + 1) * WEEK_H
    regimen = compile_for(routed_model(setting.model), trial.regimen)
    at = _times(regimen.times, weekly)
    treated = np.zeros((replicates, trial.size))
    begin = 0
    for arm in trial.arms:
        treated[:, begin : begin + arm.patients] = arm.gives == "regimen"
        begin += arm.patients
    course = simulate_people(people, ids, regimen, at, setting, treated.ravel(), progress)
    visits = np.searchsorted(course.time_h, weekly - 1e-6)
    ratings = rate(
        course.pain_nrs[visits], setting.seed, ids, trial, (setting.outcomes or outcomes_from_evidence()).pain
    )
    ratings[:, course.failed()] = np.nan  # numbers that must not be used are not analysed
    shape = (len(weekly), replicates, trial.size)
    keys = (*course.keys, *disorder_keys(trial.disorder))
    return TrialResult(trial, setting, replicates, people, course, ratings.reshape(shape), warnings, keys)


def verdict_counts(course: Course) -> dict[str, int]:
    """How many patients ended with which numerical verdict."""
    values, counts = np.unique(course.verdicts, return_counts=True)
    return {Verdict(int(value)).name.lower(): int(count) for value, count in zip(values, counts, strict=True)}


def _times(switches: np.ndarray, weekly: np.ndarray) -> np.ndarray:
    """Times to keep: every six hours around the treatment, daily after it, and the visits."""
    treatment = np.arange(0.0, min(switches[-1] + 72.0, weekly[-1]), 6.0)
    daily = np.arange(0.0, weekly[-1] + 1e-9, 24.0)
    return np.unique(np.round(np.concatenate([treatment, daily, weekly, switches[switches <= weekly[-1]]]), 9))


def rate(pain: np.ndarray, seed: int, ids: np.ndarray, trial: Trial, p: Pain) -> np.ndarray:
    """What the diaries show at the visits, (visits, people): scattered, in whole points, NaN once lost."""
    lost = float(disorder(trial.disorder).dropout_12_weeks)
    hazard = -np.log1p(-lost) / 12.0  # per week: the evidence row speaks of week 12

    root, pieces = root_key(seed), []
    for begin in range(0, len(ids), WIDE):  # lanes of one width: one compiled program
        index = np.minimum(np.arange(begin, begin + WIDE), len(ids) - 1)
        pieces.append(_diaries(patient_keys(root, ids[index]), pain[:, index], p, hazard))
    return np.concatenate(pieces, axis=-1)[:, : len(ids)]


@jax.jit
def _diaries(keys: Array, pain: Array, p: Pain, hazard: float) -> Array:
    visits = pain.shape[0]
    scatter = jax.vmap(lambda key: jax.random.normal(stream(key, "ratings"), (visits,)))(keys).T
    stays = jax.vmap(lambda key: jax.random.exponential(stream(key, "dropout")))(keys)
    lost = jnp.arange(visits)[:, None] * hazard > stays
    return jnp.where(lost, jnp.nan, observed(pain, scatter, p))
