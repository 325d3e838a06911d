"""Who is in which group: a pure function of the trial, the seed and the number of the replicate.

    by order     the first people form the first group: virtual people are exchangeable
    simple       each person by a die of their own, weighted by the ratio
    blocked      permuted blocks: every block holds each group in the ratio
    stratified   permuted blocks within each stratum (sex, years in pain, pain at the start)

So any replicate, or any block of them, can be allocated anywhere, in any order. Only those who may be randomized are;
the others get `NOBODY`. Nothing but the draw and the strata decides.
"""

from __future__ import annotations

import math

import numpy as np

from unwound.core.random import number_of
from unwound.trials.design import Design

NOBODY = -1
"""Group of those who were not randomized."""


def ratio_of(trial: Design) -> tuple[int, ...]:
    """Parts per group: as written, or those of the sizes of the arms."""
    if trial.randomization.ratio:
        return trial.randomization.ratio
    sizes = [group.patients for group in trial.groups]
    if any(size is None for size in sizes):
        return (1,) * len(sizes)
    whole = [int(size or 0) for size in sizes]
    common = math.gcd(*whole)
    return tuple(size // common for size in whole)


def allocate(trial: Design, seed: int, replicate: int, strata: np.ndarray, eligible: np.ndarray) -> np.ndarray:
    """The group of each person of one replicate, (patients,) of int; `strata` (patients,) numbers their strata."""
    group = np.full(trial.size, NOBODY)
    who = np.flatnonzero(eligible)
    method = trial.randomization.method
    if method == "by order":
        group[who] = _by_order(trial, len(who))
        return group
    key = (
        ((seed & (2**64 - 1)) << 64) | (number_of("allocation") << 32) | replicate
    )  # one whole number: nothing is lost
    draw = np.random.Generator(np.random.Philox(key=key))
    parts = np.array(ratio_of(trial))
    if method == "simple":
        group[who] = np.searchsorted(np.cumsum(parts) / parts.sum(), draw.random(len(who)), side="right")
        return group
    for stratum in np.unique(strata[who]) if method == "stratified" else (None,):
        own = who if stratum is None else who[strata[who] == stratum]
        group[own] = _blocks(len(own), parts, trial.randomization.block or 2 * int(parts.sum()), draw)
    return group


def strata_of(trial: Design, female: np.ndarray, duration: np.ndarray, baseline: np.ndarray) -> np.ndarray:
    """The number of each person's stratum (`duration` [y], `baseline` [points])."""
    plan, number = trial.randomization, np.zeros(len(female), int)
    cuts = {
        "sex": (female, 0.5),
        "duration": (duration, plan.duration_above.value if plan.duration_above else np.inf),
        "baseline": (baseline, plan.baseline_above.value if plan.baseline_above else np.inf),
    }
    for name in plan.by:
        values, cut = cuts[name]
        number = 2 * number + (np.asarray(values) > cut)
    return number


def _by_order(trial: Design, count: int) -> np.ndarray:
    """Groups one after another: of their own sizes when everybody takes part, else in the ratio."""
    sizes = [group.patients for group in trial.groups]
    if count == trial.size and all(size is not None for size in sizes):
        return np.repeat(np.arange(len(sizes)), [int(size or 0) for size in sizes])
    parts = np.array(ratio_of(trial))
    return np.searchsorted(np.cumsum(parts) / parts.sum(), (np.arange(count) + 0.5) / max(count, 1), side="right")


def _blocks(count: int, parts: np.ndarray, block: int, draw: np.random.Generator) -> np.ndarray:
    """Permuted blocks one after another, the last one cut."""
    whole = np.repeat(np.arange(len(parts)), parts * (block // int(parts.sum())))
    blocks = [draw.permutation(whole) for _ in range(-(-count // len(whole)))]
    return np.concatenate(blocks)[:count] if blocks else np.zeros(0, int)
