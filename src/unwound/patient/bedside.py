"""What happens at the bedside: fixed rates, titration by rule, and what the person feels.

The rule looks at each assessment (a breakpoint shared by everybody) at the concentration at that moment; rates are an
array (interval, patient) on one clock. Exposure is exact, so this is one multiplication per mode and interval.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from unwound.core.arrays import Array, jax, jnp
from unwound.core.signals import CompiledRegimen, TitrationRule
from unwound.pharmacokinetics.exposure import Exposure
from unwound.pharmacokinetics.modes import propagator


class Bedside(NamedTuple):
    """What was given and felt, per patient."""

    rates: Array  # (intervals, patients) mg/h
    doses: Array  # (intervals, patients) mg
    peak: Array  # (patients,) mg/L, the highest concentration reached
    level: Array  # (rules, patients) rate at which each titration ended, mg/h or mg/kg/h
    stepped_back: Array  # (rules, patients) whether it stepped back


class Rule(NamedTuple):
    """A titration rule on the clock."""

    levels: Array  # (steps,) mg/h or mg/kg/h
    per_kg: Array  # ()
    active: Array  # (intervals,)
    assess: Array  # (intervals,) whether the rule decides at the start of the interval
    step_back: Array  # ()


def rule_on_clock(rule: TitrationRule, times: np.ndarray) -> Rule:
    """The rule as flags on the intervals between `times` [h]."""
    starts, digits = times[:-1], 9
    return Rule(
        levels=jnp.asarray(rule.levels, float),
        per_kg=jnp.asarray(float(rule.per_kg)),
        active=jnp.asarray((starts >= rule.start - 1e-9) & (starts < rule.end - 1e-9)),
        assess=jnp.asarray(np.isin(np.round(starts, digits), np.round(rule.assessments, digits))),
        step_back=jnp.asarray(rule.step_back),
    )


def clock_of(regimen: CompiledRegimen) -> tuple[Array, tuple[Any, ...], tuple[Rule, ...]]:
    """(interval lengths [h], inputs per enantiomer, rules): the regimen as arrays for `give`."""
    inputs = tuple(
        (jnp.asarray(i.rate), jnp.asarray(i.rate_per_kg), jnp.asarray(i.bolus), jnp.asarray(i.bolus_per_kg))
        for i in (regimen.inputs.get(e) for e in regimen.enantiomers)
        if i is not None
    ) or ((jnp.zeros(len(regimen.times) - 1),) * 4,)
    return (
        jnp.asarray(np.diff(regimen.times)),
        inputs,
        tuple(rule_on_clock(rule, regimen.times) for rule in regimen.titrations),
    )


def give(
    exposure: Exposure, weight: Array, treated: Array, intolerable: Array, lengths: Array, inputs: Any, rules: Any
) -> Bedside:
    """Give a regimen to people of `weight` [kg]; those with `treated` 0 receive saline by the same rules.

    `intolerable` [mg/L] is each person's limit: above it at an assessment, a titration steps back and stays.
    """
    rate, rate_per_kg, bolus, bolus_per_kg = inputs
    rates = (rate[:, None] + rate_per_kg[:, None] * weight) * treated
    doses = (bolus[:, None] + bolus_per_kg[:, None] * weight) * treated
    levels, backs = [], []
    peak = _peak(exposure, lengths, rates, doses)
    for rule in rules:
        rates, peak, level, back = _titrate(exposure, weight, treated, intolerable, lengths, rates, doses, rule)
        levels.append(level)
        backs.append(back)
    none = jnp.zeros((0, *weight.shape))
    return Bedside(rates, doses, peak, jnp.stack(levels) if levels else none, jnp.stack(backs) if backs else none > 0)


def _peak(exposure: Exposure, lengths: Array, rates: Array, doses: Array) -> Array:
    def interval(carry: Any, x: Any) -> tuple[Any, None]:
        w, peak = carry
        length, rate, dose = x
        w = w + exposure.modes.gain * dose
        after_dose = jnp.sum(w, axis=0)
        step = propagator(exposure.modes, exposure.followers[:0], length)
        w = step.decay * w + step.driven * rate
        return (w, jnp.maximum(peak, jnp.maximum(after_dose, jnp.sum(w, axis=0)))), None

    w0 = jnp.zeros_like(exposure.modes.rate)
    (_, peak), _ = jax.lax.scan(interval, (w0, jnp.zeros(w0.shape[1:])), (lengths, rates, doses))
    return peak


def _titrate(
    exposure: Exposure, weight: Array, treated: Array, intolerable: Array, lengths: Array, rates: Array, doses: Array,
    rule: Rule,
) -> tuple[Array, Array, Array, Array]:  # fmt: skip
    top = rule.levels.shape[0] - 1
    size = jnp.where(rule.per_kg > 0, weight, 1.0)

    def interval(carry: Any, x: Any) -> tuple[Any, Array]:
        w, level, held, peak = carry
        length, base, dose, active, assess = x
        too_much = assess & (jnp.sum(w, axis=0) > intolerable)
        lower = jnp.maximum(level - rule.step_back, 0)
        higher = jnp.where(held, level, jnp.minimum(level + 1, top))
        level = jnp.where(assess, jnp.where(too_much, lower, higher), level)
        held = held | too_much
        rate = base + jnp.where(active, rule.levels[level], 0.0) * size * treated
        w = w + exposure.modes.gain * dose
        after_dose = jnp.sum(w, axis=0)
        step = propagator(exposure.modes, exposure.followers[:0], length)
        w = step.decay * w + step.driven * rate
        peak = jnp.maximum(peak, jnp.maximum(after_dose, jnp.sum(w, axis=0)))
        return (w, level, held, peak), rate

    w0 = jnp.zeros_like(exposure.modes.rate)
    none = jnp.zeros(w0.shape[1:])
    start = (w0, jnp.zeros(none.shape, int), none > 0, none)
    (_, level, held, peak), given = jax.lax.scan(interval, start, (lengths, rates, doses, rule.active, rule.assess))
    return given, peak, rule.levels[level], held
