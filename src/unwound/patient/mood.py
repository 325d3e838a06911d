"""The course of mood, trauma or anxiety under any regimen, with the same people under the comparator beside it.

    regimen -> exposure -> latent improvement -> one scale          no dorsal horn; dissociation runs beside
    comparator -> control arm                                      sessions, active comparator, antidepressant

How people differ is in `mood_people`, the scale and relapse in `mood_reading`, the answer in `mood_course`.
"""

from __future__ import annotations

import numpy as np

from unwound.core.arrays import Array, jnp
from unwound.core.errors import InputError, Problem
from unwound.core.quantities import parse
from unwound.outcomes import mood as latent
from unwound.outcomes.mood_control import comparator
from unwound.outcomes.mood_scales import scale_name
from unwound.patient.bands import between_patients, crowd_of
from unwound.patient.divergence import why_not
from unwound.patient.given_doses import covariates_of, doses_of
from unwound.patient.mood_course import MoodCourse, MoodSetting
from unwound.patient.mood_exposure import HOURS, grid_h, stimulus_of
from unwound.patient.mood_people import mood_keys, mood_parameters, mood_people, scale_of
from unwound.patient.mood_reading import course_of, read_mood
from unwound.patient.people import People
from unwound.patient.protocol import Person
from unwound.pharmacokinetics.curves import Given
from unwound.pharmacokinetics.envelopes import envelope_warnings
from unwound.pharmacokinetics.model import Covariates
from unwound.pharmacokinetics.register import model_keys, routed_model
from unwound.regimen import Regimen, check_limits


def simulate_mood(
    regimen: Regimen,
    person: Person | None = None,
    people: int | People = 200,
    setting: MoodSetting | None = None,
) -> MoodCourse:
    """The course of mood of `people` under `regimen`, and of the same people under the comparator.

    `people` is a number (all with the weight and age of `person`, baselines drawn from the scale) or a record of a
    population, whose baselines are then on the scale asked for. Raises `InputError`: an unsafe dose, a model that does
    not know the drug, an unknown scale or comparator, an unreadable time.
    """
    setting, person = setting or MoodSetting(), person or Person()
    arm, scale, parameters = comparator(setting.comparator), scale_of(setting.scale), setting.parameters
    parameters = parameters or mood_parameters()
    given, weight, age, warnings = _given(regimen, person, people)
    name = setting.model or usual_model(regimen)
    model = routed_model(name)
    if reason := why_not(model, given):
        remedy = "kamp2020 knows the racemate in a vein, perezruixo2021 esketamine by nose, vein or mouth"
        raise InputError(Problem("model", name, f"this model {reason}", remedy))
    until_h, landmark_h = _times(setting, regimen)
    count = people if isinstance(people, int) else people.count
    if count < 1:
        raise InputError(Problem("people", count, "there must be at least one", "ask for 1 or more"))
    ids = np.arange(count)
    edges = grid_h(given, until_h, [*np.arange(0.0, until_h, HOURS), landmark_h])
    who, eta, baseline = _who(people, person, model, ids, setting.seed)
    drive = stimulus_of(model, given, who, eta, edges, parameters.mood)
    improved = latent.improvement(drive.lengths_d, drive.at_gauss, parameters.mood)
    crowd = mood_people(setting.seed, ids, scale, parameters, baseline)
    read = read_mood(drive.time_d, improved, crowd, arm, scale, parameters, setting)
    doubts = envelope_warnings(model, age, weight, doses_of(person.dosed(regimen), weight))
    return course_of(
        read, drive.time_d, improved, crowd, scale, parameters, setting, landmark_h / HOURS,
        (model.prefix, model.sampling), (*warnings, *doubts, *_notes(setting, model.prefix)),
        (*model_keys(model), *mood_keys(setting.scale)),
    )  # fmt: skip


def _given(regimen: Regimen, person: Person, people: int | People) -> tuple[list[Given], float, float, list[str]]:
    """(doses, weight [kg], age [y], warnings); doses per kg are each person's own. Raises `InputError`, `UnsafeDose`.

    Limits are judged for the person, or for the median weight and age of a population.
    """
    if isinstance(people, People):
        weight, age = float(np.median(people.weight)), float(np.median(people.age))
        warnings = [str(w) for w in check_limits(regimen, weight, age)]
        return doses_of(regimen, np.asarray(people.weight)), weight, age, warnings  # type: ignore[arg-type]
    warnings = [str(w) for w in person.limit_warnings(regimen)] + person.dosing_notes(regimen)
    return doses_of(person.dosed(regimen), person.weight_kg), person.weight_kg, person.age_y, warnings


def usual_model(regimen: Regimen) -> str:
    """The model the parameters were fitted with: kamp2020 for racemate or R in a vein, perezruixo2021 otherwise."""
    forms = {dose.enantiomer for dose in regimen.doses}
    return "kamp2020" if forms & {"racemic", "R"} else "perezruixo2021"


def _times(setting: MoodSetting, regimen: Regimen) -> tuple[float, float]:
    until = parse(setting.until, "h", "until")
    last = max((float(start) for dose in regimen.doses for start in dose.starts()), default=0.0)
    landmark = parse(setting.landmark, "h", "landmark") if setting.landmark else min(last + HOURS, until)
    if not 0.0 < landmark <= until:
        rule = "response is judged after the first dose and before the end of the course"
        raise InputError(Problem("landmark", setting.landmark or f"{landmark:g} h", rule, "follow longer (until)"))
    return until, landmark


def _who(
    people: int | People, person: Person, model: object, ids: np.ndarray, seed: int
) -> tuple[Covariates, Array, Array | None]:
    from unwound.patient.blood import covariates

    if isinstance(people, People):
        return covariates(people), jnp.asarray(people.kinetics), people.baseline
    eta = between_patients(model, ids, seed)  # type: ignore[arg-type]
    own = jnp.zeros((len(model.random_effects), len(ids))) if eta is None else eta  # type: ignore[attr-defined]
    return crowd_of(covariates_of(person), len(ids)), own, None


def _notes(setting: MoodSetting, used: str) -> list[str]:
    notes = []
    if used not in ("kamp2020", "perezruixo2021"):
        notes.append(f"the parameters of mood were fitted with kamp2020 and perezruixo2021; {used} is another blood")
    if scale_name(setting.scale) != "MADRS":
        notes.append(f"only the MADRS was fitted: baseline, scatter and shares of {setting.scale} are assumed")
    if setting.naltrexone:
        notes.append("naltrexone: the share of the effect that it blocks is assumed (0 to all)")
    if setting.benzodiazepine_mg:
        notes.append("benzodiazepine: direction and end by day 3 are printed, the size is assumed")
    return notes
