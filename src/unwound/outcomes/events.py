r"""Adverse events: a floor that placebo has too, and a drug part that grows with concentration.

    P(C) = p0 + (1 - p0) o / (1 + o),       o = o_ref I + o_add,       I = (C / C_ref)^h
    o_ref = (p_ref - p0)^+ / (1 - p_ref)

P is the probability that an event is reported at all by somebody whose highest concentration is C. At C = 0 it is the
placebo rate p0 and at C_ref the rate p_ref of the treated arm, both exactly as printed. Where the treated report no
more than placebo, the drug part is zero. o_add is what co-medication adds. The intensity I is one latent quantity;
several ways of asking (a spontaneous report, a scale) are several pairs (p_ref, p0) on it. The floor belongs to a
person and a course of treatment, not to each session.

How sure a share of n people is: Wilson's interval; nothing in n tries leaves the exact upper bound 1 - 0.05^(1/n).

Source: aspire_pooled (rates of both arms, eight sessions of 84 mg in 28 days), perezruixo2021 (Table 4: the typical
peak of 84 mg, C_ref); assumption (h). Leaves out: duration of exposure, the onset and end of an event, people who
differ in sensitivity or report several events together.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import ClassVar

from unwound.core.arrays import Array, Record, Scalar, jnp
from unwound.core.errors import InputError, Problem
from unwound.core.units import unit
from unwound.evidence import Interval


class Reference(Record):
    """The exposure at which the rates of the treated arms were seen, and how steeply odds grow with exposure."""

    concentration: Scalar = unit("uM")  # C_ref
    slope: Scalar = unit("1")  # h
    r_potency: Scalar = unit("1")  # f of dizziness, nausea, vomiting, headache and blurred vision

    prefix: ClassVar[str] = "acute_reference"


class Event(Record):
    """How often an event was reported."""

    rate: Scalar = unit("1")  # p_ref
    placebo_rate: Scalar = unit("1")  # p0


SOMATIC = ("dizziness", "nausea", "vomiting", "headache", "blurred_vision", "pressure_event")
"""The events that follow this page and need no other; each is the prefix of its rows in the evidence table."""


def intensity(concentration: Array, reference: Reference) -> Array:
    """The latent intensity I at a concentration [uM]; 1 at the reference exposure."""
    return (concentration / reference.concentration) ** reference.slope


def drug_share(intensity: Array, event: Event, added_odds: Array | float = 0.0) -> Array:
    """Probability that the drug (with what is added to it) causes a report, placebo reports left aside."""
    at_reference = jnp.maximum(event.rate - event.placebo_rate, 0.0) / (1.0 - event.rate)
    odds = at_reference * intensity + added_odds
    return odds / (1.0 + odds)


def probability(intensity: Array, event: Event, added_odds: Array | float = 0.0) -> Array:
    """Probability of a report, whatever its cause."""
    return event.placebo_rate + (1.0 - event.placebo_rate) * drug_share(intensity, event, added_odds)


def share_interval(events: int, tries: int, confidence: float = 0.95) -> Interval:
    """What a count says about the share behind it. Raises `InputError` for impossible counts.

    Wilson's interval; for no event, and for nothing but events, the exact one-sided bound, which is never 0 or 1.
    """
    if tries < 1 or not 0 <= events <= tries:
        rule = f"must lie between 0 and the number of tries, {tries}, which must be 1 or more"
        raise InputError(Problem("events", events, rule, "give counts of people"))
    if not 0.0 < confidence < 1.0:
        raise InputError(Problem("confidence", confidence, "must lie between 0 and 1", "write 0.95"))
    unseen = 1.0 - (1.0 - confidence) ** (1.0 / tries)
    if events == 0:
        return Interval(0.0, unseen)
    if events == tries:
        return Interval(1.0 - unseen, 1.0)
    z2 = NormalDist().inv_cdf(0.5 + confidence / 2.0) ** 2
    share = events / tries
    middle = (share + z2 / (2.0 * tries)) / (1.0 + z2 / tries)
    half = (z2 * (share * (1.0 - share) / tries + z2 / (4.0 * tries**2))) ** 0.5 / (1.0 + z2 / tries)
    return Interval(middle - half, middle + half)
