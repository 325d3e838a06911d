"""P1 and P2 through the package's own batch engine: the modes, mesh, stepper, lanes and checks of the real model."""

from __future__ import annotations

import time
from functools import partial
from typing import ClassVar

import numpy as np

from unwound.core.arrays import Array, Record, jax, jnp
from unwound.patient.engine import DrivenRate, Start, run
from unwound.patient.lane import disagreement
from unwound.patient.lanes import NARROW, WIDE, map_lanes
from unwound.patient.mesh import Accuracy, build_mesh
from unwound.pharmacokinetics import Disposition, Exposure, Individual, Metabolite, concentrations, exposure_of
from unwound.pharmacokinetics.kinetics import Reading
from workload import RATE, SHARE, SLOW_START, SWITCHES, Patients

ACCURACY = Accuracy(first=0.125, growth=0.4, longest=24.0, tolerance=1e-5)
REFINEMENTS = (1 / 4, 1 / 16)
NO_FLARES = np.array([0.0, 1e9])


class Slow(Record):
    """The five states of P2 that are not driven by the drug alone."""

    N: Array
    W: Array
    I: Array
    D: Array
    M: Array


class Chain(Record):
    """P2 as the engine wants it: B, P and L follow the drug (L through P), the others feed on each other."""

    p: dict[str, Array]

    hours: ClassVar[float] = 1.0

    def driven(self) -> tuple[DrivenRate, ...]:
        p = self.p

        def effect(readings: tuple[Reading, ...]) -> Array:
            return jnp.maximum(1000.0 * readings[0].followers[..., 0, :], 0.0)

        def block(readings: tuple[Reading, ...], earlier: tuple[Array, ...]) -> tuple[Array, Array]:
            on = p["KON"] * effect(readings)
            return on + p["KOFF"], on

        def plasticity(readings: tuple[Reading, ...], earlier: tuple[Array, ...]) -> tuple[Array, Array]:
            r = effect(readings) / p["EC50"]
            u = r * jnp.sqrt(r)
            return p["KP"], p["KP"] * u / (1.0 + u)

        def late(readings: tuple[Reading, ...], earlier: tuple[Array, ...]) -> tuple[Array, Array]:
            return p["KL"], p["KL"] * 2.0 * earlier[1]

        return (block, plasticity, late)

    def watched(self, readings: tuple[Reading, ...]) -> tuple[Array, ...]:
        return ()

    def flow(self, y: Slow, readings: tuple[Reading, ...], driven: tuple[Array, ...], flare: Array) -> Slow:
        p = self.p
        B, P, _ = driven
        squared = y.W * y.W
        x = y.N * (1.0 - B) * y.W * (1.0 + 0.25 * y.I) * (1.0 + 0.3 * y.D) * (1.0 - 0.4 * P)
        x4, k4 = (x * x) ** 2, (p["K50"] * p["K50"]) ** 2
        return Slow(
            N=p["KN"] * (1.0 + 0.6 * squared / (1.0 + squared) - y.N),
            W=p["KW"] * (0.05 + p["GW"] * x4 / (k4 + x4) - y.W),
            I=p["KI"] * (y.W - y.I),
            D=p["KD"] * (y.W / (1.0 + y.W) - y.D),
            M=p["KM"] * (y.W - y.M),
        )


def _individual(p: dict[str, Array]) -> Individual:
    pairs = jnp.stack([p["V2"], p["V3"]]), jnp.stack([p["Q2"], p["Q3"]])
    return Individual(parent=Disposition(p["CL"], p["V1"], *pairs), formation=p["CL"])


def _with_metabolites(p: dict[str, Array]) -> Individual:
    first = Disposition(p["CLF"], p["VF"], p["VF2"][None], p["QF"][None])
    second = Disposition(p["CLS"], p["VS"], p["VS2"][None], p["QS"][None])
    parent = _individual(p)
    return Individual(parent.parent, parent.formation, first, (Metabolite(second, SHARE * p["CLF"], source=0),))


def _rates(width: int) -> np.ndarray:
    on = np.arange(len(SWITCHES) - 1) % 2 == 0
    return np.where(on, RATE, 0.0)[:, None] * np.ones(width)


@jax.jit
def _exposure(p: dict[str, Array]) -> Exposure:
    return exposure_of(_individual(p), p["KE0"])


@jax.jit
def _exposure_with_metabolites(p: dict[str, Array]) -> Exposure:
    return exposure_of(_with_metabolites(p), p["KE0"])


def own_engine(patients: Patients) -> tuple[np.ndarray, float]:
    """(outputs (patients, times, outputs), CPU seconds); run once before, so that everything is compiled."""
    work = _linear if patients.problem == "P1" else _slow
    work(patients)
    begin = time.process_time()
    outputs = work(patients)
    return outputs, time.process_time() - begin


def _taken(patients: Patients, index: np.ndarray) -> dict[str, np.ndarray]:
    return {name: values[index] for name, values in patients.parameters.items()}


def _linear(patients: Patients) -> np.ndarray:
    rates = 1000.0 * _rates(WIDE)  # ug/h give ug/L, which is ng/mL
    outputs = np.empty((4, len(patients.times), len(patients)))

    def lane(index: np.ndarray) -> None:
        exposure = _exposure_with_metabolites(_taken(patients, index))
        plasma, followers = concentrations(exposure, SWITCHES, rates, None, patients.times)
        place = slice(index[0], index[-1] + 1)
        kept = slice(0, place.stop - place.start)  # the last lane is padded
        outputs[0, :, place] = np.asarray(plasma)[:, kept]
        for number, analyte in enumerate((2, 0, 1), 1):  # metabolites come before the effect site
            outputs[number, :, place] = np.asarray(followers)[:, analyte, kept]

    map_lanes(len(patients), WIDE, lane, threads=1)
    return outputs.transpose(2, 1, 0)


def _slow(patients: Patients) -> np.ndarray:
    outputs, error = _on_meshes(patients, np.arange(len(patients)), ACCURACY, WIDE)
    for times in REFINEMENTS:
        doubtful = np.flatnonzero(~(error <= ACCURACY.tolerance))
        if not len(doubtful):
            break
        width = NARROW if len(doubtful) <= NARROW else 128
        outputs[doubtful], error[doubtful] = _on_meshes(patients, doubtful, ACCURACY.coarser(times), width)
    outputs[~(error <= 1e-3)] = np.nan  # a failed verdict is no result
    return outputs


def _on_meshes(patients: Patients, which: np.ndarray, accuracy: Accuracy, width: int) -> tuple[np.ndarray, np.ndarray]:
    meshes = [build_mesh(SWITCHES, NO_FLARES, patients.times, a) for a in (accuracy, accuracy.coarser(2.0))]

    def lane(which: np.ndarray, index: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        p = _taken(patients, which[index])
        flat = np.ones(width)
        B, N, W, I, D, P, M, L = (flat * value for value in SLOW_START)
        start = Start(Slow(N, W, I, D, M), (B, P, L))
        exposure, rates, knots = _exposure(p), _rates(width), np.zeros((2, width))
        fine, coarse = (
            run(Chain(p), (exposure,), start, mesh, (rates,), (np.zeros_like(rates),), knots) for mesh in meshes
        )
        (B, P, L), y = fine.driven, fine.state
        return np.stack([B, y.N, y.W, y.I, y.D, P, y.M, L]), np.asarray(disagreement(fine, coarse))

    pieces = map_lanes(len(which), width, partial(lane, which), threads=1)
    values, error = (np.concatenate(parts, axis=-1)[..., : len(which)] for parts in zip(*pieces, strict=True))
    return values.transpose(2, 1, 0).copy(), error.copy()
