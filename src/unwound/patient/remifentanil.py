"""Hours of remifentanil with ketamine beside it, in the typical person: levels, tolerance, hyperalgesia by the minute.

Remifentanil is a rate that is on, and then off. Ketamine comes as doses of a published model. Within a minute
everything is constant: T and the level are exact for that.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from unwound.core.arrays import Array, jax, jnp
from unwound.evidence import fill, keys_of, value
from unwound.outcomes import opioid_hyperalgesia as opioid
from unwound.outcomes.equivalents import s_equivalents
from unwound.outcomes.opioid_hyperalgesia import OpioidHyperalgesia
from unwound.patient.given_doses import covariates_of
from unwound.patient.protocol import Person
from unwound.pharmacokinetics.curves import Given, curves
from unwound.pharmacokinetics.register import model_keys, routed_model

MINUTE_H = 1.0 / 60.0


@dataclass(frozen=True)
class OpioidCourse:
    """What happened, by the minute; time 0 is the beginning of remifentanil."""

    time_h: np.ndarray
    remifentanil_mg_per_L: np.ndarray  # noqa: N815
    ketamine_um: np.ndarray
    tolerance: np.ndarray
    area: np.ndarray
    """Hyperalgesia relative to before."""

    def at(self, time_h: float, what: str) -> float:
        """One number of the course, between minutes on a straight line."""
        return float(np.interp(time_h, self.time_h, getattr(self, what)))


def opioid_course(
    rate_mg_per_kg_h: float, lasts_h: float, until_h: float, ketamine: list[Given], model: str,
    p: OpioidHyperalgesia | None = None,
) -> OpioidCourse:  # fmt: skip
    """Remifentanil at a rate for `lasts_h`, followed `until_h`, with `ketamine` of the kinetic `model` beside it."""
    p = p or fill(OpioidHyperalgesia, OpioidHyperalgesia.prefix)
    time = np.arange(round(until_h / MINUTE_H) + 1) * MINUTE_H
    beside = _equivalents(ketamine, model, time, float(p.r_potency))
    rates = np.where(time[:-1] < lasts_h - 1e-9, rate_mg_per_kg_h, 0.0)
    level, tolerance = _followed(jnp.asarray(rates), jnp.asarray(0.5 * (beside[1:] + beside[:-1])), p)
    grown = opioid.area(tolerance, opioid.occupancy(level, p), p)
    return OpioidCourse(time, np.asarray(level), beside, np.asarray(tolerance), np.asarray(grown))


def _equivalents(doses: list[Given], model: str, time: np.ndarray, r_potency: float) -> np.ndarray:
    if not doses:
        return np.zeros(len(time))
    record = routed_model(model)
    none = jnp.zeros((len(record.random_effects), 1))
    found = curves(record, doses, covariates_of(Person()), none, time).concentration
    mass = value("ketamine.molar_mass", "ng/nmol")  # ng/mL over ng/nmol is uM
    parents = ("S-ketamine", "R-ketamine")
    molar = {name: np.maximum(found[name], 0.0) / mass for name in parents if name in found}
    return np.asarray(s_equivalents(molar, r_potency))[:, 0]


@jax.jit
def _followed(rates: Array, ketamine: Array, p: OpioidHyperalgesia) -> tuple[Array, Array]:
    def minute(
        state: tuple[Array, Array], given: tuple[Array, Array]
    ) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
        level, tolerance = state
        rate, beside = given
        after = opioid.level_after(level, rate, MINUTE_H, p)
        middle = opioid.occupancy(0.5 * (level + after), p)
        both = after, opioid.tolerance_after(tolerance, middle, beside, MINUTE_H, p)
        return both, both

    nothing = jnp.zeros(())
    _, (level, tolerance) = jax.lax.scan(minute, (nothing, nothing), (rates, ketamine))
    start = jnp.zeros(1)
    return jnp.concatenate([start, level]), jnp.concatenate([start, tolerance])


def opioid_keys(*models: str) -> tuple[str, ...]:
    """Rows of evidence behind a course."""
    own = keys_of(OpioidHyperalgesia, OpioidHyperalgesia.prefix)
    return (*own, *(key for name in models for key in model_keys(routed_model(name))), "ketamine.molar_mass")
