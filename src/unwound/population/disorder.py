r"""A disorder as a population: covariates, chronicity, responders, and how people differ.

Everybody is drawn from streams of their own (`core.random`): person 17 is the same in every run with the same seed,
whatever the number of people, the block size or the arm. Covariates that no source gives are assumed, with a range.

    age             normal, cut to what a trial admits;       z_a its standard score
    weight          log-normal by sex,                        z_w = r_wa z_a + sqrt(1 - r_wa^2) xi
    height          normal by sex,                            z_h = b_w z_w + b_a z_a + sqrt(1 - b_w r_wh - b_a r_ha) xi
                    b_w = (r_wh - r_ha r_wa) / (1 - r_wa^2),  b_a = (r_ha - r_wh r_wa) / (1 - r_wa^2)
    duration        log-normal, not longer than life,         z_d = r_ad z_a + sqrt(1 - r_ad^2) xi
    baseline        normal, cut; without rating scatter:      sd^2 = observed sd^2 - residual^2
    responders      with probability `responder_share`; the drug cannot reach the pain of the others
    placebo size    normal, on the log-odds of the scale

A cut makes the standard score of age a little narrower than 1, and so the correlations with age a little weaker than
stated. Source: the rows of the table `population`. Leaves out: correlations of baseline with anything else.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from unwound.core.arrays import Array, Record, Scalar, jax, jnp
from unwound.core.errors import InputError, Problem
from unwound.core.random import patient_keys, root_key, stream
from unwound.core.units import unit
from unwound.evidence import fill
from unwound.outcomes import Psychomimetic
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
    height_women: Scalar = unit("cm")
    height_women_sd: Scalar = unit("cm")
    height_men: Scalar = unit("cm")
    height_men_sd: Scalar = unit("cm")
    weight_height_correlation: Scalar = unit("1")  # r_wh
    weight_age_correlation: Scalar = unit("1")  # r_wa
    height_age_correlation: Scalar = unit("1")  # r_ha
    age_duration_correlation: Scalar = unit("1")  # r_ad
    duration_median: Scalar = unit("y")
    duration_gsd: Scalar = unit("1")
    baseline_mean: Scalar = unit("points")
    baseline_sd: Scalar = unit("points")
    baseline_men: Scalar = unit("points")
    baseline_men_sd: Scalar = unit("points")
    baseline_least: Scalar = unit("points")
    baseline_most: Scalar = unit("points")
    residual_sd: Scalar = unit("points")
    responder_share: Scalar = unit("1")
    responder_non_nmda_share: Scalar = unit("1")
    non_responder_non_nmda_share: Scalar = unit("1")
    input_cv: Scalar = unit("1")
    latent_cv: Scalar = unit("1")
    placebo_size_mean: Scalar = unit("1")
    placebo_size_sd: Scalar = unit("1")
    dropout_12_weeks: Scalar = unit("1")


def draw(seed: int, ids: np.ndarray, who: Disorder, model: str = "otto2021") -> People:
    """People of a disorder, one per id (raises `InputError` for none); `model` gives the random effects.

    `People.baseline` is in points of the scale of the disorder.
    """
    ids = np.asarray(ids)
    if ids.size == 0:
        raise InputError(Problem("patients", 0, "there must be at least one", "ask for 1 or more"))
    covariance = routed_model(model).covariance()
    factor = jnp.linalg.cholesky(covariance) if covariance.shape[0] else covariance
    felt = fill(Psychomimetic, "psychomimetic")
    # in blocks of one shape: one compiled program, and the same numbers whatever the number of people
    root, pieces = root_key(seed), []
    for begin in range(0, ids.size, _BLOCK):
        block = ids[np.minimum(np.arange(begin, begin + _BLOCK), ids.size - 1)]
        pieces.append(_people(patient_keys(root, block), factor, who, felt))
    return jax.tree.map(lambda *leaves: np.concatenate(leaves, axis=-1)[..., : ids.size], *pieces)  # type: ignore[no-any-return]


_BLOCK = 1024


@jax.jit
def _people(keys: Array, factor: Array, who: Disorder, felt: Psychomimetic) -> People:
    people: People = jax.vmap(partial(_person, factor=factor, who=who, felt=felt), out_axes=-1)(keys)
    return people


def _person(key: Array, factor: Array, who: Disorder, felt: Psychomimetic) -> People:
    def normal(name: str, *shape: int) -> Array:
        return jax.random.normal(stream(key, name), shape)

    def uniform(name: str) -> Array:
        return jax.random.uniform(stream(key, name))

    def between(name: str, mean: Any, sd: Any, least: Any, most: Any) -> Array:
        z = jax.random.truncated_normal(stream(key, name), (least - mean) / sd, (most - mean) / sd)
        return mean + sd * z

    female = uniform("sex") < who.female_share
    responder = uniform("responder") < who.responder_share
    age = between("age", who.age_mean, who.age_sd, who.age_least, who.age_most)
    old = (age - who.age_mean) / who.age_sd
    heavy = _with(who.weight_age_correlation, old, normal("weight"))
    late = _with(who.age_duration_correlation, old, normal("duration"))
    baseline = jnp.where(female, who.baseline_mean, who.baseline_men)
    seen_sd = jnp.where(female, who.baseline_sd, who.baseline_men_sd)
    true_sd = jnp.sqrt(seen_sd**2 - who.residual_sd**2)
    weight = _weight(female, heavy, who)
    return People(
        weight=weight,
        dosing_weight=weight,
        height=_height(female, heavy, old, normal("height"), who),
        age=age,
        female=female.astype(float),
        asian=jnp.zeros(()),  # the populations' ancestry is not published: the models' reference
        japanese=jnp.zeros(()),
        duration=jnp.minimum(who.duration_median * who.duration_gsd**late, age),
        baseline=between("baseline", baseline, true_sd, who.baseline_least, who.baseline_most),
        non_nmda_share=jnp.where(responder, who.responder_non_nmda_share, who.non_responder_non_nmda_share),
        input_factor=_unit_mean(who.input_cv, normal("input")),
        latent_factor=_unit_mean(who.latent_cv, normal("latent")),
        placebo_size=who.placebo_size_mean + who.placebo_size_sd * normal("placebo"),
        sensitivity=jnp.exp(felt.sensitivity_sd * normal("sensitivity")),
        report_chance=uniform("report"),
        kinetics=factor @ normal("kinetics", factor.shape[0]),
    )


def _with(correlation: Any, known: Array, fresh: Array) -> Array:
    """A standard score that goes with `known`; with a correlation of 0 it is `fresh`, bit for bit."""
    return correlation * known + jnp.sqrt(1.0 - correlation**2) * fresh


def _weight(female: Array, heavy: Array, who: Disorder) -> Array:
    median = jnp.where(female, who.weight_women, who.weight_men)
    spread = jnp.sqrt(jnp.log1p(jnp.where(female, who.weight_women_cv, who.weight_men_cv) ** 2))
    return median * jnp.exp(spread * heavy)


def _height(female: Array, heavy: Array, old: Array, fresh: Array, who: Disorder) -> Array:
    r_wh, r_wa, r_ha = who.weight_height_correlation, who.weight_age_correlation, who.height_age_correlation
    by_weight = (r_wh - r_ha * r_wa) / (1.0 - r_wa**2)
    by_age = (r_ha - r_wh * r_wa) / (1.0 - r_wa**2)
    left = jnp.sqrt(1.0 - by_weight * r_wh - by_age * r_ha)
    mean = jnp.where(female, who.height_women, who.height_men)
    sd = jnp.where(female, who.height_women_sd, who.height_men_sd)
    return mean + sd * (by_weight * heavy + by_age * old + left * fresh)


def _unit_mean(cv: Any, z: Array) -> Array:
    """A log-normal factor of mean 1 and coefficient of variation `cv`."""
    variance = jnp.log1p(cv**2)
    return jnp.exp(jnp.sqrt(variance) * z - variance / 2.0)
