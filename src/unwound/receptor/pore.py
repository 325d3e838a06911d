r"""What sits in the pore: nothing, magnesium, or one of several drugs; and what that does to the current.

The full scheme is the product of a gating chain g and a pore occupancy p in {empty, Mg, K_1 ... K_n}. With *symmetric
trapping* the gate does not feel what is in the pore, and only open states exchange with the solution:

    dX[g,p]/dt = sum_g' q(g', g) X[g',p] - q(g, g') X[g,p]                                      the same q for every p
               + for g open:  empty <=> Mg :  k_Mg-(V)/K_Mg(V) [Mg],  k_Mg-(V)
                              empty <=> K_i:  k_i C_i,                k_i K_i(V)

    K_Mg(V) = K_Mg(-66) exp((V + 66)/16.13)        k_Mg-(V) = 5400 exp(V/47)
    K_i(V)  = K_i(V0) exp(delta_i F (V - V0)/RT)   (on unbinding; binding k_i does not depend on V)

From this follows exactly, for any gating and any glutamate:

    stationary state = gate marginal x (1 : [Mg]/K_Mg : C_i/K_i) / sum
    inhibition       = C/K / (1 + [Mg]/K_Mg + C/K),      IC50 = K(V) (1 + [Mg]/K_Mg(V)),  Hill coefficient 1

and the sum over p of X[g, p] obeys the drug-free chain.

Source: kotermanski2009 (K_Mg, fitted to its pairs of IC50), vargas2004 (Mg rates), jahr1990. Leaves out: asymmetric
trapping (unless asked for: `vargas2004`), a superficial site (`superficial`), the tonic site (`tonic`); a Hill
coefficient below 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from unwound.core.arrays import Array, Float, Record, Scalar, jnp
from unwound.core.units import unit
from unwound.receptor.scheme import Agonists, Gating, generator


class Magnesium(Record):
    """Block of one subtype by magnesium."""

    dissociation: Scalar = unit("mM")
    """K_Mg at the reference voltage."""
    reference_voltage: Scalar = unit("mV")
    slope: Scalar = unit("mV")
    off_rate: Scalar = unit("1/s")
    """Unbinding at 0 mV."""
    off_slope: Scalar = unit("mV")


class Blocker(Record):
    """A drug of the deep site of one subtype, microscopic: rates of the open channel."""

    dissociation: Scalar = unit("uM")
    """K at the reference voltage."""
    reference_voltage: Scalar = unit("mV")
    delta: Scalar = unit("1")
    """Share of the membrane field that it senses."""
    on_rate: Scalar = unit("1/uM/s")
    """Binding to an open, empty channel."""


class Asymmetry(Record):
    """How magnesium in the pore changes the gate: factors on opening and closing of a blocked channel."""

    opening: Scalar = unit("1")
    closing: Scalar = unit("1")


class Solution(NamedTuple):
    """What the channel is exposed to."""

    agonists: Agonists
    magnesium: Scalar  # mM
    drugs: Sequence[Scalar]  # uM, free, one for each blocker
    voltage: Scalar  # mV


def magnesium_dissociation(voltage: Scalar, p: Magnesium) -> Scalar:
    """K_Mg [mM] at `voltage` [mV]."""
    return p.dissociation * jnp.exp((voltage - p.reference_voltage) / p.slope)


def magnesium_off(voltage: Scalar, p: Magnesium) -> Scalar:
    """Unbinding of magnesium [1/s]."""
    return p.off_rate * jnp.exp(voltage / p.off_slope)


def dissociation(voltage: Scalar, p: Blocker, thermal_voltage: Scalar) -> Scalar:
    """K [uM] of a drug at `voltage` [mV]; `thermal_voltage` is RT/F [mV]."""
    return p.dissociation * jnp.exp(p.delta * (voltage - p.reference_voltage) / thermal_voltage)


def off_rate(voltage: Scalar, p: Blocker, thermal_voltage: Scalar) -> Scalar:
    """Unbinding of a drug from the open channel [1/s]."""
    return p.on_rate * dissociation(voltage, p, thermal_voltage)


def occupancy(
    voltage: Scalar, magnesium: Scalar, drugs: Sequence[Scalar], mg: Magnesium, blockers: Sequence[Blocker],
    thermal_voltage: Scalar,
) -> Array:  # fmt: skip
    """The stationary pore, exact for any gating: shares of (empty, Mg, drug 1, drug 2 ...), (2 + drugs, *batch)."""
    weights = [jnp.ones(()), magnesium / magnesium_dissociation(voltage, mg)]
    weights += [c / dissociation(voltage, p, thermal_voltage) for c, p in zip(drugs, blockers, strict=True)]
    stacked = jnp.stack(jnp.broadcast_arrays(*weights))
    return stacked / jnp.sum(stacked, axis=0)


def inhibition(
    voltage: Scalar, magnesium: Scalar, drugs: Sequence[Scalar], mg: Magnesium, blockers: Sequence[Blocker],
    thermal_voltage: Scalar,
) -> Scalar:  # fmt: skip
    """Share of the drug-free current that is lost at steady state."""
    with_drug = occupancy(voltage, magnesium, drugs, mg, blockers, thermal_voltage)[0]
    without = occupancy(voltage, magnesium, [jnp.zeros(()) for _ in drugs], mg, blockers, thermal_voltage)[0]
    return 1.0 - with_drug / without


def half_inhibition(
    voltage: Scalar, magnesium: Scalar, mg: Magnesium, blocker: Blocker, thermal_voltage: Scalar
) -> Scalar:
    """IC50 [uM] = K(V) (1 + [Mg]/K_Mg(V))."""
    return dissociation(voltage, blocker, thermal_voltage) * (1.0 + magnesium / magnesium_dissociation(voltage, mg))


def full_generator(
    gating: Gating, solution: Solution, mg: Magnesium, blockers: Sequence[Blocker], thermal_voltage: Scalar,
    *, opening: Scalar = 1.0, speed: Scalar = 1.0, asymmetry: Asymmetry | None = None,
) -> Float[Array, "state state"]:  # fmt: skip
    """The generator of gate x pore [1/s]; state (g, p) lies at ``p * gates + g``, p in (empty, Mg, drugs ...).

    `opening` and `speed` go to the gate, as in `generator`. With `asymmetry` a channel that holds magnesium gates
    differently; the gate then feels the pore, and nothing of the closed forms above is exact any longer.
    """
    gate = generator(gating, solution.agonists, opening, speed)
    gates, arms = gate.shape[0], 2 + len(blockers)
    whole = jnp.kron(jnp.eye(arms), gate)
    if asymmetry is not None:
        held_gate = generator(gating, solution.agonists, opening * asymmetry.opening, speed, asymmetry.closing)
        whole = whole.at[gates : 2 * gates, gates : 2 * gates].set(held_gate)
    enter = [magnesium_off(solution.voltage, mg) * solution.magnesium / magnesium_dissociation(solution.voltage, mg)]
    leave = [magnesium_off(solution.voltage, mg)]
    for concentration, blocker in zip(solution.drugs, blockers, strict=True):
        enter.append(blocker.on_rate * concentration)
        leave.append(off_rate(solution.voltage, blocker, thermal_voltage))
    for name in gating.open_states:
        empty = gating.states.index(name)
        for arm, (into, out) in enumerate(zip(enter, leave, strict=True), 1):
            held = arm * gates + empty
            whole = whole.at[held, empty].add(into).at[empty, empty].add(-into)
            whole = whole.at[empty, held].add(out).at[held, held].add(-out)
    return whole
