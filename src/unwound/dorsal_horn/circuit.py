"""The circuit over time: afferent spikes in, spikes of every cell out, for many conditions at once.

Time runs in pieces of half a second, each one compiled `lax.scan`; so any protocol and any length uses one compiled
program, and memory holds one piece. Conditions share connections, volleys and noise: two of them differ by what was
done to them only. Conditions may also differ in the strengths and the physiology itself (`Horn`): a search tries many
circuits side by side.

Cells hear each other 1 ms after a spike, so all spikes of a millisecond are carried over at once. The circuit computes
in single precision: it has noise a million times larger than rounding, and is 2.5 times faster so. A test compares.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from unwound.core.arrays import Array, Record, jax, jnp
from unwound.core.errors import EvidenceError
from unwound.dorsal_horn import cell, trapping, volleys
from unwound.dorsal_horn.cell import Arrivals, Cells, Condition, Kinds, Membrane, Physiology, Plateau, Synapse
from unwound.dorsal_horn.trapping import Ensembles
from unwound.dorsal_horn.wiring import (
    AFFERENTS,
    POPULATIONS,
    SENDERS,
    SYNAPSES,
    WEIGHT_KEYS,
    connections,
    count,
    kinds,
    places,
    sizes,
    strengths,
)  # fmt: skip
from unwound.evidence import fill, keys_of, value

PIECE = 500
"""Milliseconds that are computed at a time."""
SUBSTEPS = 10
"""Steps per millisecond: dt = 0.1 ms."""
PRECISIONS = {"single": jnp.float32, "double": jnp.float64}
PARTS: dict[str, type] = {"horn_membrane": Membrane, "horn_synapse": Synapse, "horn_plateau": Plateau}

PHYSIOLOGY_KEYS = (*(key for prefix, kind in PARTS.items() for key in keys_of(kind, prefix)), "horn.noise", "horn.open")


class Horn(Record):
    """A circuit: what its cells are, who is connected, and how strongly."""

    physiology: Physiology
    kinds: Kinds
    connections: dict[str, Array]
    """Source -> (cells of it, all cells)."""
    strengths: dict[str, dict[str, Array]]
    """Receptor -> source -> (1 or conditions, all cells) [nS]."""
    open: Array
    """Po, peak probability that an NMDA receptor is open."""


def horn(seed: int = 0, given: Mapping[str, Any] | None = None) -> Horn:
    """The circuit of the evidence, with `given` (evidence key -> number, or one per condition) instead of its own."""
    given = given or {}
    if value("horn.delay", "ms") != 1.0:
        raise EvidenceError("horn.delay must be 1 ms: spikes are handed over once per millisecond")
    weights = {key: given[key] if key in given else value(key, "nS") for key in WEIGHT_KEYS}
    return Horn(
        physiology=physiology(given),
        kinds=kinds(),
        connections=connections(seed),
        strengths=strengths(weights),
        open=jnp.asarray(value("horn.open", "1")),
    )


def physiology(given: Mapping[str, Any] | None = None) -> Physiology:
    """The cells of the evidence, with the numbers of `given` instead of its own."""
    parts = {prefix: _filled(kind, prefix, given or {}) for prefix, kind in PARTS.items()}
    return Physiology(parts["horn_membrane"], parts["horn_synapse"], parts["horn_plateau"])


def _filled(kind: type, prefix: str, given: Mapping[str, Any]) -> Any:
    """A record of the evidence with some fields replaced; arrays get a last axis for the cells."""
    own = {key.split(".", 1)[1]: one for key, one in given.items() if key.split(".", 1)[0] == prefix}
    return dataclasses.replace(fill(kind, prefix), **{name: _lanes(one) for name, one in own.items()})


def _lanes(numbers: Any) -> Array:
    """A number as it is; one per condition as a column."""
    numbers = jnp.asarray(numbers, float)
    return numbers[:, None] if numbers.ndim else numbers


def pieces(
    conditions: Condition, spikes: volleys.Spikes, duration: float, seed: int = 0, substeps: int = SUBSTEPS,
    amplitude: float | None = None, circuit: Horn | None = None, precision: str = "single",
) -> Iterator[tuple[int, np.ndarray]]:  # fmt: skip
    """(first millisecond, spikes per millisecond, condition and cell) of every half second up to `duration` [ms].

    `amplitude` is that of the noise [pA]; default: that of the evidence. `circuit`: default that of the evidence.
    """
    for first, _, fired in stretches(conditions, spikes, duration, seed, substeps, amplitude, circuit, precision):
        yield first, fired


def stretches(
    conditions: Condition, spikes: volleys.Spikes, duration: float, seed: int = 0, substeps: int = SUBSTEPS,
    amplitude: float | None = None, circuit: Horn | None = None, precision: str = "single", every: int = PIECE,
) -> Iterator[tuple[int, State, np.ndarray]]:  # fmt: skip
    """As `pieces`, with the state at the end of each stretch of `every` ms (a part of `PIECE`)."""
    kind = PRECISIONS[precision]
    circuit = _as(kind, circuit or horn(seed))
    sigma = value("horn.noise", "pA") if amplitude is None else amplitude
    lanes = _as(kind, jax.tree.map(_lanes, conditions))
    state = _as(kind, _start(lanes, circuit, substeps))
    for first in range(0, int(np.ceil(duration / every)) * every, every):
        if first % PIECE == 0:
            noise = _as(kind, sigma * volleys.noise(seed, first // PIECE, PIECE, count(POPULATIONS)))
        arriving = jnp.asarray(volleys.raster(spikes, first, every, substeps))
        current = noise[first % PIECE : first % PIECE + every]
        state, fired = _piece(state, arriving, current, lanes, circuit, substeps)
        yield first, state, np.asarray(fired)


def _start(lanes: Condition, circuit: Horn, substeps: int) -> State:
    """A circuit that nothing has happened to."""
    shape = (len(lanes.nmda), count(POPULATIONS))
    return State(
        cells=cell.at_rest(shape, circuit.physiology.membrane),
        ensembles=trapping.unused(lanes, len(SYNAPSES)),
        spikes=jnp.zeros((substeps, *shape)),
    )


def _as(kind: Any, tree: Any) -> Any:
    """All numbers of a record in one precision."""
    return jax.tree.map(lambda leaf: jnp.asarray(leaf, kind), tree)


class State(Record):
    """All that one piece hands to the next."""

    cells: Cells
    ensembles: Ensembles
    spikes: Array
    """(step, condition, cell) of the last millisecond."""


@partial(jax.jit, static_argnames="substeps")
def _piece(
    state: State, arriving: Array, current: Array, c: Condition, circuit: Horn, substeps: int
) -> tuple[State, Array]:
    """Half a second of all conditions."""
    fibers, where = _by_class(arriving.astype(current.dtype)), places(POPULATIONS)
    drive = {name: spikes @ circuit.connections[name] for name, spikes in fibers.items()}
    used = {name: spikes.sum(axis=1).mean(axis=-1) for name, spikes in fibers.items()}
    held_back = 1.0 - circuit.physiology.synapse.presynaptic_opioid * c.opioid

    def step(cells: Cells, arrivals: Arrivals, noise: Array) -> tuple[Cells, Array]:
        return cell.step(cells, arrivals, noise, c, circuit.kinds, circuit.physiology, 1.0 / substeps)

    def millisecond(state: State, now: tuple[dict[str, Array], dict[str, Array], Array]) -> tuple[State, Array]:
        drive, used, noise = now
        sent = {name: state.spikes[:, :, where[name]] for name in SENDERS}
        ensembles = trapping.millisecond(
            state.ensembles, _used(used, sent, held_back), _voltages(state.cells.voltage), c,
            circuit.physiology.synapse, circuit.open,
        )  # fmt: skip

        def hearing(cells: Cells) -> tuple[Cells, Array]:
            arriving = {**drive, **{name: spikes @ circuit.connections[name] for name, spikes in sent.items()}}
            weight = _weights(circuit, (1.0 - ensembles.block) * c.nmda, held_back)

            def one(cells: Cells, arriving: dict[str, Array]) -> tuple[Cells, Array]:
                opened = {
                    receptor: sum(weight * arriving[name] for name, weight in by.items())
                    for receptor, by in weight.items()
                }
                opened["neurokinin"] *= c.substance_p
                return step(cells, Arrivals(**opened), noise)

            heard: tuple[Cells, Array] = jax.lax.scan(one, cells, arriving)
            return heard

        def resting(cells: Cells) -> tuple[Cells, Array]:
            silence = Arrivals(*jnp.zeros((4, 1, 1), noise.dtype))
            rested: tuple[Cells, Array] = jax.lax.scan(
                lambda cells, _: step(cells, silence, noise), cells, length=substeps
            )
            return rested

        cells, spikes = jax.lax.cond(_any({**drive, **sent}), hearing, resting, state.cells)
        return State(cells, ensembles, spikes), spikes.sum(axis=0).astype(jnp.uint8)

    state, fired = jax.lax.scan(millisecond, state, (drive, used, current))
    return state, fired


def _by_class(arriving: Array) -> dict[str, Array]:
    """Spikes of the fibers of each class."""
    found = {}
    for name in AFFERENTS:
        first = volleys.first_fiber(name)
        found[name] = arriving[..., first : first + sizes()[name]]
    return found


def _used(fibers: dict[str, Array], sent: dict[str, Array], held_back: Array) -> Array:
    """Mean spikes per source in this millisecond, (condition, class of synapses); opioids hold back C fibers."""
    lanes = len(next(iter(sent.values()))[0])
    means = {name: jnp.broadcast_to(one, (lanes,)) for name, one in fibers.items()}
    means["c"] = held_back[:, 0] * means["c"]
    means |= {name: spikes.sum(axis=0).mean(axis=-1) for name, spikes in sent.items()}
    return jnp.stack([means[source] for source, _ in SYNAPSES], axis=-1)


def _voltages(voltage: Array) -> Array:
    """Mean voltage of the target cells of each class of synapses."""
    where = places(POPULATIONS)
    return jnp.stack([voltage[:, where[target]].mean(axis=-1) for _, target in SYNAPSES], axis=-1)


def _any(spikes: dict[str, Array]) -> Array:
    """Whether any spike is on its way: most milliseconds have none, and sums over silence are skipped."""
    return jnp.any(jnp.stack([jnp.any(one > 0.0) for one in spikes.values()]))


def _weights(circuit: Horn, scale: Array, held_back: Array) -> dict[str, dict[str, Array]]:
    """Strengths in this millisecond: receptor -> source -> (conditions, cells).

    `scale` is what the NMDA receptors of each class of synapses count; opioids hold back C fibers.
    """
    nmda = _per_cell(scale)
    return {
        receptor: {
            name: strength * (held_back if name == "c" else 1.0) * (nmda[name] if receptor == "nmda" else 1.0)
            for name, strength in by.items()
        }
        for receptor, by in circuit.strengths.items()
    }


def _per_cell(scale: Array) -> dict[str, Array]:
    """What NMDA receptors between each source and each cell count, (condition, cell)."""
    where, found = places(POPULATIONS), dict[str, Array]()
    for place, (source, target) in enumerate(SYNAPSES):
        before = found.get(source, jnp.zeros((len(scale), count(POPULATIONS)), scale.dtype))
        found[source] = before.at[:, where[target]].set(scale[:, place, None])
    return found
