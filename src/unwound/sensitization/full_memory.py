r"""The slow memory in full: the switch with every other slow state beside it, each on or off by its gains.

    p_eff = p + flare + gT T + gW max(T - T_M, 0) - gD (D - D0)
    R     = A_R max(p_eff + lift(0) + gL L, 0)                          drive to pain, no acute block
    N     = (1 - b)(1 - eta Z) A_N max(p_eff + lift(b) + gL L, 0)       NMDA-gated plasticity signal
    dS/dt = kon (1 - S) psi(N) - koff S          dL/dt = (min(S/S_L, 1) - L)/tauL

and U, H, G, D, T as in `receptor_number`, `disinhibition`, `glia`, `descending`, `opioid_tolerance`. What the states
do is a response, a record that can be exchanged. The one here, "hill", is

    lift = gS S + gH H     A_R = (1 + r G)(1 - e_m M (1 - T))     A_N = (1 + r G)(1 + u U)(1 + kH H)

With all gains zero this is `switch`, number for number. Z depends on the drug alone and is given.

Source: assumption. Leaves out: what each mechanism leaves out; opioids act on pain, not on plasticity (in "hill").
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from unwound.core.arrays import Array, Record, Scalar, jax, jnp
from unwound.core.units import unit
from unwound.sensitization import descending, disinhibition, glia, opioid_tolerance, receptor_number
from unwound.sensitization.mechanisms import Mechanisms
from unwound.sensitization.switch import Switch, saturation


class FullMemory(Record):
    """All slow states but Z."""

    gain: Scalar = unit("1")  # S
    latent: Scalar = unit("1")  # L
    receptors: Scalar = unit("1")  # U
    disinhibition: Scalar = unit("1")  # H
    glia: Scalar = unit("1")  # G
    descending: Scalar = unit("1")  # D
    tolerance: Scalar = unit("1")  # T


class Surroundings(Record):
    """What acts on them from outside."""

    block: Scalar = unit("1")  # b
    protection: Scalar = unit("1")  # Z
    flare: Scalar = unit("1")
    injury: Scalar = unit("1")  # Inj
    opioid: Scalar = unit("1")  # M


class Response(Protocol):
    """How the states of the memory act on drive and plasticity."""

    def lift(self, memory: FullMemory, block: Array, effect: Array, p: Switch, m: Mechanisms) -> Array:
        """What sensitization adds to the drive under `block` and an opioid `effect`."""
        ...

    def pain_factor(self, memory: FullMemory, effect: Array, m: Mechanisms) -> Array:
        """What the drive to pain is multiplied by."""
        ...

    def plasticity_factor(self, memory: FullMemory, m: Mechanisms) -> Array:
        """What the plasticity signal is multiplied by, block and protection apart."""
        ...


class Hill(Record):
    """The response of the core, with the mechanisms as factors and addends (default)."""

    def lift(self, memory: FullMemory, block: Array, effect: Array, p: Switch, m: Mechanisms) -> Array:
        """``gS S + gH H``: neither block nor opioid changes it."""
        return p.gain * memory.gain + disinhibition.added_drive(memory.disinhibition, m.disinhibition)

    def pain_factor(self, memory: FullMemory, effect: Array, m: Mechanisms) -> Array:
        """``(1 + r G)(1 - e_m M_eff)``."""
        return glia.release(memory.glia, m.glia) * opioid_tolerance.spared_drive(effect, m.opioid)

    def plasticity_factor(self, memory: FullMemory, m: Mechanisms) -> Array:
        """``(1 + r G)(1 + u U)(1 + kH H)``."""
        nmda = receptor_number.nmda_gain(memory.receptors, m.receptors)
        series = disinhibition.series_gain(memory.disinhibition, m.disinhibition)
        return glia.release(memory.glia, m.glia) * nmda * series


class Signals(NamedTuple):
    """What drives the slow states at a moment."""

    pain: Array  # R
    raised: Array  # R without release and opioid, less the input
    saturation: Array  # psi(N)


def signals(memory: FullMemory, around: Surroundings, p: Switch, m: Mechanisms, response: Response) -> Signals:
    """Drive to pain, what sensitization adds to it, and the saturation of plasticity."""
    effect = opioid_tolerance.effective(around.opioid, memory.tolerance)
    extra = opioid_tolerance.added_input(memory.tolerance, around.opioid, m.opioid)
    extra = extra - descending.braked(memory.descending, m.descending)
    arriving = p.input + (around.flare + extra)
    free, held = (
        jnp.maximum(arriving + response.lift(memory, block, effect, p, m) + p.latent_gain * memory.latent, 0.0)
        for block in (jnp.zeros_like(around.block), around.block)
    )
    spared = (1.0 - around.block) * (1.0 - p.protection_strength * around.protection)
    plasticity = spared * held * response.plasticity_factor(memory, m)
    return Signals(
        pain=free * response.pain_factor(memory, effect, m),
        raised=jnp.maximum(free - jnp.maximum(arriving, 0.0), 0.0),
        saturation=saturation(plasticity, p),
    )


def drive(memory: FullMemory, around: Surroundings, p: Switch, m: Mechanisms, response: Response) -> Array:
    """Drive to pain R without acute block, never negative."""
    return signals(memory, around, p, m, response).pain


def flow(memory: FullMemory, around: Surroundings, p: Switch, m: Mechanisms, response: Response) -> FullMemory:
    """Rate of change of the memory [1/d]."""
    now = signals(memory, around, p, m, response)
    roused = glia.rousing(around.injury, now.raised, around.block, m.glia)
    return FullMemory(
        gain=p.activation * (1.0 - memory.gain) * now.saturation - p.decay * memory.gain,
        latent=(jnp.minimum(memory.gain / p.latent_saturation, 1.0) - memory.latent) / p.latent_time,
        receptors=receptor_number.flow(memory.receptors, now.saturation, around.block, m.receptors),
        disinhibition=disinhibition.flow(memory.disinhibition, memory.glia, m.disinhibition),
        glia=glia.flow(memory.glia, roused, m.glia),
        descending=descending.flow(memory.descending, around.protection, m.descending),
        tolerance=opioid_tolerance.flow(memory.tolerance, around.opioid, around.block, m.opioid),
    )


def settled(
    latent: Array, opioid: Array, p: Switch, m: Mechanisms, response: Response, *, high: bool, sweeps: int = 400
) -> FullMemory:
    """The drug-free resting state with the most gain (`high`: somebody in pain) or the least, L held.

    Every state raises every other, so the map from a state to where it would settle rises, and from the top (bottom)
    it falls (climbs) monotonically onto the highest (lowest) resting state.
    """
    shape = jnp.broadcast_shapes(jnp.shape(latent), jnp.shape(opioid), jnp.shape(p.input), jnp.shape(p.latent_gain))
    zero = jnp.zeros(shape)
    around = Surroundings(zero, zero, zero, zero, zero + opioid)
    begin = zero + (1.0 if high else 0.0)
    tolerance = opioid_tolerance.at_rest(zero + opioid, m.opioid)
    start = FullMemory(begin, zero + latent, begin, begin, begin, zero + m.descending.tone, tolerance)

    def sweep(_: int, memory: FullMemory) -> FullMemory:
        now = signals(memory, around, p, m, response)
        on = p.activation * now.saturation
        quiet = glia.at_rest(glia.rousing(zero, now.raised, zero, m.glia))
        loss = m.disinhibition.glia_weight * quiet
        return FullMemory(
            on / (on + p.decay), memory.latent, now.saturation, loss, quiet, memory.descending, tolerance
        )  # fmt: skip

    found: FullMemory = jax.lax.fori_loop(0, sweeps, sweep, start)
    return found
