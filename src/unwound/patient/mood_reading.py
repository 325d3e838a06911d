"""From the latent improvement to ratings on one scale, response and relapse, under drug and under the comparator."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from unwound.core.arrays import Array, jax, jnp
from unwound.core.random import named_keys, patient_keys, root_key, streams
from unwound.outcomes import mood as latent
from unwound.outcomes import mood_control, mood_relapse, mood_scales
from unwound.outcomes.mood_control import Comparator, comparator
from unwound.outcomes.mood_relapse import Relapse
from unwound.outcomes.mood_scales import Scale, scale_name
from unwound.patient.mood_course import UNBLINDING, MoodCourse, MoodSetting
from unwound.patient.mood_people import MoodParameters, MoodPeople


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


def course_of(
    read: Read, time_d: np.ndarray, improved: Array, people: MoodPeople, scale: Scale, p: MoodParameters,
    setting: MoodSetting, landmark_d: float, model: tuple[str, str], warnings: tuple[str, ...], keys: tuple[str, ...],
) -> MoodCourse:  # fmt: skip
    """Ratings with their scatter, who responded, who relapsed when."""
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
