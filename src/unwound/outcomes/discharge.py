r"""Ready to go home, and stopping treatment for an adverse event.

    ready        if  t >= t_obs  and  |MAP ratio - 1| <= d  and  P(sedated by drug) <= q  and  P(unconscious) <= q
    P(stopped)   =   1 - (1 - P(C))^(weeks / course),      P(C) as in `unwound.outcomes.events`

t is the time since the last dose (for an infusion, since its end). The rule is one that a simulation can apply, no
permission: a person decides, looking at the patient. Nobody is ready who has been given no time.

Source: spravato_label (observation of at least 2 h; extended to other routes by us), wajs2020 (9.5 % of 802 stopped
for an adverse event in up to 52 weeks); assumption (d, q, the share that stops without drug). Leaves out: gait,
nausea, pain, escort, driving (not before the next day), dissociation at discharge.
"""

from __future__ import annotations

from typing import ClassVar

from unwound.core.arrays import Array, Record, Scalar, jnp
from unwound.core.units import unit
from unwound.outcomes import events
from unwound.outcomes.events import Event


class Discharge(Record):
    """What has to be fulfilled before somebody may leave."""

    observation: Scalar = unit("h")  # t_obs
    pressure_margin: Scalar = unit("1")  # d
    sedation_limit: Scalar = unit("1")  # q

    prefix: ClassVar[str] = "discharge"


class Stopping(Record):
    """How many stop treatment for an adverse event in a long course."""

    rate: Scalar = unit("1")
    placebo_rate: Scalar = unit("1")
    course: Scalar = unit("week")

    prefix: ClassVar[str] = "stopping"


def ready(since_dose: Array, mean_pressure_ratio: Array, sedated: Array, unconscious: Array, p: Discharge) -> Array:
    """Whether the rule is fulfilled `since_dose` [h] after the last dose."""
    calm = jnp.abs(mean_pressure_ratio - 1.0) <= p.pressure_margin
    awake = (sedated <= p.sedation_limit) & (unconscious <= p.sedation_limit)
    return (since_dose >= p.observation) & calm & awake


def stopped(intensity: Array, duration: Array, p: Stopping) -> Array:
    """Probability of having stopped for an adverse event after `duration` [week] of treatment at this intensity."""
    in_course = events.probability(intensity, Event(p.rate, p.placebo_rate))
    return -jnp.expm1(jnp.log1p(-in_course) * duration / p.course)
