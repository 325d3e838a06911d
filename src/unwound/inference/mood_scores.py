r"""Leave one trial out: how well each account foretells a trial it has not seen, study effects integrated out.

    log p(y_i | theta, tau) = log integral p(y_i | theta, v, w) N(v; 0, tau_c^2) N(w; 0, tau_d^2) dv dw
    elpd_i                  = log mean over draws given all other trials of p(y_i | theta, tau)

First by Pareto-smoothed importance sampling of the fit to all trials (arviz); where its k-hat exceeds 0.7 the trial is
really left out and the account fitted again. Every row of a trial counts with its weight (a recalled one a half). The
densities of rows have units, so scores are compared between accounts over the same rows, and never with zero.

Weights: stacking and pseudo-BMA with Bayesian bootstrap (arviz). Uncertainty of a difference: trials drawn again with
replacement. Ten trials are few, and the mechanism was built
with all of them in view: a trial that is left out of the fit was never left out of the thinking.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from unwound.core.arrays import Array, jax, jnp
from unwound.inference.held_out import K_LIMIT, Difference, quiet_arviz
from unwound.inference.mood_fit import Fitted, Harness, Sampler, harness
from unwound.inference.mood_observe import predict

_V = np.linspace(-2.6, 2.6, 9)
_W = np.linspace(-2.4, 2.4, 7)


@dataclass(frozen=True)
class Score:
    """One trial under one account."""

    account: str
    trial: str
    log_score: float
    k_hat: float
    refitted: bool


def trial_log_densities(h: Harness, z: np.ndarray, tau: np.ndarray) -> np.ndarray:
    """log p(y_i | theta, tau) of every trial under every draw, (draws, trials), study effects integrated out."""
    return np.asarray(_integrated(h.account.name)(jnp.asarray(z), jnp.asarray(tau)))


@functools.cache
def _integrated(name: str) -> Any:
    """The integral over study effects, compiled once for an account."""
    h = harness(name)
    v, w = (one.ravel() for one in np.meshgrid(_V, _W, indexing="ij"))
    mass = -0.5 * (v**2 + w**2)
    mass = mass - math.log(np.exp(mass).sum())
    belongs = jnp.asarray(np.eye(len(h.data.trials))[h.row_trial])  # (rows, trials)

    def one(draw: tuple[Array, Array]) -> Array:
        p = h.parameters(draw[0])
        at_visits, along = h.account.drug(p)

        def node(at: tuple[Array, Array]) -> Array:
            shift, factor = draw[1][0] * at[0], jnp.exp(draw[1][1] * at[1])
            everywhere = jnp.full(len(h.data.visits), shift), jnp.full(len(h.data.paths), shift)
            found = predict(h.setup, p, at_visits * factor, along * factor, everywhere)
            return h.table.log_densities(h.table.read(found)) @ belongs

        nodes = jax.lax.map(node, (jnp.asarray(v), jnp.asarray(w)))
        return jax.scipy.special.logsumexp(nodes + jnp.asarray(mass)[:, None], axis=0)

    return jax.jit(lambda zs, taus: jax.lax.map(one, (zs, taus)))


class Scorer:
    """Scores of one account; compiled once."""

    def __init__(self, name: str, sampler: Sampler) -> None:
        self.name, self.sampler, self.harness = name, sampler, harness(name)

    def scores(self, whole: Fitted, progress: Any = None) -> list[Score]:
        """The score of every trial, refitted where importance sampling is not to be trusted."""
        arviz = quiet_arviz()
        densities = trial_log_densities(self.harness, whole.z, whole.tau)
        found = []
        for n, trial in enumerate(self.harness.data.trials):
            own = densities[:, n]
            weights, k = arviz.psislw(-own)
            k_hat, refit = float(k), not float(k) <= K_LIMIT
            score = _log_sum(np.asarray(weights) + own)
            if refit:
                without = self.sampler.fit(trial, again=True)
                held = trial_log_densities(self.harness, without.z, without.tau)[:, n]
                score = _log_sum(held) - math.log(len(held))
            found.append(Score(self.name, trial, score, k_hat, refit))
            if progress is not None:
                progress(found[-1])
        return found


def _log_sum(values: np.ndarray) -> float:
    top = float(values.max())
    return top + math.log(float(np.exp(values - top).sum()))


def by_account(scores: Sequence[Score]) -> dict[str, np.ndarray]:
    """Account -> log scores in the order of its trials."""
    names = dict.fromkeys(score.account for score in scores)
    return {name: np.array([score.log_score for score in scores if score.account == name]) for name in names}


def verdict(gap: Difference) -> str:
    """The first line of the report."""
    told = f"{abs(gap.sum):.1f} log units, 90 % by bootstrap over trials {gap.low:.1f} to {gap.high:.1f}"
    if gap.low > 0.0:
        return f"The mechanism beats the meta-analysis on trials it has not seen (ahead by {told})."
    if gap.high < 0.0:
        return f"The mechanism does not beat the meta-analysis on trials it has not seen: it is behind by {told}."
    side = "ahead" if gap.sum > 0.0 else "behind"
    return (
        "The mechanism does not beat the meta-analysis on trials it has not seen: they are not told apart "
        f"({side} by {told})."
    )
