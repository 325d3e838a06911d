"""A disorder as a population: covariates, chronicity, responders, and how people differ.

Everybody is drawn from streams of their own (`core.random`): person 17 is the same in every run with the same seed,
whatever the number of people, the block size or the arm. Covariates that no source gives are assumed, with a range.

    weight  log-normal by sex;   age, baseline  normal, cut to what a trial admits
    duration  log-normal, not longer than life
    baseline without rating scatter: sd^2 = observed sd^2 - residual^2
    responders with probability `responder_share`; the drug cannot reach the pain of the others
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from unwound.core.arrays import Array, Record, Scalar, jax, jnp
from unwound.core.errors import InputError, Problem, UnknownName
from unwound.core.random import patient_keys, root_key, stream
from unwound.core.units import unit
from unwound.evidence import fill, keys_of
from unwound.outcomes import Pain, Placebo, Psychomimetic
from unwound.patient.people import People
from unwound.pharmacokinetics import routed_model


class Disorder(Record):
    """Who has it."""

    age_mean: Scalar = unit("y")
    age_sd: Scalar = unit("y")
    age_least: Scalar = unit("y")
    age_most: Scalar = unit("y")
    female_share: Scalar = unit("1")
    weight_women: Scalar = unit("kg")
    weight_women_cv: Scalar = unit("1")
    weight_men: Scalar = unit("kg")
    weight_men_cv: Scalar = unit("1")
    duration_median: Scalar = unit("y")
    duration_gsd: Scalar = unit("1")
    baseline_mean: Scalar = unit("points")
    baseline_sd: Scalar = unit("points")
    baseline_least: Scalar = unit("points")
    baseline_most: Scalar = unit("points")
    responder_share: Scalar = unit("1")
    responder_non_nmda_share: Scalar = unit("1")
    non_responder_non_nmda_share: Scalar = unit("1")
    input_cv: Scalar = unit("1")
    latent_cv: Scalar = unit("1")
    dropout_12_weeks: Scalar = unit("1")


DISORDERS = {"CRPS-1": "crps1"}
"""Disorder -> prefix of its evidence rows. One without a row is refused: nobody has told us its numbers."""


def disorder_name(name: str) -> str:
    """The registered spelling of `name`. Raises `UnknownName`."""
    for known, prefix in DISORDERS.items():
        if name.lower().replace("_", "-") in (known.lower(), prefix, "crps"):
            return known
    raise UnknownName("disorder", name, list(DISORDERS))


def disorder_keys(name: str) -> tuple[str, ...]:
    """Evidence keys the population of a disorder rests on."""
    return keys_of(Disorder, DISORDERS[disorder_name(name)])


def disorder(name: str) -> Disorder:
    """The disorder called `name`, with the values of the evidence table."""
    return fill(Disorder, DISORDERS[disorder_name(name)])


def sample(seed: int, ids: np.ndarray, name: str, model: str = "otto2021") -> People:
    """People with a disorder, one per id (raises `InputError` for none); `model` gives the random effects."""
    ids = np.asarray(ids)
    if ids.size == 0:
        raise InputError(Problem("patients", 0, "there must be at least one", "ask for 1 or more"))
    kinetics = routed_model(model)
    covariance = kinetics.covariance()
    factor = jnp.linalg.cholesky(covariance) if covariance.shape[0] else covariance
    records = disorder(name), fill(Pain, "pain"), fill(Placebo, "placebo"), fill(Psychomimetic, "psychomimetic")
    # in blocks of one shape: one compiled program, and the same numbers whatever the number of people
    root, pieces = root_key(seed), []
    for begin in range(0, ids.size, _BLOCK):
        block = ids[np.minimum(np.arange(begin, begin + _BLOCK), ids.size - 1)]
        pieces.append(_people(patient_keys(root, block), factor, *records))
    return jax.tree.map(lambda *leaves: np.concatenate(leaves, axis=-1)[..., : ids.size], *pieces)  # type: ignore[no-any-return]


_BLOCK = 1024


@jax.jit
def _people(keys: Array, factor: Array, who: Disorder, pain: Pain, placebo: Placebo, felt: Psychomimetic) -> People:
    people: People = jax.vmap(
        partial(_person, factor=factor, who=who, pain=pain, placebo=placebo, felt=felt), out_axes=-1
    )(keys)
    return people


def _person(key: Array, factor: Array, who: Disorder, pain: Pain, placebo: Placebo, felt: Psychomimetic) -> People:
    def normal(name: str, *shape: int) -> Array:
        return jax.random.normal(stream(key, name), shape)

    def uniform(name: str) -> Array:
        return jax.random.uniform(stream(key, name))

    def between(name: str, mean: Any, sd: Any, least: Any, most: Any) -> Array:
        z = jax.random.truncated_normal(stream(key, name), (least - mean) / sd, (most - mean) / sd)
        return mean + sd * z

    female = uniform("sex") < who.female_share
    median = jnp.where(female, who.weight_women, who.weight_men)
    spread = jnp.sqrt(jnp.log1p(jnp.where(female, who.weight_women_cv, who.weight_men_cv) ** 2))
    responder = uniform("responder") < who.responder_share
    age = between("age", who.age_mean, who.age_sd, who.age_least, who.age_most)
    duration = who.duration_median * who.duration_gsd ** normal("duration")
    true_sd = jnp.sqrt(who.baseline_sd**2 - pain.residual_sd**2)
    return People(
        weight=median * jnp.exp(spread * normal("weight")),
        age=age,
        female=female.astype(float),
        asian=jnp.zeros(()),  # the populations' ancestry is not published: the models' reference
        japanese=jnp.zeros(()),
        duration=jnp.minimum(duration, age),
        baseline=between("baseline", who.baseline_mean, true_sd, who.baseline_least, who.baseline_most),
        non_nmda_share=jnp.where(responder, who.responder_non_nmda_share, who.non_responder_non_nmda_share),
        input_factor=_unit_mean(who.input_cv, normal("input")),
        latent_factor=_unit_mean(who.latent_cv, normal("latent")),
        placebo_size=placebo.size_mean + placebo.size_sd * normal("placebo"),
        sensitivity=jnp.exp(felt.sensitivity_sd * normal("sensitivity")),
        report_chance=uniform("report"),
        kinetics=factor @ normal("kinetics", factor.shape[0]),
    )


def _unit_mean(cv: Any, z: Array) -> Array:
    """A log-normal factor of mean 1 and coefficient of variation `cv`."""
    variance = jnp.log1p(cv**2)
    return jnp.exp(jnp.sqrt(variance) * z - variance / 2.0)
