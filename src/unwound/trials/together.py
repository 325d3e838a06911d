"""Runs of one trial, each of some of its replicates, put together as one result in the order of the replicates."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from unwound.core.arrays import jax
from unwound.patient.merging import merged
from unwound.patient.people import People
from unwound.trials.result import TrialResult


def together(parts: Sequence[TrialResult], numbers: Sequence[np.ndarray]) -> TrialResult:
    """One result of all `parts`; replicate `numbers[k][i]` of it is the i-th of `parts[k]`. The numbers are 0, 1, ...

    What all share (trial, visits, setting) is that of the first.
    """
    first, size = parts[0], parts[0].trial.size
    order = np.argsort(np.concatenate(numbers))
    count = len(order)

    def placed(arrays: Sequence[np.ndarray], axis: int) -> np.ndarray:
        return np.concatenate(arrays, axis=axis).take(order, axis=axis)

    ids = [(size * own[:, None] + np.arange(size)).ravel() for own in numbers]
    course = merged([(own, part.course) for own, part in zip(ids, parts, strict=True)], count * size)
    return dataclasses.replace(
        first,
        replicates=count,
        people=_people([part.people for part in parts], np.argsort(np.concatenate(ids))),
        course=course,
        ratings=placed([part.ratings for part in parts], 1),
        keys=tuple(dict.fromkeys(key for part in parts for key in part.keys)),
        allocation=placed([part.allocation for part in parts], 0),
        rescues=placed([part.rescues for part in parts], 1),
        events={name: placed([part.events[name] for part in parts], 0) for name in first.events},
    )


def _people(parts: Sequence[People], order: np.ndarray) -> People:
    """Everybody, side by side, then in `order`."""
    joined = jax.tree.map(lambda *leaves: np.concatenate(leaves, axis=-1)[..., order], *parts)
    return joined  # type: ignore[no-any-return]
