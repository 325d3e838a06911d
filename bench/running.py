"""What all peers share: the tolerances, the pump switches and the record of a run."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from workload import RATE, SWITCHES, Patients

RTOL, ATOL = 1e-6, 1e-8


@dataclass(frozen=True)
class Run:
    """What an engine did: `outputs` has shape (patients computed, times, outputs), NaN where it failed."""

    outputs: np.ndarray
    cpu_seconds: float

    @property
    def failed(self) -> int:
        return int((~np.isfinite(self.outputs).all(axis=(1, 2))).sum())


def segments(patients: Patients) -> Iterator[tuple[float, np.ndarray]]:
    """(rate [mg/h], stops [h]) from one pump switch to the next; stops are both ends and outputs between."""
    edges = np.append(SWITCHES, patients.times[-1])
    for number, (begin, end) in enumerate(itertools.pairwise(edges)):
        between = patients.times[(patients.times > begin) & (patients.times < end)]
        yield RATE * (number % 2 == 0), np.concatenate([[begin], between, [end]])


def one_by_one(patients: Patients, seconds: float, course: Callable[[int], np.ndarray]) -> Run:
    """Run `course` patient after patient; an exception is a failed patient."""
    outputs, used = [], 0.0
    shape = (len(patients.times), len(patients.output_names))
    for index in range(len(patients)):
        begin = time.process_time()
        try:
            outputs.append(course(index))
        except (RuntimeError, ValueError):
            outputs.append(np.full(shape, np.nan))
        used += time.process_time() - begin
        if used > seconds:
            break
    return Run(np.stack(outputs), used)
