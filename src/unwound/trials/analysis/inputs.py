"""What every analysis expects of its arrays, and how a slip is told.

Ratings are (visits, replicates, patients) with NaN where missing; what belongs to a patient is (replicates,
patients). `arm` holds a whole number per patient: 0 for control and 1 for treated unless said otherwise.
"""

from __future__ import annotations

import numpy as np

from unwound.core.errors import InputError, Problem


def require_alike(**arrays: np.ndarray | None) -> None:
    """Every array given has the replicates and patients of the first one. Raises `InputError` with all that do not."""
    given = {name: np.shape(array) for name, array in arrays.items() if array is not None}
    first, shape = next(iter(given.items()))
    problems = [
        Problem(f"shape of {name}", found, f"must end like that of {first}, {shape[-2:]} (replicates, patients)",
                "give one value per replicate and patient")
        for name, found in given.items()
        if found[-2:] != shape[-2:] or len(found) < 2
    ]  # fmt: skip
    refuse(problems)


def require_arms(arm: np.ndarray, treated: int = 1, control: int = 0) -> None:
    """Both arms have patients somewhere."""
    found = sorted({int(v) for v in np.unique(arm)})
    refuse(
        [
            Problem("arm", found, f"no patient of the {name} arm ({index})", f"write {name}= one of {found}")
            for name, index in (("treated", treated), ("control", control))
            if index not in found
        ]
    )


def require_share(**shares: float) -> None:
    """Every number is a share strictly between 0 and 1."""
    refuse(
        [
            Problem(name, value, "must lie between 0 and 1", "write 5 % as 0.05")
            for name, value in shares.items()
            if not 0.0 < value < 1.0
        ]
    )


def refuse(problems: list[Problem]) -> None:
    """Raise all `problems` at once, if there are any."""
    if problems:
        raise InputError(problems)


def split(values: np.ndarray, arm: np.ndarray, treated: int = 1, control: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """The values of each arm in place, NaN elsewhere."""
    require_arms(arm, treated, control)
    return np.where(arm == treated, values, np.nan), np.where(arm == control, values, np.nan)


def joined(arm: np.ndarray, control: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(values, arm index) from values of two arms, (..., replicates, patients of each): patients beside one another."""
    values = np.concatenate([arm, control], axis=-1)
    index = np.concatenate([np.ones(arm.shape[-2:], dtype=int), np.zeros(control.shape[-2:], dtype=int)], axis=-1)
    return values, index
