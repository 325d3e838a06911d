"""Exact concentrations under piecewise-constant input, at any times.

Between two breakpoints the input is constant and the model linear, so each interval is one multiplication per
mode: there is no step size and no truncation error. Interval lengths repeat (hours, days), so exponentials are
computed once per distinct length. Every answer is written once, in its place.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from unwound.core.arrays import Array, Record, jax, jnp
from unwound.pharmacokinetics.convolution import chain
from unwound.pharmacokinetics.followers import Followers, FollowersStep, added, step_of, way_to
from unwound.pharmacokinetics.grid import merged_grid
from unwound.pharmacokinetics.kinetics import Reading
from unwound.pharmacokinetics.model import Individual
from unwound.pharmacokinetics.modes import Disposition, Modes, modes_of

State = tuple[Array, tuple[Array, ...]]
"""Modes of the parent, and the followers of each analyte."""


class Exposure(Record):
    """Modes of a person, with everything that follows: metabolites, their metabolites, an effect site."""

    modes: Modes
    analytes: tuple[Followers, ...]
    """In the order of `concentrations`; each is fed by the parent or by one before it."""

    def parent_only(self) -> Exposure:
        """Without what follows."""
        return Exposure(self.modes, ())

    def empty(self) -> State:
        """Modes, and followers of each analyte, before the first dose."""
        return jnp.zeros_like(self.modes.rate), tuple(jnp.zeros_like(own.rate) for own in self.analytes)

    def steps(self, lengths: Array) -> Step:
        """One step per length, on a leading axis."""
        steps: Step = jax.vmap(lambda length: _step_over(self, length))(lengths)
        return steps

    def given(self, state: State, amounts: Array) -> State:
        """A bolus into the central volume."""
        w, m = state
        return w + self.modes.gain * amounts, m

    def moved(self, state: State, step: Step, rates: Array) -> State:
        """Exact over the interval."""
        w, m = state
        after = []
        for which, (change, own) in enumerate(zip(step.analytes, m, strict=True)):
            row = change.follow * own + jnp.sum(change.carried * w[None], axis=1) + change.filled * rates
            upstream = way_to(self.analytes, which)[-2::-1]  # the nearest first
            for fed, above in zip(change.fed, upstream, strict=True):
                row = row + jnp.sum(fed * m[above][None], axis=1)
            after.append(row)
        return step.decay * w + step.driven * rates, tuple(after)

    def read(self, state: State) -> Reading:
        """The parent, and each analyte that follows it."""
        w, m = state
        rows = [jnp.sum(own.weight * held, axis=0) for own, held in zip(self.analytes, m, strict=True)]
        parent = jnp.sum(w, axis=0)
        return Reading(parent, jnp.stack(rows) if rows else jnp.zeros((0, *parent.shape)))


def exposure_of(person: Individual, effect_site: Array | None = None) -> Exposure:
    """The exact solution of a person; analytes are the metabolites, then an effect site ke0 [1/h] of the parent."""
    parent = modes_of(person.parent)
    analytes = []
    if person.metabolite is not None:
        analytes.append(_metabolite(person.metabolite, person.formation, None))
    for metabolite in person.later:
        if not (metabolite.source is None or 0 <= metabolite.source < len(analytes)):
            raise ValueError(
                f"a metabolite is formed from metabolite {metabolite.source}, and {len(analytes)} come before it: "
                "number them from 0, each after its source"
            )
        analytes.append(_metabolite(metabolite.disposition, metabolite.formation, metabolite.source))
    if effect_site is not None:
        ke0 = jnp.broadcast_to(effect_site, parent.rate.shape[1:])[None]
        analytes.append(Followers(rate=ke0, weight=ke0))
    return Exposure(parent, tuple(analytes))


def _metabolite(disposition: Disposition, formation: Array, source: int | None) -> Followers:
    modes = modes_of(disposition)
    return Followers(rate=modes.rate, weight=modes.gain * formation, source=source)


class Step(Record):
    """What one interval of constant input does to everything."""

    decay: Array
    driven: Array
    analytes: tuple[FollowersStep, ...]


def _step_over(exposure: Exposure, length: Array) -> Step:
    modes, analytes = exposure.modes, exposure.analytes
    ways = [[analytes[i] for i in way_to(analytes, which)] for which in range(len(analytes))]
    return Step(
        decay=chain((modes.rate,), length),
        driven=modes.gain * chain((jnp.zeros(()), modes.rate), length),
        analytes=tuple(step_of(modes, way, length) for way in ways),
    )


Rows = list[Array]
"""One array (*batch) for each mode: kept apart, so that a step over many people copies nothing."""


def _moved(
    exposure: Exposure, steps: Step, length: Array, w: Rows, m: list[Rows], rate: Array
) -> tuple[Rows, list[Rows]]:
    """Modes and the followers of each analyte after one interval, the `length`-th of `steps`, at constant `rate`."""

    def at(values: Array, *where: int) -> Array:
        """Row by row: XLA reads a row where it is needed, but would copy a whole step first."""
        batch = values.shape[1 + len(where) :]
        start = (length, *where, *[0] * len(batch))
        return jax.lax.dynamic_slice(values, start, (*[1] * (1 + len(where)), *batch)).reshape(batch)

    after = []
    for which, (change, own) in enumerate(zip(steps.analytes, m, strict=True)):
        upstream = way_to(exposure.analytes, which)[-2::-1]  # the nearest first
        rows = []
        for j, before in enumerate(own):
            row = at(change.follow, j) * before + at(change.filled, j) * rate
            for fed, above in zip(change.fed, upstream, strict=True):
                row = row + added([at(fed, j, i) * each for i, each in enumerate(m[above])])
            rows.append(row + added([at(change.carried, j, k) * each for k, each in enumerate(w)]))
        after.append(rows)
    return [at(steps.decay, k) * each + at(steps.driven, k) * rate for k, each in enumerate(w)], after


@jax.jit
def _walk(
    exposure: Exposure, lengths: Any, steps: Any, rates: Array, doses: Array | None, places: Any
) -> tuple[Array, Array]:
    """Step over the grid; an answer is overwritten until its time is reached. `places` has one item per answer."""
    by_length = jax.vmap(lambda length: _step_over(exposure, length))(lengths)
    gain, analytes, batch = exposure.modes.gain, exposure.analytes, exposure.modes.rate.shape[1:]
    put, item = jax.lax.dynamic_update_index_in_dim, jax.lax.dynamic_index_in_dim

    def one(carry: Any, x: Any) -> tuple[Any, None]:
        w, m, parent, followers = carry
        length, interval, begins, place = x
        if doses is not None:
            dose = begins * item(doses, interval, keepdims=False)
            w = [each + gain[k] * dose for k, each in enumerate(w)]
        w, m = _moved(exposure, by_length, length, w, m, item(rates, interval, keepdims=False))
        parent = put(parent, added(w), place, 0)
        if analytes:
            held = [
                added([own.weight[j] * row for j, row in enumerate(rows)])
                for own, rows in zip(analytes, m, strict=True)
            ]
            followers = put(followers, jnp.stack(held), place, 0)
        return (w, m, parent, followers), None

    none = jnp.zeros(batch)
    w0 = [none] * len(exposure.modes.rate)
    m0 = [[none] * len(own.rate) for own in analytes]
    answers = jnp.zeros((len(places), *batch)), jnp.zeros((len(places), len(analytes), *batch))
    (_, _, parent, followers), _ = jax.lax.scan(one, (w0, m0, *answers), steps)
    return parent, followers


def concentrations(
    exposure: Exposure, breakpoints: np.ndarray, rates: Array, doses: Array | None, at: np.ndarray
) -> tuple[Array, Array]:
    """Concentrations [mg/L] of parent, shape (times, *batch), and what follows it, (times, analytes, *batch).

    `rates` [mg/h] and `doses` [mg, at once at the start; None: never] have shape (intervals, *batch) between the
    `breakpoints` [h] (intervals + 1, starting at 0). A bolus at a time asked for is not yet in the answer at that
    time: what is returned is the concentration just before (the pre-dose sample), as in NONMEM when the sample row
    comes first.
    """
    grid = merged_grid(breakpoints, at)
    wanted, order = np.unique(grid.answers, return_inverse=True)
    kept = slice(0, wanted[-1] if len(wanted) else 0)  # nobody asks for what comes later
    place = np.searchsorted(wanted, np.arange(1, len(grid.interval) + 1))
    steps = (grid.length_index[kept], grid.interval[kept], grid.begins[kept].astype(float), place[kept])
    closed = jnp.concatenate([rates, jnp.zeros_like(rates[:1])])
    boluses = None if doses is None else jnp.concatenate([doses, jnp.zeros_like(doses[:1])])
    parent, followers = _walk(exposure, grid.lengths, steps, closed, boluses, np.zeros(max(len(wanted), 1)))
    if len(order) and np.array_equal(order, np.arange(len(wanted))):
        return parent, followers
    return parent[order], followers[order]
