"""What a person feels and a monitor shows during and after a dose: exact blood, exact effect sites, acute effects.

One typical person, no random effects. The delays belong to the models they were estimated with; following another
model's plasma is said in a warning. Benzodiazepines beside ketamine (`beside`) are doses with kinetics of their own or
constant levels. An opioid is relative to its C50 for the sensitivity to CO2, which is recorded of none: whoever gives a
dose of one gives that C50 too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from unwound.core.arrays import Array, jnp
from unwound.core.errors import InputError, Problem
from unwound.core.units import units_of
from unwound.evidence import value
from unwound.outcomes import AcuteEffects, acute_effects, acute_keys, acute_parameters, site_warnings
from unwound.outcomes.benzodiazepine import equivalents
from unwound.outcomes.ventilation import Ventilation, fast_bolus
from unwound.patient.beside import CoMedication, Exposure, exposures
from unwound.patient.divergence import why_not
from unwound.patient.given_doses import covariates_of, doses_of
from unwound.patient.protocol import Person
from unwound.pharmacokinetics.cautions import cautions_for
from unwound.pharmacokinetics.curves import Given, curves
from unwound.pharmacokinetics.envelopes import envelope_warnings
from unwound.pharmacokinetics.register import model_keys, routed_model
from unwound.regimen import Regimen

BENZODIAZEPINES = ("midazolam", "lorazepam")
OPIOIDS = ("morphine", "fentanyl", "oxycodone", "remifentanil")
NO_C50 = (
    "no C50 of it for the sensitivity to CO2 is recorded here, so breathing is shown without it; give one, such as "
    '--opioid-c50 "20 ng/mL" (it is then yours), or the level relative to it, such as --opioid 1'
)
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
    beside: tuple[Exposure, ...]
    """What acts of the drugs beside ketamine."""
    warnings: tuple[str, ...]
    keys: tuple[str, ...]


def acute_course(
    regimen: Regimen, person: Person, model: str = "otto2021", *, at: np.ndarray,
    beside: Sequence[CoMedication] = (), opioid: float = 0.0, opioid_c50_ng_per_ml: float | None = None,
    earlier_sessions: float = 0.0,
) -> AcuteCourse:  # fmt: skip
    """Acute effects of `regimen` in `person` at times `at` [h]. Raises `InputError` for a model that does not fit.

    Of `beside`, midazolam and lorazepam act on perception, sedation and memory, and one opioid on breathing once its
    `opioid_c50_ng_per_ml` is given; other drugs bring their cautions. `opioid` is a constant level relative to the C50
    instead; `earlier_sessions` counts earlier ketamine days.
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
    others = exposures(beside, covariates_of(person), person.weight_kg, at)
    levels = {one.drug: one.ng_per_ml / 1000.0 for one in others}
    nothing = np.zeros((len(found.time_h), 1))
    benzo = equivalents(levels.get("midazolam", nothing), levels.get("lorazepam", nothing), parameters.benzodiazepine)
    relative, unheard = _opioid(others, opioid, opioid_c50_ng_per_ml)
    effects = acute_effects(
        plasma,
        parameters,
        sites=sites,
        since_dose=jnp.asarray(np.where(np.isinf(since), 0.0, since))[:, None],
        earlier_sessions=earlier_sessions,
        weeks=max(float(ends.max()) / 168.0, 1.0 / 7.0),
        midazolam=jnp.asarray(benzo),
        opioid=jnp.asarray(relative),
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
            *fast_bolus_warnings(given, person.weight_kg, parameters.ventilation),
            *_beside_warnings(beside, others, unheard),
        ),
        keys=(*model_keys(record), *acute_keys(), *(key for one in others for key in one.keys)),
        beside=tuple(others),
    )


def _opioid(others: Sequence[Exposure], constant: float, c50: float | None) -> tuple[Array | float, list[str]]:
    """The opioid relative to its C50, and opioids that could not be heard. Raises `InputError`."""
    known = [one for one in others if one.drug in OPIOIDS]
    if c50 is None:
        return constant, [one.drug for one in known]
    if len(known) != 1 or constant:
        rule = "a C50 belongs to one opioid, given as a dose or a level"
        raise InputError(Problem("opioid_c50", f"{c50:g} ng/mL", rule, 'give for example --opioid "morphine 10 mg"'))
    if not c50 > 0:
        raise InputError(Problem("opioid_c50", f"{c50:g} ng/mL", "must be more than 0", 'write for example "20 ng/mL"'))
    return known[0].ng_per_ml / c50, []


def fast_bolus_warnings(given: Sequence[Given], weight_kg: float, p: Ventilation) -> list[str]:
    """What to say of a dose that is pushed into a vein within a minute: no equation here describes the apnea."""
    sizes = [
        dose.amount / weight_kg
        for dose in given
        if dose.route == "intravenous" and bool(fast_bolus(dose.amount / weight_kg, dose.duration * 60.0, p))
    ]
    if not sizes:
        return []
    return [
        f"a bolus of {max(sizes):.2g} mg/kg within {float(p.fast_duration):g} min can stop breathing for minutes; "
        "ventilation here does not show it (threshold assumed)"
    ]


def _beside_warnings(given: Sequence[CoMedication], others: Sequence[Exposure], unheard: Sequence[str]) -> list[str]:
    """Cautions, what is outside the people of a model, and what of the co-medication changes nothing here."""
    found = [note for one in others for note in one.warnings]
    found += [f"{', '.join(c.names[:1])}: {c.text}" for c in cautions_for([one.drug for one in given])]
    for one in others:
        if one.where == "plasma" and one.drug in BENZODIAZEPINES:
            found.append(f"{one.drug}: acts without a delay, because no effect site of it is recorded")
        if one.drug == "lorazepam":
            found.append("lorazepam: its potency relative to midazolam is recalled (assumed)")
        if one.drug not in (*BENZODIAZEPINES, *OPIOIDS):
            found.append(f"{one.drug}: its concentration is computed, and no effect of it on those of ketamine")
    found += [f"{drug}: {NO_C50}" for drug in unheard]
    if any(one.drug in OPIOIDS and one.drug not in (*unheard, "remifentanil") for one in others):
        found.append("the C50 is the caller's, and its shift by ketamine was measured with remifentanil only")
    return found


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
