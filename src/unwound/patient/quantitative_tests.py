r"""Quantitative sensory tests along a course: the circuit's answers to repeated stimuli and to touch.

    NMDA drive = (1 + u S) (1 - b),   chloride = E0 + 17 H,   inhibition = 1 - i H,   H = q S where memory has no H
    ratio      = C_16 / C_1                              temporal summation, 16 stimuli at 1 Hz
    z          = ln(W / W_healthy) / sd,   W = sum_i (C_i - C_1)
    allodynia  = spikes per second of lamina-I cells under brush

W is what repetition adds. The ratio hardly moves with sensitization, because the first response grows as well; z does.
S and b are those of the course, so b is what the chosen driver says; the circuit is not run, its emulator answers.

Source: quantitative_tests rows of outcomes_repeated.csv (all assumed); the emulator. Leaves out: gain of AMPA receptors
(no input of the emulator), opioids, peripheral sensitization, ratings (spikes are counted), differences between sites.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from unwound.core.arrays import Record, Scalar
from unwound.core.errors import InputError, Problem
from unwound.core.units import unit
from unwound.dorsal_horn.emulator import emulate
from unwound.evidence import fill, keys_of, value
from unwound.patient.course import Course

OUTPUT = "lamina_one"
STIMULI = 16
LEAST = 1e-3
"""Spikes: stands in for no wind-up at all, whose logarithm would not exist."""


class QuantitativeTests(Record):
    """From slow states to the circuit, and from the circuit to a score."""

    receptor_gain: Scalar = unit("1")  # u
    disinhibition: Scalar = unit("1")  # q
    chloride_shift: Scalar = unit("mV")
    inhibition_loss: Scalar = unit("1")  # i
    summation_sd: Scalar = unit("1")
    brush_present: Scalar = unit("1/s")

    prefix = "quantitative_tests"


@dataclass(frozen=True)
class SensoryTests:
    """Read-outs over time, (times, people)."""

    time_h: np.ndarray
    summation_ratio: np.ndarray
    summation_z: np.ndarray
    allodynia: np.ndarray
    """Spikes per second of brush."""
    allodynic: np.ndarray
    """Whether touch counts as painful."""
    healthy_ratio: float
    keys: tuple[str, ...]


def quantitative_tests(
    course: Course, at: np.ndarray | None = None, p: QuantitativeTests | None = None
) -> SensoryTests:
    """Read-outs of `course` at the places `at` of its times (default: all).

    Raises `InputError` under a hypothesis without synaptic gain (H0): there is nothing that the circuit could feel.
    """
    if "synaptic_gain" not in course.states:
        rule = "this hypothesis has no synaptic gain, so the circuit feels nothing of it"
        raise InputError(Problem("hypothesis", course.hypothesis, rule, "use H1 or H2"))
    p = p or fill(QuantitativeTests, QuantitativeTests.prefix)
    at = np.arange(len(course.time_h)) if at is None else np.asarray(at)
    gain, block = (np.clip(np.asarray(course.states[name])[at], 0.0, 1.0) for name in ("synaptic_gain", "block"))
    own = course.states.get("disinhibition")
    lost = np.clip(float(p.disinhibition) * gain if own is None else np.asarray(own)[at], 0.0, 1.0)
    shape = gain.shape
    answers = _answers(gain.ravel(), block.ravel(), lost.ravel(), p)
    first, last, total, brush = (answers[f"{name}_{OUTPUT}"].reshape(shape) for name in _READ)
    healthy = _answers(np.zeros(1), np.zeros(1), np.zeros(1), p)
    usual = _added(healthy[f"total_{OUTPUT}"], healthy[f"first_{OUTPUT}"])[0]
    z = np.log(np.maximum(_added(total, first), LEAST) / usual) / float(p.summation_sd)
    return SensoryTests(
        time_h=course.time_h[at], summation_ratio=last / np.maximum(first, LEAST), summation_z=z, allodynia=brush,
        allodynic=brush > float(p.brush_present),
        healthy_ratio=float(healthy[f"last_{OUTPUT}"][0] / healthy[f"first_{OUTPUT}"][0]), keys=sensory_keys(),
    )  # fmt: skip


_READ = ("first", "last", "total", "brush")


def _added(total: np.ndarray, first: np.ndarray) -> np.ndarray:
    """W: spikes that repetition adds."""
    return np.asarray(total - STIMULI * first)


def _answers(gain: np.ndarray, block: np.ndarray, lost: np.ndarray, p: QuantitativeTests) -> dict[str, np.ndarray]:
    return emulate(
        nmda=1.0 + float(p.receptor_gain) * gain,
        block=block,
        inhibition=1.0 - float(p.inhibition_loss) * lost,
        chloride=value("condition.chloride", "mV") + float(p.chloride_shift) * lost,
    )


def sensory_keys() -> tuple[str, ...]:
    """Rows of evidence behind the read-outs, those of the circuit aside."""
    return (*keys_of(QuantitativeTests, QuantitativeTests.prefix), "condition.chloride")
