r"""Flares: the peripheral drive wanders as an Ornstein-Uhlenbeck process, drawn exactly at fixed knots.

    x(t + h) = rho x(t) + sd sqrt(1 - rho^2) xi,     rho = exp(-h / tau),     x(0) ~ N(0, sd^2)

Between knots the path is a straight line. The path of a patient is drawn once and frozen, so every solver, arm and
step size meets the same flares.

Source: assumption.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from unwound.core.arrays import Array, Record, Scalar, jax, jnp
from unwound.core.units import unit

KNOT_SPACING = 24.0
"""Hours between knots: a choice of resolution, a third of the assumed time constant of a flare."""


class Flares(Record):
    """Size and memory of the wandering drive."""

    flare_sd: Scalar = unit("1")
    flare_time: Scalar = unit("d")

    prefix: ClassVar[str] = "protected_switch"


def knot_times(until: float) -> np.ndarray:
    """Knots [h] that cover 0 ... `until`."""
    return np.arange(int(np.ceil(until / KNOT_SPACING)) + 1) * KNOT_SPACING


def path(keys: Array, knots: int, flares: Flares) -> Array:
    """Frozen paths at `knots` knots, shape (knots, patients), one key per patient."""
    rho = jnp.exp(-(KNOT_SPACING / 24.0) / flares.flare_time)
    shocks = jax.vmap(lambda key: jax.random.normal(key, (knots,)))(keys).T

    def step(x: Array, shock: Array) -> tuple[Array, Array]:
        x = rho * x + jnp.sqrt(1.0 - rho**2) * shock
        return x, x

    _, later = jax.lax.scan(step, shocks[0], shocks[1:])
    return flares.flare_sd * jnp.concatenate([shocks[:1], later])
