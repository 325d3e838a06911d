r"""Eigenvalues and eigenvectors of many small symmetric matrices at once, person by person.

Jacobi's method: each rotation in the plane of p and q makes one off-diagonal number zero,

    t = 2 a_pq / (d + sign(d) sqrt(d^2 + 4 a_pq^2)),      d = a_qq - a_pp
    c = 1 / sqrt(1 + t^2),    s = t c,      a_pp <- a_pp - t a_pq,      a_qq <- a_qq + t a_pq,      a_pq <- 0

and a few rounds over all planes bring every such number below rounding. Everything is elementwise over people, so
that neither neighbours nor chunks matter, and it is faster than a general routine called once per person. Small
eigenvalues (slow modes) keep their relative accuracy, and nothing divides by the distance of two eigenvalues.

Slopes: d lambda_i = v_i' dA v_i;   d v_i = sum over j != i of v_j (v_j' dA v_i) / (lambda_i - lambda_j).

Source: jacobi's method is textbook algebra; no numbers of its own.
Leaves out: matrices of four rows and more (LAPACK, through JAX).
"""

from __future__ import annotations

from itertools import combinations
from typing import Any

from unwound.core.arrays import Array, jax, jnp

ROUNDS = 6
"""Rounds of rotations: convergence is quadratic, and tests measure that more would change nothing."""

LARGEST = 3
"""Rows up to which Jacobi's method is used."""


@jax.custom_jvp
def symmetric(matrix: Array) -> tuple[Array, Array]:
    """Eigenvalues (n, *batch), ascending, and eigenvectors (component, n, *batch) of `matrix` (n, n, *batch)."""
    size = matrix.shape[0]
    if size > LARGEST:
        values, vectors = jnp.linalg.eigh(jnp.moveaxis(matrix, (0, 1), (-2, -1)))
        return jnp.moveaxis(values, -1, 0), jnp.moveaxis(vectors, (-2, -1), (0, 1))
    upper = {(i, j): matrix[i, j] for i in range(size) for j in range(i, size)}
    one, zero = jnp.ones_like(matrix[0, 0]), jnp.zeros_like(matrix[0, 0])
    columns = [[one if i == j else zero for i in range(size)] for j in range(size)]
    if size == 2:
        upper, columns = _rotated(upper, columns, 0, 1)
    elif size > 2:
        upper, columns = jax.lax.fori_loop(0, ROUNDS, lambda _, now: _round(*now), (upper, columns))
    return _ascending([upper[i, i] for i in range(size)], columns)


def _round(upper: Any, columns: Any) -> tuple[Any, Any]:
    for p, q in combinations(range(len(columns)), 2):
        upper, columns = _rotated(upper, columns, p, q)
    return upper, columns


def _rotated(upper: Any, columns: Any, p: int, q: int) -> tuple[Any, Any]:
    """The matrix (its upper triangle) and the eigenvectors so far, after the rotation that clears (p, q)."""
    off, gap = upper[p, q], upper[q, q] - upper[p, p]
    below = gap + jnp.where(gap < 0.0, -1.0, 1.0) * jnp.sqrt(gap * gap + 4.0 * off * off)
    t = jnp.where(below == 0.0, 0.0, 2.0 * off / jnp.where(below == 0.0, 1.0, below))
    c = 1.0 / jnp.sqrt(1.0 + t * t)
    s = t * c

    def turned(first: Array, second: Array) -> tuple[Array, Array]:
        return c * first - s * second, s * first + c * second

    upper, columns = dict(upper), list(columns)
    upper[p, p], upper[q, q] = upper[p, p] - t * off, upper[q, q] + t * off
    upper[p, q] = jnp.zeros_like(off)
    for r in range(len(columns)):
        if r not in (p, q):
            with_p, with_q = (min(r, p), max(r, p)), (min(r, q), max(r, q))
            upper[with_p], upper[with_q] = turned(upper[with_p], upper[with_q])
    pairs = [turned(a, b) for a, b in zip(columns[p], columns[q], strict=True)]
    columns[p], columns[q] = [a for a, _ in pairs], [b for _, b in pairs]
    return upper, columns


def _ascending(values: list[Array], columns: list[list[Array]]) -> tuple[Array, Array]:
    for last in range(len(values) - 1, 0, -1):
        for i in range(last):
            wrong = values[i] > values[i + 1]
            low, high = [values[i], *columns[i]], [values[i + 1], *columns[i + 1]]
            first = [jnp.where(wrong, b, a) for a, b in zip(low, high, strict=True)]
            second = [jnp.where(wrong, a, b) for a, b in zip(low, high, strict=True)]
            values[i], columns[i], values[i + 1], columns[i + 1] = first[0], first[1:], second[0], second[1:]
    components = [jnp.stack([column[i] for column in columns]) for i in range(len(columns))]
    return jnp.stack(values), jnp.stack(components)


@symmetric.defjvp
def _slope(primals: Any, tangents: Any) -> tuple[Any, Any]:
    values, vectors = symmetric(*primals)
    (by,) = tangents
    turned = jnp.einsum("ai...,ab...,bj...->ij...", vectors, by, vectors)
    gap = values[None, :] - values[:, None]
    share = jnp.where(gap == 0.0, 0.0, turned / jnp.where(gap == 0.0, 1.0, gap))
    along = jnp.stack([turned[i, i] for i in range(len(values))])
    return (values, vectors), (along, jnp.einsum("aj...,ji...->ai...", vectors, share))
