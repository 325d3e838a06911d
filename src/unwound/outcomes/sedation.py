r"""Sedation: one latent intensity, seen as reported somnolence, as reported sedation and by a monitor; amnesia.

    I = (C / C_ref)^h,      P = p0 + (1 - p0) (o I + s B) / (1 + o I + s B)

The form is that of `unwound.outcomes.events`. A program that watches every session counts far more sedation (34.7 % of
the sessions) than patients report (10.1 % over eight sessions): two observation models again. s B is what a
benzodiazepine adds. Amnesia has the same form.

Source: aspire_pooled (reports, both arms), esketamine_information (sessions watched by a safety program, which has no
placebo arm); assumption (h, f, floors without a placebo arm, all of amnesia). Leaves out: depth of sedation; loss of
consciousness has its own page.
"""

from __future__ import annotations

from typing import ClassVar

from unwound.core.arrays import Array, Record, Scalar
from unwound.core.units import unit
from unwound.outcomes import events
from unwound.outcomes.events import Event


class Sedation(Record):
    """Potency of R-ketamine and four observation models."""

    r_potency: Scalar = unit("1")  # f
    somnolence_rate: Scalar = unit("1")
    somnolence_placebo_rate: Scalar = unit("1")
    report_rate: Scalar = unit("1")
    report_placebo_rate: Scalar = unit("1")
    monitor_rate: Scalar = unit("1")
    monitor_placebo_rate: Scalar = unit("1")
    amnesia_rate: Scalar = unit("1")
    amnesia_placebo_rate: Scalar = unit("1")

    prefix: ClassVar[str] = "sedation"


def somnolence(intensity: Array, added_odds: Array, p: Sedation) -> Array:
    """Probability that somnolence is reported."""
    return events.probability(intensity, Event(p.somnolence_rate, p.somnolence_placebo_rate), added_odds)


def reported(intensity: Array, added_odds: Array, p: Sedation) -> Array:
    """Probability that sedation is reported."""
    return events.probability(intensity, Event(p.report_rate, p.report_placebo_rate), added_odds)


def monitored(intensity: Array, added_odds: Array, p: Sedation) -> Array:
    """Probability that an observer sees sedation in a session."""
    return events.probability(intensity, Event(p.monitor_rate, p.monitor_placebo_rate), added_odds)


def monitored_by_drug(intensity: Array, added_odds: Array, p: Sedation) -> Array:
    """The part of `monitored` that drug causes: 0 without drug."""
    return events.drug_share(intensity, Event(p.monitor_rate, p.monitor_placebo_rate), added_odds)


def amnesia(intensity: Array, added_odds: Array, p: Sedation) -> Array:
    """Probability of a gap in memory."""
    return events.probability(intensity, Event(p.amnesia_rate, p.amnesia_placebo_rate), added_odds)
