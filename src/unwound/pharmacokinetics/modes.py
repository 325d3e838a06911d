r"""Linear disposition as independent first-order modes, solved exactly.

A mammillary model of central volume V, clearance CL and peripheral pairs (V_i, Q_i)

    dA/dt   = u(t) - CL C - sum_i Q_i (C - C_i),          C = A/V,  C_i = A_i/V_i
    dA_i/dt = Q_i (C - C_i)

becomes symmetric when amounts are divided by the square root of their volume. Its eigenvalues are then real and
distinct, and the central concentration is a sum of modes that do not know each other:

    C = sum_k w_k,      dw_k/dt = -lambda_k w_k + g_k u(t),      sum_k g_k = 1/V,  sum_k g_k/lambda_k = 1/CL

so a bolus of size D adds ``g_k D`` to each mode. Anything driven by the parent's central concentration (an effect
site, a metabolite) is a *follower* m' = -mu m + C; what it receives from a mode is the chain of the two
(`convolution`), exact also when mu meets a lambda. The input is a mode of rate zero at the head of the chain.

Source: linear algebra; no numbers of its own.
"""

from __future__ import annotations

from unwound.core.arrays import Array, Float, Record, Scalar, jnp
from unwound.core.units import unit
from unwound.pharmacokinetics.eigen import symmetric


class Disposition(Record):
    """A mammillary model of one analyte: a central volume, cleared, with any number of peripheral ones."""

    clearance: Scalar = unit("L/h")
    central: Scalar = unit("L")
    peripheral: Float[Array, "peripherals *batch"] = unit("L")
    exchange: Float[Array, "peripherals *batch"] = unit("L/h")


class Amounts(Record):
    """How much drug is where."""

    central: Scalar = unit("mg")
    peripheral: Float[Array, "peripherals *batch"] = unit("mg")


def flow(amounts: Amounts, rate: Scalar, p: Disposition) -> Amounts:
    """Rate of change of `amounts` [mg/h] while `rate` [mg/h] enters the central volume.

    The engine never integrates this: it is the statement of the model, for laws, oracles and readers.
    """
    concentration = amounts.central / p.central
    outward = p.exchange * (concentration - amounts.peripheral / p.peripheral)
    return Amounts(
        central=rate - p.clearance * concentration - jnp.sum(outward, axis=0),
        peripheral=outward,
    )


class Modes(Record):
    """The exact solution of a `Disposition`: C = sum of modes, each of rate [1/h] and gain [1/L]."""

    rate: Float[Array, "modes *batch"] = unit("1/h")
    gain: Float[Array, "modes *batch"] = unit("1/L")


def modes_of(p: Disposition) -> Modes:
    """The modes of a disposition. Rates are real, positive and distinct; gains are positive."""
    clearance, central = jnp.asarray(p.clearance), jnp.asarray(p.central)
    count = 1 + p.peripheral.shape[0]
    batch = jnp.broadcast_shapes(clearance.shape, central.shape, p.peripheral.shape[1:])
    rows = [[jnp.zeros(())] * count for _ in range(count)]
    rows[0][0] = (clearance + jnp.sum(p.exchange, axis=0)) / central
    for i in range(1, count):
        volume, exchange = p.peripheral[i - 1], p.exchange[i - 1]
        rows[i][i] = exchange / volume
        rows[0][i] = rows[i][0] = -exchange / jnp.sqrt(central * volume)
    matrix = jnp.stack([jnp.stack([jnp.broadcast_to(each, batch) for each in row]) for row in rows])
    rate, vectors = symmetric(matrix)
    return Modes(rate=rate, gain=vectors[0] ** 2 / central)
