"""Who is operated on, and two published trials of ketamine beside patient-controlled morphine, conducted anew.

NIE17 gives S-ketamine during surgery to opioid-dependent people, SVE08 racemic ketamine with every press to people who
take no opioids. Two numbers are fitted, to the control arm of NIE17 and to nothing else: tolerance (its mean) and the
spread of C50 (its standard deviation). Everything about ketamine is predicted, with numbers that are assumed, so that
every prediction comes with the extremes of their ranges.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from unwound.core.arrays import Array, Record, Scalar, jax, jnp
from unwound.core.errors import InputError, Problem
from unwound.core.random import patient_keys, root_key, stream
from unwound.core.units import unit
from unwound.evidence import all_estimates, estimate, fill, keys_of, value
from unwound.evidence.estimates import Interval
from unwound.outcomes.antinociception import Antinociception
from unwound.outcomes.patient_controlled import PatientControlled, Surgical
from unwound.patient.after_surgery import (
    KetaminePlan,
    Numbers,
    SurgeryCourse,
    follow,
    numbers_from_evidence,
    surgery_keys,
)
from unwound.patient.people import People
from unwound.population.disorder import draw
from unwound.population.populations import population
from unwound.population.surgical_trials import SurgicalTrial, dose_warnings

HOURS = 24.0
MOST_PATIENTS = 200_000
ON_TOLERANCE = ("reversal_rate", "reversal_half", "return_half_life")
ON_PAIN = ("pressure_half",)
"""What nobody has measured of ketamine's action after surgery: predictions are shown at both ends of these ranges."""


class SurgicalPeople(Record):
    """How people differ after an operation."""

    pain_start_mean: Scalar = unit("points")
    pain_start_sd: Scalar = unit("points")
    remaining_share: Scalar = unit("1")
    threshold_mean: Scalar = unit("points")
    threshold_sd: Scalar = unit("points")
    threshold_least: Scalar = unit("points")
    c50: Scalar = unit("ng/mL")
    c50_spread: Scalar = unit("1")
    tolerance: Scalar = unit("1")

    prefix = "surgical"


def sample_surgical(
    seed: int, ids: np.ndarray, dependent: bool = True, model: str = "otto2021", how: SurgicalPeople | None = None
) -> tuple[People, Surgical]:
    """People before an operation, and what they will feel and do after it. Raises `InputError` for nobody."""
    people = draw(seed, ids, population("opioid surgery").who, model)
    how = how or fill(SurgicalPeople, SurgicalPeople.prefix)
    if not dependent:
        how = dataclasses.replace(how, tolerance=1.0)
    keys = patient_keys(root_key(seed), np.asarray(ids))
    return people, _surgical(keys, jnp.asarray(people.baseline), how)


@jax.jit
def _surgical(keys: Array, baseline: Array, how: SurgicalPeople) -> Surgical:
    drawn: Surgical = jax.vmap(partial(_one, how=how))(keys, baseline)
    return drawn


def _one(key: Array, baseline: Array, how: SurgicalPeople) -> Surgical:
    def between(name: str, mean: Any, sd: Any, least: Any, most: Any) -> Array:
        z = jax.random.truncated_normal(stream(key, name), (least - mean) / sd, (most - mean) / sd)
        return mean + sd * z

    rest = how.remaining_share * baseline
    return Surgical(
        pain_start=jnp.maximum(between("pain after surgery", how.pain_start_mean, how.pain_start_sd, 0.0, 10.0), rest),
        pain_rest=rest,
        threshold=between("pressing", how.threshold_mean, how.threshold_sd, how.threshold_least, 10.0),
        c50=how.c50 * jnp.exp(how.c50_spread * jax.random.normal(stream(key, "morphine c50"))),
        tolerance=how.tolerance + jnp.zeros(()),
    )


@dataclass(frozen=True)
class Arm:
    """One arm over all replicates: means over patients, (replicates,), and one course of many people."""

    name: str
    morphine_mg: np.ndarray  # (replicates, patients)
    unsatisfactory: np.ndarray  # (replicates, patients) bool
    course: SurgeryCourse


@dataclass(frozen=True)
class SurgeryResult:
    """A trial conducted many times."""

    trial: SurgicalTrial
    arms: tuple[Arm, Arm]
    replicates: int
    patients: int
    seed: int
    warnings: tuple[str, ...]
    extremes: tuple[tuple[str, float, float], ...]
    """(what, mean morphine of the ketamine arm minus control [mg], difference of the unsatisfactory share [points])."""
    keys: tuple[str, ...] = field(default=())

    @property
    def changed(self) -> bool:
        """Whether the user changed the trial, so that nothing printed stands beside it."""
        return bool(self.trial.own)

    @property
    def difference_mg(self) -> np.ndarray:
        """Ketamine minus control, (replicates,)."""
        return np.asarray(self.arms[1].morphine_mg.mean(axis=1) - self.arms[0].morphine_mg.mean(axis=1))


def run_surgery(
    trial: SurgicalTrial, replicates: int = 10, seed: int = 1, patients: int | None = None,
    how: SurgicalPeople | None = None, extremes: bool = True, progress: Callable[[int], None] | None = None,
) -> SurgeryResult:  # fmt: skip
    """Conduct `trial` with its own number of patients an arm (or `patients`). Raises `InputError` for none or too many.

    The arms hold other people of one seed, as in a trial; the extremes use the same people in both arms.
    """
    size = round(value(f"{trial.key}.patients", "1")) if patients is None else patients
    if replicates < 1 or size < 2 or 2 * replicates * size > MOST_PATIENTS:
        rule = f"replicates from 1 and patients from 2, at most {MOST_PATIENTS:,} people in all"
        raise InputError(Problem("replicates", replicates, rule, "10 replicates are enough for a first look"))
    warnings = (*dose_warnings(trial), *(f"given by the user: {text}" for text in trial.own))
    how = how or fill(SurgicalPeople, SurgicalPeople.prefix)
    numbers = numbers_from_evidence()
    arms = []
    for n, name in enumerate(trial.arms):
        ids = np.arange(replicates * size) + n * MOST_PATIENTS
        course = _course(trial, ids, seed, n == 1, how, numbers)
        shape = (replicates, size)
        limit = value("surgical.unsatisfactory_share", "1")
        above = (course.unrelieved_share > limit).reshape(shape)
        arms.append(Arm(name, course.morphine_mg(HOURS).reshape(shape), above, course))
        if progress is not None:
            progress(1)
    keys = (
        *surgery_keys(trial.plan), *population("opioid surgery").keys, *keys_of(SurgicalPeople, "surgical"),
        "surgical.unsatisfactory_share", *(key for key in all_estimates() if key.startswith(f"{trial.key}.")),
    )  # fmt: skip
    found = _extremes(trial, seed, how, numbers, progress) if extremes else ()
    return SurgeryResult(trial, (arms[0], arms[1]), replicates, size, seed, warnings, found, tuple(dict.fromkeys(keys)))


def control_course(
    trial: SurgicalTrial, ids: np.ndarray, seed: int, how: SurgicalPeople, numbers: Numbers
) -> SurgeryCourse:
    """The people `ids` without ketamine: what the fit looks at."""
    return _course(trial, ids, seed, False, how, numbers)


def _course(
    trial: SurgicalTrial, ids: np.ndarray, seed: int, treated: bool, how: SurgicalPeople, numbers: Numbers
) -> SurgeryCourse:
    people, who = sample_surgical(seed, ids, trial.dependent, trial.plan.model, how)
    plan = trial.plan if treated else KetaminePlan(enantiomer=trial.plan.enantiomer, model=trial.plan.model)
    return follow(people, who, trial.pump(), plan, trial.surgery_h, HOURS, numbers)


_EXTREME_PEOPLE = 256


def _extremes(
    trial: SurgicalTrial, seed: int, how: SurgicalPeople, numbers: Numbers,
    progress: Callable[[int], None] | None = None,
) -> tuple[tuple[str, float, float], ...]:  # fmt: skip
    """The predicted differences with each assumed number of ketamine's action at the ends of its range."""
    ids, limit = np.arange(_EXTREME_PEOPLE) + 2 * MOST_PATIENTS, value("surgical.unsatisfactory_share", "1")
    control = _course(trial, ids, seed, False, how, numbers)
    found = []
    names = [*(ON_TOLERANCE if trial.dependent else ()), *ON_PAIN]
    for name in ("", *names):
        for end in ("low", "high") if name else ("",):
            changed = _at_its_end(numbers, name, end) if name else numbers
            course = _course(trial, ids, seed, True, how, changed)
            difference = float((course.morphine_mg(HOURS) - control.morphine_mg(HOURS)).mean())
            share = float(((course.unrelieved_share > limit) * 1.0 - (control.unrelieved_share > limit)).mean())
            found.append((f"{name} {end}".strip() or "as assumed", difference, 100.0 * share))
            if progress is not None:
                progress(1)
    return tuple(found)


def _at_its_end(numbers: Numbers, name: str, end: str) -> Numbers:
    on_pain = name in ON_PAIN
    prefix = Antinociception.prefix if on_pain else PatientControlled.prefix
    spread = estimate(f"{prefix}.{name}").spread
    assert spread is not None
    assert isinstance(spread.amount, Interval)
    number = {name: float(getattr(spread.amount, end))}
    if on_pain:
        return numbers._replace(analgesia=dataclasses.replace(numbers.analgesia, **number))
    return numbers._replace(loop=dataclasses.replace(numbers.loop, **number))
