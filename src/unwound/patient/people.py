"""One person, as the parameters in which people differ. The same record, with arrays, is a population.

Nothing here belongs to a hypothesis: the same person can be simulated under every one of them.
"""

from __future__ import annotations

import numpy as np

from unwound.core.arrays import Array, Float, Record, Scalar, jax, jnp
from unwound.core.units import unit


class People(Record):
    """A person (fields of shape ()), or people (every field with a last axis of people)."""

    weight: Scalar = unit("kg")
    dosing_weight: Scalar = unit("kg")
    """The kilograms that a dose per kilogram means: the body weight, or a lean or an ideal one."""
    height: Scalar = unit("cm")
    """Body height; not a number where nobody knows it (only lean and ideal weights need it)."""
    age: Scalar = unit("y")
    female: Scalar = unit("1")
    asian: Scalar = unit("1")
    japanese: Scalar = unit("1")
    """Ancestry, a covariate of perezruixo2021 only: 1 or 0."""
    duration: Scalar = unit("y")
    """Years in pain: how far the latent memory has filled."""
    baseline: Scalar = unit("points")
    """Pain before treatment (NRS), without the scatter of a single rating."""
    non_nmda_share: Scalar = unit("1")
    """Share of the drive that the drug cannot reach: near 0 in responders, 1 in non-responders."""
    input_factor: Scalar = unit("1")
    """This person's peripheral input, relative to the typical one."""
    latent_factor: Scalar = unit("1")
    """This person's gain of the latent memory, relative to the typical one."""
    placebo_size: Scalar = unit("1")
    sensitivity: Scalar = unit("1")
    """Thresholds of psychomimetic effects, relative to the typical ones."""
    report_chance: Scalar = unit("1")
    """Uniform draw against the placebo floor of psychomimetic reports."""
    kinetics: Float[Array, "effects *batch"] = unit("1")
    """Random effects of the pharmacokinetic model, in its own order."""

    @property
    def count(self) -> int:
        """How many people this record holds."""
        return 1 if self.weight.ndim == 0 else int(self.weight.shape[-1])

    def take(self, index: np.ndarray | slice) -> People:
        """Some of the people (as numpy arrays: cutting lanes should not compile anything)."""
        return jax.tree.map(lambda leaf: np.asarray(leaf)[..., index], self)  # type: ignore[no-any-return]


def typical_person(
    *,
    weight: float,
    baseline: float,
    effects: int,
    age: float,
    duration: float,
    female: bool = False,
    asian: bool = False,
    japanese: bool = False,
) -> People:
    """A person with no random effects and no placebo response, entirely driven by NMDA receptors (batch of one)."""
    one = jnp.ones(1)
    return People(
        weight=weight * one,
        dosing_weight=weight * one,
        height=float("nan") * one,
        age=age * one,
        female=float(female) * one,
        asian=float(asian) * one,
        japanese=float(japanese) * one,
        duration=duration * one,
        baseline=baseline * one,
        non_nmda_share=0.0 * one,
        input_factor=one,
        latent_factor=one,
        placebo_size=0.0 * one,
        sensitivity=one,
        report_chance=one,
        kinetics=jnp.zeros((effects, 1)),
    )
