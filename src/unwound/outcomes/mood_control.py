r"""The control arm of a mood trial as a component, never a constant: sessions, an active comparator, an antidepressant.

    u_c(t) = (1 - exp(-ln2 t / t_on)) [s (e_s + sd z_1) exp(-ln2 t / t_off) + a e_a exp(-ln2 t / t_a)]
           + A(t) n (e_n + sd_n z_2),      A(t) = 1 - exp(-ln2 t / t_AD)
    left   = 1 - n o A(t)                                     of the drug's effect, beside a new antidepressant

u_c is a fall of the log-odds of the scale since the first session. s, a, n switch the parts on: saline or a placebo
spray is (1, 0, 0), midazolam (1, 1, 0), a placebo spray with a new oral antidepressant (1, 0, 1), which goes on
improving to day 28; as it comes it takes the place of a share o of what the drug does. The drug arm of the same trial
has s and n, and not a: ketamine arms do not differ between comparators, control arms do. Part w of the difference
between the arms may be unblinding; it cannot be told from such trials, so a result is given for several w:
what is left of the difference is the drug's own.

Source: fitted by scripts/calibrate_mood.py to the control arms of murrough2013, singh2016, daly2018, popova2019 and to
wilkinson2019 (e_s, e_a, e_n, o, both sd); assumption (t_on, t_AD, t_off, t_a). Leaves out: the first hours of a session
under placebo, which daly2018 shows better than the day after.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from unwound.core.arrays import Array, Record, Scalar, jnp
from unwound.core.errors import UnknownName
from unwound.core.units import unit


class Control(Record):
    """Sizes, spread and time courses of what happens without the drug."""

    session: Scalar = unit("1")  # e_s
    active: Scalar = unit("1")  # e_a
    antidepressant: Scalar = unit("1")  # e_n
    spread: Scalar = unit("1")  # sd
    antidepressant_spread: Scalar = unit("1")  # sd_n
    overlap: Scalar = unit("1")  # o
    onset_half_time: Scalar = unit("d")  # t_on
    antidepressant_half_time: Scalar = unit("d")  # t_AD
    decay_half_time: Scalar = unit("d")  # t_off
    active_half_time: Scalar = unit("d")  # t_a

    prefix: ClassVar[str] = "mood_control"


@dataclass(frozen=True)
class Comparator:
    """Which parts a control arm has."""

    name: str
    session: float
    active: float
    antidepressant: float

    def as_background(self) -> Comparator:
        """The parts that the drug arm of the same trial shares with it."""
        return Comparator(f"drug, {self.name} trial", self.session, 0.0, self.antidepressant)


COMPARATORS = {
    one.name: one
    for one in (
        Comparator("saline", 1.0, 0.0, 0.0),
        Comparator("midazolam", 1.0, 1.0, 0.0),
        Comparator("placebo spray", 1.0, 0.0, 0.0),
        Comparator("placebo spray and new antidepressant", 1.0, 0.0, 1.0),
        Comparator("nothing", 0.0, 0.0, 0.0),
    )
}
"""Control arms by name."""


def comparator(name: str) -> Comparator:
    """The control arm called `name`. Raises `UnknownName`."""
    if name.lower() not in COMPARATORS:
        raise UnknownName("comparator", name, list(COMPARATORS))
    return COMPARATORS[name.lower()]


def response(time: Array, of_session: Array, of_antidepressant: Array, arm: Comparator, p: Control) -> Array:
    """u_c at `time` [d] since the first session; the z of people (standard normal) for the two parts."""
    since = jnp.maximum(time, 0.0)
    kept = jnp.exp(-math.log(2.0) * since / p.decay_half_time)
    felt = jnp.exp(-math.log(2.0) * since / p.active_half_time)
    session = kept * arm.session * (p.session + p.spread * of_session) + felt * arm.active * p.active
    treated = arm.antidepressant * (p.antidepressant + p.antidepressant_spread * of_antidepressant)
    early = -jnp.expm1(-math.log(2.0) * since / p.onset_half_time)
    return early * session + _arrived(since, p) * treated


def drug_left(time: Array, arm: Comparator, p: Control) -> Array:
    """What is left of the drug's effect at `time` [d] beside the new antidepressant of `arm`."""
    return 1.0 - arm.antidepressant * p.overlap * _arrived(jnp.maximum(time, 0.0), p)


def _arrived(since: Array, p: Control) -> Array:
    return -jnp.expm1(-math.log(2.0) * since / p.antidepressant_half_time)
