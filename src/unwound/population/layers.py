r"""Why outcomes differ: the layers of variance, kept apart, each of which can be switched off.

    patients     covariates, kinetics, responders, memory        off: one typical person
    placebo      how people respond to being treated             off: everybody has the mean size
    flares       a path of one's own (H2)                        off: none
    ratings      the scatter of a rating, in whole points        off: the true score
    parameters   what the tables leave open, drawn in its spread off: the values of the tables
    hypothesis   H0, H1, H2, by weight                           off: the one of the setting
    occasions    from one treatment to the next                  not known to the pain course: refused

A layer's share of the variance V of an outcome is told in two ways, which differ where layers act together (`without`
is below 0 where a layer makes the others matter less):

    alone    V(this layer only) / V(all)             without    1 - V(all but this layer) / V(all)

Runs that differ by a switch share every other draw. Errors are standard errors of a bootstrap over people and over
draws of parameters, the same ones in numerator and denominator.

The typical person is of the more frequent sex, of mean age and baseline and median weight and duration, and a responder
where most are. Parameters are drawn for the population, pain, placebo, psychomimetic effects and the empirical driver:
uniform over a range, normal for a standard error or an interval. Source: the tables. Leaves out: the parameters of the
slow memory itself and of kinetics, which the engine takes from the tables only.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from unwound.core.arrays import jax, jnp
from unwound.core.errors import InputError, Problem
from unwound.core.random import number_of, patient_keys, root_key, streams
from unwound.outcomes import Pain
from unwound.outcomes.pain import observed
from unwound.patient.people import People
from unwound.patient.simulation import Setting
from unwound.patient.wiring import HYPOTHESES
from unwound.population.disorder import Disorder

NAMES = ("patients", "placebo", "flares", "ratings", "parameters", "hypothesis")
"""The layers that can be switched on."""
OF_PEOPLE = ("patients", "placebo", "flares", "ratings")
HELD = "held: the parameters of the slow memory and of kinetics, and variation from occasion to occasion"


@dataclass(frozen=True)
class Layers:
    """Which layers of variance a run carries. Raises `InputError` for one that the engine does not know."""

    patients: bool = True
    placebo: bool = True
    flares: bool = True
    ratings: bool = True
    parameters: bool = False
    hypothesis: bool = False
    occasions: bool = False

    def __post_init__(self) -> None:
        if self.occasions:
            rule = "the pain course does not know variation from occasion to occasion"
            remedy = "leave it off; `unwound pk --model simons2022` draws it for the blood"
            raise InputError(Problem("layers.occasions", True, rule, remedy))

    @property
    def on(self) -> tuple[str, ...]:
        """The layers that are on."""
        return tuple(name for name in NAMES if getattr(self, name))

    @property
    def off(self) -> tuple[str, ...]:
        """The layers that are off."""
        return tuple(name for name in NAMES if not getattr(self, name))

    def only(self, *names: str) -> Layers:
        """Nothing but these layers."""
        return Layers(**{name: name in names for name in NAMES})

    def without(self, name: str) -> Layers:
        """These layers but one."""
        return dataclasses.replace(self, **{name: False})

    @classmethod
    def named(cls, on: tuple[str, ...]) -> Layers:
        """The layers called `on`. Raises `InputError` for a name that is none."""
        problems = [
            Problem("layers", name, "no such layer", f"choose of {', '.join(NAMES)}")
            for name in on
            if name not in (*NAMES, "occasions")
        ]
        if problems:
            raise InputError(problems)
        return cls(**{name: name in on for name in (*NAMES, "occasions")})


ALL = Layers(parameters=True, hypothesis=True)


def typical(people: People, who: Disorder) -> People:
    """As many people, all of them the typical one; their placebo responses stay their own."""
    woman = who.female_share >= 0.5
    responds = who.responder_share >= 0.5
    numbers = {
        "weight": who.weight_women if woman else who.weight_men,
        "dosing_weight": who.weight_women if woman else who.weight_men,
        "height": who.height_women if woman else who.height_men,
        "age": who.age_mean,
        "female": 1.0 if woman else 0.0,
        "duration": min(who.duration_median, who.age_mean),
        "baseline": who.baseline_mean if woman else who.baseline_men,
        "non_nmda_share": who.responder_non_nmda_share if responds else who.non_responder_non_nmda_share,
        "input_factor": 1.0,
        "latent_factor": 1.0,
        "sensitivity": 1.0,
        "report_chance": 0.5,
        "kinetics": 0.0,
    }
    same = {name: np.full_like(np.asarray(getattr(people, name), float), number) for name, number in numbers.items()}
    return dataclasses.replace(people, **same)


def switched(people: People, who: Disorder, layers: Layers) -> People:
    """`people` with the layers that are off taken out."""
    if not layers.patients:
        people = typical(people, who)
    if not layers.placebo:
        mean = np.full_like(np.asarray(people.placebo_size), who.placebo_size_mean)
        people = dataclasses.replace(people, placebo_size=mean)
    return people


@dataclass(frozen=True)
class Share:
    """What a layer has of the variance, with its Monte-Carlo errors."""

    layer: str
    alone: float
    alone_error: float
    without: float
    without_error: float


@dataclass(frozen=True)
class Variance:
    """The variance of an outcome and the shares of its layers."""

    outcome: str
    layers: Layers
    mean: float
    sd: float
    sd_error: float
    shares: tuple[Share, ...]
    by_hypothesis: Mapping[str, float]
    """Mean outcome under each hypothesis (one when that layer is off)."""
    patients: int
    draws: int
    seed: int
    hypotheses: tuple[str, ...]
    keys: tuple[str, ...] = ()
    held: str = HELD


def weights_of(weights: Mapping[str, float] | None, layers: Layers, setting: Setting) -> dict[str, float]:
    """Weights of the hypotheses, summing to 1. Raises `InputError`."""
    if not layers.hypothesis:
        return {setting.hypothesis: 1.0}
    given = dict(weights) if weights else dict.fromkeys(HYPOTHESES, 1.0)
    if not set(given) <= set(HYPOTHESES) or not all(w >= 0 for w in given.values()) or sum(given.values()) <= 0:
        rule = f"weights of {', '.join(HYPOTHESES)}, 0 or more and not all 0"
        raise InputError(Problem("weights", given, rule, "leave them out for equal weights"))
    total = sum(given.values())
    return {name: weight / total for name, weight in given.items() if weight > 0}


def spread(values: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
    """Mean and variance of (draws, hypotheses, people), people and draws alike, hypotheses by weight."""
    each = weights[None, :, None] / (values.shape[0] * values.shape[2])
    mean = float(np.sum(values * each))
    return mean, float(np.sum((values - mean) ** 2 * each))


def shares_of(outcomes: Mapping[tuple[str, ...], np.ndarray], weights: np.ndarray, layers: Layers, seed: int) -> Any:
    """(mean, sd, its error, shares) from outcomes (draws, hypotheses, people) by the layers that are on."""
    on = layers.on
    draws, _, people = outcomes[on].shape
    chance = np.random.default_rng([seed, number_of("variance")])
    picks: list[tuple[Any, Any]] = [(slice(None), slice(None))]
    picks += [(chance.integers(0, draws, draws), chance.integers(0, people, people)) for _ in range(_BOOTSTRAP)]
    table = []
    for some, who in picks:
        found = {names: spread(values[some][:, :, who], weights)[1] for names, values in outcomes.items()}
        total = found[on] or math.nan
        row = [math.sqrt(found[on])]
        for name in on:
            rest = tuple(other for other in on if other != name)
            row += [found[(name,)] / total, 1.0 - (found[rest] if rest else 0.0) / total]
        table.append(row)
    first, errors = table[0], np.nanstd(np.array(table[1:]), axis=0, ddof=1)
    shares = tuple(
        Share(name, first[1 + 2 * n], float(errors[1 + 2 * n]), first[2 + 2 * n], float(errors[2 + 2 * n]))
        for n, name in enumerate(on)
    )
    return spread(outcomes[on], weights)[0], first[0], float(errors[0]), shares


_BOOTSTRAP = 200


def rated(pain: np.ndarray, seed: int, ids: np.ndarray, p: Pain) -> np.ndarray:
    """What is written down of the true scores `pain`, (people,): with scatter, in whole points."""
    keys = streams(patient_keys(root_key(seed), ids), "ratings")
    scatter = jax.vmap(lambda key: jax.random.normal(key, ()))(keys)
    return np.asarray(observed(jnp.asarray(pain), scatter, p))
