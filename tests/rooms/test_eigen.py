"""Eigenvalues of many small symmetric matrices, person by person, against LAPACK."""

import numpy as np
import pytest

from unwound.core.arrays import jax, jnp
from unwound.pharmacokinetics import eigen
from unwound.pharmacokinetics.eigen import symmetric

COUNT = 500
KINDS = ("random", "graded", "nearly equal", "equal", "two nearly equal", "diagonal")


def matrices(kind, size):
    """(size, size, COUNT) symmetric matrices."""
    rng = np.random.default_rng(size)
    whole = rng.normal(size=(size, size, COUNT))
    whole = whole + whole.swapaxes(0, 1)
    same = np.broadcast_to(np.eye(size)[..., None], whole.shape)
    match kind:
        case "graded":
            scale = 10.0 ** rng.uniform(-3, 3, (size, COUNT))
            return whole * scale[:, None] * scale[None]
        case "nearly equal":
            return 2.0 * same + 10.0 ** rng.uniform(-16, -6, COUNT) * whole
        case "equal":
            return 3.0 * same
        case "two nearly equal":
            turned = np.linalg.qr(np.moveaxis(whole, -1, 0))[0]
            values = np.stack([1.0 + 10.0 ** rng.uniform(-16, -4, COUNT), *[np.ones(COUNT)] * (size - 1)], -1)
            values[:, -1] = 5.0
            found = np.einsum("xai,xi,xbi->abx", turned, values, turned)
            return (found + found.swapaxes(0, 1)) / 2
        case "diagonal":
            return whole * same
    return whole


@pytest.mark.parametrize("size", [1, 2, 3, 4])
@pytest.mark.parametrize("kind", KINDS)
def test_eigenvalues_are_those_of_lapack_and_eigenvectors_are_orthonormal(kind, size):
    matrix = matrices(kind, size)
    values, vectors = (np.asarray(part) for part in jax.jit(symmetric)(matrix))
    exact = np.linalg.eigvalsh(np.moveaxis(matrix, -1, 0)).T
    largest = np.abs(exact).max(axis=0)
    assert (np.abs(values - exact) / largest).max() < 4e-15
    assert (np.diff(values, axis=0) >= 0).all()
    products = np.einsum("aix,ajx->ijx", vectors, vectors)
    assert np.abs(products - np.eye(size)[..., None]).max() < 4e-15
    left = np.einsum("abx,bix->aix", matrix, vectors) - values[None] * vectors
    assert (np.abs(left).max(axis=(0, 1)) / largest).max() < 4e-15


def test_a_slow_mode_keeps_its_digits_beside_a_fast_one():
    """Diagonally dominant by scaling: the small eigenvalue is known to 1e-16 of itself, not of the largest."""
    matrix = np.diag([1e8, 1.0, 1e-8]) + 0.0
    matrix[0, 1] = matrix[1, 0] = 1e3
    matrix[0, 2] = matrix[2, 0] = 1e-2
    values, _ = symmetric(jnp.asarray(matrix)[..., None])
    product, total = float(jnp.prod(values)), float(values.sum())
    assert total == pytest.approx(np.trace(matrix), rel=1e-15)
    determinant = 1e8 * 1e-8 - 1e3**2 * 1e-8 - 1e-2**2 * 1.0
    assert product == pytest.approx(determinant, rel=1e-13)


def test_more_rounds_change_nothing(monkeypatch):
    matrix = matrices("graded", 3)
    usual = symmetric(matrix)
    monkeypatch.setattr(eigen, "ROUNDS", 2 * eigen.ROUNDS)
    for one, other in zip(usual, symmetric(matrix), strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=4e-15 * np.abs(one).max())


@pytest.mark.parametrize("size", [2, 3, 4])
def test_slopes_are_those_of_small_differences_in_both_directions(size):
    rng = np.random.default_rng(7)
    matrix, by = rng.normal(size=(2, size, size))
    matrix, by = matrix + matrix.T, by + by.T

    def said(matrix):
        values, vectors = symmetric(matrix)
        return jnp.concatenate([values, (vectors[0] ** 2)])

    step = 1e-6
    expected = (said(jnp.asarray(matrix + step * by)) - said(jnp.asarray(matrix - step * by))) / (2 * step)
    forward = jax.jvp(said, (jnp.asarray(matrix),), (jnp.asarray(by),))[1]
    backward = jnp.einsum("iab,ab->i", jax.jacrev(said)(jnp.asarray(matrix)), by)
    np.testing.assert_allclose(forward, expected, rtol=1e-7, atol=1e-8)
    np.testing.assert_allclose(backward, expected, rtol=1e-7, atol=1e-8)


def test_slopes_are_finite_where_eigenvalues_are_equal():
    slopes = jax.jacrev(lambda matrix: symmetric(matrix)[1][0])(2.0 * jnp.eye(3))
    assert np.isfinite(slopes).all()


def test_neighbours_do_not_matter():
    matrix = matrices("random", 3)
    together = symmetric(matrix)
    shuffled = np.random.default_rng(1).permutation(COUNT)
    for one, other in zip(together, symmetric(matrix[..., shuffled]), strict=True):
        np.testing.assert_array_equal(np.asarray(one)[..., shuffled], other)
