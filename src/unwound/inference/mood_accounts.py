r"""Five accounts of what the drug does to mood, in one harness: only u(t), the drug's fall of the log-odds, differs.

    mechanism       u = D m,        dm/dt = k_on E (1 - m) - k_off m          (outcomes.mood)
    shared memory   u = D m,        m = Ce / (Ce + C50), the slow memory of pain, nothing of it fitted here
    placebo only    u = 0
    decay           u = D 2^(-d / H),   d days since the last dose: no dose, no duration, no route
    meta-analysis   u = e(dose, duration, d, antidepressant)                  (inference.meta_analysis)

Control arms, people, scales, relapse and the two study effects are the same for all, with the same priors. What a new
antidepressant leaves of the drug is `overlap` in both mechanisms and `beside` in the meta-analysis.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from unwound.core.arrays import Array, jax, jnp
from unwound.core.errors import UnknownName
from unwound.evidence import fill, value
from unwound.inference.meta_analysis import effect, meta_analysis_priors
from unwound.inference.mood_data import BLOCK, Latent, MoodData
from unwound.inference.prior import Prior, priors_of
from unwound.outcomes.mood import HELD
from unwound.patient.mood_exposure import Stimulus
from unwound.sensitization.turnover import Turnover
from unwound.trials.mood_mechanism import slow_memory

COMMON = ("session", "active", "antidepressant", "variation", "relapse_rate", "relapse_steepness")
"""Control arm and relapse: fitted under every account."""
Drug = Callable[[dict[str, Any]], tuple[Array, Array]]
"""Parameters -> u at the visits and along the paths."""


@dataclass(frozen=True)
class Account:
    """One account: its name, what is fitted and its priors, what it says of the drug."""

    name: str
    priors: dict[str, Prior]
    drug: Drug

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters, in the order of the sampler."""
        return tuple(self.priors)


ACCOUNTS = ("mechanism", "shared memory", "placebo only", "decay", "meta-analysis")


def account(name: str, data: MoodData) -> Account:
    """The account called `name`. Raises `UnknownName`."""
    if name not in ACCOUNTS:
        raise UnknownName("account", name, list(ACCOUNTS))
    return _BUILT[name](data)


def _priors(*own: str) -> dict[str, Prior]:
    names = (*own, *COMMON)
    return priors_of("mood_prior", names, [name for name in names if name != "overlap"], ["overlap"])


_OWN = {
    "mechanism": ("gain", "on_rate", "half_life", "overlap"),
    "shared memory": ("gain", "overlap"),
    "placebo only": (),
    "decay": ("gain", "half_life"),
}


def priors_for(name: str) -> dict[str, Prior]:
    """The priors of the account called `name`, in the order of the sampler. Raises `UnknownName`."""
    if name not in ACCOUNTS:
        raise UnknownName("account", name, list(ACCOUNTS))
    if name != "meta-analysis":
        return _priors(*_OWN[name])
    own = {key: prior for key, prior in meta_analysis_priors().items() if key != "against_active"}
    return {**own, **_priors()}


def _mechanism(data: MoodData) -> Account:
    def drug(p: dict[str, Any]) -> tuple[Array, Array]:
        found = (improvement(latent, p["on_rate"], p["half_life"]) for latent in (data.visit_latent, data.path_latent))
        at_visits, along = found
        return p["gain"] * at_visits * _treated(data), p["gain"] * along

    return Account("mechanism", priors_for("mechanism"), drug)


def improvement(latent: Latent, on_rate: Array, half_life: Array) -> Array:
    """m at the places of `latent`, as `outcomes.mood.improvement`, for many courses at once.

    Every half step is an affine map of m. Within a block of steps they are composed by sums of exponents; blocks follow
    one another in a short scan.
    """
    off = math.log(2.0) / half_life
    half, first, second = jnp.asarray(latent.lengths_d) / 2.0, latent.at_gauss[..., 0], latent.at_gauss[..., 1]
    rates = [on_rate * np.clip(HELD[n] * first + HELD[1 - n] * second, 0.0, 1.0) for n in (0, 1)]
    gained = [rate / (rate + off) * -jnp.expm1(-(rate + off) * half) for rate in rates]
    lost = [(rate + off) * half for rate in rates]
    step = gained[0] * jnp.exp(-lost[1]) + gained[1]
    blocks = (len(step), -1, BLOCK)
    kept = jnp.exp(-jnp.cumsum((lost[0] + lost[1]).reshape(blocks), axis=2))
    own = kept * jnp.cumsum(step.reshape(blocks) / kept, axis=2)

    def follow(before: Array, block: tuple[Array, Array]) -> tuple[Array, Array]:
        within = block[0] * before[:, None] + block[1]
        return within[:, -1], within

    zero = jnp.zeros(len(step))
    _, path = jax.lax.scan(follow, zero, (jnp.moveaxis(kept, 1, 0), jnp.moveaxis(own, 1, 0)))
    edges = jnp.moveaxis(path, 0, 1).reshape(len(step), -1)
    return read_at(latent, jnp.concatenate([zero[:, None], edges], axis=1))


def read_at(latent: Latent, edges: Array) -> Array:
    """Values at the places of `latent`, from those at the `edges` of its grids (courses, steps + 1)."""
    course = latent.course.reshape(-1, *(1,) * (latent.step.ndim - 1))
    return edges[course, latent.step] * (1.0 - latent.part) + edges[course, latent.step + 1] * latent.part


def _treated(data: MoodData) -> np.ndarray:
    return np.array([visit.treated for visit in data.visits], float)


def _shared(data: MoodData) -> Account:
    memory, half = fill(Turnover, Turnover.prefix), value("mood.half_effect", "uM")
    found = []
    for latent in (data.visit_latent, data.path_latent):
        ends = np.concatenate([np.zeros((len(latent.lengths_d), 1)), np.cumsum(latent.lengths_d, axis=1)], axis=1)
        courses = [
            slow_memory(Stimulus(own, jnp.asarray(gauss)[..., None]), half, memory)[:, 0]
            for own, gauss in zip(ends, latent.at_gauss, strict=True)
        ]
        found.append(np.asarray(read_at(latent, jnp.stack(courses))))
    at_visits, along = found[0] * _treated(data), found[1]

    def drug(p: dict[str, Any]) -> tuple[Array, Array]:
        return p["gain"] * at_visits, p["gain"] * along

    return Account("shared memory", priors_for("shared memory"), drug)


def _placebo(data: MoodData) -> Account:
    nothing = np.zeros(len(data.visits)), np.zeros_like(data.path_arms.dose_mg)
    return Account(
        "placebo only", priors_for("placebo only"), lambda _: (jnp.asarray(nothing[0]), jnp.asarray(nothing[1]))
    )


def _decay(data: MoodData) -> Account:
    def drug(p: dict[str, Any]) -> tuple[Array, Array]:
        def left(since: np.ndarray) -> Array:
            return p["gain"] * jnp.exp(-math.log(2.0) * jnp.asarray(since) / p["half_life"])

        return left(data.visit_arms.days_since) * _treated(data), left(data.path_arms.days_since)

    return Account("decay", priors_for("decay"), drug)


def _meta_analysis(data: MoodData) -> Account:
    def drug(p: dict[str, Any]) -> tuple[Array, Array]:
        full = {**p, "against_active": 0.0}  # control arms are modeled themselves
        return effect(full, data.visit_arms), effect(full, data.path_arms)

    return Account("meta-analysis", priors_for("meta-analysis"), drug)


_BUILT: dict[str, Callable[[MoodData], Account]] = {
    "mechanism": _mechanism,
    "shared memory": _shared,
    "placebo only": _placebo,
    "decay": _decay,
    "meta-analysis": _meta_analysis,
}
