r"""Crossover trials: each patient is his own control, and periods may differ.

    y_ip = patient_i + period_p + treatment_{t(i,p)} + e_ip

    two periods     d_i = y_i1 - y_i2;   treatment = (mean d in AB - mean d in BA) / 2 ,  t with n_AB + n_BA - 2
                    period    = (mean d in AB + mean d in BA) / 2
    several         patient means are taken out of y and of the columns; least squares on the rest,
                    freedom = ratings - patients - (columns)

Sign: treatment 1 minus treatment 0. Method: the two-period analysis of differences and, for more periods, fixed
effects of patients (statsmodels OLS with a dummy per patient). Leaves out: carry-over (it cannot be told from the
other effects within two periods), random effects of patients, which would recover a little from patients with one
period only.
"""

from __future__ import annotations

import numpy as np

from unwound.core.errors import Problem
from unwound.trials.analysis.comparison import LEVEL, Comparison, comparison
from unwound.trials.analysis.inputs import refuse, require_alike
from unwound.trials.analysis.linear import least_squares, of_column


def two_periods(values: np.ndarray, treatment: np.ndarray, level: float = LEVEL) -> tuple[Comparison, Comparison]:
    """(treatment, period) of an AB/BA crossover; values and treatment (0 or 1): (2, replicates, patients).

    The period effect is period 1 minus period 2. Patients with one period missing are left out.
    """
    _check(values, treatment)
    if len(values) != 2 or np.any(treatment[0] == treatment[1]):
        refuse([Problem("treatment", f"{len(values)} periods", "two periods, one of each treatment per patient",
                        "use several_periods for other designs")])  # fmt: skip
    d = values[0] - values[1]
    first = np.where(treatment[0] == 1, d, np.nan)  # treated first
    second = np.where(treatment[0] == 0, d, np.nan)
    n = [np.isfinite(g).sum(axis=-1) for g in (first, second)]
    with np.errstate(divide="ignore", invalid="ignore"):
        means = [np.nansum(g, axis=-1) / k for g, k in zip((first, second), n, strict=True)]
        squares = sum(
            np.nansum((g - m[:, None]) ** 2, axis=-1) for g, m in zip((first, second), means, strict=True)
        )  # fmt: skip
        freedom = n[0] + n[1] - 2
        error = 0.5 * np.sqrt(squares / freedom * (1.0 / n[0] + 1.0 / n[1]))
    return (
        comparison(0.5 * (means[0] - means[1]), error, freedom, level),
        comparison(0.5 * (means[0] + means[1]), error, freedom, level),
    )


def paired(values: np.ndarray, treatment: np.ndarray, level: float = LEVEL) -> Comparison:
    """The mean of each patient's own difference, without a period effect: a paired t test."""
    _check(values, treatment)
    means = []
    for which in (1, 0):
        there = (treatment == which) & np.isfinite(values)
        with np.errstate(divide="ignore", invalid="ignore"):
            means.append(np.where(there, values, 0.0).sum(axis=0) / there.sum(axis=0))
    d = means[0] - means[1]
    n = np.isfinite(d).sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.nansum(d, axis=-1) / n
        error = np.sqrt(np.nansum((d - mean[:, None]) ** 2, axis=-1) / (n - 1) / n)
    return comparison(mean, error, n - 1, level)


def several_periods(
    values: np.ndarray, treatment: np.ndarray, level: float = LEVEL, treated: int = 1, control: int = 0
) -> Comparison:
    """Two treatments of a crossover with any number of periods and treatments: (periods, replicates, patients)."""
    _check(values, treatment)
    there = np.isfinite(values)
    others = [t for t in np.unique(treatment) if t != control]
    if treated not in others:
        refuse([Problem("treated", treated, "no patient receives it", f"choose one of {others}")])
    others.sort(key=lambda t: t != treated)  # the treatment asked for is the first column
    columns = [(treatment == t).astype(float) for t in others]
    periods = np.arange(len(values))[:, None, None]
    columns += [np.broadcast_to(periods == p, values.shape).astype(float) for p in range(1, len(values))]
    X = np.stack([_own_mean_out(c, there) for c in columns], axis=-1)
    y = _own_mean_out(np.where(there, values, 0.0), there)
    R = values.shape[1]
    flat = X.transpose(1, 0, 2, 3).reshape(R, -1, len(columns))
    found = least_squares(flat, y.transpose(1, 0, 2).reshape(R, -1), there.transpose(1, 0, 2).reshape(R, -1))
    patients = there.any(axis=0).sum(axis=-1)
    lost = type(found)(
        found.coefficients, found.inverse, found.squares, found.rank, found.count - patients, found.estimable
    )
    return of_column(lost, 0, level)


def _own_mean_out(values: np.ndarray, there: np.ndarray) -> np.ndarray:
    """Values without the mean of each patient over the periods in which he was rated."""
    mean = np.where(there, values, 0.0).sum(axis=0) / np.maximum(there.sum(axis=0), 1)
    return np.where(there, values - mean, 0.0)


def _check(values: np.ndarray, treatment: np.ndarray) -> None:
    require_alike(values=values, treatment=treatment)
    if np.shape(values) != np.shape(treatment):
        rule = f"one treatment per value, shape {np.shape(values)}"
        refuse([Problem("treatment", np.shape(treatment), rule, "give (periods, replicates, patients)")])
