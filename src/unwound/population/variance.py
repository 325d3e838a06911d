"""The shares of the layers in the variance of an outcome: the runs behind `layers`, one per switch."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

import numpy as np

from unwound.core.errors import InputError, Problem
from unwound.core.signals import CompiledRegimen
from unwound.evidence import keys_of
from unwound.patient.blood import compile_for
from unwound.patient.simulation import Setting, simulate_people
from unwound.patient.wiring import hypothesis_keys
from unwound.pharmacokinetics import routed_model
from unwound.population.cohort import dosed, limits_of
from unwound.population.disorder import draw
from unwound.population.drawn import Parameters, parameters
from unwound.population.layers import (
    ALL,
    OF_PEOPLE,
    Layers,
    Variance,
    rated,
    shares_of,
    switched,
    weights_of,
)
from unwound.population.own import population_of
from unwound.population.populations import Population
from unwound.regimen import Regimen
from unwound.sensitization.drivers import Empirical

WEEK_H = 168.0
MOST_RUNS = 2_000_000  # people in all runs: a slip of a number


def variance_shares(
    disorder: str | Population, regimen: Regimen, week: float = 1.0, layers: Layers = ALL, *, patients: int = 128,
    draws: int = 6, setting: Setting | None = None, weights: Mapping[str, float] | None = None,
    progress: Callable[[int], None] | None = None,
) -> Variance:  # fmt: skip
    """How much of the variance of the pain rating at `week` each layer has.

    `patients` people are followed under each of `draws` parameters and each hypothesis, with every layer switched on,
    alone and off. Raises `InputError` (nothing on, a disorder that is not rated in pain, too few or too many).
    """
    setting = dataclasses.replace(setting or Setting(), metabolites=False)
    found = population_of(disorder) if isinstance(disorder, str) else disorder
    _check(found, layers, patients, draws, week)
    if layers.parameters and setting.own_driver is None and setting.driver != "empirical":
        rule = "the layer of parameters is known for the empirical driver only"
        raise InputError(Problem("driver", setting.driver, rule, "use --driver empirical, or switch parameters off"))
    shares = weights_of(weights, layers, setting)
    run = _Runs(found, regimen, setting, tuple(shares), np.arange(patients), draws if layers.parameters else 1, week)
    outcomes = {}
    for one in configurations(layers):
        outcomes[one.on] = run.outcome(one)
        if progress is not None:
            progress(1)
    by_weight = np.array(list(shares.values()))
    mean, sd, error, told = shares_of(outcomes, by_weight, layers, setting.seed)
    everything = outcomes[layers.on]
    return Variance(
        outcome=f"pain rating at week {week:g}",
        layers=layers,
        mean=mean,
        sd=sd,
        sd_error=error,
        shares=told,
        by_hypothesis={name: float(everything[:, n].mean()) for n, name in enumerate(shares)},
        patients=patients,
        draws=run.draws,
        seed=setting.seed,
        hypotheses=tuple(shares),
        keys=tuple(dict.fromkeys([*found.keys, *run.keys()])),
    )


def configurations(layers: Layers) -> list[Layers]:
    """Everything that is on; each layer alone; everything but each layer. Each once."""
    every = [layers, *(layers.only(name) for name in layers.on), *(layers.without(name) for name in layers.on)]
    return [one for one in dict.fromkeys(every) if one.on]


def _check(found: Population, layers: Layers, patients: int, draws: int, week: float) -> None:
    problems = []
    if found.scale.name != "NRS":
        rule = f"rated on the {found.scale.name}; the course followed here is one of pain"
        problems.append(Problem("disorder", found.name, rule, "choose a disorder of pain"))
    if not layers.on:
        problems.append(Problem("layers", "none", "at least one layer must be on", "switch one on"))
    if patients < 8:
        problems.append(Problem("patients", patients, "a variance needs at least 8 people", "100 or more are better"))
    if layers.parameters and draws < 2:
        problems.append(Problem("draws", draws, "a variance needs at least 2 draws of parameters", "6 or more"))
    if not 0 < week <= 104:
        problems.append(Problem("week", week, "must be more than 0 and at most 104", "write for example 1"))
    if patients * max(draws, 1) > MOST_RUNS:
        problems.append(Problem("patients", patients, f"at most {MOST_RUNS:,} people times draws", "ask for fewer"))
    if problems:
        raise InputError(problems)


class _Runs:
    """The runs of one question; those that differ by the scatter of ratings only are one."""

    def __init__(
        self, found: Population, regimen: Regimen, setting: Setting, hypotheses: tuple[str, ...], ids: np.ndarray,
        draws: int, week: float,
    ) -> None:  # fmt: skip
        self.found, self.regimen, self.setting, self.hypotheses = found, regimen, setting, hypotheses
        self.ids, self.draws, self.at = ids, draws, np.array([week * WEEK_H])
        self._held: dict[tuple[object, ...], np.ndarray] = {}
        limits_of(regimen, draw(setting.seed, ids, found.who, setting.model))  # a hard limit is refused here

    def keys(self) -> list[str]:
        """Evidence keys of every hypothesis and of the driver."""
        own = [key for name in self.hypotheses for key in hypothesis_keys(name, self.setting.driver)]
        return [*own, *keys_of(Empirical, Empirical.prefix)]

    def outcome(self, layers: Layers) -> np.ndarray:
        """(draws, hypotheses, people): what is off is one value for all, or the same again."""
        names = self.hypotheses if layers.hypothesis or len(self.hypotheses) == 1 else (self.setting.hypothesis,)
        numbers = [self._parameters(d) for d in range(self.draws)] if layers.parameters else [self._parameters(None)]
        alone = not any(getattr(layers, name) for name in OF_PEOPLE)
        ids = self.ids[:1] if alone else self.ids
        rows = [[self._scores(layers, drawn, name, ids, n) for name in names] for n, drawn in enumerate(numbers)]
        scores = np.array(rows)
        if layers.ratings:
            scores = np.stack(
                [
                    [rated(row, self.setting.seed, ids, drawn.outcomes.pain) for row in of_draw]
                    for of_draw, drawn in zip(scores, numbers, strict=True)
                ]
            )
        return np.broadcast_to(scores, (self.draws, len(self.hypotheses), len(self.ids)))

    def _parameters(self, number: int | None) -> Parameters:
        return parameters(self.found, self.setting.seed, number)

    def _scores(self, layers: Layers, drawn: Parameters, name: str, ids: np.ndarray, number: int) -> np.ndarray:
        """True scores (people,) of one run; flares do not exist but under H2."""
        flares = layers.flares and name == "H2"
        asked = (layers.patients, layers.placebo, flares, layers.parameters and number, name, len(ids))
        if asked not in self._held:
            people = switched(draw(self.setting.seed, ids, drawn.who, self.setting.model), drawn.who, layers)
            regimen, people = dosed(self.regimen, people)
            setting = dataclasses.replace(
                self.setting, hypothesis=name, flares=flares, outcomes=drawn.outcomes,
                own_driver=drawn.driver if layers.parameters else self.setting.own_driver,
            )  # fmt: skip
            course = simulate_people(people, ids, self._compiled(regimen), self.at, setting)
            at = int(np.argmin(np.abs(course.time_h - self.at[0])))
            self._held[asked] = np.asarray(course.pain_nrs[at])
        return self._held[asked]

    def _compiled(self, regimen: Regimen) -> CompiledRegimen:
        return compile_for(routed_model(self.setting.model), regimen)
