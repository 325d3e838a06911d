r"""The joint fit of pain: one posterior per hypothesis and driver, and what each says of a trial it has not seen.

    prior        even over the unit cube (`pain_parameters`), cut to what the driver allows; studies differ (`study`)
    likelihood   product over the rows of the trials, as asked of the crowds (`observe`)
    sampling     NUTS (NumPyro) on the surrogate; then every draw is asked of the crowds themselves, and its weight is
                 the ratio of the two likelihoods, smoothed by Pareto (ArviZ): k above 0.7 says that the surrogate was
                 not good enough there
    left out     the same without one trial; its log score is ln of the mean likelihood of its rows, in a new study

So no result rests on the surrogate: it only proposes.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from unwound.core.arrays import Array, jax, jnp
from unwound.inference import rivals, study
from unwound.inference.bank import columns_of, places
from unwound.inference.observe import Data, log_likelihood, printed
from unwound.inference.pain_parameters import ends
from unwound.inference.pain_rows import fit_rows, fitted_trials
from unwound.inference.study import Draws
from unwound.inference.surrogate import Surrogate

CHAINS, WARMUP, TREE = 4, 250, 6
LOWER = 5.0
ANEW = 20
"""How often a random effect is drawn anew for each draw of the rest."""
Progress = Callable[[int], None]


@dataclass(frozen=True)
class Posterior:
    """Weighted draws under one hypothesis and driver (or of a rival)."""

    model: str
    draws: Draws
    weights: np.ndarray
    """(draws,), sum 1"""
    found: np.ndarray
    """(draws, features) as the crowds say."""
    pareto_k: float
    r_hat: float
    effective: float
    """Effective number of draws after weighting."""


def model_name(hypothesis: str, driver: str) -> str:
    """ "H0", "H2 empirical", ..."""
    return f"{hypothesis} {driver}".strip()


def trial_scores(found: np.ndarray) -> np.ndarray:
    """Log likelihood of each trial at each draw, (draws, trials); NaN where the features are."""
    return np.asarray(_trial_scores(jnp.asarray(found), data_of_all()))


def data_of_all() -> tuple[Data, ...]:
    """What every row of the fit found."""
    return tuple(printed(row) for row in fit_rows())


@jax.jit
def _trial_scores(found: Array, data: tuple[Data, ...]) -> Array:
    each = {trial: jnp.zeros(len(found)) for trial in fitted_trials()}
    for row, place, own in zip(fit_rows(), places(), data, strict=True):
        scores = jax.vmap(lambda one, row=row, own=own: log_likelihood(row, one, own))(found[:, place])
        each[row.trial] = each[row.trial] + scores
    return jnp.stack(list(each.values()), axis=-1)


def surrogate_model(
    surrogate: Surrogate, low: Array, high: Array, along: Array, kept: Array, data: tuple[Data, ...]
) -> None:
    """The NumPyro model: even between two ends of the cube, studies along `along`, the trials that are `kept`."""
    import numpyro
    import numpyro.distributions as dist

    inside = numpyro.sample("u", dist.Uniform(0.0, 1.0).expand([surrogate.cube.shape[1]]).to_event(1))
    point = numpyro.deterministic("point", low + (high - low) * inside)
    sd = numpyro.sample("sd", dist.HalfNormal(study.spread()))
    own = numpyro.sample("own", dist.Normal(0.0, 1.0).expand([len(fitted_trials())]).to_event(1))
    found = guessed(surrogate, point, sd, own, along)
    numpyro.factor("rows", jnp.sum(_trial_scores(found[None], data)[0] * kept))


def guessed(surrogate: Surrogate, point: Array, sd: Array, own: Array, along: Array) -> Array:
    """The features at one draw by the surrogate, each trial as the study that it is."""
    found = jnp.zeros(len(surrogate.center))
    for n, trial in enumerate(fitted_trials()):
        place = columns_of(trial)
        found = found.at[place].set(surrogate.of(place)(study.point_of(point, sd, own[n], along)))
    return found


def sample(
    chains: Run, surrogate: Surrogate, hypothesis: str, driver: str, seed: int, left_out: tuple[str, ...] = (),
    data: tuple[Data, ...] | None = None,
) -> tuple[Draws, float]:  # fmt: skip
    """(draws, worst R-hat): NUTS on the surrogate. `chains` is ``sampler(surrogate_model, draws)``.

    `data` stands in for what was printed (for trials that were simulated).
    """
    allowed, kept = jnp.asarray(ends(hypothesis, driver)), jnp.asarray(kept_of(left_out))
    along = jnp.asarray(study.directions(hypothesis))
    printed_data = data_of_all() if data is None else data
    found, r_hat = chains(seed, surrogate, allowed[:, 0], allowed[:, 1], along, kept, printed_data)
    return Draws(found["point"], found["sd"], found["own"]), r_hat


Run = Callable[..., tuple[dict[str, np.ndarray], float]]
"""(seed, arguments of the model) -> (site -> draws, worst R-hat)"""


def sampler(model: Callable[..., None], draws: int, warmup: int = WARMUP, tries: int = 1) -> Run:
    """NUTS for a NumPyro model, several chains at once; compiled for the first arguments, then used for others.

    Each chain begins at the likeliest of `tries` random points, and chains whose mean log density stays more than
    `LOWER` below that of the best are left out: where a posterior has several hills, what counts is the high one.
    """
    made: dict[str, Any] = {}
    each = math.ceil(draws / CHAINS)

    def run(seed: int, *arguments: Any) -> tuple[dict[str, np.ndarray], float]:
        from numpyro.diagnostics import split_gelman_rubin

        if "chains" not in made:
            made["chains"], made["sites"] = _chains(model, arguments, each, warmup, tries)
        moved, energy = made["chains"](jax.random.key(seed), arguments)
        level = np.asarray(energy).mean(axis=1)
        high = np.flatnonzero(level <= level.min() + LOWER)
        moved = jax.tree.map(lambda leaf: leaf[high], moved)
        r_hat = max(float(np.max(split_gelman_rubin(np.asarray(site)))) for site in moved.values())
        sites = made["sites"](moved, arguments)
        return {name: np.asarray(site).reshape(-1, *site.shape[2:]) for name, site in sites.items()}, r_hat

    return run


def _chains(model: Callable[..., None], arguments: Any, draws: int, warmup: int, tries: int) -> tuple[Any, Any]:
    """(program that runs the chains, program that reads the sites), both for any arguments of one shape."""
    from numpyro.infer.hmc import hmc
    from numpyro.infer.util import initialize_model

    ready = initialize_model(jax.random.key(0), model, model_args=arguments, dynamic_args=True)
    start, step = hmc(potential_fn_gen=ready.potential_fn, algo="NUTS")

    def chain(key: Array, arguments: Any) -> Any:
        first, second = jax.random.split(key)
        leaves, shape = jax.tree.flatten(ready.param_info.z)

        def somewhere(key: Array) -> Any:
            keys = jax.random.split(key, len(leaves))
            near = [jax.random.uniform(k, x.shape, minval=-1.0) for k, x in zip(keys, leaves, strict=True)]
            return jax.tree.unflatten(shape, near)

        begins = somewhere(first)
        if tries > 1:
            many = jax.vmap(somewhere)(jax.random.split(first, tries))
            best = jnp.argmin(jax.lax.map(ready.potential_fn(*arguments), many))
            begins = jax.tree.map(lambda leaf: leaf[best], many)
        state = start(begins, warmup, rng_key=second, max_tree_depth=TREE, model_args=arguments)

        def one(state: Any, _: None) -> tuple[Any, Any]:
            state = step(state, model_args=arguments)
            return state, (state.z, state.potential_energy)

        _, path = jax.lax.scan(one, state, None, length=warmup + draws)
        return jax.tree.map(lambda leaf: leaf[warmup:], path)

    @jax.jit
    def chains(key: Array, arguments: Any) -> Any:
        return jax.vmap(lambda one: chain(one, arguments))(jax.random.split(key, CHAINS))

    @jax.jit
    def sites(path: Any, arguments: Any) -> Any:
        return jax.vmap(jax.vmap(ready.postprocess_fn(*arguments)))(path)

    return chains, sites


def corrected(surrogate: Surrogate, model: str, draws: Draws, found: np.ndarray, r_hat: float) -> Posterior:
    """Draws of the surrogate's posterior, weighted by what the crowds say (`found`)."""
    import arviz

    along = jnp.asarray(study.directions(model.partition(" ")[0].partition("+")[0]))
    said = jax.vmap(lambda point, sd, own: guessed(surrogate, point, sd, own, along))(*map(jnp.asarray, draws))
    ratio = (trial_scores(found) - trial_scores(np.asarray(said))).sum(axis=1)
    smooth, k = arviz.psislw(ratio)
    weights = np.exp(smooth - np.max(smooth))
    weights /= weights.sum()
    return Posterior(model, draws, weights, found, float(k), r_hat, float(1.0 / np.sum(weights**2)))


def log_mean(scores: np.ndarray, weights: np.ndarray) -> float:
    """``ln sum w exp(score)``, safely."""
    most = float(np.max(scores))
    return most + math.log(float(np.sum(weights * np.exp(scores - most))))


def without(posterior: Posterior, trial: str) -> tuple[float, float]:
    """(log score of a trial under the posterior without it, Pareto k): by weights, without a new fit."""
    import arviz

    own = trial_scores(posterior.found)[:, fitted_trials().index(trial)]
    smooth, k = arviz.psislw(np.log(np.maximum(posterior.weights, 1e-300)) - own)
    weights = np.exp(smooth - np.max(smooth))
    return log_mean(own, weights / weights.sum()), float(k)


def kept_of(left_out: tuple[str, ...]) -> np.ndarray:
    """1 for every trial of the fit, 0 for those left out."""
    return np.array([0.0 if trial in left_out else 1.0 for trial in fitted_trials()])


TRIES = {"placebo": 1, "decay": 64, "analysis": 64}


def rival_sampler(rival: str, draws: int) -> Run:
    """NUTS for a rival."""
    return sampler(partial(rivals.model, rival), draws, tries=TRIES[rival])


def fit_rival(chains: Run, seed: int, left_out: tuple[str, ...] = ()) -> tuple[dict[str, np.ndarray], float]:
    """(numbers of a rival, worst R-hat), by NUTS."""
    sites, r_hat = chains(seed, jnp.asarray(kept_of(left_out)))
    return rivals.values_of(sites), r_hat


def rival_score(
    rival: str, trial: str, draws: dict[str, np.ndarray], seed: int, weights: np.ndarray | None = None
) -> float:
    """Log predictive score of a rival for a trial that it has not seen; random effects are integrated over."""
    scores = marginal(rival, trial, draws, seed)
    even = np.ones(len(scores)) if weights is None else weights
    return log_mean(scores, even / even.sum())


def marginal(rival: str, trial: str, draws: dict[str, np.ndarray], seed: int) -> np.ndarray:
    """Log likelihood of a trial at each draw, over `ANEW` new random effects where the trial has one of its own."""
    rng = np.random.default_rng(seed)
    many = {name: np.repeat(values, ANEW, axis=0) for name, values in draws.items()}
    scores = _scores_of(rival, trial, rivals.new_study(rival, trial, many, rng)).reshape(-1, ANEW)
    most = scores.max(axis=1)
    return np.asarray(most + np.log(np.mean(np.exp(scores - most[:, None]), axis=1)))


def rival_without(rival: str, trial: str, draws: dict[str, np.ndarray], seed: int) -> tuple[float, float]:
    """(log score of a trial under the rival without it, Pareto k): by weights, without a new fit.

    ``p(theta | the others)`` is ``p(theta | all) / p(trial | theta)``, the random effect of the trial integrated over.
    """
    import arviz

    scores = marginal(rival, trial, draws, seed)
    smooth, k = arviz.psislw(-scores)
    weights = np.exp(smooth - np.max(smooth))
    return log_mean(scores, weights / weights.sum()), float(k)


def _scores_of(rival: str, trial: str, draws: dict[str, np.ndarray]) -> np.ndarray:
    return np.asarray(_many_scores(rival, trial, {name: jnp.asarray(values) for name, values in draws.items()}))


def with_mechanism(posterior: Posterior, found: np.ndarray) -> dict[str, tuple[float, float]]:
    """Trial -> (log score when left out, Pareto k) of the same draws with a mechanism on, whose features are `found`.

    The draws are weighed anew by what the mechanism makes of the other trials: a fit by weights, not by new draws.
    """
    import arviz

    before, after = trial_scores(posterior.found).sum(axis=1), trial_scores(found)
    start = np.log(np.maximum(posterior.weights, 1e-300)) - before
    out = {}
    for n, trial in enumerate(fitted_trials()):
        smooth, k = arviz.psislw(start + after.sum(axis=1) - after[:, n])
        weights = np.exp(smooth - np.max(smooth))
        out[trial] = (log_mean(after[:, n], weights / weights.sum()), float(k))
    return out


@partial(jax.jit, static_argnames=("rival", "trial"))
def _many_scores(rival: str, trial: str, many: dict[str, Array]) -> Array:
    return jax.lax.map(lambda one: rivals.score(rival, trial, one), many, batch_size=64)
