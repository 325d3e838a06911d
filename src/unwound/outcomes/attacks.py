r"""Attacks and flares: days on which pain is above a person's own threshold.

    theta   = the quantile 1 - a/28 of the person's untreated daily pain     a: own attack days in 28 d without drug
    attack day d:  N_d > theta           attack: attack days in a row

So the frequency without treatment is the person's own number, and what changes under treatment is computed. Pain is
looked at once a day, as flares are drawn.

Source: assumption (a of somebody who does not say). Leaves out: attacks shorter than a day, what sets them off, aura,
acute medication and its overuse.
"""

from __future__ import annotations

from typing import ClassVar

from unwound.core.arrays import Array, Record, Scalar, jax, jnp
from unwound.core.units import unit

MONTH_D = 28
"""Days: a month of a headache diary, by its definition."""


class Attacks(Record):
    """How often attacks come without drug."""

    own_share: Scalar = unit("1")
    """a/28: share of untreated days that are attack days."""

    prefix: ClassVar[str] = "attacks"


def threshold(untreated: Array, own_share: Array) -> Array:
    """theta [points] of each person from untreated daily pain, (days, people), and each one's share of attack days."""
    shares = jnp.broadcast_to(jnp.asarray(own_share, float), untreated.shape[1:])
    found: Array = jax.vmap(jnp.quantile, in_axes=(1, 0))(untreated, 1.0 - shares)
    return found


def attack_days(daily: Array, theta: Array) -> Array:
    """Whether each day is an attack day, (days, people)."""
    return daily > theta


def beginnings(days: Array) -> Array:
    """Whether an attack begins on each day: an attack day after a day that was none (or the first day)."""
    before = jnp.concatenate([jnp.zeros_like(days[:1]), days[:-1]])
    return days & ~before


def per_week(days: Array) -> Array:
    """Attacks that begin per week, by person."""
    return 7.0 * jnp.mean(beginnings(days), axis=0)


def per_month(days: Array) -> Array:
    """Attack days in 28 d, by person."""
    return MONTH_D * jnp.mean(days, axis=0)
