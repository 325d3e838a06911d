r"""Opioid tolerance and hyperalgesia: an opioid wears off, and what wears it off feeds the pain.

    dT/dt = kT M (1 - T) (1 - (1 - eta_T) b) - T (M/tau_up + (1 - M)/tau_down)          tolerance, 0..1
    M_eff = M (1 - T)                                  what the opioid still does
    R *= 1 - e_m M_eff
    T_M = kT M / (kT M + M/tau_up + (1 - M)/tau_down)  where tolerance settles under M
    p_eff = p + gT T + gW max(T - T_M, 0)              hyperalgesia, and rebound on withdrawal

M is the occupancy of mu receptors. Tolerance needs NMDA receptors but for a share eta_T, so ketamine holds it up. It
balances quickly under the drug and fades slowly without. Withdrawal is
tolerance that the opioid of the moment no longer holds: none under a lasting dose, all of it when the opioid is gone.

Source: assumption (all numbers; only reviews were found); drdla2012 (abrupt withdrawal potentiates C-fiber synapses).
Leaves out: kinetics of opioids, receptor types, erasure of potentiation by a high dose, dependence.
"""

from __future__ import annotations

from typing import ClassVar

from unwound.core.arrays import Array, Record, Scalar, jnp
from unwound.core.units import unit


class OpioidTolerance(Record):
    """How it comes and goes, and what it does."""

    onset: Scalar = unit("1/d")  # kT
    up_time: Scalar = unit("d")  # tau_up
    down_time: Scalar = unit("d")  # tau_down
    unblocked_share: Scalar = unit("1")  # eta_T
    analgesia: Scalar = unit("1")  # e_m
    hyperalgesia: Scalar = unit("1")  # gT
    withdrawal: Scalar = unit("1")  # gW

    prefix: ClassVar[str] = "opioid_tolerance"


def loss_rate(occupancy: Array, p: OpioidTolerance) -> Array:
    """Rate at which tolerance fades [1/d]."""
    return occupancy / p.up_time + (1.0 - occupancy) / p.down_time


def flow(tolerance: Array, occupancy: Array, block: Array, p: OpioidTolerance) -> Array:
    """Rate of change of T [1/d]."""
    spared = 1.0 - (1.0 - p.unblocked_share) * block
    return p.onset * occupancy * (1.0 - tolerance) * spared - loss_rate(occupancy, p) * tolerance


def at_rest(occupancy: Array, p: OpioidTolerance) -> Array:
    """Where tolerance settles under a lasting `occupancy`, without block."""
    on = p.onset * occupancy
    return on / (on + loss_rate(occupancy, p))


def effective(occupancy: Array, tolerance: Array) -> Array:
    """Opioid effect that is left: ``M (1 - T)``."""
    return occupancy * (1.0 - tolerance)


def spared_drive(effect: Array, p: OpioidTolerance) -> Array:
    """Share of the pain drive that an opioid effect leaves: ``1 - e_m M_eff``."""
    return 1.0 - p.analgesia * effect


def added_input(tolerance: Array, occupancy: Array, p: OpioidTolerance) -> Array:
    """What tolerance adds to the input: ``gT T + gW max(T - T_M, 0)``."""
    return p.hyperalgesia * tolerance + p.withdrawal * jnp.maximum(tolerance - at_rest(occupancy, p), 0.0)
