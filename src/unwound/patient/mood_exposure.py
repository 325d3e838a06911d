"""From a regimen to the stimulus of mood: steps that are fine after every dose, and E at their Gauss points, exactly.

Every model of the register that knows the drug form and the route will do. A model of total racemic ketamine counts
(1 + f)/2 of its concentration. The grid repeats the same offsets after the start and the end of every dose, so that
many steps have one length and one matrix exponential.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from unwound.core.arrays import Array, jnp
from unwound.evidence import value
from unwound.outcomes.equivalents import s_equivalents
from unwound.outcomes.mood import GAUSS, Mood, stimulus
from unwound.pharmacokinetics.curves import Given, curves
from unwound.pharmacokinetics.grid import TIME_DIGITS
from unwound.pharmacokinetics.model import Covariates, RoutedModel

HOURS = 24.0  # in a day, the unit of the turnover
_AFTER_H = np.array([0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 18.0, 24.0, 36.0, 48.0])
_LONGEST_H = 48.0  # of a step long after a dose
_LEAST_H = 1e-4
_PARTS = 4  # of a dose that takes time


@dataclass(frozen=True)
class Stimulus:
    """Times [d] between which the stimulus is known, and E at two points of every step, (steps, 2, people)."""

    time_d: np.ndarray
    at_gauss: Array

    @property
    def lengths_d(self) -> np.ndarray:
        """Length of every step [d]."""
        return np.diff(self.time_d)


def grid_h(given: Sequence[Given], until_h: float, also_at: Sequence[float] = ()) -> np.ndarray:
    """Ends of steps [h] up to `until_h`: fine after doses, no longer than two days, with the times `also_at` [h]."""
    starts = np.unique([dose.start for dose in given])
    pieces = [np.array([0.0, until_h]), np.asarray(also_at, float)]
    for dose in given:
        later = starts[starts > dose.start + 1e-9]
        end = dose.start + dose.duration
        stop = later[0] if len(later) else until_h
        after = (end + _AFTER_H, dose.start + np.linspace(0.0, dose.duration, _PARTS + 1))
        pieces += [times[times < stop] for times in after]
    edges = np.unique(np.round(np.concatenate(pieces), TIME_DIGITS))
    edges = edges[(edges >= 0.0) & (edges <= until_h + 1e-9)]
    edges = edges[np.concatenate([[True], np.diff(edges) > _LEAST_H])]
    cuts = [np.linspace(a, b, int(np.ceil((b - a) / _LONGEST_H)) + 1)[:-1] for a, b in itertools.pairwise(edges)]
    return np.round(np.concatenate([*cuts, edges[-1:]]), TIME_DIGITS)


def stimulus_of(
    model: RoutedModel, given: Sequence[Given], who: Covariates, eta: Array, edges_h: np.ndarray, p: Mood
) -> Stimulus:
    """E in people `who` with random effects `eta` on the steps between `edges_h`. Raises `InputError` (form, route)."""
    people = np.shape(who.weight)
    steps = np.diff(edges_h)
    if not given:
        return Stimulus(edges_h / HOURS, jnp.zeros((len(steps), 2, *people)))
    at = np.round(edges_h[:-1, None] + steps[:, None] * np.asarray(GAUSS), TIME_DIGITS)
    found = curves(model, given, who, eta, at.ravel()).concentration
    level = _s_equivalent(found, p)
    return Stimulus(edges_h / HOURS, stimulus(level, p).reshape(len(steps), 2, *people))


def _s_equivalent(found: dict[str, np.ndarray], p: Mood) -> Array:
    """S-equivalents [uM] of concentrations [ng/mL] by analyte."""
    mass = value("ketamine.molar_mass", "ng/nmol")  # ng/mL over ng/nmol is uM
    molar = {name: np.maximum(values, 0.0) / mass for name, values in found.items() if name.endswith("-ketamine")}
    if "ketamine" in found:
        half = np.maximum(found["ketamine"], 0.0) / mass / 2.0
        molar = {"S-ketamine": half, "R-ketamine": half}
    return s_equivalents(molar, p.r_potency)
