r"""How unpleasant pain is, apart from how strong: dissociation takes from the first and leaves the second.

    D           = I / (1 + I)                            detachment, from the latent intensity I of dissociation
    odds(A/10)  = w odds(N/10) exp(-delta D)             A: unpleasantness 0-10 at an intensity (NRS) of N

Odds are x / (1 - x), so that nothing leaves 0 to 10 and a painless person suffers nothing. Without drug A is what the
person makes of N (w = 1: the same number). Detachment goes with the drug: no lasting change of affect is claimed.

Source: assumption (form, w, delta): that dissociation detaches affect is a claim, and no trial of the evidence rated
affect apart. Leaves out: mood (a branch of its own), expectation, catastrophizing.
"""

from __future__ import annotations

from typing import ClassVar

from unwound.core.arrays import Array, Record, Scalar, jnp
from unwound.core.units import unit
from unwound.outcomes.pain import HIGHEST


class Affect(Record):
    """Weight of intensity, and what full detachment takes."""

    weight: Scalar = unit("1")  # w
    detachment: Scalar = unit("1")  # delta

    prefix: ClassVar[str] = "affect"


def detached(intensity: Array) -> Array:
    """D, 0 to 1, from the latent intensity of dissociation."""
    return intensity / (1.0 + intensity)


def unpleasantness(nrs: Array, detachment: Array, p: Affect) -> Array:
    """A [points] at an intensity `nrs` [points]."""
    kept = p.weight * jnp.exp(-p.detachment * detachment) * nrs
    return HIGHEST * kept / (HIGHEST - nrs + kept)
