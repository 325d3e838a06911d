r"""Search for circuits that meet the targets: CMA-ES in the logarithm of the free numbers, within their ranges.

    minimise loss(theta) over  theta_k = log(number_k),  low_k <= number_k <= high_k  (range of the evidence row)

A free number may stand for several rows (the same connection to both outputs): they keep their ratio. No gradients: the
derivative of a spike count is 0 almost everywhere. The search counts only circuits measured at full effort afterwards.

Source: no numbers of its own (method: the library `cma`); the targets are those of `targets`. Leaves out: the numbers
not listed in `FREE`, which stay as they are.
"""

from __future__ import annotations

import csv
import functools
import importlib.resources
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from unwound.dorsal_horn.measure import Effort, measure
from unwound.dorsal_horn.targets import AIMS, loss, misses
from unwound.dorsal_horn.wiring import OUTPUTS, weight_key
from unwound.evidence import estimate, value


def _to_outputs(source: str, receptor: str) -> tuple[str, ...]:
    """The same connection to both outputs: no number tells them apart."""
    return tuple(weight_key(source, output, receptor) for output in OUTPUTS)


FREE: dict[str, tuple[str, ...]] = {
    "C fibers to outputs, AMPA": _to_outputs("c", "ampa"),
    "C fibers to outputs, NMDA": _to_outputs("c", "nmda"),
    "C fibers to outputs, NK1": _to_outputs("c", "neurokinin"),
    "relays to outputs, AMPA": _to_outputs("high_relay", "ampa"),
    "relays to outputs, NMDA": _to_outputs("high_relay", "nmda"),
    "C fibers to relays, AMPA": ("c_to_high_relay.ampa",),
    "C fibers to relays, NMDA": ("c_to_high_relay.nmda",),
    "touch relays to pain relays, AMPA": ("low_relay_to_high_relay.ampa",),
    "touch relays to pain relays, NMDA": ("low_relay_to_high_relay.nmda",),
    "PV cells to relays": ("pv_to_low_relay.inhibitory", "pv_to_high_relay.inhibitory"),
    "islet cells to relays": ("islet_to_high_relay.inhibitory",),
    "islet cells to outputs": _to_outputs("islet", "inhibitory"),
    "plateau conductance": ("horn_plateau.conductance",),
    "plateau time": ("horn_plateau.time",),
    "calcium time": ("horn_plateau.calcium_time",),
    "calcium per charge": ("horn_plateau.calcium_per_charge",),
    "calcium per spike": ("horn_plateau.calcium_per_spike",),
    "adaptation": ("horn_membrane.adaptation",),
}
"""What the search may change -> the evidence rows that move together."""
QUICK = Effort(substeps=5, slow_stimuli=2, onset_stimuli=10)
"""Of the search; what it finds is measured in full afterwards."""
MARGIN, DIGITS, SPREAD = 0.1, 3, 0.25
COLUMNS = ("member", "loss", "missed")

Progress = Callable[[int, float], None]


@dataclass(frozen=True)
class Member:
    """One circuit of the ensemble."""

    number: int
    loss: float
    missed: tuple[str, ...]
    """Names of the targets it misses; at most one."""
    given: Mapping[str, float]
    """Evidence key -> number, as `windup(given=...)` takes it."""


@functools.cache
def ensemble() -> tuple[Member, ...]:
    """The circuits that ship, best first; the first one is that of the evidence table."""
    text = (importlib.resources.files(__package__) / "data" / "ensemble.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return tuple(
        Member(
            number=int(row["member"]),
            loss=float(row["loss"]),
            missed=tuple(filter(None, row["missed"].split(";"))),
            given={key: float(row[key]) for keys in FREE.values() for key in keys},
        )
        for row in rows
    )


def bounds() -> np.ndarray:
    """(free numbers, 2): log of the factors on the values of evidence that the ranges allow."""
    return np.array([_bounds(keys) for keys in FREE.values()])


def _bounds(keys: tuple[str, ...]) -> tuple[float, float]:
    """Every row of a group must stay in its range."""
    low, high = -np.inf, np.inf
    for key in keys:
        row = estimate(key)
        interval = row.spread.interval if row.spread else None
        assert interval is not None, f"{key} has no range"
        low = max(low, float(np.log(interval.low / row.value)))
        high = min(high, float(np.log(interval.high / row.value)))
    return low, high


def circuit(theta: np.ndarray) -> dict[str, float]:
    """The evidence values that `theta`, logarithms of factors, stands for; rounded to what is shipped."""
    found = {}
    for keys, factor in zip(FREE.values(), np.exp(theta), strict=True):
        for key in keys:
            found[key] = float(f"{value(key, estimate(key).unit) * factor:.{DIGITS}g}")
    return found


def search(
    generations: int = 12, size: int = 16, seed: int = 1, circuit_seed: int = 0, start: np.ndarray | None = None,
    progress: Progress | None = None,
) -> Iterator[tuple[np.ndarray, float]]:  # fmt: skip
    """Every point that CMA-ES tried, with its loss, as they come. Needs the library `cma` (extra ``analysis``)."""
    import cma

    low, high = bounds().T
    options: dict[str, Any] = {
        "bounds": [low, high],
        "popsize": size,
        "seed": seed,
        "verbose": -9,
        "maxiter": generations,
    }
    strategy = cma.CMAEvolutionStrategy(np.zeros(len(FREE)) if start is None else start, SPREAD, options)
    while not strategy.stop():
        points = strategy.ask()
        losses = loss(measure([circuit(point) for point in points], circuit_seed, QUICK), MARGIN)
        strategy.tell(points, list(losses))
        yield from zip(points, losses, strict=True)
        if progress:
            progress(strategy.countiter, float(losses.min()))


def choose(tried: list[tuple[np.ndarray, float]], members: int, seeds: tuple[int, ...] = (0,)) -> list[Member]:
    """The best circuit, then those farthest from the ones chosen, among circuits that miss at most one target.

    They are ordered by what they miss; among equals the one nearest to the start of the search comes first.
    """
    tried = sorted(tried, key=lambda one: one[1])[: 3 * members]
    points = np.array([point for point, _ in tried])
    circuits = [circuit(point) for point in points]
    measured = [measure(circuits, seed) for seed in seeds]
    missed = np.any([misses(one) for one in measured], axis=0)
    losses = np.mean([loss(one, 0.0) for one in measured], axis=0)
    good = np.flatnonzero(missed.sum(axis=1) <= 1)
    if not len(good):
        return []
    chosen = [min(good, key=lambda n: (missed[n].sum(), losses[n]))]
    while len(chosen) < min(members, len(good)):
        nearest = [min(np.linalg.norm(points[n] - points[one]) for one in chosen) for n in good]
        chosen.append(good[int(np.argmax(nearest))])
    ordered = sorted(chosen, key=lambda n: (missed[n].sum(), losses[n], np.linalg.norm(points[n])))
    names = [aim.name for aim in AIMS]
    return [
        Member(
            k + 1,
            float(losses[n]),
            tuple(name for name, miss in zip(names, missed[n], strict=True) if miss),
            circuits[n],
        )
        for k, n in enumerate(ordered)
    ]
