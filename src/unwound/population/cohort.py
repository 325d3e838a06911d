"""Many people under one regimen: a cohort drawn from a disorder, without a trial around it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np

from unwound.core.quantities import parse
from unwound.patient.blood import compile_for
from unwound.patient.course import Course
from unwound.patient.simulation import Setting, default_times, simulate_people
from unwound.pharmacokinetics import routed_model
from unwound.population.disorder import disorder_keys, sample
from unwound.regimen import Regimen, check_limits
from unwound.regimen.weight_basis import require_actual


def simulate_cohort(
    disorder: str,
    patients: int,
    regimen: Regimen,
    until: str = "12 weeks",
    setting: Setting | None = None,
    progress: Callable[[int], None] | None = None,
) -> Course:
    """The courses of `patients` people with a disorder, all of whom receive `regimen`.

    Dose limits are judged for the median weight and age. Raises `InputError`.
    """
    setting = setting or Setting()
    until_h = parse(until, "h", "until")
    ids = np.arange(patients)
    people = sample(setting.seed, ids, disorder, setting.model)
    require_actual(regimen)  # these people have no height
    warnings = check_limits(regimen, float(np.median(people.weight)), float(np.median(people.age)))
    compiled = compile_for(routed_model(setting.model), regimen)
    at = default_times(compiled, until_h)
    course = simulate_people(people, ids, compiled, at, setting, progress=progress)
    keys = (*course.keys, *disorder_keys(disorder))
    return dataclasses.replace(course, warnings=tuple(str(w) for w in warnings), keys=keys)
