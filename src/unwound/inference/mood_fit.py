r"""Joint Bayesian fit of an account of mood to the printed rows of ten trials, by NumPyro's NUTS.

    theta_j = prior_j(z_j),  z_j ~ N(0, 1);      v_s ~ N(0, tau_c^2),  w_s ~ N(0, tau_d^2),  tau half-normal
    log p   = sum over rows of weight x log p(printed | predicted(theta, v_s, w_s))

v_s shifts the control arms of study s on the log-odds, w_s multiplies the drug's effect there by exp(w_s). A mean, a
spread or an effect size is normal around its prediction with the standard error printed; a hazard ratio and a time
log-normal; a share binomial with the trial's own n; a verdict has the chance of being found. The weight of a row is 1,
1/2 when recalled, 3/4 when read in a secondary source.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np

from unwound.core.arrays import Array, jax, jnp
from unwound.evidence import value
from unwound.inference.mood_accounts import Account, account, priors_for
from unwound.inference.mood_data import BINOMIAL, LOGARITHM, NORMAL, VERDICT, MoodData, PrintedRow, mood_data
from unwound.inference.mood_observe import Predicted, Setup, predict, setup

_LEAST = 1e-9


@dataclass(frozen=True)
class Fitted:
    """Draws of one account: parameters (draws,), study spreads, study effects (draws, trials, 2), diagnostics."""

    account: str
    z: np.ndarray
    tau: np.ndarray
    effects: np.ndarray
    parameters: dict[str, np.ndarray]
    diagnostics: dict[str, dict[str, float]]
    divergent: int
    left_out: str = ""


class Harness:
    """An account laid beside the rows: predictions, log densities, the model that is sampled."""

    def __init__(self, name: str) -> None:
        self.data: MoodData = mood_data()
        self.setup: Setup = setup(self.data)
        self.account: Account = account(name, self.data)
        self.table = RowTable(self.data)
        trials = {trial: n for n, trial in enumerate(self.data.trials)}
        self.visit_trial = np.array([trials[visit.trial] for visit in self.data.visits])
        self.path_trial = np.array([trials[path.trial] for path in self.data.paths])
        self.row_trial = np.array([trials[row.trial] for row in self.data.rows])

    def parameters(self, z: Array) -> dict[str, Array]:
        """Parameters at standard normal `z` (last axis)."""
        return {name: prior(z[..., n]) for n, (name, prior) in enumerate(self.account.priors.items())}

    def predicted(self, p: dict[str, Any], effects: Array) -> Array:
        """The number predicted for every row; `effects` (trials, 2) are v and w."""
        at_visits, along = self.account.drug(p)
        at_visits = at_visits * jnp.exp(effects[self.visit_trial, 1])
        along = along * jnp.exp(effects[self.path_trial, 1])[:, None]
        background = effects[self.visit_trial, 0], effects[self.path_trial, 0]
        return self.table.read(predict(self.setup, p, at_visits, along, background))

    def log_densities(self, z: Array, effects: Array, observed: Any = None) -> Array:
        """The weighted log density of every row."""
        return self.table.log_densities(self.predicted(self.parameters(z), effects), observed)

    def model(self, keep: Array, observed: Array) -> None:
        """The NumPyro model; `keep` (rows,) is 0 for rows that are left out, `observed` what was printed."""
        import numpyro
        from numpyro.distributions import HalfNormal, Normal

        z = numpyro.sample("z", Normal(0.0, 1.0).expand([len(self.account.priors)]).to_event(1))
        scales = jnp.array([value(f"mood_prior.{spread}", "1") for spread in SPREADS])
        tau = numpyro.sample("tau", HalfNormal(scales).to_event(1))
        own = numpyro.sample("own", Normal(0.0, 1.0).expand([len(self.data.trials), 2]).to_event(2))
        numpyro.factor("rows", (keep * self.log_densities(z, own * tau, observed)).sum())


class RowTable:
    """The rows as arrays: which prediction each is laid beside, and its log density."""

    def __init__(self, data: MoodData) -> None:
        rows = data.rows
        self.here = np.array([row.visit for row in rows])
        self.other = np.array([row.other for row in rows])
        self.family = np.array([row.family for row in rows])
        self.observed = np.array([row.observed for row in rows])
        self.error = np.array([row.error for row in rows])
        self.patients = np.array([row.patients for row in rows])
        self.weight = np.array([row.weight for row in rows])
        self.kind = np.array([_KINDS.index(row.kind) for row in rows])
        relapse = np.isin(self.kind, [_KINDS.index(kind) for kind in _RELAPSE])
        self.visit, self.against = (np.where(relapse, 0, which) for which in (self.here, self.other))
        self.path, self.beside = (np.where(relapse, which, 0) for which in (self.here, self.other))

    def read(self, found: Predicted) -> Array:
        """The number predicted for every row."""
        mean, sd = found.mean[self.visit], found.sd[self.visit]
        gap = found.mean[self.against] - mean
        size = gap / jnp.sqrt((sd**2 + found.sd[self.against] ** 2) / 2.0)
        power = jax.scipy.special.ndtr(size / np.sqrt(2.0 / self.patients) - 1.96)  # normal approximation of a t test
        every = jnp.stack(
            [
                mean, sd, found.response[self.visit], found.remission[self.visit], size, power,
                found.hazard[self.path] / found.hazard[self.beside], found.median[self.path],
                found.median[self.beside], found.selected[self.path], found.held[self.path],
            ]
        )  # fmt: skip
        return every[self.kind, np.arange(len(self.kind))]

    def log_densities(self, predicted: Array, observed: Any = None) -> Array:
        """Weighted log density of what was printed (or `observed`) around `predicted`."""
        seen = jnp.asarray(self.observed if observed is None else observed)
        share = jnp.clip(predicted, _LEAST, 1.0 - _LEAST)
        count = jnp.where(self.family == BINOMIAL, jnp.round(seen * self.patients), 0.0)
        binomial = _ways(self.patients, count) + count * jnp.log(share) + (self.patients - count) * jnp.log1p(-share)
        times = jnp.log(jnp.maximum(predicted, _LEAST)), jnp.log(jnp.maximum(seen, _LEAST))
        verdict = jnp.log(jnp.where(seen > 0.5, share, 1.0 - share))
        which = [self.family == one for one in (NORMAL, LOGARITHM, BINOMIAL, VERDICT)]
        found = [_normal(predicted, seen, self.error), _normal(*times, self.error), binomial, verdict]
        return self.weight * jnp.select(which, found)

    def drawn(self, predicted: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """What trials of the same size might have printed."""
        share = np.clip(predicted, 0.0, 1.0)
        found = predicted + self.error * rng.standard_normal(len(predicted))
        times = np.maximum(predicted, _LEAST) * np.exp(self.error * rng.standard_normal(len(predicted)))
        found = np.where(self.family == LOGARITHM, times, found)
        counted = rng.binomial(np.round(self.patients).astype(int), share) / self.patients
        found = np.where(self.family == BINOMIAL, counted, found)
        return np.where(self.family == VERDICT, rng.random(len(predicted)) < share, found)


_KINDS = (
    "change", "sd of change", "response", "remission", "effect_size", "superior",
    "ratio", "median", "median_off", "selected", "held",
)  # fmt: skip
_RELAPSE = _KINDS[6:]


def _normal(predicted: Array, observed: Array, error: np.ndarray) -> Array:
    return -0.5 * ((observed - predicted) / error) ** 2 - np.log(error * np.sqrt(2.0 * np.pi))


def _ways(n: np.ndarray, k: Array) -> Array:
    of = jax.scipy.special.gammaln
    return of(n + 1.0) - of(k + 1.0) - of(n - k + 1.0)


def observed_row(row: PrintedRow) -> str:
    """A row in words."""
    return f"{row.trial} {row.key} ({row.kind})"


@functools.cache
def harness(name: str) -> Harness:
    """The harness of an account, once."""
    return Harness(name)


@dataclass(frozen=True)
class Sampling:
    """How a posterior is drawn."""

    warmup: int = 250
    draws: int = 300
    chains: int = 2
    seed: int = 1


class Sampler:
    """NUTS for one account: compiled once, run on all rows, without a trial, or on simulated rows."""

    def __init__(self, name: str, how: Sampling | None = None) -> None:
        from numpyro.infer import MCMC, NUTS

        self.harness, self.how = harness(name), how or Sampling()
        self._mcmc = MCMC(
            NUTS(self.harness.model, target_accept_prob=_ACCEPTED, max_tree_depth=_DEPTH),
            num_warmup=self.how.warmup,
            num_samples=self.how.draws // self.how.chains,
            num_chains=self.how.chains,
            chain_method="sequential",
            progress_bar=False,
            jit_model_args=True,
        )

    def fit(self, left_out: str = "", observed: np.ndarray | None = None, again: bool = False) -> Fitted:
        """Draws given all rows but those of the trial `left_out`. `again`: go on from where the last fit ended.

        Then step size and scales are those of the last fit, and the first tenth of each chain is thrown away.
        """
        h = self.harness
        keep = jnp.asarray(np.where(h.data.rows_of(left_out), 0.0, 1.0))
        self._mcmc.post_warmup_state = self._mcmc.last_state if again else None
        seen = jnp.asarray(h.table.observed if observed is None else observed)
        self._mcmc.run(jax.random.PRNGKey(self.how.seed), keep, seen, extra_fields=("diverging",))
        drawn = {name: np.asarray(one) for name, one in self._mcmc.get_samples(group_by_chain=True).items()}
        drawn |= {"divergent": np.asarray(self._mcmc.get_extra_fields(group_by_chain=True)["diverging"])}
        skipped = drawn["z"].shape[1] // 10 if again else 0
        return _fitted(h, {name: one[:, skipped:] for name, one in drawn.items()}, left_out)


_ACCEPTED, _DEPTH = 0.85, 6


def _fitted(h: Harness, drawn: dict[str, np.ndarray], left_out: str) -> Fitted:
    from numpyro.diagnostics import summary

    table = {name: np.asarray(prior(drawn["z"][..., n])) for n, (name, prior) in enumerate(h.account.priors.items())}
    told = {**table, **{name: drawn["tau"][..., n] for n, name in enumerate(SPREADS)}}
    diagnostics = {
        name: {"r_hat": float(one["r_hat"]), "effective": float(one["n_eff"])} for name, one in summary(told).items()
    }
    flat = {name: one.reshape(-1, *one.shape[2:]) for name, one in drawn.items()}
    return Fitted(
        account=h.account.name,
        z=flat["z"],
        tau=flat["tau"],
        effects=flat["own"] * flat["tau"][:, None, :],
        parameters={name: column.reshape(-1) for name, column in told.items()},
        diagnostics=diagnostics,
        divergent=int(flat["divergent"].sum()),
        left_out=left_out,
    )


def prior_draws(name: str, count: int, seed: int) -> dict[str, np.ndarray]:
    """Draws of the prior of an account's parameters and of the spreads between studies."""
    rng = np.random.default_rng(seed)
    found = {key: np.asarray(prior(rng.standard_normal(count))) for key, prior in priors_for(name).items()}
    scales = [value(f"mood_prior.{spread}", "1") for spread in SPREADS]
    return found | {
        spread: np.abs(scale * rng.standard_normal(count)) for spread, scale in zip(SPREADS, scales, strict=True)
    }


SPREADS = ("study_control", "study_drug")
"""The standard deviations between studies."""
