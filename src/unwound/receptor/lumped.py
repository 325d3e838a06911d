r"""Magnesium in fast equilibrium: one arm instead of two, 16 states instead of 24.

    free[g] = X[g, empty] + X[g, Mg],      X[g, empty] = m(V) free[g],      m(V) = 1 / (1 + [Mg]/K_Mg(V))

    free <=> K_i in open states :  k_i C_i m(V),   k_i K_i(V)

Valid at constant voltage (or one that changes more slowly than magnesium, about 0.1 ms), because trapping is symmetric:
magnesium and drug leave the gate alone, so in every gate state magnesium holds the same share of what is free.

Source: no numbers of its own. Leaves out: the time magnesium takes; after a jump of voltage use `pore`.
"""

from __future__ import annotations

from collections.abc import Sequence

from unwound.core.arrays import Array, Float, Scalar, jnp
from unwound.receptor.pore import Blocker, Magnesium, Solution, magnesium_dissociation, off_rate
from unwound.receptor.scheme import Gating, generator


def magnesium_free(voltage: Scalar, magnesium: Scalar, mg: Magnesium) -> Scalar:
    """m: the share of drug-free channels that magnesium leaves empty."""
    return 1.0 / (1.0 + magnesium / magnesium_dissociation(voltage, mg))


def lumped_generator(
    gating: Gating, solution: Solution, mg: Magnesium, blockers: Sequence[Blocker], thermal_voltage: Scalar
) -> Float[Array, "state state"]:
    """The generator of gate x (free, drugs ...) [1/s]; state (g, p) lies at ``p * gates + g``."""
    gate = generator(gating, solution.agonists)
    gates = gate.shape[0]
    whole = jnp.kron(jnp.eye(1 + len(blockers)), gate)
    free = magnesium_free(solution.voltage, solution.magnesium, mg)
    for arm, (concentration, blocker) in enumerate(zip(solution.drugs, blockers, strict=True), 1):
        into, out = blocker.on_rate * concentration * free, off_rate(solution.voltage, blocker, thermal_voltage)
        for name in gating.open_states:
            empty = gating.states.index(name)
            held = arm * gates + empty
            whole = whole.at[held, empty].add(into).at[empty, empty].add(-into)
            whole = whole.at[empty, held].add(out).at[held, held].add(-out)
    return whole
