"""Exact concentrations under piecewise-constant input, at any times.

Between two breakpoints the input is constant and the model linear, so each interval is one multiplication per
mode: there is no step size and no truncation error. Interval lengths repeat (hours, days), so exponentials are
computed once per distinct length.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from unwound.core.arrays import Array, Record, jax, jnp
from unwound.pharmacokinetics.grid import merged_grid
from unwound.pharmacokinetics.kinetics import Reading
from unwound.pharmacokinetics.model import Individual
from unwound.pharmacokinetics.modes import Modes, Propagator, advance, modes_of, propagator


class Exposure(Record):
    """Modes of a person, with everything that follows the parent: metabolite modes and effect sites.

    ``concentration of follower group g = sum over its members of weight * m``.
    """

    modes: Modes
    followers: Array  # (followers, *batch) 1/h
    weights: Array  # (followers, *batch): 1/h; turns followers into concentrations

    def parent_only(self) -> Exposure:
        """Without metabolite and effect sites."""
        return Exposure(self.modes, self.followers[:0], self.weights[:0])

    def empty(self) -> tuple[Array, Array]:
        """Modes and followers before the first dose."""
        return jnp.zeros_like(self.modes.rate), jnp.zeros_like(self.followers)

    def steps(self, lengths: Array) -> Propagator:
        """One propagator per length, on a leading axis."""
        steps: Propagator = jax.vmap(lambda length: propagator(self.modes, self.followers, length))(lengths)
        return steps

    def given(self, state: tuple[Array, Array], amounts: Array) -> tuple[Array, Array]:
        """A bolus into the central volume."""
        w, m = state
        return w + self.modes.gain * amounts, m

    def moved(self, state: tuple[Array, Array], step: Propagator, rates: Array) -> tuple[Array, Array]:
        """Exact over the interval."""
        return advance(*state, step, rates)

    def read(self, state: tuple[Array, Array]) -> Reading:
        """Parent and followers."""
        w, m = state
        return Reading(jnp.sum(w, axis=0), self.weights * m)

    def analytes(self, reading: Reading) -> tuple[Array, ...]:
        """The parent, and the metabolite as the sum of its modes."""
        if self.followers.shape[0] == 0:
            return (reading.parent,)
        return reading.parent, jnp.sum(reading.followers, axis=-2)


def exposure_of(person: Individual, effect_site: Array | None = None) -> Exposure:
    """The exact solution of a person; followers are the metabolite's modes, then an effect site ke0 [1/h]."""
    parent = modes_of(person.parent)
    rates, weights = [], []
    if person.metabolite is not None:
        child = modes_of(person.metabolite)
        rates.append(child.rate)
        weights.append(child.gain * person.formation)
    if effect_site is not None:
        ke0 = jnp.broadcast_to(effect_site, parent.rate.shape[1:])[None]
        rates.append(ke0)
        weights.append(ke0)
    empty = jnp.zeros((0, *parent.rate.shape[1:]))
    return Exposure(
        modes=parent,
        followers=jnp.concatenate(rates) if rates else empty,
        weights=jnp.concatenate(weights) if weights else empty,
    )


@jax.jit
def _scan(exposure: Exposure, lengths: Any, length_index: Any, rates: Any, doses: Any) -> tuple[Array, Array]:
    steps = jax.vmap(lambda length: propagator(exposure.modes, exposure.followers, length))(lengths)

    def one(carry: tuple[Array, Array], x: Any) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
        index, rate, dose = x
        w, m = carry
        w = w + exposure.modes.gain * dose
        w, m = advance(w, m, jax.tree.map(lambda leaf: leaf[index], steps), rate)
        return (w, m), (jnp.sum(w, axis=0), exposure.weights * m)

    w0 = jnp.zeros_like(exposure.modes.rate)
    m0 = jnp.zeros_like(exposure.followers)
    _, (parent, followers) = jax.lax.scan(one, (w0, m0), (length_index, rates, doses))
    return (
        jnp.concatenate([jnp.zeros_like(parent[:1]), parent]),
        jnp.concatenate([jnp.zeros_like(followers[:1]), followers]),
    )


def concentrations(
    exposure: Exposure, breakpoints: np.ndarray, rates: Array, doses: Array, at: np.ndarray
) -> tuple[Array, Array]:
    """Concentrations [mg/L] of parent, shape (times, *batch), and followers, (times, followers, *batch).

    `rates` [mg/h] and `doses` [mg, at once at the start] have shape (intervals, *batch) between the `breakpoints`
    [h] (intervals + 1, starting at 0). A bolus at a time asked for is not yet in the answer at that time: what is
    returned is the concentration just before (the pre-dose sample), as in NONMEM when the sample row comes first.
    """
    grid = merged_grid(breakpoints, at)
    zero = jnp.zeros_like(rates[:1])
    rates_on = jnp.concatenate([rates, zero])[grid.interval]
    doses_on = jnp.concatenate([doses, zero])[grid.interval]
    begins = jnp.asarray(grid.begins).reshape(-1, *([1] * (rates.ndim - 1)))
    parent, followers = _scan(exposure, grid.lengths, grid.length_index, rates_on, jnp.where(begins, doses_on, 0.0))
    return parent[grid.answers], followers[grid.answers]
