"""Lanes: fixed-width batches, so that results do not depend on how the work was cut.

Patients are laid out in lanes of one width, the last one padded by repeating its last patient; one compiled program
serves every lane, and threads take lanes as they come. A patient's numbers are computed elementwise, so neither the
neighbours in a lane nor the order or number of threads can change a byte of them. The width is a constant, not a
setting: another width is another compiled program, whose rounding may differ in the last bit.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from unwound.core.errors import InputError, Problem

WIDE = 1024
"""Patients in a lane: their states fit the cache of one core."""

MIDDLE = 128
"""Patients in a lane whose blood is moved by matrices: these take the place of many modes in the cache."""

NARROW = 16
"""Patients in a lane of those that are run again on a finer mesh: there are few of them."""


def lanes(count: int, width: int) -> Iterator[np.ndarray]:
    """Indices of each lane, the last one padded with its last patient."""
    for begin in range(0, count, width):
        index = np.arange(begin, begin + width)
        yield np.minimum(index, count - 1)


def thread_count(threads: int | None) -> int:
    """How many threads to use: the machine's cores unless told. Raises `InputError` below 1."""
    if threads is None:
        return max(1, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    if threads < 1:
        raise InputError(Problem("threads", threads, "must be 1 or more", "leave it out to use every core"))
    return threads


def map_lanes(
    count: int,
    width: int,
    work: Callable[[np.ndarray], Any],
    threads: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> list[Any]:
    """``work(index)`` for every lane, in order; `progress` hears of each patient computed."""
    pieces = list(lanes(count, width))
    done: list[Any] = []
    with ThreadPoolExecutor(thread_count(threads)) as pool:
        try:
            for piece, result in zip(pieces, pool.map(work, pieces), strict=True):
                done.append(result)
                if progress is not None:
                    progress(min(width, count - int(piece[0])))
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    return done
