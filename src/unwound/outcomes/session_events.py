r"""Side effects session by session: fewer with practice, and mostly the same people again.

    I_n    = (C_n / (1 + T (1 - exp(-n / kappa))) / C_ref)^h          n: earlier sessions, C_n: peak of this session
    p_n(z) = o I_n e^(s z) / (1 + o I_n e^(s z)),     z ~ N(0, 1)     a person's own readiness, the same every time
    share with the event in session n      E p_n
    share who ever had it by session n     1 - E prod_{m <= n} (1 - p_m)

`events` counts people over a course; this page counts sessions. Two printed numbers fix o and s: the share in week 1
(two sessions) and the share over a year.

Source: esketamine_weekly_events (week 1), wajs2020 (a year); o and s fitted by scripts/calibrate_session_events.py;
assumption (T and kappa of dissociation for all events, h, the number of sessions in a year, s of events whose year was
not printed). Leaves out: reports without drug (neither study has a placebo arm), loss of practice in a pause, who
leaves because of it.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import ClassVar

import numpy as np

from unwound.core.arrays import Array, Record, Scalar, jnp
from unwound.core.units import unit

_MANY = 200
NODES = np.array([NormalDist().inv_cdf((n + 0.5) / _MANY) for n in range(_MANY)])
"""z of people in equal parts: readiness differs so much that a rule with few points would see steps."""
EVENTS = ("dissociation", "dizziness", "nausea", "vertigo", "sedation", "pressure")
"""Each with rows under ``session_NAME`` of the evidence."""


class SessionEvent(Record):
    """How ready people are to report an event, and how much they differ."""

    odds: Scalar = unit("1")  # o
    spread: Scalar = unit("1")  # s


class SessionReference(Record):
    """The exposure to which the odds belong, steepness, and what practice takes."""

    concentration: Scalar = unit("uM")  # C_ref
    slope: Scalar = unit("1")  # h
    tolerance: Scalar = unit("1")  # T
    tolerance_sessions: Scalar = unit("1")  # kappa

    prefix: ClassVar[str] = "session_reference"


def intensity(peaks: Array, p: SessionReference) -> Array:
    """I_n of peaks [uM] of all sessions in order (first axis)."""
    earlier = jnp.arange(peaks.shape[0]).reshape(-1, *(1,) * (peaks.ndim - 1))
    needed = 1.0 + p.tolerance * -jnp.expm1(-earlier / p.tolerance_sessions)
    return (peaks / needed / p.concentration) ** p.slope


def _each(intensities: Array, event: SessionEvent) -> Array:
    """p_n(z), nodes last."""
    odds = event.odds * intensities[..., None] * jnp.exp(event.spread * jnp.asarray(NODES))
    return odds / (1.0 + odds)


def in_session(intensities: Array, event: SessionEvent) -> Array:
    """Share with the event in each session."""
    return jnp.mean(_each(intensities, event), axis=-1)


def ever_by(intensities: Array, event: SessionEvent) -> Array:
    """Share who have had the event by each session (first axis)."""
    spared = jnp.cumprod(1.0 - _each(intensities, event), axis=0)
    return 1.0 - jnp.mean(spared, axis=-1)
