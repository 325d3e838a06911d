r"""Trials differ: the random effect of a study in the joint fit of pain, the same kind that the meta-analysis has.

    ln potency_s = ln potency + sd w_s,    w_s ~ N(0, 1),    sd half-normal

Potency moves every half concentration alike: that of acute relief, and of the driver (under H0 of the slow effect). So
a study is the same point of the cube, shifted along these coordinates and held within the cube; what was computed for
the cube answers it too. A trial that was not seen has a new w.

Leaves out: random effects of placebo, dropout and whom the drug can reach.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from unwound.core.arrays import Array, jnp
from unwound.inference.bank import columns_of, evaluate
from unwound.inference.pain_parameters import priors
from unwound.inference.pain_rows import fitted_trials, page

HALVES = ("acute_half", "half_block", "half_effect")
"""The half concentrations: potency is one over each of them."""


class Draws(NamedTuple):
    """Draws of the open numbers, of the spread between studies, and of what each trial of the fit has of it."""

    point: np.ndarray
    """(draws, coordinates), of the cube"""
    sd: np.ndarray
    """(draws,) of ln potency between studies"""
    own: np.ndarray
    """(draws, trials), w of each trial of the fit"""

    def take(self, index: np.ndarray | slice) -> Draws:
        """Some of them."""
        return Draws(self.point[index], self.sd[index], self.own[index])

    def of_trial(self, hypothesis: str, trial: str) -> np.ndarray:
        """The points of the cube at which a trial of the fit stands."""
        return self.at(hypothesis, self.own[:, fitted_trials().index(trial)])

    def of_new_trial(self, hypothesis: str, rng: np.random.Generator) -> np.ndarray:
        """The points of a trial that was not seen: every draw with a new w, spread evenly over its distribution."""
        from scipy.special import ndtri

        count = len(self.point)
        return self.at(hypothesis, ndtri((rng.permutation(count) + rng.random(count)) / count))

    def at(self, hypothesis: str, w: np.ndarray) -> np.ndarray:
        """The points shifted by `w` (draws,) standard deviations."""
        shifted = self.point + (self.sd * w)[:, None] * directions(hypothesis)
        return np.asarray(np.clip(shifted, 0.0, 1.0))


def directions(hypothesis: str) -> np.ndarray:
    """How far each coordinate of the cube moves per unit of ln potency."""
    return np.array([
        -1.0 / math.log(prior.high / prior.low) if prior.name in HALVES else 0.0 for prior in priors(hypothesis)
    ])  # fmt: skip


def point_of(point: Array, sd: Array, own: Array, along: Array) -> Array:
    """One point of the cube shifted for one study, as `Draws.at` has it, for a sampler."""
    return jnp.clip(point + sd * own * along, 0.0, 1.0)


def spread() -> float:
    """The prior's scale of the standard deviation of ln potency between studies."""
    return float(page()["study"]["spread"])


def of_a_new_study(hypothesis: str, values: Mapping[str, float], sd: float, w: float) -> dict[str, float]:
    """The numbers of a draw in a study that differs by `w` standard deviations, half concentrations within bounds."""
    found = dict(values)
    for prior in priors(hypothesis):
        if prior.name in HALVES:
            found[prior.name] = float(np.clip(values[prior.name] * math.exp(-sd * w), prior.low, prior.high))
    return found


def answered(hypothesis: str, draws: Draws, mechanisms: tuple[str, ...] = ()) -> np.ndarray:
    """Features of every row at the draws, each trial as the study that it is, (draws, features)."""
    parts = {
        trial: evaluate(hypothesis, draws.of_trial(hypothesis, trial), (trial,), mechanisms=mechanisms)
        for trial in fitted_trials()
    }
    found = np.empty_like(next(iter(parts.values())))
    for trial, part in parts.items():
        found[:, columns_of(trial)] = part[:, columns_of(trial)]
    return found
