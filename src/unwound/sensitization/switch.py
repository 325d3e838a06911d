r"""H1: a switch. Synaptic gain is bistable; a deep and long enough block turns it off.

    N     = (1 - b) (1 - eta Z) (p + flare + gS S + gL L)        NMDA-gated plasticity signal
    R     =                      p + flare + gS S + gL L         drive to pain (acute block is an outcome)
    dS/dt = kon (1 - S) N^n / (N^n + th^n) - koff S              synaptic gain, bistable
    dL/dt = (min(S / S_L, 1) - L) / tauL                         latent pain memory
    dZ/dt = kz1 b (1 - Z) - kz0 Z                                drug-induced protection

Time in days. b is the block from a driver; Z depends on the drug alone. With a protection of a day (H1) the drug-free
drive alone decides what follows: where a pain-free state exists the reset is for good, elsewhere pain returns.
`ProtectedSwitch` (H2) keeps these equations and gives them weeks of protection and flares. "Reset" is a
hypothesis: that human central sensitization is bistable at all is assumed.

Source: assumption (structure and weights); dahan2011 (rate of protection in H2).
Leaves out: receptor number U, disinhibition H, glia G, descending control D, tolerance T.
"""

from __future__ import annotations

from typing import ClassVar

from unwound.core.arrays import Array, Record, Scalar, jax, jnp
from unwound.core.units import unit

TINY = 1e-30
"""Stands in for zero inside a logarithm, so that gradients stay finite when there is no drive at all."""


class Switch(Record):
    """Parameters of the bistable memory."""

    activation: Scalar = unit("1/d")  # kon
    decay: Scalar = unit("1/d")  # koff
    hill: Scalar = unit("1")  # n
    threshold: Scalar = unit("1")  # th
    gain: Scalar = unit("1")  # gS
    latent_gain: Scalar = unit("1")  # gL
    input: Scalar = unit("1")  # p
    protection_strength: Scalar = unit("1")  # eta
    protection_on: Scalar = unit("1/d")  # kz1
    protection_off: Scalar = unit("1/d")  # kz0
    latent_time: Scalar = unit("d")  # tauL
    latent_saturation: Scalar = unit("1")  # S_L

    prefix: ClassVar[str] = "switch"
    title: ClassVar[str] = "H1 Switch: bistable, brief protection, reset for good or relapse"


class Memory(Record):
    """State: synaptic gain S and latent pain memory L."""

    gain: Scalar = unit("1")
    latent: Scalar = unit("1")


class Stimulus(Record):
    """Input: block b by the drug, protection Z, and the excursion of the peripheral drive (a flare)."""

    block: Scalar = unit("1")
    protection: Scalar = unit("1")
    flare: Scalar = unit("1")


def drive(memory: Memory, flare: Array, p: Switch) -> Array:
    """Drive to pain R without acute block, never negative."""
    return jnp.maximum(p.input + flare + p.gain * memory.gain + p.latent_gain * memory.latent, 0.0)


def saturation(signal: Array, p: Switch) -> Array:
    """``N^n / (N^n + th^n)``, written as a logistic of the logarithm: one exponential instead of two powers."""
    return jax.nn.sigmoid(p.hill * jnp.log(jnp.maximum(signal, TINY) / p.threshold))


def flow(memory: Memory, stimulus: Stimulus, p: Switch) -> Memory:
    """Rate of change of the memory [1/d]."""
    spared = (1.0 - stimulus.block) * (1.0 - p.protection_strength * stimulus.protection)
    signal = spared * drive(memory, stimulus.flare, p)
    return Memory(
        gain=p.activation * (1.0 - memory.gain) * saturation(signal, p) - p.decay * memory.gain,
        latent=(jnp.minimum(memory.gain / p.latent_saturation, 1.0) - memory.latent) / p.latent_time,
    )


def protection_in(block: Array, p: Switch) -> tuple[Array, Array]:
    """Protection depends on the drug alone: dZ/dt = source - rate Z, returned as (rate, source) [1/d]."""
    on = p.protection_on * block
    return on + p.protection_off, on


def pain_state(latent: Array, p: Switch, sweeps: int = 200) -> Memory:
    """The drug-free resting state with the highest gain: where somebody in pain starts.

    The map ``S -> kon psi / (kon psi + koff)`` rises with S, so started from 1 it falls monotonically onto the
    highest fixed point; `sweeps` leave less than 1e-12 except within 1e-4 of the fold.
    """
    latent = jnp.asarray(latent)

    def sweep(_: int, gain: Array) -> Array:
        on = p.activation * saturation(drive(Memory(gain, latent), jnp.zeros(()), p), p)
        return on / (on + p.decay)

    start = jnp.ones(jnp.broadcast_shapes(latent.shape, jnp.shape(p.input), jnp.shape(p.threshold)))
    gain = jax.lax.fori_loop(0, sweeps, sweep, start)
    return Memory(gain=gain, latent=jnp.broadcast_to(latent, gain.shape))
