r"""Glia and inflammation: roused by injury and by pain itself, they raise transmitter release and weaken inhibition.

    dG/dt = ((wi Inj + wR (R - p)) (1 - a b) (1 - G) - G)/tauG          activation, 0..1
    release *= 1 + r G          G drives H (`disinhibition`)

R - p is what sensitization adds to the peripheral input; with none and no injury G is 0. a is optional: the
anti-inflammatory action of ketamine, taken as proportional to its block.

Source: assumption (all numbers; no equation was found to inherit). The factor 1 - G is ours: it keeps G below 1.
Leaves out: cytokines, microglia and astrocytes apart, ketamine on glia other than through the block.
"""

from __future__ import annotations

from typing import ClassVar

from unwound.core.arrays import Array, Record, Scalar
from unwound.core.units import unit


class Glia(Record):
    """What rouses them, how fast, and what they do."""

    injury_weight: Scalar = unit("1")  # wi
    activity_weight: Scalar = unit("1")  # wR
    time: Scalar = unit("d")  # tauG
    release_gain: Scalar = unit("1")  # r
    anti_inflammatory: Scalar = unit("1")  # a

    prefix: ClassVar[str] = "glia"


def rousing(injury: Array, raised: Array, block: Array, p: Glia) -> Array:
    """What rouses them: ``(wi Inj + wR (R - p)) (1 - a b)``."""
    return (p.injury_weight * injury + p.activity_weight * raised) * (1.0 - p.anti_inflammatory * block)


def flow(glia: Array, roused: Array, p: Glia) -> Array:
    """Rate of change of G [1/d], given `rousing`."""
    return (roused * (1.0 - glia) - glia) / p.time


def at_rest(roused: Array) -> Array:
    """Where G settles: ``x / (1 + x)``."""
    return roused / (1.0 + roused)


def release(glia: Array, p: Glia) -> Array:
    """Release relative to quiet glia: ``1 + r G``."""
    return 1.0 + p.release_gain * glia
