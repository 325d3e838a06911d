"""What the diaries show: ratings at the visits, who is lost, who takes rescue.

Dropout has a constant hazard. Rescue is taken after a visit whose rating is above the threshold; while it lasts,
ratings are lower by as much as the trial file says. Nothing in the model knows the rescue
medicine: its effect is the author's.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from unwound.core.arrays import Array, jax, jnp
from unwound.core.random import patient_keys, root_key, stream
from unwound.outcomes import Pain
from unwound.outcomes.pain import observed
from unwound.patient.lanes import WIDE
from unwound.population.populations import disorder
from unwound.trials.plan import Rescue

if TYPE_CHECKING:
    from unwound.trials.trial import Trial

WEEK_H = 168.0


def rate(
    pain: np.ndarray, seed: int, ids: np.ndarray, trial: Trial, p: Pain, weeks: np.ndarray | None = None
) -> np.ndarray:
    """What the diaries show at the visits, (visits, people): scattered, in whole points, NaN once lost.

    `weeks` are those of the visits since the start of treatment (default: weekly from 0).
    """
    who = disorder(trial.disorder)
    lost, p = float(who.dropout_12_weeks), dataclasses.replace(p, residual_sd=who.residual_sd)
    hazard = -np.log1p(-lost) / 12.0  # per week: the evidence row speaks of week 12
    weeks = np.arange(len(pain)) if weeks is None else weeks

    root, pieces = root_key(seed), []
    for begin in range(0, len(ids), WIDE):  # lanes of one width: one compiled program
        index = np.minimum(np.arange(begin, begin + WIDE), len(ids) - 1)
        pieces.append(_diaries(patient_keys(root, ids[index]), pain[:, index], p, hazard, weeks))
    return np.concatenate(pieces, axis=-1)[:, : len(ids)]


@jax.jit
def _diaries(keys: Array, pain: Array, p: Pain, hazard: float, weeks: Array) -> Array:
    visits = pain.shape[0]
    scatter = jax.vmap(lambda key: jax.random.normal(stream(key, "ratings"), (visits,)))(keys).T
    stays = jax.vmap(lambda key: jax.random.exponential(stream(key, "dropout")))(keys)
    lost = weeks[:, None] * hazard > stays
    return jnp.where(lost, jnp.nan, observed(pain, scatter, p))


def rescued(ratings: np.ndarray, visits_h: np.ndarray, rescue: Rescue | None) -> tuple[np.ndarray, np.ndarray]:
    """(ratings under rescue, whether it was taken after each visit), both (visits, people)."""
    if rescue is None:
        return ratings, np.zeros(ratings.shape, bool)
    found, taken = ratings.copy(), np.zeros(ratings.shape, bool)
    last = np.full(ratings.shape[1], -np.inf)
    for n, now in enumerate(visits_h):
        lowered = np.maximum(ratings[n] - rescue.lowers.value, 0.0)
        found[n] = np.where(now - last <= rescue.lasts.value + 1e-6, lowered, ratings[n])
        with np.errstate(invalid="ignore"):
            taken[n] = found[n] > rescue.above.value  # who is lost (NaN) takes none that anybody counts
        last = np.where(taken[n], now, last)
    return found, taken
