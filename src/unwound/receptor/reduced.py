r"""Four shorter forms of the full scheme, for ever longer times, each with the error it was found to have.

    R1  ms - s        I = g O(t) m(V) (1 - b) (V - E)
    R2  s - min       db/dt = O(t) [k C m(V) (1 - b) - k K(V) b] - k_esc b
    R3  min - h       b_inf = k C A_on / r,   tau_b = 1 / r,   r = k C A_on + k K(V0) A_off + k_esc
                      A_on = <O m(V)>,   A_off = <O exp(delta F (V - V0)/RT)>
    R4  days          drive left = (1 - b_inf(C)) phi(C) on ambient activation, (1 - b_inf(C)) on synapses

O(t) is the gate marginal: it does not depend on the drug, so one run of the gate serves every dose. R2 forgets only
that gate and pore are correlated while block builds up. Against the full scheme (GluN2A, pulses of 1 ms at 1 Hz, 1 uM
ketamine, 120 s) the greatest error in b is 0.011 at -40 mV and 1 mM Mg, 0.044 at -66 mV without Mg; R1 adds what
`lumped` leaves out, below 0.001 of the peak. R3 is exact for the averages of a periodic activity in the limit of
slow block; b_inf is exact at constant voltage.

Source: no numbers of its own (k_esc: assumption). Leaves out: the superficial site, several drugs (use sum C_i/K_i when
they share an on-rate).
"""

from __future__ import annotations

from unwound.core.arrays import Array, Float, Record, Scalar, jax, jnp
from unwound.core.units import unit
from unwound.receptor.lumped import magnesium_free
from unwound.receptor.pore import Blocker, Magnesium, dissociation
from unwound.receptor.tonic import Tonic, ambient_drive

SMALLEST = float(jnp.finfo(jnp.float64).tiny)
"""Rates below it count as none: compiled code turns them into 0 within a division."""


class Activity(Record):
    """What block needs to know about a synapse class: open time, seen by a drug that comes and by one that leaves."""

    binding: Scalar = unit("1")  # A_on
    unbinding: Scalar = unit("1")  # A_off, relative to the reference voltage of the blocker


def current(
    opening: Scalar, blocked: Scalar, voltage: Scalar, magnesium: Scalar, mg: Magnesium, conductance: Scalar,
    reversal: Scalar,
) -> Scalar:  # fmt: skip
    """R1: I = g O m (1 - b) (V - E), in the unit of `conductance` times mV."""
    return conductance * opening * magnesium_free(voltage, magnesium, mg) * (1.0 - blocked) * (voltage - reversal)


def exchange(
    drug: Scalar, voltage: Scalar, magnesium: Scalar, mg: Magnesium, blocker: Blocker, thermal_voltage: Scalar
) -> tuple[Scalar, Scalar]:
    """Binding and unbinding [1/s] of a channel that is always open: k C m(V) and k K(V)."""
    into = blocker.on_rate * drug * magnesium_free(voltage, magnesium, mg)
    return into, blocker.on_rate * dissociation(voltage, blocker, thermal_voltage)


def flow(blocked: Scalar, opening: Scalar, into: Scalar, out: Scalar, escape: Scalar) -> Scalar:
    """R2: db/dt [1/s] while a share `opening` of the channels is open."""
    return opening * (into * (1.0 - blocked) - out * blocked) - escape * blocked


def course(
    start: Scalar, opening: Float[Array, " time"], step: Float[Array, " time"], into: Float[Array, " time"],
    out: Float[Array, " time"], escape: Scalar,
) -> Float[Array, " time"]:  # fmt: skip
    """R2 at the end of every `step` [s]; opening, into and out are constant within a step, which is then exact."""
    rows = jnp.broadcast_arrays(opening, step, into, out, escape)
    return jax.lax.scan(_onward, jnp.asarray(start, float), tuple(rows))[1]


def averages(
    opening: Float[Array, " time"], voltage: Float[Array, " time"], step: Float[Array, " time"], magnesium: Scalar,
    mg: Magnesium, blocker: Blocker, thermal_voltage: Scalar,
) -> Activity:  # fmt: skip
    """R3: A_on and A_off of a recorded activity, weighted by the length of its steps."""
    weight = step / jnp.sum(step)
    stronger = dissociation(voltage, blocker, thermal_voltage) / blocker.dissociation
    return Activity(
        binding=jnp.sum(weight * opening * magnesium_free(voltage, magnesium, mg)),
        unbinding=jnp.sum(weight * opening * stronger),
    )


def relaxation(drug: Scalar, activity: Activity, blocker: Blocker, escape: Scalar) -> Scalar:
    """R3: r = 1 / tau_b [1/s]; 0 when channels never open and nothing escapes."""
    out = blocker.on_rate * blocker.dissociation * activity.unbinding
    return blocker.on_rate * drug * activity.binding + out + escape


def equilibrium(drug: Scalar, activity: Activity, blocker: Blocker, escape: Scalar) -> Scalar:
    """R3: b_inf. Channels that never open take up nothing: 0."""
    return _ratio(blocker.on_rate * drug * activity.binding, relaxation(drug, activity, blocker, escape))


def time_constant(drug: Scalar, activity: Activity, blocker: Blocker, escape: Scalar) -> Scalar:
    """R3: tau_b [s]; infinite when channels never open and nothing escapes."""
    rate = relaxation(drug, activity, blocker, escape)
    return jnp.where(rate > SMALLEST, 1.0 / jnp.where(rate > SMALLEST, rate, 1.0), jnp.inf)


def synaptic_drive(drug: Scalar, activity: Activity, blocker: Blocker, escape: Scalar) -> Scalar:
    """R4: the share of synaptic NMDA current that is left, 1 - b_inf."""
    return 1.0 - equilibrium(drug, activity, blocker, escape)


def tonic_drive(drug: Scalar, activity: Activity, blocker: Blocker, escape: Scalar, tonic: Tonic) -> Scalar:
    """R4: the share of ambient NMDA current that is left, (1 - b_inf) phi."""
    return synaptic_drive(drug, activity, blocker, escape) * ambient_drive(drug, tonic)


def _ratio(part: Scalar, whole: Scalar) -> Array:
    """part / whole, and 0 with finite slopes where both are 0."""
    return jnp.where(whole > SMALLEST, part / jnp.where(whole > SMALLEST, whole, 1.0), 0.0)


def _onward(blocked: Array, now: tuple[Array, ...]) -> tuple[Array, Array]:
    """One step of R2 with everything constant."""
    opened, length, into, out, escape = now
    rate = opened * (into + out) + escape
    limit = _ratio(opened * into, rate)
    after = limit + (blocked - limit) * jnp.exp(-rate * length)
    return after, after
