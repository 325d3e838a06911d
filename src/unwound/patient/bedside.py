"""What happens at the bedside: fixed doses, and titration by rule.

The rule looks at each assessment (a breakpoint shared by everybody) at what is felt at that moment; rates are an array
(interval, patient) on one clock, with an axis of channels between where doses enter by other ways than a vein. Exposure
is exact, so this is one multiplication per mode and interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from unwound.core.arrays import Array, jax, jnp
from unwound.core.signals import CompiledRegimen, Input, TitrationRule
from unwound.patient.blood import Plan
from unwound.pharmacokinetics.kinetics import Kinetics

TIME_DIGITS = 9


class Bedside(NamedTuple):
    """What was given, per patient."""

    rates: tuple[Array, ...]  # per form: (intervals, patients) or (intervals, channels, patients) mg/h
    doses: tuple[Array, ...]  # the same, mg
    level: Array  # (rules, patients) rate at which each titration ended, mg/h or mg/kg/h
    stepped_back: Array  # (rules, patients) whether it stepped back
    total: Array  # (patients,) mg given


class Rule(NamedTuple):
    """A titration rule on the clock."""

    levels: Array  # (steps,) mg/h or mg/kg/h
    per_kg: Array  # ()
    active: Array  # (intervals,)
    assess: Array  # (intervals,) whether the rule decides at the start of the interval
    step_back: Array  # ()
    shares: Array  # (forms,) how its rate is divided


class Clock(NamedTuple):
    """A regimen as arrays: interval lengths, what each form receives by each channel, the rules."""

    lengths: Array  # (intervals,) h
    distinct: Array  # (some,) h, the lengths that occur
    which: Array  # (intervals,) into `distinct`
    inputs: tuple[tuple[Array, Array, Array, Array], ...]  # per form: rate, per kg, bolus, per kg; like `Bedside.rates`
    counts: tuple[Array, ...]  # per form: (channels,) 1 where a channel counts to the dose, 0 for its other parts
    rules: tuple[Rule, ...]


def rule_on_clock(rule: TitrationRule, times: np.ndarray, forms: Sequence[str] = ("S",)) -> Rule:
    """The rule as flags on the intervals between `times` [h]; a racemate is divided between S and R."""
    starts = times[:-1]
    halves: dict[str, float]
    halves = {"S": 0.5, "R": 0.5} if rule.enantiomer == "racemic" and "racemic" not in forms else {rule.enantiomer: 1.0}
    return Rule(
        levels=jnp.asarray(rule.levels, float),
        per_kg=jnp.asarray(float(rule.per_kg)),
        active=jnp.asarray((starts >= rule.start - 1e-9) & (starts < rule.end - 1e-9)),
        assess=jnp.asarray(np.isin(np.round(starts, TIME_DIGITS), np.round(rule.assessments, TIME_DIGITS))),
        step_back=jnp.asarray(rule.step_back),
        shares=jnp.asarray([halves.get(form, 0.0) for form in forms]),
    )


def clock_of(regimen: CompiledRegimen, plans: Sequence[Plan]) -> Clock:
    """The regimen on its clock, for the forms and channels of `plans`."""
    lengths = np.diff(regimen.times)
    distinct, which = np.unique(np.round(lengths, TIME_DIGITS), return_inverse=True)
    nothing = Input(*(np.zeros(len(lengths)),) * 4)
    inputs, counts = [], []
    for plan in plans:
        ways = [regimen.inputs.get(plan.form, nothing)] if plan.vein else []
        ways += [channel.given for channel in plan.absorbed]
        columns = ([getattr(way, name) for way in ways] for name in ("rate", "rate_per_kg", "bolus", "bolus_per_kg"))
        arrays = tuple(jnp.asarray(np.stack(column, axis=1)) for column in columns)
        inputs.append(arrays if plan.absorbed else tuple(array[:, 0] for array in arrays))
        counts.append(jnp.asarray([1.0] * plan.vein + [float(channel.part == 0) for channel in plan.absorbed]))
    rules = tuple(rule_on_clock(rule, regimen.times, [plan.form for plan in plans]) for rule in regimen.titrations)
    return Clock(jnp.asarray(lengths), jnp.asarray(distinct), jnp.asarray(which), tuple(inputs), tuple(counts), rules)


def give(
    kinetics: tuple[Kinetics, ...], felt: Any, weight: Array, treated: Array, intolerable: Array, clock: Clock
) -> Bedside:
    """Give a regimen to people of `weight` [kg]; those with `treated` 0 receive saline by the same rules.

    `felt` turns readings into what is felt [uM]; `intolerable` [uM] is each person's limit: above it at an assessment,
    a titration steps back and stays.
    """
    rates = tuple((i[0][..., None] + i[1][..., None] * weight) * treated for i in clock.inputs)
    doses = tuple((i[2][..., None] + i[3][..., None] * weight) * treated for i in clock.inputs)
    levels, backs = [], []
    for rule in clock.rules:
        rates, level, back = _titrate(kinetics, felt, weight, treated, intolerable, clock, rates, doses, rule)
        levels.append(level)
        backs.append(back)
    none = jnp.zeros((0, *weight.shape))
    total = total_of(rates, doses, clock, weight)
    return Bedside(rates, doses, jnp.stack(levels) if levels else none, jnp.stack(backs) if backs else none > 0, total)


def total_of(rates: tuple[Array, ...], doses: tuple[Array, ...], clock: Clock, weight: Array) -> Array:
    """What is given in all, (patients,) mg."""
    total = jnp.zeros_like(weight)
    for rate, dose, counts in zip(rates, doses, clock.counts, strict=True):
        amounts = jnp.sum(rate * clock.lengths.reshape(-1, *([1] * (rate.ndim - 1))) + dose, axis=0)
        total = total + (amounts if amounts.ndim == 1 else jnp.sum(counts[:, None] * amounts, axis=0))
    return total


def _titrate(
    kinetics: tuple[Kinetics, ...], felt: Any, weight: Array, treated: Array, intolerable: Array, clock: Clock,
    rates: tuple[Array, ...], doses: tuple[Array, ...], rule: Rule,
) -> tuple[tuple[Array, ...], Array, Array]:  # fmt: skip
    top = rule.levels.shape[0] - 1
    size = jnp.where(rule.per_kg > 0, weight, 1.0)
    parents = tuple(blood.parent_only() for blood in kinetics)
    steps = tuple(blood.steps(clock.distinct) for blood in parents)

    def interval(carry: Any, x: Any) -> tuple[Any, Any]:
        held, level, stays = carry
        which, base, dose, active, assess = x
        felt_now = felt.of(tuple(blood.read(state) for blood, state in zip(parents, held, strict=True)))
        too_much = assess & (felt_now > intolerable)
        lower = jnp.maximum(level - rule.step_back, 0)
        higher = jnp.where(stays, level, jnp.minimum(level + 1, top))
        level = jnp.where(assess, jnp.where(too_much, lower, higher), level)
        stays = stays | too_much
        more = jnp.where(active, rule.levels[level], 0.0) * size * treated
        given, after = [], []
        for n, (blood, state) in enumerate(zip(parents, held, strict=True)):
            part = rule.shares[n] * more
            rate = base[n] + part if base[n].ndim == 1 else base[n].at[0].add(part)
            step = jax.tree.map(lambda leaf: leaf[which], steps[n])
            after.append(blood.moved(blood.given(state, dose[n]), step, rate))
            given.append(rate)
        return (tuple(after), level, stays), tuple(given)

    none = jnp.zeros_like(weight)
    start = (tuple(blood.empty() for blood in parents), jnp.zeros(none.shape, int), none > 0)
    (_, level, stays), given = jax.lax.scan(interval, start, (clock.which, rates, doses, rule.active, rule.assess))
    return given, rule.levels[level], stays
