"""The course of mood, trauma or anxiety under any regimen, with the same people under the comparator beside it.

    regimen -> exposure -> latent improvement -> one scale          no dorsal horn; dissociation runs beside
    comparator -> control arm                                      sessions, active comparator, antidepressant

The random draws of a person have streams of their own (`core.random`): person 17 has the same baseline, size of the
effect, control course and frailty under every regimen and every comparator.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np

from unwound.core.arrays import Array, Record, Scalar, jax, jnp
from unwound.core.errors import InputError, Problem
from unwound.core.quantities import parse
from unwound.core.random import named_keys, patient_keys, root_key, stream, streams
from unwound.core.units import unit
from unwound.evidence import fill, keys_of
from unwound.outcomes import mood as latent
from unwound.outcomes import mood_control, mood_relapse, mood_scales
from unwound.outcomes.mood import Mood
from unwound.outcomes.mood_control import Comparator, Control, comparator
from unwound.outcomes.mood_relapse import Relapse
from unwound.outcomes.mood_scales import MOST, SCALES, Scale, scale_name
from unwound.patient.bands import between_patients, crowd_of
from unwound.patient.divergence import why_not
from unwound.patient.given_doses import covariates_of, doses_of
from unwound.patient.mood_exposure import HOURS, grid_h, stimulus_of
from unwound.patient.people import People
from unwound.patient.protocol import Person
from unwound.pharmacokinetics.curves import Given
from unwound.pharmacokinetics.envelopes import envelope_warnings
from unwound.pharmacokinetics.model import Covariates
from unwound.pharmacokinetics.register import model_keys, routed_model
from unwound.regimen import Regimen, check_limits

UNBLINDING = (0.0, 0.25, 0.5)
"""Shares of the difference from control that may be unblinding; every drug effect is given under each."""


class MoodParameters(NamedTuple):
    """Everything the course rests on, but the scale."""

    mood: Mood
    control: Control
    relapse: Relapse


def mood_parameters() -> MoodParameters:
    """The values of the evidence table."""
    return MoodParameters(fill(Mood, Mood.prefix), fill(Control, Control.prefix), fill(Relapse, Relapse.prefix))


def scale_of(name: str) -> Scale:
    """The scale called `name`, with the values of the evidence table. Raises `UnknownName`."""
    known = scale_name(name)
    return fill(Scale, SCALES[known], most=MOST[known])


def mood_keys(scale: str) -> tuple[str, ...]:
    """Evidence keys of the mood branch with one scale."""
    pages = ((Mood, Mood.prefix), (Control, Control.prefix), (Relapse, Relapse.prefix))
    prefix = SCALES[scale_name(scale)]
    of_scale = (key for key in keys_of(Scale, prefix) if key != f"{prefix}.most")
    return (*(key for page, own in pages for key in keys_of(page, own)), *of_scale)


class MoodPeople(Record):
    """How people differ in mood: every field has a last axis of people."""

    baseline: Scalar = unit("points")
    """Score before treatment, without the scatter of a rating."""
    own: Scalar = unit("1")
    """Factor z on the drug's effect."""
    of_session: Scalar = unit("1")
    of_antidepressant: Scalar = unit("1")
    frailty: Scalar = unit("1")
    chance: Scalar = unit("1")
    """Uniform draw that times the relapse."""


def mood_people(
    seed: int, ids: np.ndarray, scale: Scale, parameters: MoodParameters, baseline: Array | None = None
) -> MoodPeople:
    """The people `ids`; their true `baseline` [points] from elsewhere (a population), or drawn from the scale."""
    keys = patient_keys(root_key(seed), np.asarray(ids))
    drawn: MoodPeople = _people(keys, scale, parameters)
    if baseline is None:
        return drawn
    return dataclasses.replace(drawn, baseline=jnp.asarray(baseline, float))


@jax.jit
def _people(keys: Array, scale: Scale, parameters: MoodParameters) -> MoodPeople:
    people: MoodPeople = jax.vmap(partial(_person, scale=scale, parameters=parameters))(keys)
    return people


def _person(key: Array, scale: Scale, parameters: MoodParameters) -> MoodPeople:
    mood, _, relapse = parameters

    def normal(name: str) -> Array:
        return jax.random.normal(stream(key, f"mood {name}"))

    def uniform(name: str) -> Array:
        return jax.random.uniform(stream(key, f"mood {name}"))

    true_sd = jnp.sqrt(scale.baseline_sd**2 - scale.residual_sd**2)
    low = (scale.baseline_least - scale.baseline_mean) / true_sd
    high = (_HIGHEST_SHARE * scale.most - scale.baseline_mean) / true_sd
    z = jax.random.truncated_normal(stream(key, "mood baseline"), low, high)
    reached = uniform("responder") < mood.responder_share
    return MoodPeople(
        baseline=scale.baseline_mean + true_sd * z,
        own=reached * jnp.exp(mood.gain_sd * normal("gain")),
        of_session=normal("session"),
        of_antidepressant=normal("antidepressant"),
        frailty=jnp.exp(relapse.frailty_sd * normal("frailty") - relapse.frailty_sd**2 / 2.0),
        chance=uniform("relapse"),
    )


_HIGHEST_SHARE = 0.97  # of the scale: the log-odds of its highest score would be infinite


@dataclass(frozen=True)
class MoodCourse:
    """What `simulate_mood` answers; arrays are (times, people) unless said."""

    scale: str
    comparator: str
    model: str
    sampling: str
    time_d: np.ndarray  # (times,)
    improvement: np.ndarray
    """The latent improvement m."""
    score: np.ndarray
    """Points under the drug, without the scatter of a rating."""
    control_score: np.ndarray
    """The same people under the comparator."""
    rating: np.ndarray
    control_rating: np.ndarray
    """What a rater writes down, with scatter."""
    unblinded_score: dict[float, np.ndarray]
    """Score when that share of the difference from the comparator (in log-odds) is unblinding and taken away."""
    landmark_d: float
    """When response is judged, and relapse begins to count."""
    responded: np.ndarray  # (people,)
    control_responded: np.ndarray
    remitted: np.ndarray
    control_remitted: np.ndarray
    relapse_d: np.ndarray
    """Days from the landmark to relapse, of responders; infinite after the end of the course, NaN for others."""
    warnings: tuple[str, ...]
    keys: tuple[str, ...]

    @property
    def difference(self) -> np.ndarray:
        """Mean score under the drug less that under the comparator, (times,)."""
        return np.asarray((self.score - self.control_score).mean(axis=1))

    def own_difference(self, unblinding: float) -> np.ndarray:
        """The part of `difference` that is left to the drug when a share `unblinding` of it is not its own."""
        return np.asarray((self.unblinded_score[unblinding] - self.control_score).mean(axis=1))

    def still_well(self) -> np.ndarray:
        """Share of responders without relapse, (times,); NaN before the landmark or without responders."""
        relapse = self.relapse_d[~np.isnan(self.relapse_d)]
        since = self.time_d - self.landmark_d
        share = (relapse[None, :] > since[:, None]).mean(axis=1) if relapse.size else np.full(len(since), np.nan)
        return np.where(since >= -1e-9, share, np.nan)


@dataclass(frozen=True)
class MoodSetting:
    """Everything but the people and the regimen."""

    comparator: str = "saline"
    scale: str = "MADRS"
    model: str = ""
    """Pharmacokinetic model; empty: the one the parameters were fitted with for this form and route."""
    until: str = "28 d"
    landmark: str = ""
    """When response is judged; empty: a day after the last dose."""
    seed: int = 1
    benzodiazepine_mg: float = 0.0
    """Daily dose in mg of lorazepam."""
    naltrexone: bool = False
    parameters: MoodParameters | None = None


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
    return _course(
        read, drive.time_d, improved, crowd, scale, parameters, setting, landmark_h / HOURS,
        (model.prefix, model.sampling), (*warnings, *doubts, *_notes(setting, model.prefix, name)),
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


class Read(NamedTuple):
    """Scores (times, people), by what caused them."""

    score: Array
    control: Array
    drug_shift: Array
    active_shift: Array
    """What the comparator has that the drug arm has not."""
    background: Array


def read_mood(
    time_d: np.ndarray, improved: Array, people: MoodPeople, arm: Comparator, scale: Scale, p: MoodParameters,
    setting: MoodSetting,
) -> Read:  # fmt: skip
    """From the latent improvement (times, people) to the scale, under drug and under the comparator."""
    time = jnp.asarray(time_d)[:, None]
    left = latent.benzodiazepine_factor(time, setting.benzodiazepine_mg, p.mood)
    left = left * latent.opioid_factor(float(setting.naltrexone), p.mood) * mood_control.drug_left(time, arm, p.control)
    drug = left * latent.shift(improved, people.own, p.mood)
    both = people.of_session, people.of_antidepressant
    background = mood_control.response(time, *both, arm.as_background(), p.control)
    control = mood_control.response(time, *both, arm, p.control)
    return Read(
        mood_scales.score(people.baseline, drug, background, scale),
        mood_scales.score(people.baseline, 0.0, control, scale),
        drug,
        control - background,
        background,
    )


def scatter(seed: int, ids: np.ndarray, time_d: np.ndarray, what: str) -> Array:
    """Standard normal scatter of ratings, (times, people): each person's own at each minute."""
    keys = streams(patient_keys(root_key(seed), np.asarray(ids)), f"mood rating {what}")
    minutes = jnp.asarray(np.round(np.asarray(time_d) * _MINUTES), jnp.uint32)
    return _normals(named_keys(keys, minutes))


_MINUTES = 1440.0  # in a day: a rating belongs to a minute


@jax.jit
def _normals(keys: Array) -> Array:
    return jax.vmap(jax.vmap(jax.random.normal))(keys)


def _course(
    read: Read, time_d: np.ndarray, improved: Array, people: MoodPeople, scale: Scale, p: MoodParameters,
    setting: MoodSetting, landmark_d: float, model: tuple[str, str], warnings: tuple[str, ...], keys: tuple[str, ...],
) -> MoodCourse:  # fmt: skip
    ids = np.arange(people.baseline.shape[-1])
    rated = mood_scales.observed(read.score, scatter(setting.seed, ids, time_d, "drug"), scale)
    other = mood_scales.observed(read.control, scatter(setting.seed, ids, time_d, "control"), scale)
    other = other.at[0].set(rated[0])  # the first rating is before anybody is given anything
    mark = int(np.argmin(np.abs(time_d - landmark_d)))
    well = np.asarray(mood_scales.responded(rated[0], rated[mark], scale))
    after = np.asarray(relapse_after(time_d, read.score, people, scale, p.relapse, mark))
    return MoodCourse(
        scale=scale_name(setting.scale),
        comparator=comparator(setting.comparator).name,
        model=model[0],
        sampling=model[1],
        time_d=time_d,
        improvement=np.asarray(improved),
        score=np.asarray(read.score),
        control_score=np.asarray(read.control),
        rating=np.asarray(rated),
        control_rating=np.asarray(other),
        unblinded_score={
            w: np.asarray(mood_scales.score(people.baseline, _own(read, w), read.background, scale)) for w in UNBLINDING
        },
        landmark_d=float(time_d[mark]),
        responded=well,
        control_responded=np.asarray(mood_scales.responded(other[0], other[mark], scale)),
        remitted=np.asarray(mood_scales.remitted(rated[mark], scale)),
        control_remitted=np.asarray(mood_scales.remitted(other[mark], scale)),
        relapse_d=np.where(well, after, np.nan),
        warnings=tuple(dict.fromkeys(warnings)),
        keys=keys,
    )


def _own(read: Read, unblinding: float) -> Array:
    """The drug's shift when a share `unblinding` of its lead over the comparator is not its own."""
    return read.drug_shift - unblinding * (read.drug_shift - read.active_shift)


def relapse_after(
    time_d: np.ndarray, score: Array, people: MoodPeople, scale: Scale, p: Relapse, mark: int
) -> np.ndarray:
    """Days from time `mark` (its place) to relapse, (people,); infinite when there is none by the end."""
    time = jnp.asarray(time_d)[mark:]
    hazards = mood_relapse.hazard(score[mark:], people.baseline, scale.most, people.frailty, p)
    total = np.asarray(mood_relapse.accumulated(time, hazards))
    due = -np.log(np.maximum(np.asarray(people.chance), 1e-300))
    since = np.asarray(time - time[0])
    found = [np.interp(d, h, since) if d <= h[-1] else np.inf for d, h in zip(due, total.T, strict=True)]
    return np.asarray(found, float)


def _notes(setting: MoodSetting, used: str, name: str) -> list[str]:
    del name
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
