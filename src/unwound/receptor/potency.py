r"""Enantiomers and mixtures: several drugs of one site block as one drug does.

    relative dose     sum_i C_i / K_i                   what enters the pore's balance; exact for one deep site
    equal mixture     2 / K_rac = 1 / K_S + 1 / K_R
    enantiomers       K_S = K_rac (1 + 1/rho) / 2,      K_R = rho K_S,      rho = K_R / K_S

A racemate is not the mean of its enantiomers: its K is the harmonic mean of theirs.

Source: ebert1997 (rho, displacement in rat cortex; one rho for every subtype is assumed). Leaves out: enantiomers that
act on each other.
"""

from __future__ import annotations

from collections.abc import Sequence

from unwound.core.arrays import Array, Scalar, jnp


def enantiomers(racemate: Scalar, ratio: Scalar) -> tuple[Scalar, Scalar]:
    """K_S and K_R from the K of an equal mixture and the `ratio` rho = K_R / K_S, in the unit of `racemate`."""
    dextro = racemate * (1.0 + 1.0 / ratio) / 2.0
    return dextro, ratio * dextro


def equal_mixture(first: Scalar, second: Scalar) -> Scalar:
    """K of an equal mixture, by its total concentration, from the K of both parts."""
    return 2.0 / (1.0 / first + 1.0 / second)


def relative_dose(concentrations: Sequence[Scalar], dissociations: Sequence[Scalar]) -> Array:
    """sum C_i / K_i, K at the voltage in question; 0 without drug."""
    total = jnp.zeros(())
    for concentration, dissociation in zip(concentrations, dissociations, strict=True):
        total = total + concentration / dissociation
    return total


def equivalent(concentrations: Sequence[Scalar], dissociations: Sequence[Scalar], reference: Scalar) -> Array:
    """The concentration of a drug with K = `reference` that blocks as much as the mixture."""
    return relative_dose(concentrations, dissociations) * reference
