"""A crowd for each trial of the fit: the same few hundred people under any numbers of the model, both arms.

The people, their flares and their blood are drawn once; a draw of parameters changes what it changes, and nothing
else (common random numbers), so a likelihood is a smooth function of the parameters and no replicate is needed. Several
draws share a lane: the fields of the records become arrays over people, and the engine never notices.

The mesh is coarser than that of a simulation: the mean of a crowd moves by less than a hundredth of a point (tested).
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from unwound.core.arrays import jax, jnp
from unwound.core.random import patient_keys, root_key, stream, streams
from unwound.evidence import value
from unwound.inference.pain_parameters import REACH, priors
from unwound.inference.pain_rows import baseline_of, fit_rows
from unwound.patient import lane as lane_room
from unwound.patient.bedside import clock_of
from unwound.patient.blood import blood_of, compile_for
from unwound.patient.full_wiring import widened
from unwound.patient.mesh import Accuracy, build_mesh
from unwound.patient.people import People
from unwound.patient.setting import outcomes_from_evidence
from unwound.patient.wiring import wiring_of
from unwound.pharmacokinetics.register import routed_model
from unwound.population import Population, disorder_name, population
from unwound.population.disorder import draw
from unwound.population.populations import with_numbers
from unwound.regimen import Regimen
from unwound.sensitization.drivers import Tonic
from unwound.sensitization.flares import knot_times
from unwound.trials.described import Described, published_protocol
from unwound.trials.qualify_pain import MODELS, model_for
from unwound.trials.trial import Trial

SEED = 20261126
ACCURACY = Accuracy(first=0.5, growth=1.0, longest=24.0)


class Side(NamedTuple):
    """An arm: its name, and whether it receives the drug."""

    name: str
    treated: bool


@dataclasses.dataclass(frozen=True)
class Crowd:
    """One trial of the fit with its people, ready to be run."""

    trial: str
    disorder: str
    hours: tuple[float, ...]
    """Times [h] at which somebody is asked; the first is 0."""
    sides: tuple[Side, ...]
    people: People
    scatter: tuple[float, float]
    """Standard deviation of a weekly mean and of a single rating given the true score [points]."""
    reached: np.ndarray
    """Who is reached when the share is above this: a uniform draw per person."""
    placebo: np.ndarray
    """Standard score of each person's placebo response."""
    fitted_placebo: bool
    """Whether the placebo response is the one that the fit leaves open."""
    who: Any
    regimen: Regimen
    model: str

    @property
    def count(self) -> int:
        """How many people."""
        return len(self.reached)

    def pain(
        self, hypothesis: str, draws: Mapping[str, np.ndarray], mechanisms: tuple[str, ...] = ()
    ) -> dict[str, np.ndarray]:
        """Arm -> true scores (draws, visits, people), before the scatter of a rating. `draws` are arrays of numbers.

        `mechanisms` are switched on with the numbers of the tables (`patient.full_wiring`).
        """
        size = len(next(iter(draws.values())))
        found: dict[str, list[np.ndarray]] = {side.name: [] for side in self.sides}
        at_once = max(_compiled(self).width // self.count, 1)
        for begin in range(0, size, at_once):
            index = np.minimum(np.arange(begin, begin + at_once), size - 1)
            some = {name: np.asarray(values, float)[index] for name, values in draws.items()}
            for side in self.sides:
                pain = self._lane(hypothesis, some, side.treated, mechanisms)
                found[side.name].append(pain[: min(at_once, size - begin)])
        return {name: np.concatenate(parts) for name, parts in found.items()}

    def _lane(
        self, hypothesis: str, draws: Mapping[str, np.ndarray], treated: bool, mechanisms: tuple[str, ...]
    ) -> np.ndarray:
        parts, size = _compiled(self), len(next(iter(draws.values())))
        each = {name: np.repeat(values, self.count) for name, values in draws.items()}
        index = np.tile(np.arange(self.count), size)
        people = self._people(index, each)
        wiring, outcomes = wired(hypothesis, each, parts.forms)
        wiring = widened(wiring, mechanisms)
        keys = streams(patient_keys(root_key(SEED), index), "flares")
        lane = lane_room.prepare(
            parts.blood.of(people), wiring, outcomes.psychomimetic, people, np.full(len(index), float(treated)), keys,
            parts.clock, parts.knots,
        )  # fmt: skip
        answers = lane_room.solve(lane, parts.mesh)
        read = lane_room.read(lane, answers, people, np.array(self.hours), parts.knot, parts.part, outcomes)
        return np.asarray(read.pain).reshape(len(self.hours), size, self.count).swapaxes(0, 1)

    def _people(self, index: np.ndarray, each: Mapping[str, np.ndarray]) -> People:
        """The people of a lane with the numbers of the draws that are theirs."""
        who, people = self.who, self.people.take(index)
        reached = self.reached[index] < each["reach"]
        share = np.where(reached, float(who.responder_non_nmda_share), float(who.non_responder_non_nmda_share))
        size = people.placebo_size
        if self.fitted_placebo:
            size = each["placebo_size"] + each["placebo_sd"] * self.placebo[index]
        return dataclasses.replace(people, non_nmda_share=share, placebo_size=size)


class _Parts(NamedTuple):
    """What a crowd needs to be run, made once."""

    blood: Any
    clock: Any
    knots: np.ndarray
    mesh: Any
    knot: np.ndarray
    part: np.ndarray
    forms: tuple[str, ...]
    width: int


_PARTS: dict[str, _Parts] = {}


def _compiled(crowd: Crowd) -> _Parts:
    if crowd.trial not in _PARTS:
        regimen = compile_for(routed_model(crowd.model), crowd.regimen)
        blood = blood_of(routed_model(crowd.model), regimen, False)
        at = np.array(crowd.hours)
        knots = knot_times(max(at[-1], 24.0))
        mesh = build_mesh(regimen.times, knots, at, ACCURACY)
        knot = np.clip(np.searchsorted(knots, at, side="right") - 1, 0, len(knots) - 2)
        part = (at - knots[knot]) / np.diff(knots)[knot]
        forms = tuple(plan.form for plan in blood.plans)
        _PARTS[crowd.trial] = _Parts(
            blood, clock_of(regimen, blood.plans), knots, mesh, knot, part, forms, blood.width
        )  # fmt: skip
    return _PARTS[crowd.trial]


def wired(hypothesis: str, each: Mapping[str, np.ndarray], forms: tuple[str, ...]) -> tuple[Any, lane_room.Outcomes]:
    """The hypothesis and the outcomes with the numbers of `each`, arrays over people."""
    own: dict[str, Any] = {}
    for prior in priors(hypothesis):
        if prior.key == REACH or prior.name in ("half_block", "largest", "r_potency", "placebo_size", "placebo_sd"):
            continue
        halved = prior.key.endswith("protection_off")
        own[prior.key] = math.log(2.0) / each[prior.name] if halved else each[prior.name]
    if hypothesis == "H0":
        own["turnover.r_potency"] = each["r_potency"]
        driver: Any = "empirical"
    else:
        driver = Tonic(half_block=each["half_block"], largest=each["largest"], r_potency=each["r_potency"])
    outcomes = outcomes_from_evidence(own)
    return wiring_of(hypothesis, forms, outcomes.psychomimetic.r_potency, driver, own), outcomes


@functools.cache
def crowd(trial: str, people: int = 256, hours: tuple[float, ...] = ()) -> Crowd:
    """The crowd of a published trial; `hours` are asked for beside those of the rows of the fit."""
    with jax.ensure_compile_time_eval():  # people are data, also where a program that asks them is being compiled
        return _made(trial, people, hours)


def _made(trial: str, people: int, hours: tuple[float, ...]) -> Crowd:
    protocol = published_protocol(trial)
    found = with_baseline(disorder_name(protocol.disorder), baseline_of(trial))
    treated = next(arm for arm in protocol.arms if arm.gives == "regimen")
    regimen = treated.regimen or protocol.regimen
    assert regimen is not None
    model = model_for(protocol) if isinstance(protocol, Trial) else MODELS[0]
    compared = {row.arm for row in fit_rows() if row.trial == trial}
    others = [arm for arm in protocol.arms if arm.gives in ("saline", "midazolam")]
    paired = isinstance(protocol, Trial) and bool(others) and bool(compared & {"", *(arm.name for arm in others)})
    sides = (Side(treated.name, True), *((Side(others[0].name, False),) if paired else ()))
    asked = {0.0, *hours, *(h for row in fit_rows() if row.trial == trial for h in row.hours)}
    if isinstance(protocol, Described):
        model = "otto2021" if regimen.doses[0].substance.startswith("S-") else "kamp2020"
    drawn = _drawn(found, people, model)
    scatter = (float(found.who.residual_sd), value("pain.single_residual_sd", "points"))
    return Crowd(
        trial, found.name, tuple(sorted(asked)), sides, drawn[0], scatter, drawn[1], drawn[2],
        found.name == "CRPS-1", found.who, regimen, model,
    )  # fmt: skip


def with_baseline(disorder: str, baseline: float | None) -> Population:
    """A disorder, with another mean pain before treatment where the trial printed one."""
    found = population(disorder)
    return found if baseline is None else with_numbers(found, baseline_mean=baseline, baseline_men=baseline)


def _drawn(found: Population, people: int, model: str) -> tuple[People, np.ndarray, np.ndarray]:
    """(people, uniform draws of who is reached, standard scores of placebo): as `population.disorder` draws them."""
    drawn = draw(SEED, np.arange(people), found.who, model)
    keys = patient_keys(root_key(SEED), np.arange(people))
    reached = jax.vmap(lambda key: jax.random.uniform(stream(key, "responder")))(keys)
    placebo = jax.vmap(lambda key: jax.random.normal(stream(key, "placebo")))(keys)
    return jax.tree.map(jnp.asarray, drawn), np.asarray(reached), np.asarray(placebo)
