"""What the model says to every row of the fit, at many draws of its open numbers: computed once, used many times.

A bank holds points of the unit cube and the `features` of every row there. Surrogates are fitted to it, posteriors are
checked against it, and no number in it depends on what the trials found.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from unwound.core.arrays import Array, jax, jnp
from unwound.inference.crowd import Crowd, crowd
from unwound.inference.observe import features
from unwound.inference.pain_parameters import numbers
from unwound.inference.pain_rows import FitRow, fit_rows, fitted_trials

PEOPLE = {"RAB01": 128}
"""Depots are moved by matrices, in narrow lanes; its people are asked for two hours only."""
USUAL = 256
AT_ONCE = 16


@dataclass(frozen=True)
class Bank:
    """Points of the cube (points, coordinates) and the features there (points, features), by row of the fit."""

    hypothesis: str
    cube: np.ndarray
    found: np.ndarray

    def joined(self, other: Bank) -> Bank:
        """Both together."""
        return Bank(self.hypothesis, np.concatenate([self.cube, other.cube]), np.concatenate([self.found, other.found]))


def fitted_crowd(trial: str) -> Crowd:
    """The crowd of a trial at the size of the fit."""
    return crowd(trial, PEOPLE.get(trial, USUAL))


def places(rows: tuple[FitRow, ...] | None = None) -> list[slice]:
    """Where the features of each row stand."""
    begin, found = 0, []
    for row in rows or fit_rows():
        found.append(slice(begin, begin + size_of(row)))
        begin += size_of(row)
    return found


def size_of(row: FitRow) -> int:
    """How many features a row has."""
    return 2 if row.kind in ("mean", "range", "classes") else 1


def evaluate(
    hypothesis: str, cube: np.ndarray, trials: tuple[str, ...] = (), progress: Callable[[int], None] | None = None,
    mechanisms: tuple[str, ...] = (),
) -> np.ndarray:  # fmt: skip
    """Features at points of the cube, (points, features); NaN for rows of trials that are not asked for."""
    parts = []
    for begin in range(0, len(cube), AT_ONCE):
        part = cube[begin : begin + AT_ONCE]
        parts.append(asked(hypothesis, numbers(hypothesis, part), trials, mechanisms))
        if progress is not None:
            progress(len(part))
    return np.concatenate(parts)


def asked(
    hypothesis: str, drawn: Mapping[str, np.ndarray], trials: tuple[str, ...] = (), mechanisms: tuple[str, ...] = ()
) -> np.ndarray:
    """Features at draws of the open numbers, (draws, features)."""
    size = len(next(iter(drawn.values())))
    out = np.full((size, places()[-1].stop), np.nan)
    for trial in trials or fitted_trials():
        own = fitted_crowd(trial)
        pain = {arm: jnp.asarray(values) for arm, values in own.pain(hypothesis, drawn, mechanisms).items()}
        out[:, columns_of(trial)] = np.asarray(_asked(own)(pain))
    return out


_ASKED: dict[str, Callable[[dict[str, Array]], Array]] = {}


def rows_of(trial: str) -> tuple[FitRow, ...]:
    """The rows of one trial."""
    return tuple(row for row in fit_rows() if row.trial == trial)


def columns_of(trial: str) -> np.ndarray:
    """The places of the features of a trial."""
    where = [place for row, place in zip(fit_rows(), places(), strict=True) if row.trial == trial]
    return np.concatenate([np.arange(place.start, place.stop) for place in where])


def _asked(own: Crowd) -> Callable[[dict[str, Array]], Array]:
    """`features` of a trial for several draws, compiled once."""
    if own.trial not in _ASKED:
        rows, (weekly, single) = rows_of(own.trial), own.scatter
        one = partial(_features, rows, own.hours, weekly, single)
        _ASKED[own.trial] = jax.jit(jax.vmap(one))
    return _ASKED[own.trial]


def _features(
    rows: tuple[FitRow, ...], hours: tuple[float, ...], weekly: float, single: float, pain: dict[str, Array]
) -> Array:
    return features(rows, pain, hours, weekly, single)
