r"""One shared mechanism, or one of mood's own? A tested hypothesis, and no claim.

    separate    dm/dt = k_on E (1 - m) - k_off m                                    (outcomes.mood, its own kinetics)
    shared      dCe/dt = k (C - Ce),  k = ln 2 / 10.9 d;   m = Ce / (Ce + C50)      (the slow memory of pain, H0)

Everything else is the same: exposure, control arms, people, scales. The size of the effect is fitted again under each,
so that neither wins by its size. The log score is the sum of log densities of the printed numbers around the predicted
ones, with the standard errors printed. Those numbers also calibrated the two rates of `separate`, so its score is in
sample; `penalized` takes one off for each rate that was fitted to them.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from unwound.core.arrays import Array, jax, jnp
from unwound.evidence import fill
from unwound.outcomes.mood import GAUSS
from unwound.patient.mood_exposure import Stimulus
from unwound.patient.mood_people import MoodParameters, mood_parameters
from unwound.sensitization.turnover import Turnover, effect_in
from unwound.trials.mood import MoodRow, exposure, improvement_of, rows

FITTED_RATES = 2
"""Rates of `separate` that the same rows calibrated: k_on and the half-life."""
_GAINS = (0.05, 40.0)
_STEPS, _NUDGE = 6, 0.05


@dataclass(frozen=True)
class Account:
    """One account of the improvement: the size fitted, its rows, its log score."""

    name: str
    gain: float
    rows: tuple[MoodRow, ...]
    log_score: float

    @property
    def missed(self) -> tuple[str, ...]:
        """Printed rows outside their band."""
        return tuple(f"{row.key} ({row.kind})" for row in self.rows if row.fitted and not row.inside)


@dataclass(frozen=True)
class SharedOrSeparate:
    """Both accounts side by side."""

    separate: Account
    shared: Account

    @property
    def difference(self) -> float:
        """Log score of `separate` less that of `shared`: above 0, the data favor kinetics of mood's own."""
        return self.separate.log_score - self.shared.log_score

    @property
    def penalized(self) -> float:
        """`difference`, less one for each rate that was fitted to the same rows."""
        return self.difference - FITTED_RATES

    def sentence(self) -> str:
        """What was found, in words."""
        better = "separate kinetics" if self.penalized > 0 else "the kinetics of the slow memory"
        return (
            f"The printed rows favor {better} by {abs(self.penalized):.1f} log units (in sample, two rates of the "
            "separate account counted). This says nothing of what the mechanism is."
        )


def slow_memory(drive: Stimulus, half_effect: float, p: Turnover) -> Array:
    """m by the slow compartment of pain, (steps + 1, people); `half_effect` [uM] is that of the stimulus given."""
    level = drive.at_gauss * half_effect / (1.0 - drive.at_gauss)
    rate, source = effect_in(level, p)
    lengths = jnp.asarray(drive.lengths_d)
    late = jnp.exp(-rate * lengths[:, None, None] * (1.0 - jnp.asarray(GAUSS))[None, :, None])
    gained = lengths[:, None] * (source * late).sum(axis=1) / 2.0

    def step(before: Array, given: tuple[Array, Array]) -> tuple[Array, Array]:
        after = before * jnp.exp(-rate * given[0]) + given[1]
        return after, after

    start = jnp.zeros_like(gained[0])
    _, path = jax.lax.scan(step, start, (lengths, gained))
    slow = jnp.concatenate([start[None], path])
    return slow / (slow + p.half_effect)


def shared_or_separate(parameters: MoodParameters | None = None, people: int = 1000) -> SharedOrSeparate:
    """Run the mood trials under both accounts, the size of the effect fitted again under each."""
    p = parameters or mood_parameters()
    memory = fill(Turnover, Turnover.prefix)

    def shared(arm: dict[str, Any], given: MoodParameters) -> Array:
        return slow_memory(exposure(arm["id"]), float(given.mood.half_effect), memory)

    return SharedOrSeparate(_account("separate", p, improvement_of, people), _account("shared", p, shared, people))


def _account(name: str, p: MoodParameters, improve: Callable[..., Array], people: int) -> Account:
    def predicted(gain: float) -> list[MoodRow]:
        return rows(p._replace(mood=dataclasses.replace(p.mood, gain=gain)), people, improve)

    gain = float(p.mood.gain)
    for _ in range(_STEPS):  # Gauss-Newton on the logarithm of the size: one number, smooth rows
        here, beside = standardized(predicted(gain)), standardized(predicted(gain * math.exp(_NUDGE)))
        slope = (beside - here) / _NUDGE
        step = -float(slope @ here) / float(slope @ slope)
        gain = float(np.clip(gain * math.exp(np.clip(step, -1.0, 1.0)), *_GAINS))
    found = tuple(predicted(gain))
    return Account(name, gain, found, log_score(found))


def standardized(found: list[MoodRow]) -> np.ndarray:
    """Standardized residuals of the rows that may be fitted."""
    return np.array([row.standardized for row in found if row.fitted and row.kind != "superior"])


def log_score(found: list[MoodRow] | tuple[MoodRow, ...]) -> float:
    """Sum of log densities of the printed numbers that may be fitted, around the predicted ones."""
    scored = [row for row in found if row.fitted and row.kind != "superior"]
    return -sum(0.5 * row.standardized**2 + math.log(row.error * math.sqrt(2.0 * math.pi)) for row in scored)
