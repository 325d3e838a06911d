"""Bands around a curve of the blood, layer by layer, each said by name.

    people          between patients, and from occasion to occasion where the model has it
    observations    the same, and the residual error: what an assay would report
    uncertainty     of the typical person's curve: replicates of the typical values (`pharmacokinetics.uncertainty`)

Every draw has a named stream of its own: a person keeps her effects, her occasions and her errors whatever else is
asked. A layer that a source does not have is never silently absent: `Bands.missing` says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from unwound.core.arrays import Array, jax, jnp
from unwound.core.errors import UnknownName
from unwound.core.random import named_keys, number_of, patient_keys, root_key, streams
from unwound.pharmacokinetics.curves import Given, Occasions, curves
from unwound.pharmacokinetics.model import Covariates, RoutedModel
from unwound.pharmacokinetics.residual import observed, residuals_of
from unwound.pharmacokinetics.uncertainty import known_exactly, replicated, uncertain_values, with_values
from unwound.pharmacokinetics.variability import occasion_covariance, occasions_of

BandKind = Literal["people", "observations", "uncertainty"]
BAND_KINDS: tuple[str, ...] = get_args(BandKind)
PERCENTILES = (5.0, 95.0)

_NG_PER_ML = 1000.0  # of 1 mg/L
_TICKS_PER_H = 3600.0  # an error of observation belongs to a second


@dataclass(frozen=True)
class Bands:
    """Concentrations [ng/mL] by analyte, (times, draws), and which layers they hold."""

    concentration: dict[str, np.ndarray]
    layers: dict[str, tuple[str, ...]]
    """Layers that are in, in words, by analyte; an analyte without any has no concentrations here."""
    missing: tuple[str, ...]
    """Layers asked for that the source does not have, in sentences."""

    def edges(self, analyte: str) -> tuple[np.ndarray | None, np.ndarray | None]:
        """5 and 95 % of the draws; None where there are none."""
        if analyte not in self.concentration:
            return None, None
        low, high = np.percentile(self.concentration[analyte], PERCENTILES, axis=1)
        return np.maximum(low, 0.0), np.maximum(high, 0.0)  # an assay reports nothing below zero


NO_BANDS = Bands({}, {}, ())


def bands_of(
    model: RoutedModel, given: Sequence[Given], who: Covariates, at: np.ndarray, kind: str, draws: int, seed: int
) -> Bands:
    """The band of `kind` around the curves of `who` (a batch of one) from `draws` draws. Raises `UnknownName`."""
    if kind not in BAND_KINDS:
        raise UnknownName("kind of bands", kind, BAND_KINDS)
    if draws < 2:
        return NO_BANDS
    if kind == "uncertainty":
        return _uncertainty(model, given, who, at, draws, seed)
    ids = np.arange(draws)
    crowd = crowd_of(who, draws)
    eta, occasions = between_patients(model, ids, seed), between_occasions(model, given, ids, seed)
    layers = ["between patients"] * (eta is not None) + ["between occasions"] * (occasions is not None)
    missing = [] if eta is not None else [f"{model.prefix}: no variability between patients is known"]
    missing += [] if occasions else [f"{model.prefix}: no variability from occasion to occasion is known"]
    zeros = jnp.zeros((len(model.random_effects), draws))
    many = curves(model, given, crowd, zeros if eta is None else eta, at, occasions=occasions).concentration
    held = {name: (*layers,) for name, values in many.items() if layers and values.any()}
    if kind == "observations":
        known = residuals_of(model.prefix, tuple(analyte.name for analyte in model.analytes))
        given_at_all = [name for name, values in many.items() if values.any()]
        for name in given_at_all:
            if name not in known:
                missing.append(f"{model.prefix}, {name}: no residual error is known")
                continue
            normal = errors_of(model, name, ids, at, seed)
            many[name] = _NG_PER_ML * np.asarray(observed(many[name] / _NG_PER_ML, normal, known[name]))
            held[name] = (*layers, "residual error")
    return Bands({name: many[name] for name in held}, held, tuple(missing))


def crowd_of(who: Covariates, count: int) -> Covariates:
    """`count` people with the covariates of one."""
    crowd: Covariates = jax.tree.map(lambda leaf: jnp.broadcast_to(leaf, (count,)), who)
    return crowd


def between_patients(model: RoutedModel, ids: np.ndarray, seed: int) -> Array | None:
    """Random effects (effects, people) of the people `ids`; None where the model has none."""
    covariance = model.covariance()
    if covariance.shape[0] == 0:
        return None
    keys = streams(patient_keys(root_key(seed), ids), f"bands {model.prefix}")
    return _correlated(keys, covariance)


def between_occasions(model: RoutedModel, given: Sequence[Given], ids: np.ndarray, seed: int) -> Occasions | None:
    """Occasion effects of the people `ids` on every dose day of `given`; None where the model has none."""
    if not model.occasion_effects:
        return None
    covariance = occasion_covariance(model.prefix, model.occasion_effects)
    days = list(occasions_of(dose.start for dose in given))
    numbers = jnp.array([number_of(f"occasion {day} {model.prefix}") for day in days], jnp.uint32)
    keys = named_keys(patient_keys(root_key(seed), ids), numbers)
    return dict(zip(days, jax.vmap(lambda own: _correlated(own, covariance))(keys), strict=True))


def errors_of(model: RoutedModel, analyte: str, ids: np.ndarray, at: np.ndarray, seed: int) -> Array:
    """Standard normal errors (times, people) of the people `ids` at times `at` [h], each person's own at each time."""
    keys = streams(patient_keys(root_key(seed), ids), f"residual {model.prefix} {analyte}")
    ticks = jnp.asarray(np.round(at * _TICKS_PER_H), jnp.uint32)
    return _normals(named_keys(keys, ticks))


@jax.jit
def _normals(keys: Array) -> Array:
    return jax.vmap(jax.vmap(jax.random.normal))(keys)


@jax.jit
def _correlated(keys: Array, covariance: Array) -> Array:
    normal = jax.vmap(lambda key: jax.random.normal(key, covariance.shape[:1]))(keys)
    return jnp.linalg.cholesky(covariance) @ normal.T


def _uncertainty(
    model: RoutedModel, given: Sequence[Given], who: Covariates, at: np.ndarray, draws: int, seed: int
) -> Bands:
    """The typical person's curve under every replicate of the typical values."""
    if not uncertain_values(model):
        return Bands({}, {}, (f"{model.prefix}: uncertainty of typical values not printed in what we read",))
    zeros = jnp.zeros((len(model.random_effects), draws))
    many = curves(replicated(model, draws, seed), given, crowd_of(who, draws), zeros, at).concentration
    layers: dict[str, tuple[str, ...]] = {
        name: ("uncertainty of typical values",) for name, values in many.items() if values.any()
    }
    exact = known_exactly(model)
    missing = [f"{model.prefix}: taken as exact, no uncertainty printed: {', '.join(exact)}"] if exact else []
    # a curve that no uncertain value moves has no band: a line would look like certainty
    held = {name: own for name, own in layers.items() if (np.ptp(many[name], axis=1) > 1e-9 * many[name].max()).any()}
    missing += [f"{model.prefix}, {name}: rests on such values only" for name in layers if name not in held]
    return Bands({name: many[name] for name in held}, held, tuple(missing))


@dataclass(frozen=True)
class ReplicateBands:
    """One analyte under every replicate of the typical values [ng/mL]: (replicates, times)."""

    typical: np.ndarray
    low: np.ndarray  # 5 % of people
    high: np.ndarray  # 95 % of people


def replicate_bands(
    model: RoutedModel, given: Sequence[Given], who: Covariates, at: np.ndarray, *, people: int = 100,
    replicates: int = 20, seed: int = 1,
) -> dict[str, ReplicateBands]:  # fmt: skip
    """The band of people at each replicate, by analyte: how sure the band itself is. The people are the same in all."""
    ids, crowd = np.arange(people), crowd_of(who, people + 1)
    eta, occasions = between_patients(model, ids, seed), between_occasions(model, given, ids, seed)
    own = jnp.zeros((len(model.random_effects), people)) if eta is None else eta
    own = jnp.concatenate([jnp.zeros((own.shape[0], 1)), own], axis=1)  # the typical person first
    if occasions is not None:
        occasions = {n: jnp.concatenate([jnp.zeros((k.shape[0], 1)), k], axis=1) for n, k in occasions.items()}
    drawn = replicated(model, replicates, seed)
    found: dict[str, list[np.ndarray]] = {}
    for n in range(replicates):
        one = _replicate(model, drawn, n, people + 1)
        for name, values in curves(one, given, crowd, own, at, occasions=occasions).concentration.items():
            low, high = np.percentile(values[:, 1:], PERCENTILES, axis=1)
            found.setdefault(name, []).append(np.stack([values[:, 0], low, high]))
    return {name: ReplicateBands(*np.stack(values, axis=1)) for name, values in found.items()}


def _replicate(model: RoutedModel, drawn: RoutedModel, n: int, people: int) -> RoutedModel:
    """Replicate `n` of `drawn`, for `people` people at once."""
    source = getattr(drawn, "model", drawn)
    return with_values(model, {name: jnp.full(people, getattr(source, name)[n]) for name in uncertain_values(model)})
