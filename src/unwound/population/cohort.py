"""Many people under one regimen: a cohort drawn from a disorder, without a trial around it.

Doses per kilogram of a lean, ideal or adjusted weight are given by each person's own, from sex, weight and height; all
doses of a regimen then go by the same weight.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np

from unwound.core.errors import InputError, Problem, ProtocolError
from unwound.core.quantities import parse
from unwound.patient.blood import compile_for
from unwound.patient.course import Course
from unwound.patient.people import People
from unwound.patient.simulation import Setting, default_times, simulate_people
from unwound.pharmacokinetics import routed_model
from unwound.population.layers import Layers, switched
from unwound.population.own import population_of
from unwound.population.populations import DISORDERS, Population, sample, with_own
from unwound.regimen import Regimen, check_limits
from unwound.regimen.dosing_weight import Sex, bases_of, dosing_weight
from unwound.regimen.measures import per_kg


def simulate_cohort(
    disorder: str | Population,
    patients: int,
    regimen: Regimen,
    until: str = "12 weeks",
    setting: Setting | None = None,
    progress: Callable[[int], None] | None = None,
    layers: Layers | None = None,
    only: np.ndarray | None = None,
) -> Course:
    """The courses of `patients` people with a disorder, all of whom receive `regimen`.

    `disorder` is a name, a file with a [population] table, or a `Population`. Dose limits are judged for the median
    weight, height and age. `layers` switches off how people differ (`population.layers`; parameters and hypotheses
    belong to `variance_shares`, ratings to a trial). `only` (numbers of people, default all) computes some of them,
    each the same person as in the whole cohort. Raises `InputError`.
    """
    setting = setting or Setting()
    layers = layers or Layers()
    if layers.parameters or layers.hypothesis:
        rule = "a cohort is one set of parameters under one hypothesis"
        raise InputError(Problem("layers", ", ".join(layers.on), rule, "use population.variance.variance_shares"))
    until_h = parse(until, "h", "until")
    ids = np.arange(patients)
    found = population_of(disorder) if isinstance(disorder, str) else disorder
    if setting.own and is_shipped(found):
        found = with_own(found.name, setting.own)
    people = sample(setting.seed, ids, found, setting.model)
    people = switched(people, found.who, layers)
    setting = dataclasses.replace(setting, flares=setting.flares and layers.flares)
    said = [str(w) for w in limits_of(regimen, people)]
    if only is not None:
        ids, people = ids[only], people.take(only)
    regimen, people = dosed(regimen, people)
    compiled = compile_for(routed_model(setting.model), regimen)
    at = default_times(compiled, until_h)
    course = simulate_people(people, ids, compiled, at, setting, progress=progress)
    keys = (*course.keys, *found.keys)
    said += [f"population: {text}" for text in (*found.own, *filter(None, [found.caution]))]
    said += [f"layer switched off: {name}" for name in layers.off if name in ("patients", "placebo", "flares")]
    return dataclasses.replace(course, warnings=(*course.warnings, *said), keys=keys)


def is_shipped(found: Population) -> bool:
    """Whether a population is one of the package's, without a number that somebody gave."""
    return found.name in DISORDERS and not found.own


def limits_of(regimen: Regimen, people: People) -> list[object]:
    """Soft limits that `regimen` exceeds in the median person. Raises `UnsafeDose` beyond a hard one."""
    weight, height, age = (float(np.median(getattr(people, name))) for name in ("weight", "height", "age"))
    sex: Sex = "female" if np.mean(people.female) >= 0.5 else "male"
    return list(check_limits(regimen, weight, age, height, sex))


def dosed(regimen: Regimen, people: People) -> tuple[Regimen, People]:
    """`regimen` per kg of actual weight, and `people` with the weight that its kilograms mean.

    Raises `ProtocolError` when some doses go by one weight and some by another.
    """
    bases = bases_of(regimen.doses)
    if not bases:
        return regimen, people
    others = {dose.weight_basis for dose in regimen.doses if _is_per_kg(dose)}
    if len(others) > 1:
        rule = f"doses per kg of {' and '.join(sorted(others))} weight stand in one regimen"
        raise ProtocolError(
            Problem("doses.weight_basis", sorted(others), rule, "in a population, use one weight for all doses"),
            regimen.title,
        )
    basis = bases[0]
    heights, women = np.asarray(people.height), np.asarray(people.female)
    own = [
        dosing_weight(basis, float(weight), float(height), "female" if woman > 0.5 else "male")
        for weight, height, woman in zip(np.asarray(people.weight), heights, women, strict=True)
    ]
    # from here on a kilogram of the regimen is one of `People.dosing_weight`
    plain = tuple(
        dose.model_copy(update={"weight_basis": "actual"}) if dose.weight_basis != "actual" else dose
        for dose in regimen.doses
    )
    return regimen.model_copy(update={"doses": plain}), dataclasses.replace(people, dosing_weight=np.asarray(own))


def _is_per_kg(dose: object) -> bool:
    names = ("start_rate", "step", "ceiling") if hasattr(dose, "start_rate") else (dose.main_field,)  # type: ignore[attr-defined]
    return any(per_kg(getattr(dose, name)) for name in names)
