r"""What a schedule costs in money and time: prices are given, nothing about them is modeled.

    price  = n_out p_session + d_in p_day              n_out outpatient sessions, d_in days in bed
    d_in   = sum over long sessions of ceil(hours / 24)
    chair  = sum over outpatient sessions of (hours + observation)

A session that gives drug for longer than `chair_longest` is a stay in a bed. No costing of such stays is known to us,
so there is no default price of a day. Function and years of life in health are not computed.

Source: spravato_label (observation of 2 h at least); assumption (default prices of outpatient sessions, which are of
marketing quality). Leaves out: drugs beside, liver tests, travel, work lost, what is saved.
"""

from __future__ import annotations

from typing import ClassVar

from unwound.core.arrays import Array, Record, Scalar, jnp
from unwound.core.units import unit

DAY_H = 24.0


class Cost(Record):
    """Default prices of outpatient sessions, and how long is too long for a chair."""

    infusion: Scalar = unit("USD")
    spray: Scalar = unit("USD")
    chair_longest: Scalar = unit("h")

    prefix: ClassVar[str] = "cost"


def in_bed(hours: Array, p: Cost) -> Array:
    """Whether a session of `hours` of drug is a stay in a bed."""
    return hours > p.chair_longest


def days_in_bed(hours: Array, p: Cost) -> Array:
    """Days of each session in a bed [1]; 0 for the others."""
    return jnp.where(in_bed(hours, p), jnp.ceil(hours / DAY_H), 0.0)


def chair_time(hours: Array, observation: Array, p: Cost) -> Array:
    """Time on a chair [h] of each outpatient session, observation included; 0 for stays."""
    return jnp.where(in_bed(hours, p), 0.0, hours + observation)
