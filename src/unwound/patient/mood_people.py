"""How people differ in mood, and the numbers their course rests on.

The random draws of a person have streams of their own (`core.random`): person 17 has the same baseline, size of the
effect, control course and frailty under every regimen and every comparator.
"""

from __future__ import annotations

import dataclasses
from functools import partial
from typing import NamedTuple

import numpy as np

from unwound.core.arrays import Array, Record, Scalar, jax, jnp
from unwound.core.random import patient_keys, root_key, stream
from unwound.core.units import unit
from unwound.evidence import fill, keys_of
from unwound.outcomes.mood import Mood
from unwound.outcomes.mood_control import Control
from unwound.outcomes.mood_relapse import Relapse
from unwound.outcomes.mood_scales import MOST, SCALES, Scale, scale_name


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
