"""A population drawn, as a table: one row a person, units in the names of the columns.

Days with an attack are log-normal between people and never more than a month has; the week of leaving is exponential,
with the rate of the dropout by week 12.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from unwound.core.arrays import Array, jax, jnp
from unwound.core.random import patient_keys, root_key, stream
from unwound.evidence import fill, value
from unwound.outcomes import Placebo
from unwound.outcomes.pain import HIGHEST, lowered
from unwound.outcomes.placebo import response
from unwound.population.disorder import draw
from unwound.population.populations import Population
from unwound.regimen.dosing_weight import Sex, ideal_weight, lean_weight

DAYS_IN_A_MONTH = 365.25 / 12.0
_PLACEBO_AT = "adults.placebo_at"


@dataclass(frozen=True)
class Sampled:
    """People as columns."""

    columns: dict[str, np.ndarray]
    units: dict[str, str]

    def summary(self) -> dict[str, dict[str, float]]:
        """Mean, standard deviation, median and 5 to 95 % of every column."""
        return {name: _moments(values) for name, values in self.columns.items()}


def sampled(seed: int, patients: int, found: Population, model: str = "otto2021") -> Sampled:
    """`patients` people of a population as a table. Raises `InputError` for none."""
    ids = np.arange(patients)
    people = draw(seed, ids, found.who, model)
    weight, height, female = (np.asarray(getattr(people, name)) for name in ("weight", "height", "female"))
    sexes: list[Sex] = ["female" if woman > 0.5 else "male" for woman in female]
    keys = patient_keys(root_key(seed), ids)
    leaving = -math.log1p(-found.who.dropout_12_weeks) / 12.0
    columns = {
        "age_y": (people.age, "y"),
        "female": (female, "1"),
        "weight_kg": (weight, "kg"),
        "height_cm": (height, "cm"),
        "bmi_kg_per_m2": (weight / (height / 100.0) ** 2, "kg/m^2"),
        "lean_weight_kg": ([lean_weight(float(w), float(h), s) for w, h, s in _each(weight, height, sexes)], "kg"),
        "ideal_weight_kg": ([ideal_weight(float(h), s) for _, h, s in _each(weight, height, sexes)], "kg"),
        "duration_y": (people.duration, "y"),
        "baseline_points": (people.baseline, "points"),
        "responder": (np.asarray(people.non_nmda_share) < found.who.non_responder_non_nmda_share, "1"),
        "placebo_size_log_odds": (people.placebo_size, "1"),
        "placebo_change_points": (_placebo_change(people, found), "points"),
        "leaves_after_weeks": (_exponential(keys) / max(leaving, 1e-12), "1"),
    }
    if found.attacks is not None:
        columns["attacks_per_month"] = (attack_days_of(keys, found.attacks.per_month, found.attacks.cv), "1")
    table = {name: np.asarray(values, float) for name, (values, _) in columns.items()}
    return Sampled(table, {name: unit for name, (_, unit) in columns.items()})


def _each(weight: np.ndarray, height: np.ndarray, sexes: list[Sex]) -> list[tuple[float, float, Sex]]:
    return list(zip(weight, height, sexes, strict=True))


def _placebo_change(people: object, found: Population) -> np.ndarray:
    """How far each person's score falls under placebo alone, at the usual time."""
    at, one = value(_PLACEBO_AT, "d"), np.asarray(1.0)
    course = response(np.asarray(at), one, 0.0 * one, fill(Placebo, Placebo.prefix))
    baseline, size = (np.asarray(getattr(people, name)) for name in ("baseline", "placebo_size"))
    scale = found.scale.most / HIGHEST
    fallen = lowered(jnp.asarray(baseline / scale), jnp.asarray(size * float(course)))
    return np.asarray(baseline - scale * np.asarray(fallen))


@jax.jit
def _exponential(keys: Array) -> Array:
    drawn: Array = jax.vmap(lambda key: jax.random.exponential(stream(key, "dropout")))(keys)
    return drawn


@jax.jit
def attack_days_of(keys: Array, per_month: float, cv: float) -> Array:
    """Days with an attack in a month, by person."""
    spread = jnp.sqrt(jnp.log1p(cv**2))
    drawn = jax.vmap(lambda key: jax.random.normal(stream(key, "attacks")))(keys)
    days: Array = jnp.minimum(per_month * jnp.exp(spread * drawn - spread**2 / 2.0), DAYS_IN_A_MONTH)
    return days


def _moments(values: np.ndarray) -> dict[str, float]:
    low, middle, high = np.percentile(values, (5, 50, 95))
    spread = float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
    return {"mean": float(values.mean()), "sd": spread, "median": float(middle), "p05": float(low), "p95": float(high)}
