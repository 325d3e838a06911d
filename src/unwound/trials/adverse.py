"""Adverse events of a trial: reported at all by a person during the treatment, or not.

Each person has one uniform draw per event, the same in every arm; the event is reported when it is below the
probability of `unwound.outcomes.events` at that person's highest concentration. Under saline that is the placebo rate.

Leaves out: how long the drug is given (the rates were seen in sessions of 40 minutes to hours), sessions one by one,
and that people who report one event report others.
"""

from __future__ import annotations

import numpy as np

from unwound.core.arrays import Array, jax, jnp
from unwound.core.random import patient_keys, root_key, stream
from unwound.evidence import fill, keys_of, value
from unwound.outcomes.events import SOMATIC, Event, Reference, intensity, probability
from unwound.patient.course import Course
from unwound.patient.lanes import WIDE


def adverse_events(course: Course, seed: int, ids: np.ndarray) -> dict[str, np.ndarray]:
    """Event -> whether each person reports it, (people,)."""
    reference = fill(Reference, Reference.prefix)
    highest = np.asarray(_s_equivalent(course, float(reference.r_potency)))
    root, found = root_key(seed), {}
    for name in SOMATIC:
        chance = probability(intensity(jnp.asarray(highest), reference), fill(Event, name))
        found[name.replace("_", " ")] = _draws(root, ids, name) < np.asarray(chance)
    return {"psychomimetic effect": np.asarray(course.psychomimetic, bool), **found}


def event_keys() -> tuple[str, ...]:
    """Evidence keys that adverse events rest on."""
    events = (key for name in SOMATIC for key in keys_of(Event, name))
    return (*keys_of(Reference, Reference.prefix), *events)


def _s_equivalent(course: Course, r_potency: float) -> np.ndarray:
    """Each person's highest S-equivalent concentration [uM]: of a racemate, half is R (its share at the peak)."""
    given = set(course.concentration_ng_per_mL)
    share = 1.0 if "R-ketamine" not in given and "ketamine" not in given else (1.0 + r_potency) / 2.0
    molar_mass = value("ketamine.molar_mass", "mg/umol")
    return np.asarray(share * np.maximum(course.peak_ng_per_mL, 0.0) / 1000.0 / molar_mass)


def _draws(root: Array, ids: np.ndarray, name: str) -> np.ndarray:
    pieces = []
    for begin in range(0, len(ids), WIDE):
        index = np.minimum(np.arange(begin, begin + WIDE), len(ids) - 1)
        pieces.append(np.asarray(_uniform(patient_keys(root, ids[index]), f"event {name}")))
    return np.concatenate(pieces)[: len(ids)]


def _uniform_of(keys: Array, name: str) -> Array:
    return jax.vmap(lambda key: jax.random.uniform(stream(key, name)))(keys)


_uniform = jax.jit(_uniform_of, static_argnames="name")
