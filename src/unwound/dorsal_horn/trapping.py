r"""Block that is trapped with use: one ensemble of NMDA receptors for each class of synapses (the receptor's form R2).

    db/dt = O [kb B(V) (1 - b) - ku exp(V/Vu) b]        kb = k C, ku = k K(0 mV), V mean voltage of the target cells
    O = Po (1 - exp(-G))        G: mean NMDA gate of the class, 1 at the peak after one spike of every source

A drug enters and leaves open receptors only, so block moves as fast as the class is used and stays when it is silent:
it rises or falls towards the equilibrium of the voltage at which the class works. b acts on the spikes that arrive.
Block at the start is that of long exposure at rest.

Source: form R2 of the receptor room; assumption (Po; that independent openings saturate as 1 - exp). Leaves out: b
within one volley, differences between synapses of a class, escape of the drug from closed receptors.
"""

from __future__ import annotations

from unwound.core.arrays import Array, Record, Scalar, jnp
from unwound.core.units import unit
from unwound.dorsal_horn.cell import Condition, Synapse, nmda_peak, unblocked

SECONDS = 1e-3
"""s per ms"""


class Ensembles(Record):
    """Receptors of every class of synapses; the last axis is the class, the first the condition."""

    block: Scalar = unit("1")  # b
    slow: Scalar = unit("1")  # G = slow - fast
    fast: Scalar = unit("1")


def unused(c: Condition, classes: int) -> Ensembles:
    """Ensembles with the block of the condition and no activity yet."""
    block = c.block + jnp.zeros((1, classes))
    return Ensembles(block, jnp.zeros_like(block), jnp.zeros_like(block))


def opening(ensembles: Ensembles, probability: Scalar) -> Array:
    """O, the share of receptors that is open."""
    return probability * -jnp.expm1(ensembles.fast - ensembles.slow)


def millisecond(
    ensembles: Ensembles, used: Array, voltage: Array, c: Condition, p: Synapse, probability: Scalar
) -> Ensembles:
    """The ensembles 1 ms later. `used`: mean spikes per source in this ms; `voltage`: mean of the target cells."""
    peak = nmda_peak(p) * used
    slow = ensembles.slow * jnp.exp(-1.0 / p.nmda_decay) + peak
    fast = ensembles.fast * jnp.exp(-1.0 / p.nmda_rise) + peak
    gates = Ensembles(ensembles.block, slow, fast)
    into = c.binding * unblocked(voltage, p)
    out = c.unbinding * jnp.exp(voltage / c.unbinding_voltage)
    rate = into + out
    limit = jnp.where(rate > 0.0, into / jnp.where(rate > 0.0, rate, 1.0), ensembles.block)
    stays = jnp.exp(-opening(gates, probability) * rate * SECONDS)
    return Ensembles(limit + (ensembles.block - limit) * stays, slow, fast)
