r"""Which assumption sets the relief: global sensitivity of the slow memory over the ranges of its evidence.

Every number of the hypothesis, its driver and the pain scale that has a range is drawn evenly within it, all at once
(Saltelli's scheme on a Sobol sequence), and one typical person gets the same regimen under every draw. Of each answer Y

    S1 = Var(E[Y | x]) / Var(Y)          what x explains alone
    ST = E[Var(Y | others)] / Var(Y)     what x explains with all its interactions

with 95 % bootstrap intervals (SALib). One at a time, at both ends of its range, gives the tornado. The ranges are
independent here, and many draws do not describe anybody in chronic pain (no pain state at the start): they count in
S1 and ST as they are, without relief to gain. Within those who are in pain, PAWN compares distributions instead of
variances (median Kolmogorov-Smirnov distance between Y and Y given x), which needs no scheme.

Source: the SALib package (Sobol indices by the estimators of Saltelli; PAWN).
Leaves out: kinetics and differences between people, flares, placebo; that ranges chosen by us are not probabilities.
"""

from __future__ import annotations

import dataclasses
import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from unwound import evidence
from unwound.core.arrays import jax, jnp
from unwound.core.errors import InputError, Problem
from unwound.core.verdicts import Verdict
from unwound.evidence import keys_of
from unwound.outcomes.pain import Pain
from unwound.patient.batch import Batch, BatchCourse, follow, many, many_wirings
from unwound.patient.bedside import clock_of, give
from unwound.patient.blood import blood_of, compile_for
from unwound.patient.mesh import Accuracy
from unwound.patient.people import People
from unwound.patient.protocol import Person
from unwound.patient.reset_map import RELIEF, person_with
from unwound.patient.setting import Progress, Setting, outcome_keys
from unwound.patient.wiring import driver_name, hypothesis_keys, hypothesis_name, wiring_of
from unwound.pharmacokinetics.register import model_keys, routed_model
from unwound.regimen import Regimen
from unwound.sensitization.flares import Flares

OUTCOMES = {
    "relief_days": "days of relief after the end, within a year",
    "week_1_relief": "share of pain relieved one week after the end",
    "remission": "relief for the whole year after (1 or 0)",
}
"""Name -> what is asked of every draw."""
SAMPLES = 512
"""Base samples of the scheme; (numbers + 2) times as many people are computed."""
YEAR_D = 365.0
_ACCURACY = Accuracy(longest=12.0, tolerance=1e-4)
_PAIN_FIELDS = ("acute_block", "acute_half", "power")
"""Numbers of the pain scale that a person with a known baseline still feels."""
_IN_PAIN = 0.3  # synaptic gain at the start from which somebody counts as in the pain state


@dataclass(frozen=True)
class Factor:
    """One number that is varied."""

    key: str
    about: str
    unit: str
    value: float
    low: float
    high: float
    basis: str


@dataclass(frozen=True)
class Index:
    """Indices of one outcome, one number per factor; `tornado` is the outcome at (low, high), one at a time."""

    typical: float
    first: np.ndarray
    first_error: np.ndarray  # half of the 95 % interval
    total: np.ndarray
    total_error: np.ndarray
    tornado: np.ndarray  # (factors, 2)
    pawn: np.ndarray
    pawn_noise: float
    """What PAWN makes of a number that plays no part."""
    mean: float
    sd: float


@dataclass(frozen=True)
class Sensitivity:
    """What came out."""

    factors: tuple[Factor, ...]
    outcomes: Mapping[str, Index]
    samples: int
    people: int
    in_pain: float
    """Share of the draws in which there is a pain state to be relieved."""
    failed: int
    hypothesis: str
    driver: str
    model: str
    sampling: str
    seed: int
    keys: tuple[str, ...]
    regimen: tuple[str, ...]
    warnings: tuple[str, ...] = ()


def factors_of(hypothesis: str, driver: str, r_counts: bool) -> tuple[Factor, ...]:
    """The numbers with a range that the hypothesis, its driver and the pain scale rest on; f only where R is given."""
    short = hypothesis_name(hypothesis)
    flares = set(keys_of(Flares, Flares.prefix))
    keys = [key for key in hypothesis_keys(short, driver) if key not in flares]
    keys += [f"{Pain.prefix}.{name}" for name in _PAIN_FIELDS if not (short == "H0" and name == "power")]
    found = []
    for key in keys:
        row = evidence.estimate(key)
        span = row.spread.interval if row.spread else None
        if span is None or span.low == span.high or (key.endswith(".r_potency") and not r_counts):
            continue
        found.append(Factor(key, row.about, row.unit, row.value, span.low, span.high, row.basis))
    return tuple(found)


def people_needed(setting: Setting, samples: int, r_counts: bool = False) -> int:
    """How many people a run computes."""
    count = len(factors_of(setting.hypothesis, setting.driver, r_counts))
    return samples * (count + 2) + 2 * count + 1


def sensitivity(
    person: Person,
    regimen: Regimen,
    setting: Setting | None = None,
    samples: int = SAMPLES,
    latent: float = 1.0,
    progress: Progress | None = None,
) -> Sensitivity:
    """Indices of every factor for relief of a typical person long in pain (`latent`), under `regimen`.

    Raises `InputError` where SALib is missing, the regimen has rules, or a dose is unsafe.
    """
    _require_salib()
    setting = setting or Setting()
    if regimen.rules:
        raise InputError(Problem("rules", len(regimen.rules), "rules follow pain, and each draw has its own",
                                 "leave the rules out: only the planned doses are varied over"))  # fmt: skip
    short, model = hypothesis_name(setting.hypothesis), routed_model(setting.model)
    warnings = tuple(str(warning) for warning in person.limit_warnings(regimen))
    regimen = person.dosed(regimen)
    blood = blood_of(model, compile_for(model, regimen), metabolites=False)
    forms = tuple(plan.form for plan in blood.plans)
    factors = factors_of(short, setting.driver, set(forms) != {"S"})
    design, problem = _design(factors, samples, setting.seed)
    one = person_with(latent, person.weight_kg, len(model.random_effects), setting)
    if person.pain is not None:
        one = dataclasses.replace(one, baseline=jnp.full(1, person.pain.value))
    batch = _batch(design, factors, one, blood, regimen, setting, short, forms)
    end = float(regimen.end)
    at = end + 24.0 * np.arange(YEAR_D + 1.0)
    course = follow(batch, at, _ACCURACY, setting.threads, progress)
    answers = _answers(course, end)
    gain = course.states.get("synaptic_gain")
    in_pain = np.ones(len(design), bool) if gain is None else gain[0] > _IN_PAIN
    head = len(design) - 2 * len(factors) - 1
    keys = (*model_keys(model), "ketamine.molar_mass", *hypothesis_keys(short, setting.driver), *outcome_keys())
    return Sensitivity(
        factors=factors,
        outcomes={name: _index(problem, design, values, in_pain, head, setting.seed)
                  for name, values in answers.items()},
        samples=samples,
        people=len(design),
        in_pain=float(in_pain[:head].mean()),
        failed=int((course.verdicts >= Verdict.INACCURATE).sum()),
        hypothesis=short,
        driver="" if short == "H0" else driver_name(setting.driver),
        model=model.prefix,
        sampling=model.sampling,
        seed=setting.seed,
        keys=keys,
        regimen=tuple(regimen.describe()),
        warnings=warnings,
    )  # fmt: skip


def _require_salib() -> None:
    if importlib.util.find_spec("SALib") is None:
        rule = "global sensitivity needs SALib, which is not installed"
        raise InputError(Problem("sensitivity", "SALib", rule, "pip install 'unwound[analysis]'"))


def _design(factors: tuple[Factor, ...], samples: int, seed: int) -> tuple[np.ndarray, dict[str, Any]]:
    """Saltelli's rows, then the tornado (low, high of each factor), then the typical values: (people, factors)."""
    if samples < 8 or samples & (samples - 1):
        remedy = f"write {2 ** max(3, round(np.log2(max(samples, 8))))}"
        raise InputError(Problem("samples", samples, "a Sobol sequence is even only at powers of two from 8", remedy))
    from SALib.sample import sobol

    problem = {"num_vars": len(factors), "names": [f.key for f in factors],
               "bounds": [[f.low, f.high] for f in factors]}  # fmt: skip
    rows = sobol.sample(problem, samples, calc_second_order=False, scramble=True, seed=seed)
    typical = np.array([f.value for f in factors])
    ends = np.repeat(typical[None], 2 * len(factors), axis=0)
    for n, factor in enumerate(factors):
        ends[2 * n, n], ends[2 * n + 1, n] = factor.low, factor.high
    return np.concatenate([rows, ends, typical[None]]), problem


def _batch(
    design: np.ndarray, factors: tuple[Factor, ...], one: People, blood: Any, regimen: Regimen, setting: Setting,
    short: str, forms: tuple[str, ...],
) -> Batch:  # fmt: skip
    count = len(design)
    own = {factor.key: design[:, n] for n, factor in enumerate(factors)}
    compiled = compile_for(blood.model, regimen)
    clock, typical = clock_of(compiled, blood.plans), wiring_of(short, forms, driver=setting.driver)
    limit = setting.how.psychomimetic.intolerable_concentration * one.sensitivity
    given = give(blood.of(one), typical.felt, one.dosing_weight, jnp.ones(1), limit, clock)

    def repeated(part: Any) -> np.ndarray:
        return np.repeat(np.asarray(part), count, axis=-1)

    pain = jax.tree.map(lambda leaf: np.full(count, float(leaf)), setting.how.pain)
    pain = dataclasses.replace(pain, **{
        name: own[f"{Pain.prefix}.{name}"] for name in _PAIN_FIELDS if f"{Pain.prefix}.{name}" in own
    })  # fmt: skip
    return Batch(
        people=many(one, count),
        wiring=many_wirings(short, forms, count, setting.own_driver or setting.driver, {**setting.own, **own}),
        blood=blood,
        times=compiled.times,
        rates=tuple(repeated(part) for part in given.rates),
        doses=tuple(repeated(part) for part in given.doses),
        pain=pain,
    )


def _answers(course: BatchCourse, end: float) -> dict[str, np.ndarray]:
    """The outcomes of every draw."""
    days, lasts = course.relief(np.full(course.pain_nrs.shape[1], end), RELIEF)
    week = int(np.argmin(np.abs(course.time_h - (end + 168.0))))
    return {
        "relief_days": days,
        "week_1_relief": 1.0 - course.pain_nrs[week] / course.pain_nrs[0],
        "remission": lasts.astype(float),
    }


def _index(
    problem: dict[str, Any], design: np.ndarray, values: np.ndarray, in_pain: np.ndarray, head: int, seed: int
) -> Index:
    from SALib.analyze import sobol

    rows = values[:head]
    none = np.zeros(problem["num_vars"])
    found: dict[str, Any] = {"S1": none, "S1_conf": none, "ST": none, "ST_conf": none}
    if rows.std() > 0.0:
        found = sobol.analyze(problem, rows, calc_second_order=False, num_resamples=200, seed=seed)
    *own, noise = _pawn(problem, design[:head][in_pain[:head]], rows[in_pain[:head]], seed)
    return Index(
        typical=float(values[-1]),
        first=np.asarray(found["S1"]),
        first_error=np.asarray(found["S1_conf"]),
        total=np.asarray(found["ST"]),
        total_error=np.asarray(found["ST_conf"]),
        tornado=values[head:-1].reshape(-1, 2),
        pawn=np.array(own),
        pawn_noise=float(noise),
        mean=float(rows.mean()),
        sd=float(rows.std()),
    )


def _pawn(problem: dict[str, Any], drawn: np.ndarray, values: np.ndarray, seed: int) -> np.ndarray:
    """The median PAWN index of every factor among these draws, and of a number that plays no part."""
    from SALib.analyze import pawn

    count = problem["num_vars"] + 1
    if len(values) < 200 or values.std() == 0.0:
        return np.zeros(count)
    idle = np.random.default_rng(seed).random(len(values))
    names, bounds = [*problem["names"], "idle"], [*problem["bounds"], [0.0, 1.0]]
    more = {"num_vars": count, "names": names, "bounds": bounds}
    found = pawn.analyze(more, np.column_stack([drawn, idle]), values, S=10, seed=seed)
    return np.asarray(found["median"])
