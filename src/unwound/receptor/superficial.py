r"""A second, shallow site that a drug occupies whether the gate is open or closed: partial trapping (memantine).

    one more arm S beside empty, Mg and the drugs of the deep site; for *every* gate state g

        X[g, empty] <=> X[g, S] :   u C a,   u                     a = 1/K_S; no site is a = 0

Drug in S leaves after closure, drug in the deep site does not. The stationary state stays a product,

    gate marginal x (1 : [Mg]/K_Mg : C_i/K_i : a C) / sum

so the site adds a C to the block. In a trapping experiment (block, wash without agonist, test) what was in S is lost:

    trapped share = drug left in the pore after the wash / drug in it before

Part of the untrapping needs no such site: deep drug leaves while the channel still deactivates.

Source: assumption (share of the site under the experiment of mealing1999), gilling2009 (fast recovery as its u).
Leaves out: passage from S to the deep site.
"""

from __future__ import annotations

from collections.abc import Sequence

from unwound.core.arrays import Array, Float, Record, Scalar, jax, jnp
from unwound.core.units import unit
from unwound.evidence import all_estimates, value
from unwound.receptor.ligands import Ligand
from unwound.receptor.pore import Blocker, Magnesium, Solution, dissociation, full_generator, magnesium_dissociation
from unwound.receptor.scheme import Gating, at_rest, generator

MOST_SQUARINGS = 64
"""For the exponential of a generator over minutes."""


class Superficial(Record):
    """The shallow site of one drug."""

    affinity: Scalar = unit("1/uM")  # a
    off_rate: Scalar = unit("1/s")  # u


def superficial_site(drug: Ligand, deep: Scalar) -> Superficial:
    """The shallow site of a drug, `deep` [uM] being the K of its deep site; without a row on record, no site."""
    share, off_rate = f"{drug.prefix}.superficial_share", value("superficial.off_rate", "1/s")
    if share not in all_estimates():
        return Superficial(affinity=0.0, off_rate=off_rate)
    return site_of_share(value(share, "1"), value(f"{drug.prefix}.native_dose", "uM"), deep, off_rate)


def site_of_share(share: Scalar, concentration: Scalar, deep: Scalar, off_rate: Scalar) -> Superficial:
    """The site that holds `share` of the channels at `concentration` [uM], beside a deep site of K = `deep` [uM].

    Without magnesium: s/(1 + C/K + s) = share, with s = a C.
    """
    relative = share * (1.0 + concentration / deep) / (1.0 - share)
    return Superficial(affinity=relative / concentration, off_rate=off_rate)


def superficial_occupancy(
    solution: Solution, mg: Magnesium, blockers: Sequence[Blocker], site: Superficial, thermal_voltage: Scalar,
    drug: int = 0,
) -> Array:  # fmt: skip
    """The stationary pore: shares of (empty, Mg, drugs ..., S)."""
    weights = [jnp.ones(()), solution.magnesium / magnesium_dissociation(solution.voltage, mg)]
    for concentration, p in zip(solution.drugs, blockers, strict=True):
        weights.append(concentration / dissociation(solution.voltage, p, thermal_voltage))
    weights.append(solution.drugs[drug] * site.affinity)
    stacked = jnp.stack(jnp.broadcast_arrays(*weights))
    return stacked / jnp.sum(stacked, axis=0)


def superficial_generator(
    gating: Gating, solution: Solution, mg: Magnesium, blockers: Sequence[Blocker], site: Superficial,
    thermal_voltage: Scalar, drug: int = 0,
) -> Float[Array, "state state"]:  # fmt: skip
    """The generator of gate x (empty, Mg, drugs ..., S) [1/s]; `drug` says whose shallow site it is."""
    inner = full_generator(gating, solution, mg, blockers, thermal_voltage)
    gate = generator(gating, solution.agonists)
    gates, size = gate.shape[0], inner.shape[0]
    whole = jnp.zeros((size + gates, size + gates)).at[:size, :size].set(inner).at[size:, size:].set(gate)
    enter = site.off_rate * solution.drugs[drug] * site.affinity
    every = jnp.eye(gates)
    whole = whole.at[size:, :gates].add(enter * every).at[:gates, :gates].add(-enter * every)
    whole = whole.at[:gates, size:].add(site.off_rate * every).at[size:, size:].add(-site.off_rate * every)
    return whole


def trapped_share(
    gating: Gating, block: Solution, blocker: Blocker, site: Superficial, mg: Magnesium, thermal_voltage: Scalar,
    exposure: Scalar, wash: Scalar,
) -> tuple[Array, Array]:  # fmt: skip
    """Block after `exposure` [s] to agonist and drug, and the share of it left after `wash` [s] without either.

    Starts from rest in the bath of `block`; block is the occupancy of the drug, deep and shallow.
    """
    rest = block._replace(agonists=block.agonists._replace(glutamate=jnp.zeros(())), drugs=[jnp.zeros(())])

    def stretch(state: Array, solution: Solution, duration: Scalar) -> Array:
        matrix = superficial_generator(gating, solution, mg, [blocker], site, thermal_voltage)
        return jax.scipy.linalg.expm(matrix * duration, max_squarings=MOST_SQUARINGS) @ state

    gates = len(gating.states)
    start = jnp.zeros(4 * gates).at[:gates].set(at_rest(gating))
    before = stretch(start, block, exposure)
    after = stretch(before, rest, wash)
    held = jnp.stack([jnp.sum(state[2 * gates :]) for state in (before, after)])
    return held[0], held[1] / held[0]
