"""Scores of trials left out: how far one account is ahead of another, and the weights of accounts in an average.

    difference    sum over trials of the log score of one account less that of another
    uncertainty   5th to 95th percentile when trials are drawn again with replacement
    weights       stacking, and pseudo-BMA with Bayesian bootstrap (Yao 2018), both by ArviZ

Log scores have the units of the rows they were taken over: they compare accounts over the same rows, never with zero.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

K_LIMIT = 0.7
"""Pareto k above which importance weights are not trusted (ArviZ)."""
_BOOTSTRAP, _BOOTSTRAP_SEED = 10_000, 1


@dataclass(frozen=True)
class Difference:
    """Sum over trials of log score of one account less that of another; 90 % by bootstrap over trials."""

    account: str
    rival: str
    sum: float
    low: float
    high: float
    share_above: float
    """Share of the bootstrap in which the account is ahead."""


def difference(scores: Mapping[str, np.ndarray], account: str, rival: str) -> Difference:
    """How far `account` is ahead of `rival`, with its bootstrap over trials."""
    gaps = scores[account] - scores[rival]
    rng = np.random.default_rng(_BOOTSTRAP_SEED)
    again = gaps[rng.integers(0, len(gaps), (_BOOTSTRAP, len(gaps)))].sum(axis=1)
    low, high = np.percentile(again, (5.0, 95.0))
    return Difference(account, rival, float(gaps.sum()), float(low), float(high), float((again > 0.0).mean()))


def weights(scores: Mapping[str, np.ndarray]) -> dict[str, dict[str, float]]:
    """Account -> its weight by stacking and by pseudo-BMA with Bayesian bootstrap."""
    arviz = quiet_arviz()
    pages = {name: _page(one) for name, one in scores.items()}
    methods = {"stacking": "stacking", "pseudo_bma": "BB-pseudo-BMA"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of pandas, about a keyword that arviz uses
        tables = {
            told: arviz.compare(pages, ic="loo", method=method, seed=_BOOTSTRAP_SEED)
            for told, method in methods.items()
        }
    return {name: {told: float(table.loc[name, "weight"]) for told, table in tables.items()} for name in scores}


def _page(log_scores: np.ndarray) -> Any:
    """Log scores as arviz keeps them."""
    import xarray

    quiet_arviz()
    from arviz.stats.stats_utils import ELPDData

    count = len(log_scores)
    se = math.sqrt(count * float(log_scores.var()))
    each = xarray.DataArray(log_scores, dims=["trial"])
    index = ["elpd_loo", "se", "p_loo", "n_samples", "n_data_points", "warning", "loo_i", "scale"]
    return ELPDData(data=[float(log_scores.sum()), se, float("nan"), count, count, False, each, "log"], index=index)


def quiet_arviz() -> Any:
    """The library, without its announcement of the next version (the project holds it below 1)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        import arviz
    return arviz
