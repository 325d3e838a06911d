r"""What arrives from the skin: volleys of C, A-delta and A-beta fibers, and firing without a stimulus.

    time of fiber i after stimulus k = t_k + latency + U_ik dispersion          U uniform in 0..1, by fiber class
    brush                              A-beta fibers at a regular rate, each at a phase of its own
    ectopic discharge                  C fibers fire by themselves, exponential intervals

Every draw belongs to a named stream of the seed, so stimulus 3 is the same whatever else is asked.

Source: assumption (latencies, dispersion, rates). Leaves out: fibers of different thresholds within
a class, slowing of fibers with use.
"""

from __future__ import annotations

import numpy as np

from unwound.core.arrays import Array, jax
from unwound.core.random import root_key, stream
from unwound.dorsal_horn.wiring import AFFERENTS, sizes
from unwound.evidence import value

VOLLEY_KEYS = (
    *(f"volley.{name}_latency" for name in AFFERENTS),
    *(f"volley.{name}_dispersion" for name in AFFERENTS),
    "volley.brush_rate",
)

Spikes = list[tuple[np.ndarray, np.ndarray]]
"""(times [ms], number of the fiber among all afferents), piece by piece."""


def first_fiber(name: str) -> int:
    """Number of the first fiber of a class."""
    return sum(sizes()[one] for one in AFFERENTS[: AFFERENTS.index(name)])


def stimuli(times: np.ndarray, seed: int = 0) -> Spikes:
    """One volley of every fiber class after each electrical stimulus at `times` [ms]."""
    spikes: Spikes = []
    for name in AFFERENTS:
        latency, dispersion = (value(f"volley.{name}_{what}", "ms") for what in ("latency", "dispersion"))
        key, fibers = stream(root_key(seed), f"volley {name}"), np.arange(sizes()[name])
        for k, start in enumerate(times):
            spread = np.asarray(jax.random.uniform(jax.random.fold_in(key, k), fibers.shape))
            spikes.append((start + latency + spread * dispersion, first_fiber(name) + fibers))
    return spikes


def brush(start: float, end: float, seed: int = 0) -> Spikes:
    """A-beta fibers between `start` and `end` [ms], each regular and at a phase of its own."""
    period = 1.0 / value("volley.brush_rate", "1/ms")
    fibers = np.arange(sizes()["a_beta"])
    phases = np.asarray(jax.random.uniform(stream(root_key(seed), "brush"), fibers.shape)) * period
    spikes: Spikes = []
    for fiber, phase in zip(fibers, phases, strict=True):
        times = np.arange(start + phase, end, period)
        spikes.append((times, np.full(times.shape, first_fiber("a_beta") + fiber)))
    return spikes


def ectopic(rate: float, end: float, seed: int = 0) -> Spikes:
    """C fibers that fire by themselves at `rate` [1/s] each until `end` [ms]."""
    if rate <= 0.0:
        return []
    key, spikes = stream(root_key(seed), "ectopic"), []
    most = int(np.ceil(3.0 * rate * end * 1e-3)) + 30  # enough draws to pass the end
    for fiber in range(sizes()["c"]):
        gaps = jax.random.exponential(jax.random.fold_in(key, fiber), (most,))
        times = np.cumsum(np.asarray(gaps)) * 1e3 / rate
        times = times[times < end]
        spikes.append((times, np.full(times.shape, first_fiber("c") + fiber)))
    return spikes


def raster(spikes: Spikes, start: float, length: int, substeps: int) -> np.ndarray:
    """Spikes of every fiber in the `length` milliseconds from `start` on: (ms, substep, fiber)."""
    fibers = sum(sizes()[name] for name in AFFERENTS)
    found = np.zeros((length * substeps, fibers), dtype=np.uint8)
    for times, numbers in spikes:
        inside = (times >= start) & (times < start + length)
        np.add.at(found, (((times[inside] - start) * substeps).astype(int), numbers[inside]), 1)
    return found.reshape(length, substeps, fibers)


def noise(seed: int, piece: int, length: int, cells: int) -> Array:
    """Standard normal noise of one piece of time, one number per ms and cell: the same at every time step."""
    return jax.random.normal(jax.random.fold_in(stream(root_key(seed), "noise"), piece), (length, cells))
