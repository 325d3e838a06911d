"""The depth-duration reset diagram: days of relief over the rate of an infusion and how long it runs.

One typical person, long in pain, gets every combination of a constant rate and a duration; all of them are one batch on
one clock. Where the hypothesis has a switch, the theory of `sensitization.reset` says at which duration the gain falls
below the separatrix that the protection of that day leaves; where it has none (H0), relief lasts ``t_half log2(Ce/Ce*)``.

Relief counts while pain stays below 70 % of its start, from one day after the end of the infusion on.
Leaves out: flares, placebo and differences between people; whether anybody should be given these doses.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from unwound.core.errors import InputError, Problem
from unwound.core.strict import Measure
from unwound.evidence import value
from unwound.patient.batch import Batch, BatchCourse, follow, many, many_wirings
from unwound.patient.blood import blood_of, compile_for
from unwound.patient.mesh import Accuracy
from unwound.patient.people import People, typical_person
from unwound.patient.setting import Progress, Setting, outcome_keys
from unwound.patient.simulation import baseline_of_typical_drive
from unwound.patient.wiring import SwitchWiring, driver_name, hypothesis_keys, hypothesis_name, wiring_of
from unwound.pharmacokinetics.register import model_keys, routed_model
from unwound.regimen import Infusion, Regimen, check_limits
from unwound.sensitization.equilibria import frozen_drive
from unwound.sensitization.reset import infusion_reset_times
from unwound.sensitization.switch import Switch

RATES_MG_H = (1.0, 2.0, 5.0, 10.0, 20.0, 40.0)
DAYS = (0.17, 1.0, 2.0, 3.0, 4.2, 5.0, 7.0, 10.0, 14.0)
"""The grid on which the diagram was first computed."""
FOLLOWED_D = 90.0
LOOKED_H = 6.0
RELIEF = 0.7
"""Below this share of the pain at the start it counts as relief."""
FULL_LATENT_Y = 100.0
"""Years in pain that stand for a full latent memory."""

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
    between: int = 0
    """Values computed between two of the grid, in equal ratios, for a picture."""

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
    keys: tuple[str, ...]
    warnings: tuple[str, ...]

    def on_grid(self, values: np.ndarray) -> np.ndarray:
        """What was asked for, without the values between."""
        step = self.asked.between + 1
        return values[::step, ::step]


def in_between(values: tuple[float, ...], between: int) -> np.ndarray:
    """The values and so many more between each two, in equal ratios."""
    logs, places = np.log(values), np.arange((len(values) - 1) * (between + 1) + 1) / (between + 1)
    found = np.exp(np.interp(places, np.arange(len(values)), logs))
    found[:: between + 1] = values
    return found


def _regimen(rate: float, days: float, enantiomer: Form) -> Regimen:
    infusion = Infusion(
        drug="ketamine", enantiomer=enantiomer, rate=Measure.of(rate, "mg/h"), duration=Measure.of(24.0 * days, "h")
    )
    return Regimen(setting="icu", doses=(infusion,))


def person_with(latent: float, weight_kg: float, effects: int, setting: Setting) -> People:
    """The typical person with this latent memory, whose pain is that of their drive."""
    short = hypothesis_name(setting.hypothesis)
    duration = FULL_LATENT_Y
    if short != "H0" and latent < 1.0:
        duration = -value(f"{_prefix(short)}.latent_time", "d") * math.log1p(-latent) / 365.25
    person = typical_person(
        weight=weight_kg, baseline=float("nan"), effects=effects, age=value("crps1.age_mean", "y"), duration=duration
    )
    return dataclasses.replace(person, baseline=baseline_of_typical_drive(person, setting))


def _prefix(short: str) -> str:
    return {"H1": "switch", "H2": "protected_switch"}[short]


def reset_map(asked: Asked, setting: Setting | None = None, progress: Progress | None = None) -> ResetMap:
    """Relief after every rate and duration. Raises `InputError` for a dose beyond the hard limits of intensive care,
    and for a model that does not know the drug."""
    setting = setting or Setting()
    short, model = hypothesis_name(setting.hypothesis), routed_model(setting.model)
    rates, days = in_between(asked.rates_mg_h, asked.between), in_between(asked.days, asked.between)
    largest = _regimen(float(rates[-1]), float(days[-1]), asked.enantiomer)
    warnings = tuple(dict.fromkeys(str(w) for w in check_limits(largest, asked.weight_kg)))
    # the shape of one milligram per hour, which every rate multiplies
    compiled = compile_for(model, _regimen(1.0, float(days[-1]), asked.enantiomer))
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
        wiring=many_wirings(short, forms, count, setting.driver),
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
    keys = (*model_keys(model), "ketamine.molar_mass", *hypothesis_keys(short, setting.driver), *outcome_keys())
    switch = None if short == "H0" else _switch(short)
    protection, block = (None, None) if switch is None else _at_the_ends(course, each_end, shape, len(days))
    theory = None
    if switch is not None and block is not None:
        theory = infusion_reset_times(block, float(frozen_drive(asked.latent, switch)), switch)
    return ResetMap(
        asked, rates, days, relief.reshape(shape), lasts.reshape(shape), protection, block, theory,
        float(person.baseline[0]), course.verdicts, short, "" if short == "H0" else driver_name(setting.driver),
        model.prefix, model.sampling, switch, keys, warnings,
    )  # fmt: skip


def _same(setting: Setting, count: int) -> object:
    import jax  # a record of numbers, one for each person

    return jax.tree.map(lambda leaf: np.full(count, float(leaf)), setting.how.pain)


def _switch(short: str) -> Switch:
    wiring = wiring_of(short)
    assert isinstance(wiring, SwitchWiring)
    return wiring.switch


def _at_the_ends(
    course: BatchCourse, ends: np.ndarray, shape: tuple[int, int], durations: int
) -> tuple[np.ndarray, np.ndarray]:
    """Protection when each infusion ends, and the block that each rate has come to after the longest."""
    place = np.searchsorted(course.time_h, ends - 1e-6)
    who = np.arange(len(ends))
    protection = course.states["protection"][place, who].reshape(shape)
    block = course.states["block"][place, who].reshape(shape)[:, durations - 1]
    return protection, block
