r"""What a chain of first-order compartments passes on in a given time, exact also where rates meet.

Of a unit put into the first of a chain with rates r_0 ... r_n, each feeding the next, the last holds after time t

    E(r_0, ..., r_n; t) = t^n  sum over i of  exp(-x_i) / product over j != i of (x_j - x_i),      x_i = r_i t

This divides by zero where two rates meet, yet E is smooth there: it is the divided difference of exp(-x), up to
sign. With the x in ascending order, and h_p(...) the sum of all products of p factors,

    E[x_0..x_n] = (E[x_0..x_{n-1}] - E[x_1..x_n]) / (x_n - x_0)                 where x_n - x_0 >= 1
    E[x_0..x_n] = exp(-m) sum over p of h_p(m - x_0, ..., m - x_n) / (p + n)!   where it is less;  m = (x_0 + x_n)/2

neither of which cancels more than a few units in the last place. Slopes are chains of the same kind:

    dE/dr_i = -E(r_0, ..., r_n, r_i),        dE/dt = E(r_0, ..., r_{n-1}) - r_n E(r_0, ..., r_n)

Source: algebra; no numbers of its own but the point of exchange and the length of the series.
"""

from __future__ import annotations

import math
from typing import Any

from jax.custom_derivatives import SymbolicZero

from unwound.core.arrays import Array, Scalar, jax, jnp

TERMS = 16
"""Of the series: the first one left out is below 1e-17 of the sum when all x lie within 1/2 of their middle."""


@jax.custom_jvp
def chain(rates: tuple[Scalar, ...], length: Scalar) -> Array:
    """E [h^n] of a chain with `rates` [1/h] after `length` [h]; arrays broadcast."""
    order = len(rates) - 1
    x = _ascending([rate * length for rate in rates])
    decays = [jnp.exp(-each) for each in x]
    if not order:
        return decays[0]
    held = [decay * _emptied(above - each) for decay, each, above in zip(decays[:-1], x[:-1], x[1:], strict=True)]
    for span in range(2, order + 1):
        held = [_joined(x[i : i + span + 1], held[i], held[i + 1]) for i in range(order + 1 - span)]
    return length**order * held[0]


def _ascending(values: list[Array]) -> list[Array]:
    """Sorted person by person, without a sort that XLA would run one by one."""
    values = list(jnp.broadcast_arrays(*values))
    for last in range(len(values) - 1, 0, -1):
        for i in range(last):
            values[i], values[i + 1] = jnp.minimum(values[i], values[i + 1]), jnp.maximum(values[i], values[i + 1])
    return values


def _emptied(gap: Array) -> Array:
    """(1 - exp(-gap)) / gap."""
    none = gap == 0.0
    return jnp.where(none, 1.0, -jnp.expm1(-gap) / jnp.where(none, 1.0, gap))


def _joined(x: list[Array], without_last: Array, without_first: Array) -> Array:
    """E of all `x` (ascending, with t = 1) from E without the last and without the first."""
    spread = x[-1] - x[0]
    near = spread < 1.0
    middle = x[0] + spread / 2.0
    products: list[Any] = [1.0, *[0.0] * (TERMS - 1)]
    for each in x:
        distance = jnp.where(near, middle - each, 0.0)
        for p in range(1, TERMS):
            products[p] = products[p] + distance * products[p - 1]
    total: Any = 0.0
    for p in reversed(range(TERMS)):
        total = total + products[p] * (1.0 / math.factorial(p + len(x) - 1))
    return jnp.where(near, jnp.exp(-middle) * total, (without_last - without_first) / jnp.where(near, 1.0, spread))


def _slope(primals: Any, tangents: Any) -> tuple[Array, Array]:
    rates, length = primals
    rates_by, length_by = tangents
    held = chain(rates, length)
    slope = jnp.zeros_like(held)
    for rate, by in zip(rates, rates_by, strict=True):
        if not isinstance(by, SymbolicZero):
            slope = slope - by * chain((*rates, rate), length)
    if not isinstance(length_by, SymbolicZero):
        fed = chain(rates[:-1], length) if len(rates) > 1 else 0.0
        slope = slope + length_by * (fed - rates[-1] * held)
    return held, slope


chain.defjvp(_slope, symbolic_zeros=True)
