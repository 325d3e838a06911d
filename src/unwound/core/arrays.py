"""The one place where JAX is set up.

JAX computes in float32 unless told otherwise before the first array; equinox reads `EQX_ON_ERROR` when it is
imported, and any other value than ``nan`` keeps compiled programs out of the persistent cache. Both are set
here, when the engine first loads, not when `unwound` is imported. The compilation cache lives in the user's
cache folder; ``UNWOUND_CACHE=off`` switches it off, another value names another folder.
"""

from __future__ import annotations

import os
import pathlib
import sys
import warnings

from unwound.core.errors import UnwoundError

if "equinox" in sys.modules and os.environ.get("EQX_ON_ERROR") != "nan":
    warnings.warn(
        "equinox was imported before unwound's engine and EQX_ON_ERROR is not 'nan': compiled programs will "
        "not be cached between runs. Set EQX_ON_ERROR=nan in the environment, or import unwound.patient first.",
        stacklevel=2,
    )
os.environ.setdefault("EQX_ON_ERROR", "nan")

import jax

if "JAX_ENABLE_X64" in os.environ and os.environ["JAX_ENABLE_X64"].lower() in ("0", "false", "off"):
    raise UnwoundError(
        "JAX_ENABLE_X64 is switched off in the environment, and this engine computes in float64: the slow "
        "memory switches between two states and rounding decides close cases. Unset JAX_ENABLE_X64."
    )
jax.config.update("jax_enable_x64", True)


def cache_folder() -> pathlib.Path | None:
    """Where compiled programs are kept between runs; None when switched off."""
    choice = os.environ.get("UNWOUND_CACHE", "")
    if choice.lower() == "off":
        return None
    if choice:
        return pathlib.Path(choice)
    base = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    return pathlib.Path(base) / "unwound" / "xla"


if (_folder := cache_folder()) is not None:
    jax.config.update("jax_compilation_cache_dir", str(_folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)

import equinox as eqx  # noqa: E402
import jax.numpy as jnp  # noqa: E402
from jaxtyping import Array, Float  # noqa: E402

Record = eqx.Module
"""Base of every record of parameters or state: a frozen dataclass that JAX can map over."""

Scalar = Float[Array, "*batch"]
"""A number per person: shape () for one patient, (patients,) for a population."""


def at_least_zero(x: Array) -> Array:
    """``max(x, 0)`` whose slope at 0 is that from above: what the first drop of a drug does, seen from no drug at all.

    The slope of ``jnp.maximum`` at a tie is one half.
    """
    return jnp.where(x < 0.0, 0.0, x)


__all__ = ["Array", "Float", "Record", "Scalar", "at_least_zero", "cache_folder", "eqx", "jax", "jnp"]
