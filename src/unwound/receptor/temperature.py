r"""How temperature hastens the gate.

    speed = Q10^((T - T0)/10)                      multiplies every rate of gating and binding of agonists

T0 is what the scheme was measured at. One factor for all rates leaves the open probability as it is and shortens the
current. It is the geometric mean of two that were read: 2.2 for the rise and 3.5 for the decay.

Source: hestrin1990, as quoted in a public file. Leaves out: a factor for each rate; the rates of drugs and magnesium in
the pore, whose temperature dependence we do not know.
"""

from __future__ import annotations

from unwound.core.arrays import Scalar
from unwound.evidence import value
from unwound.receptor.scheme import Gating


def speed(temperature: Scalar, reference: Scalar, q10: Scalar) -> Scalar:
    """Factor on all rates at `temperature` when they were measured at `reference` [deg C]."""
    return q10 ** ((temperature - reference) / 10.0)


def speed_of(gating: Gating, temperature: Scalar) -> Scalar:
    """Factor on the rates of a scheme at `temperature` [deg C], for `generator(..., speed=)`."""
    return speed(temperature, gating.temperature, value("receptor_temperature.q10", "1"))
