r"""A smooth stand-in for the crowds: one Gaussian process for every feature of every row of the fit.

    f(u) ~ GP(m, a^2 k(d)),    k(d) = (1 + sqrt(5) d + 5 d^2/3) exp(-sqrt(5) d),    d^2 = sum_i ((u_i - u'_i)/l_i)^2

Matern 5/2 with a length for each coordinate; lengths and noise maximize the likelihood of a part of the bank, amplitude
in closed form. The mean answers in microseconds and has gradients, so a sampler can use it; what it gets wrong is
measured on new points, and a posterior found with it is corrected by the crowds themselves (`pain_fit`).

Source: Rasmussen and Williams (2006), as generally known; nothing here is evidence.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from unwound.core.arrays import Array, jax, jnp
from unwound.inference.bank import Bank

LEARN = 320
"""Points that lengths and noise are learned from."""
LEAST_NOISE = 1e-6


class Surrogate(NamedTuple):
    """Everything that the mean needs, features first."""

    cube: Array  # (points, coordinates)
    lengths: Array  # (features, coordinates)
    weights: Array  # (features, points)
    center: Array  # (features,)
    scale: Array  # (features,)

    def __call__(self, point: Array) -> Array:
        """The features at a point of the cube, (features,)."""
        return self.center + self.scale * jax.vmap(self._one, in_axes=(0, 0, None))(self.lengths, self.weights, point)

    def of(self, features: np.ndarray) -> Surrogate:
        """The surrogate of some of the features."""
        return Surrogate(self.cube, *(part[features] for part in self[1:]))

    def _one(self, lengths: Array, weights: Array, point: Array) -> Array:
        return _kernel(_distance(self.cube / lengths, (point / lengths)[None]))[:, 0] @ weights


def train(bank: Bank, seed: int = 0, progress: Callable[[int], None] | None = None) -> Surrogate:
    """A surrogate of everything in the bank."""
    from scipy.optimize import minimize

    rng = np.random.default_rng(seed)
    cube, size = jnp.asarray(bank.cube), bank.cube.shape[1]
    some = jnp.asarray(rng.permutation(len(bank.cube))[:LEARN])
    center, scale = bank.found.mean(axis=0), np.maximum(bank.found.std(axis=0), 1e-9)
    lengths, weights = [], []
    for n in range(bank.found.shape[1]):
        y = jnp.asarray((bank.found[:, n] - center[n]) / scale[n])
        start = np.concatenate([np.full(size, np.log(1.5)), [np.log(1e-3)]])
        bounds = [(np.log(0.1), np.log(50.0))] * size + [(np.log(LEAST_NOISE), np.log(0.5))]
        best = minimize(_loss, start, (cube[some], y[some]), jac=True, method="L-BFGS-B", bounds=bounds,
                        options={"maxiter": 40}).x  # fmt: skip
        lengths.append(np.exp(best[:size]))
        weights.append(np.asarray(_solved(cube, y, jnp.exp(jnp.asarray(best)))))
        if progress is not None:
            progress(1)
    return Surrogate(cube, *map(jnp.asarray, (np.array(lengths), np.array(weights), center, scale)))


def _distance(a: Array, b: Array) -> Array:
    square = jnp.sum(a**2, -1)[:, None] + jnp.sum(b**2, -1)[None] - 2.0 * a @ b.T
    return jnp.sqrt(jnp.maximum(square, 1e-18))


def _kernel(distance: Array) -> Array:
    r = jnp.sqrt(5.0) * distance
    return (1.0 + r + r**2 / 3.0) * jnp.exp(-r)


def _covariance(cube: Array, learned: Array) -> Array:
    scaled = cube / learned[:-1]
    return _kernel(_distance(scaled, scaled)) + learned[-1] * jnp.eye(len(cube))


def _negative(logs: Array, cube: Array, y: Array) -> Array:
    """Negative log likelihood per point, amplitude taken out; a weak pull keeps lengths near the size of the cube."""
    factor = jnp.linalg.cholesky(_covariance(cube, jnp.exp(logs)))
    z = jax.scipy.linalg.solve_triangular(factor, y, lower=True)
    fit = 0.5 * len(y) * jnp.log(jnp.mean(z**2)) + jnp.sum(jnp.log(jnp.diag(factor)))
    return (fit + 0.5 * jnp.sum((logs[:-1] - jnp.log(1.5)) ** 2) / 4.0) / len(y)


_gradient = jax.jit(jax.value_and_grad(_negative))


def _loss(logs: np.ndarray, cube: Array, y: Array) -> tuple[float, np.ndarray]:
    value, gradient = _gradient(jnp.asarray(logs), cube, y)
    return float(value), np.asarray(gradient)


@jax.jit
def _solved(cube: Array, y: Array, learned: Array) -> Array:
    return jax.scipy.linalg.cho_solve((jnp.linalg.cholesky(_covariance(cube, learned)), True), y)
