"""The circuit over time: afferent spikes in, spikes of every cell out, for many conditions at once.

Time runs in pieces of half a second, each one compiled `lax.scan`; so any protocol and any length uses one compiled
program, and memory holds one piece. Conditions share connections, volleys and noise: two of them differ by what was
done to them only. A spike arrives one step after it was fired.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from functools import partial

import numpy as np

from unwound.core.arrays import Array, Float, jax, jnp
from unwound.dorsal_horn import cell, volleys
from unwound.dorsal_horn.cell import Arrivals, Cells, Condition, Kinds, Membrane, Physiology, Plateau, Synapse
from unwound.dorsal_horn.wiring import AFFERENTS, POPULATIONS, count, kinds, weights
from unwound.evidence import fill, keys_of, value

PIECE = 500
"""Milliseconds that are computed at a time."""
SUBSTEPS = 10
"""Steps per millisecond: dt = 0.1 ms."""

PHYSIOLOGY_KEYS = (
    *keys_of(Membrane, "horn_membrane"),
    *keys_of(Synapse, "horn_synapse"),
    *keys_of(Plateau, "horn_plateau"),
    "horn.noise",
)


def physiology() -> Physiology:
    """The cells as the tables of evidence have them."""
    return Physiology(
        membrane=fill(Membrane, "horn_membrane"),
        synapse=fill(Synapse, "horn_synapse"),
        plateau=fill(Plateau, "horn_plateau"),
    )


def pieces(
    conditions: Condition, spikes: volleys.Spikes, duration: float, seed: int = 0, substeps: int = SUBSTEPS,
    amplitude: float | None = None,
) -> Iterator[tuple[int, np.ndarray]]:  # fmt: skip
    """(first millisecond, spikes per millisecond, condition and cell) of every half second up to `duration` [ms].

    `amplitude` is that of the noise [pA]; default: that of the evidence.
    """
    p, which, table = physiology(), kinds(), weights(seed)
    sigma = value("horn.noise", "pA") if amplitude is None else amplitude
    lanes = dataclasses.replace(
        conditions,
        **{f.name: jnp.asarray(getattr(conditions, f.name))[:, None] for f in dataclasses.fields(conditions)},
    )
    shape = (lanes.nmda.shape[0], count(POPULATIONS))
    state = (cell.at_rest(shape, p.membrane), jnp.zeros(shape))
    for n in range(int(np.ceil(duration / PIECE))):
        arriving = jnp.asarray(volleys.raster(spikes, n * PIECE, PIECE, substeps))
        current = sigma * volleys.noise(seed, n, PIECE, count(POPULATIONS))
        state, fired = _piece(state, arriving, current, lanes, which, p, table, substeps)
        yield n * PIECE, np.asarray(fired)


@partial(jax.jit, static_argnames="substeps")
def _piece(
    state: tuple[Cells, Array], arriving: Array, current: Array, c: Condition, which: Kinds, p: Physiology,
    table: Float[Array, "source target_by_receptor"], substeps: int,
) -> tuple[tuple[Cells, Array], Array]:  # fmt: skip
    """Half a second of all conditions."""
    release = _release(c, p.synapse, arriving.shape[-1])

    def millisecond(state: tuple[Cells, Array], now: tuple[Array, Array]) -> tuple[tuple[Cells, Array], Array]:
        fibers, noise = now

        def one(k: int, carry: tuple[Cells, Array, Array]) -> tuple[Cells, Array, Array]:
            cells, spikes, total = carry
            source = jnp.concatenate([release * fibers[k], spikes], axis=1)
            ampa, nmda, inhibitory, neurokinin = jnp.split(source @ table, 4, axis=1)
            opened = Arrivals(ampa, nmda, inhibitory, neurokinin * c.substance_p)
            cells, spikes = cell.step(cells, opened, noise, c, which, p, 1.0 / substeps)
            return cells, spikes, total + spikes

        cells, spikes, total = jax.lax.fori_loop(0, substeps, one, (*state, jnp.zeros_like(state[1])))
        return (cells, spikes), total.astype(jnp.uint8)

    state, fired = jax.lax.scan(millisecond, state, (arriving, current))
    return state, fired


def _release(c: Condition, p: Synapse, fibers: int) -> Array:
    """How much of its transmitter a spike of each fiber releases: opioids hold back C fibers."""
    start = volleys.first_fiber(AFFERENTS[0])
    from_c = (jnp.arange(fibers) >= start) & (jnp.arange(fibers) < volleys.first_fiber(AFFERENTS[1]))
    return 1.0 - jnp.where(from_c, p.presynaptic_opioid * c.opioid, 0.0)
