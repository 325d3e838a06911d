r"""What the cells hold inside while the circuit runs: calcium and conductances, not only spikes.

    mean over the cells of each output, read every 100 ms: Ca, gNK

Calcium of output cells is what homosynaptic potentiation is thought to need; the NK1 conductance stands for the path
of heterosynaptic potentiation. By construction no NMDA receptor stands between C fibers and that conductance, so block
cannot change it. Neither changes a synapse here: the circuit has no plasticity.

Source: no numbers of its own. Leaves out: calcium of dendrites, kinases, plasticity.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from unwound.dorsal_horn import volleys
from unwound.dorsal_horn.cell import Condition
from unwound.dorsal_horn.circuit import stretches
from unwound.dorsal_horn.stimulation import Bench
from unwound.dorsal_horn.wiring import OUTPUTS, POPULATIONS, places

EVERY = 100
"""Milliseconds between two readings."""


@dataclass(frozen=True)
class States:
    """Readings at the end of every `EVERY` ms; each output -> (time, condition)."""

    time_s: np.ndarray
    calcium: dict[str, np.ndarray]
    """Relative to half activation of the plateau."""
    neurokinin_nS: dict[str, np.ndarray]  # noqa: N815
    spikes: dict[str, np.ndarray]
    """Per cell, since the reading before."""


def states(condition: Condition, bench: Bench, spikes: volleys.Spikes, duration: float) -> States:
    """Run the circuit for `duration` [ms] on what arrives, with the same draws as `circuit.pieces`, and look inside."""
    seen, where = [], places(POPULATIONS)
    for _, state, fired in stretches(
        condition, spikes, duration, bench.seed, bench.substeps, bench.noise, bench.circuit, bench.precision, EVERY
    ):
        inside = (state.cells.calcium, state.cells.neurokinin, fired.sum(axis=0))
        seen.append([np.stack([np.asarray(one)[:, where[name]].mean(axis=1) for name in OUTPUTS]) for one in inside])
    by_time = np.asarray(seen)  # (time, what, output, condition)
    calcium, neurokinin, counts = (
        {name: by_time[:, what, k] for k, name in enumerate(OUTPUTS)} for what in range(by_time.shape[1])
    )
    return States((np.arange(len(seen)) + 1) * EVERY * 1e-3, calcium, neurokinin, counts)


def bursts(frequency: float, burst: float, number: int, interval: float, seed: int = 0) -> volleys.Spikes:
    """Volleys of high-frequency stimulation: `number` bursts of `burst` [s] at `frequency` [1/s], every `interval` [s].

    Fibers are taken to follow every stimulus.
    """
    within = np.arange(round(burst * frequency)) / frequency
    starts = np.concatenate([within + n * interval for n in range(number)])
    return volleys.stimuli(starts * 1e3, seed)
