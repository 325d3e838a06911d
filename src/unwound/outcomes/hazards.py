r"""Liver enzymes under repeated exposure: a hazard that needs drug now and a liver that has met it before.

    dB/dt = (C - B) / tau                    B: concentration that the liver has seen over the last day or so
    e     = B^2 / (B^2 + B_h^2)              exposure, 0 to 1: sustained levels count, a short peak hardly does
    dP1/dt = e - nu P1,  dP2/dt = nu (P1 - P2),  dP3/dt = nu (P2 - P3)       nu = 3 / T_m: sensitization ripens
    dA/dt = nu P3 - (ln2 / t_A) A            A: hours of earlier exposure that are remembered
    X     = 1 - exp(-A / A_s)                sensitization, 0 to 1
    dL/dt = e (l_0 + l_1 X)                  P(enzymes >= 3 x upper limit so far) = 1 - exp(-L)

C is total ketamine in plasma. A first infusion meets X near 0 whatever its total dose; the same infusion some weeks
later meets a sensitized liver; after months the memory fades. The two hazards are fitted, the rest of the shape is
assumed.

Source: noppers2011_liver (3 of 6 at a second infusion of 100 h, 16 d later), colinavargas2023 (0 of 101 at single
infusions of 72 to 168 h); l_0 and l_1 fitted to these by scripts/calibrate_liver.py; assumption (the rest). Leaves out:
enantiomers and metabolites, dose response within the analgesic range, people who differ in liability, a baseline rate
without drug, stopping when enzymes rise, what happens to the liver afterwards.
"""

from __future__ import annotations

import math
from typing import ClassVar

from unwound.core.arrays import Array, Record, Scalar, jnp
from unwound.core.units import unit


class LiverHazard(Record):
    """How exposure becomes sensitization, and both a hazard."""

    burden_time: Scalar = unit("h")  # tau
    half_burden: Scalar = unit("ng/mL")  # B_h
    ripening_time: Scalar = unit("h")  # T_m
    memory_half_life: Scalar = unit("h")  # t_A
    sensitizing_exposure: Scalar = unit("h")  # A_s
    first_hazard: Scalar = unit("1/h")  # l_0
    sensitized_hazard: Scalar = unit("1/h")  # l_1

    prefix: ClassVar[str] = "liver"


class Liver(Record):
    """State: what the liver sees, what it remembers, and the hazard so far."""

    burden: Scalar = unit("ng/mL")  # B
    fresh: Scalar = unit("h")  # P1
    ripening: Scalar = unit("h")  # P2
    ripe: Scalar = unit("h")  # P3
    remembered: Scalar = unit("h")  # A
    hazard: Scalar = unit("1")  # L


def never_exposed(people: int) -> Liver:
    """Livers that have met no ketamine."""
    return Liver(*(jnp.zeros(people) for _ in range(6)))


def exposure(burden: Array, p: LiverHazard) -> Array:
    """e: 0 without drug, a half at the half burden."""
    return burden**2 / (burden**2 + p.half_burden**2)


def sensitization(remembered: Array, p: LiverHazard) -> Array:
    """X: 0 in a liver that has never met the drug."""
    return -jnp.expm1(-remembered / p.sensitizing_exposure)


def flow(state: Liver, concentration: Array, p: LiverHazard) -> Liver:
    """Rate of change of the state [per h] at total plasma ketamine `concentration` [ng/mL]."""
    stages = 3.0  # of ripening: a delay with a width, one exponential would begin at once
    e, rate = exposure(state.burden, p), stages / p.ripening_time
    return Liver(
        burden=(concentration - state.burden) / p.burden_time,
        fresh=e - rate * state.fresh,
        ripening=rate * (state.fresh - state.ripening),
        ripe=rate * (state.ripening - state.ripe),
        remembered=rate * state.ripe - math.log(2.0) / p.memory_half_life * state.remembered,
        hazard=e * (p.first_hazard + p.sensitized_hazard * sensitization(state.remembered, p)),
    )


def probability(hazard: Array) -> Array:
    """Probability that it has happened by the time the hazard has summed to `hazard`."""
    return -jnp.expm1(-hazard)
