"""Rules at the bedside: what is heard at an assessment, who acts, and what that changes of the rates to come.

Every person keeps three things on the shared clock: `scale`, what is left of the plan (1; raised, lowered, 0 after a
stop), `open`, whether the pump is held, and `extra`, what boosters and rescue doses add. Then

    rates = planned x scale x open + extra

so that somebody for whom no rule ever acts is given exactly what was planned. Intervals before an act are never
touched. A change reaches the intervals whose dose was taken at the act or later: what was swallowed is not taken back.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from unwound.core.arrays import Array, jax, jnp
from unwound.core.signals import Channel, CompiledRegimen, DosingRule, Input, Key
from unwound.patient.blood import Plan

SAME_H = 1e-7
SIZES = ("rate", "rate_per_kg", "bolus", "bolus_per_kg")


class Adapted(NamedTuple):
    """What the rules have changed so far, for each form of the drug like `Bedside.rates`."""

    scale: tuple[Array, ...]
    open: tuple[Array, ...]
    extra_rates: tuple[Array, ...]
    extra_doses: tuple[Array, ...]
    level: Array  # (patients,) share of the plan that is given from now on
    stopped: Array  # (patients,)
    held_back: Array  # (patients,) a cautious rule has acted at this assessment
    counts: Array  # (rules, patients)
    last: Array  # (rules, patients) h, when each rule acted last


class Heard(NamedTuple):
    """What is known of everybody at an assessment."""

    pain: Array  # points
    fallen: Array  # percent of the pain at the start
    felt: Array  # relative to what the person would report
    intolerable: Array  # relative to what the person cannot bear


class Slots(NamedTuple):
    """What a giving rule adds at each of its assessments, per form: (assessments, intervals[, channels]) each."""

    sizes: tuple[tuple[Array, Array, Array, Array], ...]


class Book(NamedTuple):
    """The rules of a regimen, ready to be applied."""

    rules: tuple[DosingRule, ...]
    slots: tuple[Slots, ...]
    starts: np.ndarray  # (intervals,) h
    origins: tuple[Array, ...]  # per form: (intervals[, channels]) h

    @property
    def pauses(self) -> np.ndarray:
        """All times [h] at which somebody is asked."""
        return np.unique(np.round(np.concatenate([rule.assessments for rule in self.rules]), 9))

    def due(self, at: float) -> list[tuple[int, int]]:
        """(rule, which of its assessments) at a time, cautious rules first, then in the order of the file."""
        found = []
        for number, rule in enumerate(self.rules):
            place = np.flatnonzero(np.abs(rule.assessments - at) < SAME_H)
            found += [(number, int(k)) for k in place]
        return sorted(found, key=lambda item: (not self.rules[item[0]].cautious, item[0]))


def book_of(regimen: CompiledRegimen, plans: Sequence[Plan]) -> Book:
    """The rules of `regimen` for the forms and channels of `plans`."""
    starts = np.asarray(regimen.times[:-1])
    keys = [_keys_of(plan) for plan in plans]
    origins = []
    for own, plan in zip(keys, plans, strict=True):
        columns = np.stack([regimen.origins.get(key, starts) if not isinstance(key, str) else starts for key in own], 1)
        origins.append(jnp.asarray(columns if plan.absorbed else columns[:, 0]))
    slots = []
    for rule in regimen.rules:
        sizes = []
        for own, plan in zip(keys, plans, strict=True):
            sizes.append(tuple(_stacked(rule, own, name, len(starts), bool(plan.absorbed)) for name in SIZES))
        slots.append(Slots(tuple(sizes) if rule.slots else ()))
    return Book(regimen.rules, tuple(slots), starts, tuple(origins))


def _keys_of(plan: Plan) -> list[Key]:
    vein: list[Key] = [plan.form] if plan.vein else []
    return [*vein, *(_key(channel) for channel in plan.absorbed)]


def _key(channel: Channel) -> Key:
    return (channel.enantiomer, channel.route, channel.part, channel.size, channel.per_kg)


def _stacked(rule: DosingRule, keys: Sequence[Key], name: str, intervals: int, channels: bool) -> Array:
    """One size of what a rule adds: (assessments, intervals[, channels])."""
    nothing = Input(*(np.zeros(intervals),) * 4)
    found = np.stack(
        [np.stack([getattr(slot.get(key, nothing), name) for key in keys], 1) for slot in rule.slots]
        or [np.zeros((intervals, len(keys)))]
    )
    return jnp.asarray(found if channels else found[..., 0])


def begun(rates: tuple[Array, ...], rules: int, weight: Array) -> Adapted:
    """Nothing changed yet."""
    ones = tuple(jnp.ones_like(rate) for rate in rates)
    none = tuple(jnp.zeros_like(rate) for rate in rates)
    no = jnp.zeros(weight.shape, bool)
    return Adapted(
        ones, ones, none, none, jnp.ones_like(weight), no, no, jnp.zeros((rules, *weight.shape), int),
        jnp.full((rules, *weight.shape), -jnp.inf),
    )  # fmt: skip


def given(adapted: Adapted, planned: tuple[Array, ...], extra: tuple[Array, ...]) -> tuple[Array, ...]:
    """Rates (or doses) under the rules."""
    return tuple(p * s * o + e for p, s, o, e in zip(planned, adapted.scale, adapted.open, extra, strict=True))


def act(
    book: Book, number: int, k: int, adapted: Adapted, heard: Heard, weight: Array, treated: Array
) -> tuple[Adapted, Array]:
    """Rule `number` at its assessment `k`: (what has changed, who it acts for)."""
    rule = book.rules[number]
    value = getattr(heard, rule.quantity)
    holds = value > rule.threshold if rule.above else value < rule.threshold
    when = float(rule.assessments[k]) + rule.delay
    fires = holds & ~adapted.stopped & (adapted.counts[number] < rule.at_most)
    fires &= when - adapted.last[number] >= rule.apart - SAME_H
    if rule.kind in ("titrate", "booster", "rescue"):
        fires &= ~adapted.held_back
    done = adapted._replace(
        counts=adapted.counts.at[number].add(fires),
        last=adapted.last.at[number].set(jnp.where(fires, when, adapted.last[number])),
        held_back=adapted.held_back | (fires & rule.cautious),
    )
    return _changed(book, rule, number, k, when, done, fires, weight, treated), fires


def _changed(
    book: Book, rule: DosingRule, number: int, k: int, when: float, adapted: Adapted, fires: Array, weight: Array,
    treated: Array,
) -> Adapted:  # fmt: skip
    if rule.kind in ("booster", "rescue"):
        return _added(book.slots[number], k, adapted, fires * treated, weight)
    later = [origin[..., None] >= when - SAME_H for origin in book.origins]
    if rule.kind == "hold":
        held = [
            late & (o[..., None] < when + rule.amount - SAME_H) for late, o in zip(later, book.origins, strict=True)
        ]
        shut = tuple(jnp.where(h & fires, 0.0, o) for h, o in zip(held, adapted.open, strict=True))
        return adapted._replace(open=shut)
    if rule.kind == "titrate":
        level = jnp.minimum(adapted.level + rule.amount, jnp.maximum(rule.ceiling, adapted.level))
    elif rule.kind == "reduce":
        level = adapted.level * rule.amount
    else:
        level = jnp.zeros_like(adapted.level)
    level = jnp.where(fires, level, adapted.level)
    scale = tuple(jnp.where(late & fires, level, old) for late, old in zip(later, adapted.scale, strict=True))
    if rule.kind != "stop":
        return adapted._replace(scale=scale, level=level)
    into_vein = [jnp.asarray(book.starts).reshape(-1, *([1] * (rate.ndim - 1))) for rate in adapted.extra_rates]
    cut = tuple(
        jnp.where((begin >= when - SAME_H) & fires & (origin[..., None] == begin), 0.0, extra)
        for begin, origin, extra in zip(into_vein, book.origins, adapted.extra_rates, strict=True)
    )
    return adapted._replace(scale=scale, level=level, stopped=adapted.stopped | fires, extra_rates=cut)


def _added(slots: Slots, k: int, adapted: Adapted, fires: Array, weight: Array) -> Adapted:
    rates, doses = [], []
    for (rate, per_kg, bolus, bolus_per_kg), old_rate, old_dose in zip(
        slots.sizes, adapted.extra_rates, adapted.extra_doses, strict=True
    ):
        rates.append(old_rate + (rate[k][..., None] + per_kg[k][..., None] * weight) * fires)
        doses.append(old_dose + (bolus[k][..., None] + bolus_per_kg[k][..., None] * weight) * fires)
    return adapted._replace(extra_rates=tuple(rates), extra_doses=tuple(doses))


reset_caution = jax.jit(lambda adapted: adapted._replace(held_back=jnp.zeros_like(adapted.held_back)))
