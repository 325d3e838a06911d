r"""Dissociation: one latent intensity, seen through two ways of asking, fading with practice.

    I         = m (C_tol / C_ref)^h,      C_tol = C / (1 + T (1 - exp(-n / kappa)))
    reported  : P = p0 + (1 - p0) o I / (1 + o I)        spontaneous adverse-event reports
    on scale  : the same with its own o and p0           CADSS above its cut-off

The same person on the same day is counted by one and missed by the other: a scale asks, a report must be volunteered.
n is the number of earlier sessions and T how much more concentration a practised person needs; m is what a
benzodiazepine leaves of perception (see `unwound.outcomes.benzodiazepine`).

Source: aspire_pooled (reported, both arms), esketamine_information (on scale), esketamine_weekly_events with wajs2020
(rates are highest in week 1 and fall; no later rate was printed, so T and kappa are assumptions); assumption (h, f,
the floor of the scale). Leaves out: recovery of the lost sensitivity between courses, the score itself (only whether
it is above the cut-off), what part of the reports are the same people again.
"""

from __future__ import annotations

from typing import ClassVar

from unwound.core.arrays import Array, Record, Scalar, jnp
from unwound.core.units import unit
from unwound.outcomes import events
from unwound.outcomes.events import Event, Reference


class Dissociation(Record):
    """Tolerance, potency of R-ketamine, and two observation models."""

    r_potency: Scalar = unit("1")  # f
    report_rate: Scalar = unit("1")
    report_placebo_rate: Scalar = unit("1")
    scale_rate: Scalar = unit("1")
    scale_placebo_rate: Scalar = unit("1")
    tolerance: Scalar = unit("1")  # T
    tolerance_sessions: Scalar = unit("1")  # kappa

    prefix: ClassVar[str] = "dissociation"


def tolerated(concentration: Array, earlier_sessions: Array, p: Dissociation) -> Array:
    """The concentration [uM] that would do to a novice what `concentration` does after so many earlier sessions."""
    practised = -jnp.expm1(-jnp.asarray(earlier_sessions, float) / p.tolerance_sessions)
    return concentration / (1.0 + p.tolerance * practised)


def latent(
    concentration: Array, earlier_sessions: Array, perception: Array, p: Dissociation, reference: Reference
) -> Array:
    """The latent intensity I; 1 for a novice at the reference exposure."""
    return perception * events.intensity(tolerated(concentration, earlier_sessions, p), reference)


def reported(intensity: Array, p: Dissociation) -> Array:
    """Probability of a spontaneous report."""
    return events.probability(intensity, Event(p.report_rate, p.report_placebo_rate))


def on_scale(intensity: Array, p: Dissociation) -> Array:
    """Probability of a score above the cut-off of the scale."""
    return events.probability(intensity, Event(p.scale_rate, p.scale_placebo_rate))
