"""The day of an operation, minute by minute: ketamine in the blood, morphine at its site, pain, and the button.

The blood of morphine and of ketamine is moved exactly over every minute (`kinetics.Absorbed`); whether somebody presses
is looked at once a minute. Ketamine comes by a pump during the operation, or with every bolus of morphine, or both.
Morphine is that of women and men of sarton2000 as `partners` has it, its slow effect site included; what reaches the
pain of ketamine itself is `antinociception` of pressure, driven by plasma.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from unwound.core.arrays import Array, jax, jnp
from unwound.evidence import fill, keys_of, value
from unwound.outcomes import antinociception
from unwound.outcomes import patient_controlled as loop
from unwound.outcomes.antinociception import Antinociception
from unwound.outcomes.patient_controlled import Button, PatientControlled, Pump, Surgical
from unwound.patient.blood import covariates
from unwound.patient.people import People
from unwound.patient.wiring import equivalents
from unwound.pharmacokinetics import routed_model
from unwound.pharmacokinetics.kinetics import Absorbed, absorbed, reachable
from unwound.pharmacokinetics.partners import partner_models
from unwound.pharmacokinetics.register import model_keys

MINUTE_H = 1.0 / 60.0
KEPT_EVERY = 10  # minutes between the rows of a course
_LANE = 512


@dataclass(frozen=True)
class KetaminePlan:
    """What is given of ketamine: a bolus and rates per kilogram during surgery and after, and with every bolus."""

    bolus_mg_per_kg: float = 0.0
    rate_mg_per_kg_h: float = 0.0
    with_morphine_mg: float = 0.0
    after_mg_per_kg_h: float = 0.0
    """A rate after surgery, as long as people are followed."""
    enantiomer: str = "S"
    model: str = "otto2021"

    @property
    def given(self) -> bool:
        """Whether there is any."""
        rates = (self.rate_mg_per_kg_h, self.after_mg_per_kg_h)
        return self.bolus_mg_per_kg > 0 or self.with_morphine_mg > 0 or max(rates) > 0


@dataclass(frozen=True)
class SurgeryCourse:
    """What happened from the beginning of surgery (time 0 is its end)."""

    time_h: np.ndarray
    pain: np.ndarray  # (times, people)
    morphine_ng_per_ml: np.ndarray  # effect site
    ketamine_um: np.ndarray  # plasma, S-equivalents
    tolerance: np.ndarray
    boluses: np.ndarray  # (minutes, people) bool
    minute_h: np.ndarray
    bolus_mg: float
    unrelieved_share: np.ndarray
    """Share of the time after the titration that pain was above the person's threshold."""

    def morphine_mg(self, hours: float = 24.0) -> np.ndarray:
        """Morphine given in the first `hours` after surgery [mg], by person."""
        inside = (self.minute_h >= 0) & (self.minute_h < hours - 1e-9)
        return np.asarray(self.bolus_mg * self.boluses[inside].sum(axis=0))


class Numbers(NamedTuple):
    """What morphine and ketamine do to pain and to tolerance."""

    loop: PatientControlled
    analgesia: Antinociception


def numbers_from_evidence() -> Numbers:
    """The values of the evidence tables."""
    return Numbers(fill(PatientControlled, PatientControlled.prefix), fill(Antinociception, Antinociception.prefix))


class _Body(NamedTuple):
    morphine: Absorbed
    ketamine: tuple[Absorbed, ...]
    weight: Array
    who: Surgical


def follow(
    people: People, who: Surgical, pump: Pump, plan: KetaminePlan, surgery_h: float, hours: float = 24.0,
    numbers: Numbers | None = None, shift: Callable[[np.ndarray], np.ndarray] | None = None,
) -> SurgeryCourse:  # fmt: skip
    """The course of `people`, who are `who` after an operation of `surgery_h` hours.

    `shift` gives a factor on everybody's C50 of morphine at times [h] after surgery: what an opioid of the operation
    has left behind (`opioid_hyperalgesia`).
    """
    numbers = numbers or numbers_from_evidence()
    minutes = np.arange(-round(surgery_h / MINUTE_H), round(hours / MINUTE_H) + 1)
    shifts = jnp.ones(len(minutes)) if shift is None else jnp.asarray(shift(minutes * MINUTE_H))
    count, pieces = people.count, []
    for begin in range(0, count, _LANE):
        index = np.minimum(np.arange(begin, begin + _LANE), count - 1)
        body = _body(people.take(index), jax.tree.map(lambda leaf, index=index: np.asarray(leaf)[index], who), plan)
        pieces.append(
            jax.tree.map(
                np.asarray, _day(body, (jnp.asarray(minutes), shifts), pump, _forms(plan), _amounts(plan), numbers)
            )
        )
    pain, morphine, ketamine, tolerance, boluses, above = (
        np.concatenate([piece[n] for piece in pieces], axis=-1)[..., :count] for n in range(6)
    )
    kept = slice(None, None, KEPT_EVERY)
    time = minutes * MINUTE_H
    return SurgeryCourse(
        time[kept], pain[kept], morphine[kept], ketamine[kept], tolerance[kept], boluses, time, float(pump.bolus), above
    )


def surgery_keys(plan: KetaminePlan) -> tuple[str, ...]:
    """Evidence keys a day rests on."""
    own = keys_of(PatientControlled, PatientControlled.prefix)
    ketamine = (*model_keys(routed_model(plan.model)), *keys_of(Antinociception, Antinociception.prefix))
    return (*own, *partner_models("morphine")[0].keys, *(ketamine if plan.given else ()), "ketamine.molar_mass")


def _body(people: People, who: Surgical, plan: KetaminePlan) -> _Body:
    """Matrices of a lane of people."""
    model: Any = routed_model(plan.model)
    forms = [form for form in model.enantiomers if plan.enantiomer in (form, "racemic")]
    ketamine = tuple(_vein(model, people, people.kinetics, form, rows=1) for form in forms)
    partner: Any = partner_models("morphine")[0]
    weight = jnp.asarray(people.weight)
    return _Body(_vein(partner, people, jnp.zeros((0, people.count)), "morphine", rows=2), ketamine, weight, who)


def _vein(model: Any, people: People, eta: Array, form: str, rows: int) -> Absorbed:
    """The blood of one drug after doses into a vein, as far as its first `rows` analytes depend on it."""
    seen = covariates(people)
    system = model.system(seen, eta, form)
    system = type(system)(system.matrix, system.readout[:rows])
    entry = model.entries(seen, eta, form, "intravenous", 1.0)[0]
    place = model.compartments().index(entry.compartment)
    matrix = np.asarray(system.matrix[..., 0])
    read = np.flatnonzero(np.asarray(system.readout[..., 0]).any(axis=0))
    matters = set(reachable(matrix.T, read.tolist()))  # against the flow: metabolites do not act back
    kept = [n for n in reachable(matrix, [place]) if n in matters]
    return absorbed(system, jnp.ones((1, people.count)), [place], kept)


def _forms(plan: KetaminePlan) -> Any:
    model: Any = routed_model(plan.model)
    forms = tuple(form for form in model.enantiomers if plan.enantiomer in (form, "racemic"))
    return equivalents(forms, value("antinociception.r_potency", "1"))


def _amounts(plan: KetaminePlan) -> tuple[float, float, float, float]:
    return plan.bolus_mg_per_kg, plan.rate_mg_per_kg_h, plan.with_morphine_mg, plan.after_mg_per_kg_h


@jax.jit
def _day(body: _Body, clock: tuple[Array, Array], pump: Pump, equal: Any, amounts: Any, numbers: Numbers) -> Any:
    p, analgesia = numbers
    minutes, _ = clock
    share = 1.0 / len(body.ketamine)
    first, infused, beside, later_on = amounts
    steps = [jax.tree.map(lambda leaf: leaf[0], one.steps(jnp.asarray([MINUTE_H])))
             for one in (body.morphine, *body.ketamine)]  # fmt: skip

    def minute(carry: Any, tick: tuple[Array, Array]) -> Any:
        morphine, ketamine, button = carry
        n, shift = tick
        time = n * MINUTE_H
        level = equal.of(tuple(one.read(held) for one, held in zip(body.ketamine, ketamine, strict=True)))
        site = 1000.0 * jnp.maximum(body.morphine.read(morphine).followers[0], 0.0)
        relief = antinociception.relief(level, analgesia.pressure_half, analgesia)
        pain = loop.felt(time, site / shift, relief, button.reversed, body.who, p)
        gives = loop.pressed(time, pain, button.since_bolus, body.who, pump)
        amount = jnp.where(gives, pump.bolus, 0.0)
        extra = share * (jnp.where(n == minutes[0], first, 0.0) * body.weight + jnp.where(gives, beside, 0.0))
        rate = share * jnp.where(time < 0.0, infused, later_on) * body.weight
        nothing = jnp.zeros_like(rate)
        morphine = body.morphine.moved(body.morphine.given(morphine, amount), steps[0], nothing)
        ketamine = tuple(
            one.moved(one.given(held, extra), step, rate)
            for one, held, step in zip(body.ketamine, ketamine, steps[1:], strict=True)
        )
        after = Button(
            reversed=loop.reversal(button.reversed, level, MINUTE_H, p),
            since_bolus=jnp.where(gives, 0.0, button.since_bolus) + MINUTE_H,
        )
        row = (pain, site, level, loop.tolerance(button.reversed, body.who), gives)
        return (morphine, ketamine, after), row

    none = jnp.zeros_like(body.weight)
    start = (body.morphine.empty(), tuple(one.empty() for one in body.ketamine), Button(none, none + jnp.inf))
    _, (pain, site, level, tolerance, gives) = jax.lax.scan(minute, start, clock)
    later = (minutes * MINUTE_H >= pump.titration_time)[:, None]
    above = jnp.sum((pain > body.who.threshold) & later, axis=0) / jnp.sum(later)
    return pain, site, level, tolerance, gives, above
