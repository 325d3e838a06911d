"""How a long run tells of itself on stderr: a bar on a terminal, a line now and then in a log."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator

from unwound.interfaces.output import note, progress

EVERY_S = 10.0


@contextlib.contextmanager
def long_progress(label: str, total: int) -> Iterator[Callable[[int], None]]:
    """Gives a function that hears how many more people were computed."""
    if sys.stderr.isatty():
        with progress(label, total) as advance:
            yield advance
        return
    began = told = time.monotonic()
    done = 0

    def heard(people: int) -> None:
        nonlocal done, told
        done += people
        now = time.monotonic()
        if now - told >= EVERY_S and done:
            told = now
            note(f"{label}: {done:,} of {total:,} people, {time_left((now - began) * (total - done) / done)} left")

    yield heard


def time_left(seconds: float) -> str:
    """Seconds as people say them."""
    if seconds < 90:
        return f"about {max(round(seconds), 1)} s"
    minutes = round(seconds / 60)
    return f"about {minutes} min" if minutes < 90 else f"about {minutes / 60:.1f} h"
