"""What a person feels and a monitor shows during and after a dose: exact blood, exact effect sites, acute effects.

One typical person, no random effects. The delays belong to the models they were estimated with; following another
model's plasma is said in a warning. Midazolam (or its equivalent) and an opioid are given as plasma levels, constant.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from unwound.core.arrays import jnp
from unwound.core.errors import InputError, Problem
from unwound.core.units import units_of
from unwound.evidence import value
from unwound.outcomes import AcuteEffects, acute_effects, acute_keys, acute_parameters, site_warnings
from unwound.patient.divergence import covariates_of, doses_of, why_not
from unwound.patient.protocol import Person
from unwound.pharmacokinetics.curves import curves
from unwound.pharmacokinetics.envelopes import envelope_warnings
from unwound.pharmacokinetics.register import model_keys, routed_model
from unwound.regimen import Regimen

MOLAR_MASSES = {"ketamine": "ketamine", "norketamine": "norketamine", "hydroxynorketamine": "hydroxynorketamine"}


@dataclass(frozen=True)
class AcuteCourse:
    """Concentrations and every acute effect over time."""

    model: str
    sampling: str
    time_h: np.ndarray
    concentration_ng_per_mL: dict[str, np.ndarray]  # noqa: N815
    effects: dict[str, np.ndarray]
    units: dict[str, str]
    warnings: tuple[str, ...]
    keys: tuple[str, ...]


def acute_course(
    regimen: Regimen, person: Person, model: str = "otto2021", *, at: np.ndarray, midazolam_ng_per_ml: float = 0.0,
    opioid: float = 0.0, earlier_sessions: float = 0.0,
) -> AcuteCourse:  # fmt: skip
    """Acute effects of `regimen` in `person` at times `at` [h]. Raises `InputError` for a model that does not fit.

    `opioid` is relative to its own C50 for the sensitivity to CO2; `earlier_sessions` counts earlier ketamine days.
    """
    record = routed_model(model)
    given = doses_of(person.dosed(regimen), person.weight_kg)
    if reason := why_not(record, given):
        remedy = "choose another, such as kamp2020 for the racemate"
        raise InputError(Problem("model", model, f"this model {reason}", remedy))
    parameters = acute_parameters()
    delays = {name: float(getattr(parameters.sites, name).ke0) for name in type(parameters.sites).prefixes}
    eta = jnp.zeros((len(record.random_effects), 1))
    found = curves(record, given, covariates_of(person), eta, at, delays)
    plasma = {_analyte(name): _molar(name, values) for name, values in found.concentration.items()}
    sites = {
        site: {_analyte(name): _molar(name, levels) for name, levels in own.items()}
        for site, own in found.sites.items()
    }
    ends = np.array([dose.start + dose.duration for dose in given])
    since = np.array([(t - ends[ends <= t + 1e-9]).min(initial=np.inf) for t in found.time_h])
    effects = acute_effects(
        plasma,
        parameters,
        sites=sites,
        since_dose=jnp.asarray(np.where(np.isinf(since), 0.0, since))[:, None],
        earlier_sessions=earlier_sessions,
        weeks=max(float(ends.max()) / 168.0, 1.0 / 7.0),
        midazolam=midazolam_ng_per_ml / 1000.0,
        opioid=opioid,
    )
    units = units_of(AcuteEffects)
    return AcuteCourse(
        model=record.prefix,
        sampling=record.sampling,
        time_h=found.time_h,
        concentration_ng_per_mL={name: values[:, 0] for name, values in found.concentration.items()},
        effects={name: np.asarray(getattr(effects, name), float)[:, 0] for name in units},
        units=units,
        warnings=(
            *envelope_warnings(record, person.age_y, person.weight_kg, given),
            *site_warnings(sites, record.prefix),
        ),
        keys=(*model_keys(record), *acute_keys()),
    )


def _analyte(name: str) -> str:
    """The name under which the effects know an analyte. Raises `InputError` for total ketamine."""
    if name == "ketamine":
        rule = "the effects need S and R apart, and this model gives total ketamine"
        raise InputError(Problem("model", name, rule, "use kamp2020 for the racemate"))
    return name


def _molar(name: str, values: np.ndarray) -> np.ndarray:
    """Total concentration [uM] from [ng/mL]."""
    mass = value(f"{MOLAR_MASSES[name.split('-', 1)[-1]]}.molar_mass", "mg/umol")
    return np.asarray(np.maximum(values, 0.0) / 1000.0 / mass)
