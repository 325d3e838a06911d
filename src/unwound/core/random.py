"""Named, counter-based random streams.

Every draw belongs to one patient and one purpose: ``stream(patient_key(root, 17), "flares")``. So patient 17
is the same person under every arm, block size, thread count and order, and two arms differ only by treatment
(common random numbers). Names are hashed with BLAKE2, which does not change between Python versions.
"""

from __future__ import annotations

import hashlib
from functools import partial

from unwound.core.arrays import Array, jax, jnp


@jax.jit
def root_key(seed: int) -> Array:
    """The key of one run."""
    return jax.random.key(seed)


def number_of(name: str) -> int:
    """A 32-bit number that belongs to `name` for ever."""
    return int.from_bytes(hashlib.blake2s(name.encode(), digest_size=4).digest(), "big")


def stream(key: Array, name: str) -> Array:
    """The stream called `name` under `key`."""
    return jax.random.fold_in(key, number_of(name))


@jax.jit
def patient_keys(root: Array, ids: Array) -> Array:
    """One key per patient id, shape (patients,)."""
    return jax.vmap(lambda i: jax.random.fold_in(root, i))(jnp.asarray(ids, dtype=jnp.uint32))


@partial(jax.jit, static_argnames="name")
def streams(keys: Array, name: str) -> Array:
    """The stream called `name` of each of several patients."""
    return jax.vmap(lambda key: stream(key, name))(keys)


@jax.jit
def named_keys(keys: Array, numbers: Array) -> Array:
    """The streams whose names have `numbers` (`number_of`) under `keys`: the same as `stream`, for many names at once.

    A single number gives the shape of `keys`; several give (numbers, keys).
    """

    def one(number: Array) -> Array:
        return jax.vmap(lambda key: jax.random.fold_in(key, number))(keys)

    return one(numbers) if jnp.ndim(numbers) == 0 else jax.vmap(one)(numbers)
