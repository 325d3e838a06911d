"""Could the fit find the truth? Trial sets of the same size are simulated from known numbers and fitted again.

Truths are even over the cube (within the driver), and studies differ as the prior has it; what a row would print is
drawn as it was printed: means with their spread, counts, P values as a bound or with two digits. The posterior of each
set (NUTS on the surrogate, which is also what the truth is asked of) tells, for every open number, how often its 90 %
interval holds the truth, and how much narrower than the prior it is. A number that is not narrowed cannot be identified
from such trials, and is told so.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from unwound.core.arrays import jnp
from unwound.inference import study
from unwound.inference.bank import places
from unwound.inference.observe import Data, critical
from unwound.inference.pain_fit import guessed, sample, sampler, surrogate_model
from unwound.inference.pain_parameters import ends, names
from unwound.inference.pain_rows import FitRow, fit_rows, fitted_trials
from unwound.inference.surrogate import Surrogate

IDENTIFIED = 0.3
"""Share of the prior's spread that must be gone, on average, for a number to count as identified."""


def simulated(found: np.ndarray, rng: np.random.Generator) -> tuple[Data, ...]:
    """What the rows of the fit would print when the model says `found`."""
    return tuple(_drawn(row, found[place], rng) for row, place in zip(fit_rows(), places(), strict=True))


def _drawn(row: FitRow, said: np.ndarray, rng: np.random.Generator) -> Data:
    if row.kind in ("mean", "range"):
        sd = math.exp(said[1])
        mean = rng.normal(said[0], sd / math.sqrt(row.n))
        if row.kind == "mean":
            return mean, math.log(sd * math.sqrt(rng.chisquare(row.n - 1) / (row.n - 1)))
        half = (row.high - row.low) / 2.0
        return mean - half, mean + half
    if row.kind == "share":
        return (float(rng.binomial(row.n, _share(said[0]))),)
    if row.kind == "classes":
        some = rng.binomial(row.n, _share(said[0]))
        lasting = rng.binomial(some, _share(said[1]))
        return float(row.n - some), float(some - lasting), float(lasting)
    p = math.erfc(abs(rng.normal(said[0], 1.0)) / math.sqrt(2.0))
    if row.kind == "within":
        return critical(row, 0.0, 0.05) if p < 0.05 else critical(row, 0.05, 1.0)
    bound = row.high if row.low == 0.0 else 0.001
    return critical(row, 0.0, bound) if p < bound else critical(row, max(p - 0.005, bound), p + 0.005)


def _share(logit: float) -> float:
    return 1.0 / (1.0 + math.exp(-logit))


def recover(
    surrogate: Surrogate, hypothesis: str, driver: str, sets: int = 12, draws: int = 200, seed: int = 1,
    progress: Callable[[int], None] | None = None,
) -> list[dict[str, Any]]:  # fmt: skip
    """For every open number: coverage of its 90 % interval and how much of the prior's spread is gone, over `sets`."""
    rng = np.random.default_rng(seed)
    allowed, chains = ends(hypothesis, driver), sampler(surrogate_model, draws)
    along = jnp.asarray(study.directions(hypothesis))
    inside, gone = [], []
    for n in range(sets):
        truth = allowed[:, 0] + (allowed[:, 1] - allowed[:, 0]) * rng.random(len(allowed))
        sd, own = abs(rng.normal(0.0, study.spread())), rng.standard_normal(len(fitted_trials()))
        said = guessed(surrogate, jnp.asarray(truth), jnp.asarray(sd), jnp.asarray(own), along)
        found, _ = sample(chains, surrogate, hypothesis, driver, seed + n, data=simulated(np.asarray(said), rng))
        cube = found.point
        low, high = np.percentile(cube, (5.0, 95.0), axis=0)
        inside.append((low - 1e-9 <= truth) & (truth <= high + 1e-9))
        even = (allowed[:, 1] - allowed[:, 0]) / math.sqrt(12.0)
        gone.append(1.0 - cube.std(axis=0) / np.where(even > 0.0, even, np.nan))
        if progress is not None:
            progress(1)
    free = allowed[:, 1] > allowed[:, 0]
    return [
        {"name": name, "covered": float(np.mean(inside, axis=0)[n]), "contraction": float(np.mean(gone, axis=0)[n]),
         "identified": bool(np.mean(gone, axis=0)[n] >= IDENTIFIED), "sets": sets}
        for n, name in enumerate(names(hypothesis)) if free[n]
    ]  # fmt: skip
