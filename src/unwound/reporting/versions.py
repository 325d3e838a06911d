"""Which version of what made a result."""

from __future__ import annotations

import importlib.metadata
import platform

_LIBRARIES = ("unwound", "jax", "equinox", "numpy", "matplotlib")


def version(name: str = "unwound") -> str:
    """The version of an installed package, "absent" where there is none."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "absent"


def versions() -> dict[str, str]:
    """The versions behind a figure or report, Python first."""
    return {"python": platform.python_version(), **{name: version(name) for name in _LIBRARIES}}
