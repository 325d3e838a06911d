"""The depth-duration reset diagram: days of relief over the rate of an infusion and how long it runs.

One typical person, long in pain, gets every combination of a constant rate and a duration; all of them are one batch on
one clock. Where the hypothesis has a switch, the theory of `sensitization.reset` says at which duration the gain falls
below the separatrix that the protection of that day leaves; where it has none (H0), relief lasts t_half log2(Ce/Ce*).

Relief counts while pain stays below 70 % of its start, from one day after the end of the infusion on.
Leaves out: flares, placebo and differences between people; whether anybody should be given these doses.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from unwound.core.arrays import jax
from unwound.core.errors import InputError, Problem
from unwound.core.strict import Measure
from unwound.evidence import fill_own, value
from unwound.outcomes.pain import Pain
from unwound.patient.batch import Batch, BatchCourse, follow, many, many_wirings
from unwound.patient.blood import blood_of, compile_for
from unwound.patient.people import People, typical_person
from unwound.patient.setting import Progress, Setting, outcome_keys
from unwound.patient.simulation import baseline_of_typical_drive
from unwound.patient.wiring import (
    DAYS_PER_YEAR,
    HYPOTHESES,
    SwitchWiring,
    driver_name,
    hypothesis_keys,
    hypothesis_name,
    wiring_of,
)
from unwound.pharmacokinetics.register import model_keys, routed_model
from unwound.regimen import Infusion, Regimen, check_limits
from unwound.sensitization.equilibria import frozen_drive
from unwound.sensitization.reset import infusion_reset_times
from unwound.sensitization.switch import Switch
from unwound.sensitization.turnover import Turnover

RATES_MG_H = (1.0, 2.0, 5.0, 10.0, 20.0, 40.0)
DAYS = (0.17, 1.0, 2.0, 3.0, 4.2, 5.0, 7.0, 10.0, 14.0)
"""The grid on which the diagram was first computed."""
FOLLOWED_D = 90.0
LOOKED_H = 6.0
RELIEF = 0.7
"""Below this share of the pain at the start it counts as relief."""
FULL_LATENT_Y = 100.0
"""Years in pain that stand for a full latent memory."""

SHOWN = (20.0, 5.0)
"""mg/h and days of the regimen whose course is kept, or the nearest on the grid."""

Form = Literal["S", "R", "racemic"]


@dataclass(frozen=True)
class Asked:
    """The grid, and who is on it."""

    rates_mg_h: tuple[float, ...] = RATES_MG_H
    days: tuple[float, ...] = DAYS
    enantiomer: Form = "S"
    weight_kg: float = 70.0
    latent: float = 1.0
    """Latent memory at the start, 0 to 1: 1 after a life in pain."""
    followed_d: float = FOLLOWED_D
    finer: float = 0.0
    """For a picture: values are put between those of the grid until neighbors differ by this share (0: none)."""

    def __post_init__(self) -> None:
        problems = [p for name in ("rates_mg_h", "days") if (p := _rising(name, getattr(self, name)))]
        if not 0.0 <= self.latent <= 1.0:
            problems.append(Problem("latent", self.latent, "is a share from 0 to 1", "1 is a life in pain"))
        if problems:
            raise InputError(problems)


def _rising(name: str, values: tuple[float, ...]) -> Problem | None:
    array = np.asarray(values, float)
    if len(array) and np.isfinite(array).all() and (array > 0).all() and (np.diff(array) > 0).all():
        return None
    return Problem(name, values, "must be positive numbers in rising order", "write for example 1,2,5")


@dataclass(frozen=True)
class Example:
    """The course of one of the regimens."""

    rate_mg_h: float
    days: float
    time_d: np.ndarray
    pain_nrs: np.ndarray
    states: Mapping[str, np.ndarray]


@dataclass(frozen=True)
class ResetMap:
    """What came out, rate first, duration second."""

    asked: Asked
    rates_mg_h: np.ndarray
    days: np.ndarray
    relief_days: np.ndarray  # (rates, days)
    lasts: np.ndarray  # (rates, days) whether relief lasts to the end of the run
    protection: np.ndarray | None  # (rates, days) Z at the end of the infusion; None under H0
    block: np.ndarray | None  # (rates,) block near steady state; None under H0
    theory_days: np.ndarray | None  # (rates,) days to reset by theory; infinite: none resets; None under H0
    baseline_nrs: float
    verdicts: np.ndarray
    hypothesis: str
    driver: str
    model: str
    sampling: str
    switch: Switch | None
    turnover: Turnover | None
    slow_uM: np.ndarray | None  # noqa: N815  (rates, days) slow concentration of H0 at the end of the infusion
    example: Example
    keys: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def theory_relief_days(self) -> np.ndarray | None:
        """H0 only: ``t_half log2(Ce / Ce*)``, Ce* the slow concentration that relieves just enough."""
        if self.turnover is None or self.slow_uM is None:
            return None
        share = (1.0 - RELIEF) / float(self.turnover.emax)
        if share >= 1.0:
            return np.zeros(self.slow_uM.shape)
        enough = float(self.turnover.half_effect) * share / (1.0 - share)
        return np.maximum(float(self.turnover.half_life) * np.log2(self.slow_uM / enough), 0.0)

    def on_grid(self, values: np.ndarray) -> np.ndarray:
        """What was asked for, without the values between."""
        rows = np.searchsorted(self.rates_mg_h, self.asked.rates_mg_h)
        return values[np.ix_(rows, np.searchsorted(self.days, self.asked.days))]


def in_between(values: tuple[float, ...], finer: float) -> np.ndarray:
    """The values, and others in equal ratios between them until no step is larger than the share `finer`."""
    found = [np.array(values[:1])]
    for low, high in itertools.pairwise(values):
        steps = 1 if finer <= 0.0 else max(1, math.ceil(math.log(high / low) / math.log1p(finer) - 1e-9))
        found.append(low * (high / low) ** (np.arange(1, steps) / steps))
        found.append(np.array([high]))
    return np.concatenate(found)


def constant(rate: float, days: float, enantiomer: Form) -> Regimen:
    """One infusion at `rate` [mg/h] over `days`, where intensive care is at hand."""
    infusion = Infusion(
        drug="ketamine", enantiomer=enantiomer, rate=Measure.of(rate, "mg/h"), duration=Measure.of(24.0 * days, "h")
    )
    return Regimen(setting="icu", doses=(infusion,))


def person_with(latent: float, weight_kg: float, effects: int, setting: Setting) -> People:
    """The typical person with this latent memory, whose pain is that of their drive."""
    short = hypothesis_name(setting.hypothesis)
    duration = FULL_LATENT_Y
    if short != "H0" and latent < 1.0:
        key = f"{HYPOTHESES[short][0]}.latent_time"
        duration = -setting.own.get(key, value(key, "d")) * math.log1p(-latent) / DAYS_PER_YEAR
    person = typical_person(
        weight=weight_kg, baseline=float("nan"), effects=effects, age=value("crps1.age_mean", "y"), duration=duration
    )
    return dataclasses.replace(person, baseline=baseline_of_typical_drive(person, setting))


def reset_map(asked: Asked, setting: Setting | None = None, progress: Progress | None = None) -> ResetMap:
    """Relief after every rate and duration. Raises `InputError` for a dose beyond the hard limits of intensive care,
    and for a model that does not know the drug."""
    setting = setting or Setting()
    short, model = hypothesis_name(setting.hypothesis), routed_model(setting.model)
    rates, days = in_between(asked.rates_mg_h, asked.finer), in_between(asked.days, asked.finer)
    largest = constant(float(rates[-1]), float(days[-1]), asked.enantiomer)
    warnings = tuple(dict.fromkeys(str(w) for w in check_limits(largest, asked.weight_kg)))
    # the shape of one milligram per hour, which every rate multiplies
    compiled = compile_for(model, constant(1.0, float(days[-1]), asked.enantiomer))
    blood = blood_of(model, compiled, metabolites=False)
    forms = tuple(plan.form for plan in blood.plans)
    count = len(rates) * len(days)
    each_rate, each_end = np.repeat(rates, len(days)), 24.0 * np.tile(days, len(rates))
    times = np.concatenate([[0.0], 24.0 * days])
    runs = times[:-1, None] < each_end - 1e-9
    parts = [float(compiled.inputs[form].rate[0]) for form in forms]
    person = person_with(asked.latent, asked.weight_kg, len(model.random_effects), setting)
    batch = Batch(
        people=many(person, count),
        wiring=many_wirings(short, forms, count, setting.own_driver or setting.driver, setting.own),
        blood=blood,
        times=times,
        rates=tuple(part * each_rate * runs for part in parts),
        doses=tuple(np.zeros(runs.shape) for _ in parts),
        pain=_same(setting, count),
    )
    until = 24.0 * (float(days[-1]) + asked.followed_d)
    at = np.union1d(np.arange(0.0, until + 1e-9, LOOKED_H), times)
    course = follow(batch, at, setting.accuracy, setting.threads, progress)
    relief, lasts = course.relief(each_end, RELIEF)
    shape = (len(rates), len(days))
    at_end = _at_the_ends(course, each_end)
    switch = None if short == "H0" else _switch(short, setting)
    block = at_end["block"].reshape(shape)[:, -1] if switch else None
    theory = None
    if switch is not None and block is not None:
        theory = infusion_reset_times(block, float(frozen_drive(asked.latent, switch)), switch)
    return ResetMap(
        asked=asked,
        rates_mg_h=rates,
        days=days,
        relief_days=relief.reshape(shape),
        lasts=lasts.reshape(shape),
        protection=at_end["protection"].reshape(shape) if switch else None,
        block=block,
        theory_days=theory,
        baseline_nrs=float(person.baseline[0]),
        verdicts=course.verdicts,
        hypothesis=short,
        driver="" if short == "H0" else driver_name(setting.driver),
        model=model.prefix,
        sampling=model.sampling,
        switch=switch,
        turnover=fill_own(Turnover, Turnover.prefix, setting.own) if short == "H0" else None,
        slow_uM=None if switch else at_end["slow_concentration"].reshape(shape),
        example=_example(course, each_rate, each_end / 24.0),
        keys=(*model_keys(model), "ketamine.molar_mass", *hypothesis_keys(short, setting.driver), *outcome_keys()),
        warnings=warnings,
    )


def _same(setting: Setting, count: int) -> Pain:
    """The pain scale, once for each person."""
    found: Pain = jax.tree.map(lambda leaf: np.full(count, float(leaf)), setting.how.pain)
    return found


def _switch(short: str, setting: Setting) -> Switch:
    wiring = wiring_of(short, own=setting.own)
    assert isinstance(wiring, SwitchWiring)
    return wiring.switch


def _at_the_ends(course: BatchCourse, ends: np.ndarray) -> dict[str, np.ndarray]:
    """Every state when each person's infusion ends."""
    place, who = np.searchsorted(course.time_h, ends - 1e-6), np.arange(len(ends))
    return {name: values[place, who] for name, values in course.states.items()}


def _example(course: BatchCourse, rates: np.ndarray, days: np.ndarray) -> Example:
    """The course of the regimen on the grid that is nearest to `SHOWN`."""
    away = np.abs(np.log(rates / SHOWN[0])) + np.abs(np.log(days / SHOWN[1]))
    who = int(np.argmin(away))
    states = {name: values[:, who] for name, values in course.states.items()}
    return Example(float(rates[who]), float(days[who]), course.time_h / 24.0, course.pain_nrs[:, who], states)
