"""Doses and people as the kinetic models see them: amounts at times, covariates of a batch of one."""

from __future__ import annotations

import math

from unwound.core.arrays import jnp
from unwound.core.errors import InputError, Problem
from unwound.patient.protocol import Person
from unwound.pharmacokinetics.curves import Given
from unwound.pharmacokinetics.model import Covariates
from unwound.regimen import Regimen, Titration
from unwound.regimen.measures import per_kg
from unwound.regimen.weight_basis import require_actual


def doses_of(regimen: Regimen, weight_kg: float) -> list[Given]:
    """The doses of a regimen as amounts [mg of base] for a person; a titration climbs as if every step is tolerated.

    Raises `ProtocolError` for doses per kg of another weight than the actual one (see `Person.dosed`), and `InputError`
    for a regimen with rules: what they give depends on pain, which blood alone does not know.
    """
    if regimen.rules:
        rule = "what rules give depends on pain, and this question is about blood alone"
        raise InputError(Problem("rules", f"{len(regimen.rules)} rules", rule, "leave them out, or use `simulate`"))
    require_actual(regimen)
    given: list[Given] = []
    for dose in regimen.doses:
        size = weight_kg if per_kg(dose.main) else 1.0
        for start in dose.starts():
            begin = float(start)
            if isinstance(dose, Titration):
                levels, every = dose.levels() * size, dose.every.value
                steps = math.ceil(dose.hours / every - 1e-9)
                for n in range(steps):
                    lasts = min(every, dose.hours - n * every)
                    rate = float(levels[min(n, len(levels) - 1)])
                    given.append(Given(begin + n * every, rate * lasts, lasts, dose.enantiomer, dose.route))
                continue
            amount = dose.in_base(dose.main) * size
            if dose.main.unit.endswith("/h"):
                amount *= dose.hours
            given.append(Given(begin, amount, dose.hours, dose.enantiomer, dose.route))
    return given


def covariates_of(person: Person) -> Covariates:
    """A person as the models see them (a batch of one)."""
    return Covariates(
        weight=jnp.asarray([person.weight_kg]),
        age=jnp.asarray([person.age_y]),
        female=jnp.asarray([float(person.sex == "female")]),
        asian=jnp.asarray([float(person.ancestry in ("asian", "japanese"))]),
        japanese=jnp.asarray([float(person.ancestry == "japanese")]),
    )
