"""Who excites or inhibits whom in the dorsal horn, and how strongly.

Afferents: C, A-delta and A-beta fibers. Excitatory relays: `high_relay` (reached by C fibers; SOM, CR, transient
central cells), `low_relay` (reached by A-beta fibers; PKCg, VGLUT3). Inhibitory cells: `pv` (driven by A-beta, gates
the path of touch) and `islet` (driven by C, islet and dynorphin cells, gates the path of pain). Outputs: `lamina_one`
(nociceptive-specific) and `wide` (deep wide-dynamic-range, also reached by A-beta fibers directly).

    touch to pain     A-beta -> low_relay -> high_relay -> output, held back by pv at both relays

A spike reaches other cells after 1 ms. Each connection exists with one probability; the weights that a cell receives
from a population are scaled so that their sum is that of full connection. So the sizes of connections are those of the
table whatever the seed.

Source: assumption (numbers, split of the inhibitory cells and of the outputs); the motif follows published circuits.
Leaves out: connections among output cells and among inhibitory cells, plasticity.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import numpy as np

from unwound.core.arrays import Array, Float, jax, jnp
from unwound.core.random import root_key, stream
from unwound.dorsal_horn.cell import Kinds
from unwound.evidence import value

AFFERENTS = ("c", "a_delta", "a_beta")
POPULATIONS = ("high_relay", "low_relay", "pv", "islet", "lamina_one", "wide")
OUTPUTS = ("lamina_one", "wide")
INHIBITORY = ("pv", "islet")
RECEPTORS = ("ampa", "nmda", "inhibitory", "neurokinin")

SENDERS = tuple(name for name in POPULATIONS if name not in OUTPUTS)
SOURCES = (*AFFERENTS, *SENDERS)

PROJECTIONS: dict[tuple[str, str], tuple[str, ...]] = {
    ("c", "lamina_one"): ("ampa", "nmda", "neurokinin"),
    ("c", "wide"): ("ampa", "nmda", "neurokinin"),
    ("c", "high_relay"): ("ampa", "nmda"),
    ("c", "islet"): ("ampa",),
    ("a_delta", "lamina_one"): ("ampa", "nmda"),
    ("a_delta", "wide"): ("ampa", "nmda"),
    ("a_beta", "low_relay"): ("ampa", "nmda"),
    ("a_beta", "pv"): ("ampa",),
    ("a_beta", "wide"): ("ampa",),
    ("low_relay", "high_relay"): ("ampa", "nmda"),
    ("high_relay", "lamina_one"): ("ampa", "nmda"),
    ("high_relay", "wide"): ("ampa", "nmda"),
    ("pv", "low_relay"): ("inhibitory",),
    ("pv", "high_relay"): ("inhibitory",),
    ("pv", "lamina_one"): ("inhibitory",),
    ("pv", "wide"): ("inhibitory",),
    ("islet", "high_relay"): ("inhibitory",),
    ("islet", "lamina_one"): ("inhibitory",),
    ("islet", "wide"): ("inhibitory",),
}
"""(from, to) -> the receptors there; the conductance of one is the row ``FROM_to_TO.RECEPTOR`` of the evidence."""


def weight_key(source: str, target: str, receptor: str) -> str:
    """The evidence row of one connection."""
    return f"{source}_to_{target}.{receptor}"


WEIGHT_KEYS = tuple(weight_key(s, t, r) for (s, t), receptors in PROJECTIONS.items() for r in receptors)
SYNAPSES = tuple(pair for pair, receptors in PROJECTIONS.items() if "nmda" in receptors)
"""The classes of synapses with NMDA receptors."""

WIRING_KEYS = (
    "horn.probability",
    "horn.delay",
    *(f"horn.{name}_cells" for name in (*AFFERENTS, *POPULATIONS)),
    *WEIGHT_KEYS,
)


@functools.cache
def sizes() -> dict[str, int]:
    """How many fibers or cells each population has."""
    return {name: round(value(f"horn.{name}_cells", "1")) for name in (*AFFERENTS, *POPULATIONS)}


def places(names: tuple[str, ...]) -> dict[str, slice]:
    """Where each population lies in a row of all cells of `names`."""
    ends = np.cumsum([sizes()[name] for name in names])
    return {name: slice(int(end) - sizes()[name], int(end)) for name, end in zip(names, ends, strict=True)}


def count(names: tuple[str, ...]) -> int:
    """How many cells `names` have together."""
    return sum(sizes()[name] for name in names)


def kinds() -> Kinds:
    """Outputs have the plateau; outputs and relays of pain have opioid receptors."""
    where = places(POPULATIONS)
    output, opioid = np.zeros(count(POPULATIONS)), np.zeros(count(POPULATIONS))
    for name in OUTPUTS:
        output[where[name]] = opioid[where[name]] = 1.0
    opioid[where["high_relay"]] = 1.0
    return Kinds(output=jnp.asarray(output), opioid=jnp.asarray(opioid))


def connections(seed: int = 0) -> dict[str, Float[Array, "source target"]]:
    """Who is connected: for each fiber class or population, how much one spike of each counts in each cell.

    0 without a connection; otherwise such that all sources together count as many as they are.
    """
    where, root = places(POPULATIONS), root_key(seed)
    tables = {name: np.zeros((sizes()[name], count(POPULATIONS))) for name in SOURCES}
    for source, target in PROJECTIONS:
        tables[source][:, where[target]] = _connections(root, source, target)
    return {name: jnp.asarray(table) for name, table in tables.items()}


def strengths(given: Mapping[str, Any]) -> dict[str, dict[str, Array]]:
    """Conductance [nS] of one connection: receptor -> source -> one number per target cell.

    `given` has a number per `weight_key`, or an array of one per condition: then conditions come first.
    """
    where = places(POPULATIONS)
    found: dict[str, dict[str, Array]] = {receptor: {} for receptor in RECEPTORS}
    for (source, target), receptors in PROJECTIONS.items():
        for receptor in receptors:
            strength = jnp.atleast_1d(jnp.asarray(given[weight_key(source, target, receptor)], float))[:, None]
            before = found[receptor].get(source, jnp.zeros((1, count(POPULATIONS))))
            before = jnp.broadcast_to(before, (max(len(before), len(strength)), before.shape[1]))
            found[receptor][source] = before.at[:, where[target]].set(strength)
    return found


def _connections(root: Array, source: str, target: str) -> np.ndarray:
    """Who is connected (0, or a number of at least 1), scaled so that every column sums to the size of the source."""
    shape = (sizes()[source], sizes()[target])
    draws = np.asarray(jax.random.uniform(stream(root, f"connection {source} {target}"), shape))
    there = (draws < value("horn.probability", "1")).astype(float)
    there[draws.argmin(axis=0), np.arange(shape[1])] = 1.0  # a cell without any partner gets its likeliest one
    scaled: np.ndarray = there * shape[0] / there.sum(axis=0)
    return scaled
