r"""Pain as a person reports it: a bounded 0-10 numerical rating scale (NRS).

A share phi of the drive does not depend on NMDA receptors (nor on the slow memory) and is not moved by the drug:

    r   = phi + (1 - phi) (1 - a) R / R0                         drive relative to the drug-free baseline
    a   = e_b C / (C + C_b)                                      acute antinociception at S-equivalents C in plasma
    NRS = 10 r^g / (r^g + K),     K = 10/B - 1                   so that r = 1 gives the person's baseline B

which is the field's ``10 R^g / (R^g + K^g)`` with each person's K fixed by their own baseline. a is the acute
antinociception that ends with the infusion, whatever drives the slow memory. Placebo lowers the log-odds of the NRS, so
nothing leaves 0-10. What is written in a diary is that value plus the scatter of a weekly rating, in whole points:

    observed = round(NRS + 0.9 xi), kept within 0 and 10

Source: assumption (K, g, e_b, C_b, first guesses); clinical residual error: assumption.
"""

from __future__ import annotations

from typing import ClassVar

from unwound.core.arrays import Array, Record, Scalar, jnp
from unwound.core.units import unit

LEAST = 1e-6
"""Stands in for no drive at all, whose logarithm would not exist; it gives an NRS below 1e-12."""

HIGHEST = 10.0
"""Upper end of the numerical rating scale, by its definition."""


class Pain(Record):
    """How drive becomes a rating."""

    acute_block: Scalar = unit("1")  # e_b
    acute_half: Scalar = unit("uM")  # C_b
    half_drive: Scalar = unit("1")  # K of a typical person
    power: Scalar = unit("1")  # g
    residual_sd: Scalar = unit("points")
    grain: Scalar = unit("points")

    prefix: ClassVar[str] = "pain"


def acute(concentration: Array, p: Pain) -> Array:
    """Share of the drive that is taken away as long as the drug is there, at S-equivalents [uM] in plasma."""
    return p.acute_block * concentration / (p.acute_half + concentration)


def typical_baseline(drive: Array, p: Pain) -> Array:
    """NRS of somebody whose drug-free drive is `drive`, when nothing else is known of them."""
    return HIGHEST / (1.0 + (p.half_drive / drive) ** p.power)


def intensity(baseline: Array, relative_drive: Array, share: Array, p: Pain) -> Array:
    """NRS [points] at ``(1 - a) R / R0 = relative_drive`` of the NMDA-dependent part of the drive."""
    r = jnp.maximum(share + (1.0 - share) * relative_drive, LEAST)
    return HIGHEST / (1.0 + (HIGHEST / baseline - 1.0) * r**-p.power)


def proportional(baseline: Array, relief: Array, share: Array) -> Array:
    """NRS [points] when a fraction `relief` of the NMDA-dependent part is taken away: ``B (1 - (1 - phi) relief)``."""
    return baseline * (1.0 - (1.0 - share) * relief)


def lowered(nrs: Array, shift: Array) -> Array:
    """`nrs` after its odds are multiplied by ``exp(-shift)``: how placebo acts."""
    return HIGHEST / (1.0 + (HIGHEST / nrs - 1.0) * jnp.exp(shift))


def observed(nrs: Array, scatter: Array, p: Pain) -> Array:
    """What the diary shows: with scatter (standard normal), in whole grains, within the scale."""
    rating = p.grain * jnp.round((nrs + p.residual_sd * scatter) / p.grain)
    return jnp.clip(rating, 0.0, HIGHEST)
