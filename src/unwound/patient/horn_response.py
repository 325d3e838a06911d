r"""The response of the slow memory read from the dorsal horn: what a sensitized circuit does to the same volleys.

    x      = (nmda, inhibition, chloride, opioid, substance P)
           = ((1 + u U)(1 + r G)(1 - b), 1 - dg H, E0 + dE H, M (1 - T), 1 + r G)
    a      = (1 + aS S)(1 + r G) E(x)/E(health)            output of the circuit, relative to health
    A      = (a - 1)/(a_1 - 1)                             0 in health, 1 at S = U = H = 1 without block or opioid
    lift   = gS A       A_R = A_N = 1                      in place of gS S + gH H and all factors of "hill"

E is a read-out of the emulator: mean rate of lamina-I cells under C volleys at 1 Hz. p, gS, gL, the threshold and the
Hill step of the switch stay. The signal of plasticity keeps its gate (1 - b)(1 - eta Z): firing is not enough without
NMDA receptors. Block and opioids can push A below 0: less than a healthy circuit answers.

Potentiation of C-fiber AMPA synapses, which the emulator has no input for, is taken to scale the output. Inputs beyond
the box of the emulator are cut to it (`cut` tells where): with the shipped numbers only receptors and glia together can
reach it.

Source: the emulator of the circuit, whose numbers are assumed; klein2007 (size of aS, as pain). Leaves out: input as a
frequency (p scales nothing in the circuit), trapping, recruitment of touch.
"""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import numpy as np

from unwound.core.arrays import Array, Record, Scalar, eqx, jnp
from unwound.core.errors import UnknownName
from unwound.core.units import unit
from unwound.dorsal_horn.emulator import BOX, INPUTS, READOUTS, Network, emulator, scaled
from unwound.evidence import value
from unwound.sensitization import disinhibition, glia, receptor_number
from unwound.sensitization.full_memory import FullMemory
from unwound.sensitization.mechanisms import NAMES, Mechanisms, mechanisms_of
from unwound.sensitization.switch import Switch

READOUT = "train_rate_lamina_one"
KEYS = ("horn_response.ampa_gain", "condition.chloride")


class Horn(Record):
    """The response of the circuit."""

    network: Network
    ampa_gain: Scalar = unit("1")  # aS
    chloride: Scalar = unit("mV")  # E0
    healthy: Scalar = unit("1")  # E(health)
    full: Scalar = unit("1")  # a_1
    readout: str = eqx.field(static=True)

    title: ClassVar[str] = "the emulated dorsal horn answers volleys more, or less, than in health"

    def lift(self, memory: FullMemory, block: Array, effect: Array, p: Switch, m: Mechanisms) -> Array:
        """``gS A``."""
        return p.gain * self.activity(memory, block, effect, m)

    def pain_factor(self, memory: FullMemory, effect: Array, m: Mechanisms) -> Array:
        """1: release and opioids act in the circuit."""
        del effect, m
        return jnp.ones_like(memory.gain)

    def plasticity_factor(self, memory: FullMemory, m: Mechanisms) -> Array:
        """1: receptors, inhibition and release act in the circuit."""
        del m
        return jnp.ones_like(memory.gain)

    def activity(self, memory: FullMemory, block: Array, effect: Array, m: Mechanisms) -> Array:
        """A: 0 in health, 1 fully sensitized."""
        x = circuit(memory, block, effect, m, self.chloride)
        return (self._output(memory, x, m) - 1.0) / (self.full - 1.0)

    def _output(self, memory: FullMemory, x: Array, m: Mechanisms) -> Array:
        """a: output relative to health."""
        synapse = (1.0 + self.ampa_gain * memory.gain) * glia.release(memory.glia, m.glia)
        return synapse * read(self.network, x) / self.healthy


def circuit(memory: FullMemory, block: Array, effect: Array, m: Mechanisms, healthy_chloride: Scalar) -> Array:
    """Inputs of the emulator, the last axis in the order of `emulator.INPUTS`; not cut to its box."""
    release = glia.release(memory.glia, m.glia)
    nmda = receptor_number.nmda_gain(memory.receptors, m.receptors) * release * (1.0 - block)
    inhibition = disinhibition.conductance(memory.disinhibition, m.disinhibition)
    chloride = disinhibition.chloride(memory.disinhibition, healthy_chloride, m.disinhibition)
    return jnp.stack(jnp.broadcast_arrays(nmda, inhibition, chloride, effect, release), axis=-1)


def read(network: Network, x: Array) -> Array:
    """A read-out at `x`, cut to the box of the emulator."""
    low, high = (jnp.array([BOX[name][side] for name in INPUTS]) for side in (0, 1))
    found: Array = jnp.vectorize(network, signature="(i)->()")(scaled(jnp.clip(x, low, high)))
    return found


def cut(x: Array) -> tuple[str, ...]:
    """Names of the inputs that some `x` has beyond the box."""
    numbers = np.asarray(x)
    return tuple(
        name
        for place, name in enumerate(INPUTS)
        if (numbers[..., place] < BOX[name][0] - 1e-9).any() or (numbers[..., place] > BOX[name][1] + 1e-9).any()
    )


def horn(readout: str = READOUT) -> Horn:
    """The response read from `readout`. Raises `UnknownName`."""
    if readout not in READOUTS:
        raise UnknownName("read-out", readout, tuple(READOUTS))
    network = emulator().networks[readout]
    gain, chloride = value("horn_response.ampa_gain", "1"), value("condition.chloride", "mV")
    every = mechanisms_of(NAMES)
    health, sensitized = memory_at(0.0), memory_at(1.0)
    still = jnp.zeros(())
    at_health = read(network, circuit(health, still, still, every, jnp.asarray(chloride)))
    start = Horn(network, jnp.asarray(gain), jnp.asarray(chloride), at_health, jnp.asarray(2.0), readout)
    full = start._output(sensitized, circuit(sensitized, still, still, every, start.chloride), every)
    return dataclasses.replace(start, full=full)


def memory_at(sensitized: float) -> FullMemory:
    """S, U and H at `sensitized`, everything else as in health."""
    one, zero = jnp.asarray(sensitized), jnp.zeros(())
    return FullMemory(one, zero, one, one, zero, zero, zero)
