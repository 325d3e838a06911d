"""The work of P1 and P2: virtual patients, regimen, equations and an accurate reference, in numpy.

    A1' = R(t) - (CL/V1) A1 - Q2 (A1/V1 - A2/V2) - Q3 (A1/V1 - A3/V3)      t in h, A in mg, V in L
    A2' = Q2 (A1/V1 - A2/V2);   A3' = Q3 (A1/V1 - A3/V3)
    E'  = KE0 (1000 A1/V1 - E)                                              E in ng/mL

P1 has two metabolites in series besides: all of the parent becomes the first (F), a share of the first becomes the
second (S), and each has a periphery (amounts in mg, carried as mass):

    F1' = CL A1/V1 - (CLF/VF) F1 - QF (F1/VF - F2/VF2)                     F2' = QF (F1/VF - F2/VF2)
    S1' = SHARE (CLF/VF) F1 - (CLS/VS) S1 - QS (S1/VS - S2/VS2)            S2' = QS (S1/VS - S2/VS2)

and puts out Cp = 1000 A1/V1, Ce = E, Cf = 1000 F1/VF and Cs = 1000 S1/VS every hour to 336 h. P2 has none of them: it
lets E drive eight slow states to 4,320 h and puts these out every day. With c = max(E, 0), r = c/EC50,
u = r^1.5 / (1 + r^1.5) and x = N (1-B) W (1 + 0.25 I) (1 + 0.3 D) (1 - 0.4 P):

    B' = KON c (1-B) - KOFF B               I' = KI (W - I)              P' = KP (u - P)
    N' = KN (1 + 0.6 W^2/(1+W^2) - N)       D' = KD (W/(1+W) - D)        M' = KM (W - M)
    W' = KW (0.05 + GW x^4/(K50^4+x^4) - W)                              L' = KL (2 P - L)

The numbers are generic toys, not a model of ketamine. This file is a transcription of its own, independent of
the package that is measured against it.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

SEED = 20240601
MEDIAN_AND_OMEGA = {
    "WT": (72.0, 0.20), "CL": (75.0, 0.30), "V1": (25.0, 0.30), "Q2": (90.0, 0.30), "V2": (60.0, 0.30),
    "Q3": (40.0, 0.30), "V3": (140.0, 0.30), "KE0": (4.0, 0.30),
    "KON": (0.02, 0.3), "KOFF": (0.6, 0.3), "EC50": (120.0, 0.4), "KN": (math.log(2) / 72, 0.3),
    "KW": (math.log(2) / 20, 0.2), "K50": (1.23, 0.15), "GW": (2.0, 0.10), "KI": (math.log(2) / 96, 0.3),
    "KD": (math.log(2) / 120, 0.3), "KP": (math.log(2) / 36, 0.3), "KM": (math.log(2) / 720, 0.3),
    "KL": (math.log(2) / 60, 0.3),
    "CLF": (45.0, 0.30), "VF": (60.0, 0.30), "QF": (60.0, 0.30), "VF2": (120.0, 0.30),
    "CLS": (30.0, 0.30), "VS": (40.0, 0.30), "QS": (25.0, 0.30), "VS2": (80.0, 0.30),
}  # fmt: skip
"""Log-normal: parameter -> (median, omega), in the order in which they are drawn."""

SHARE = 0.4
"""Of the first metabolite that becomes the second."""

SLOW_START = (0.0, 1.48, 2.0, 2.0, 2.0 / 3.0, 0.0, 1.0, 0.0)
"""B, N, W, I, D, P, M, L at time zero."""

RATE = 25.0  # mg/h: 100 mg over 4 h
SWITCHES = np.array([t for day in range(10) for t in (24.0 * day, 24.0 * day + 4.0)])  # on, off, on, off ...


@dataclass(frozen=True)
class Patients:
    """The work of one run: `parameters` holds one array per name, already scaled by weight."""

    problem: Literal["P1", "P2"]
    parameters: dict[str, np.ndarray]

    def __len__(self) -> int:
        return len(self.parameters["WT"])

    def __getitem__(self, which: slice) -> Patients:
        return Patients(self.problem, {name: values[which] for name, values in self.parameters.items()})

    def one(self, index: int) -> dict[str, float]:
        return {name: float(values[index]) for name, values in self.parameters.items()}

    @property
    def times(self) -> np.ndarray:
        """When outputs are wanted [h]."""
        return np.arange(337.0) if self.problem == "P1" else 24.0 * np.arange(181.0)

    @property
    def output_names(self) -> tuple[str, ...]:
        return ("Cp", "Ce", "Cf", "Cs") if self.problem == "P1" else ("B", "N", "W", "I", "D", "P", "M", "L")


def draw(problem: Literal["P1", "P2"], count: int) -> Patients:
    """`count` virtual patients: one vector of standard normals per parameter, in the stated order."""
    rng = np.random.default_rng(SEED)
    p = {
        name: median * np.exp(omega * rng.standard_normal(count)) for name, (median, omega) in MEDIAN_AND_OMEGA.items()
    }
    size = p["WT"] / 70.0
    p |= {name: p[name] * size**0.75 for name in ("CL", "Q2", "Q3", "CLF", "QF", "CLS", "QS")}
    p |= {name: p[name] * size for name in ("V1", "V2", "V3", "VF", "VF2", "VS", "VS2")}
    return Patients(problem, p)


def disposition(state: np.ndarray, rate: float, p: dict[str, float]) -> np.ndarray:
    """Rate of change of A1, A2, A3, E [per h] while infusing at `rate` [mg/h]."""
    A1, A2, A3, E = state
    to_2 = p["Q2"] * (A1 / p["V1"] - A2 / p["V2"])
    to_3 = p["Q3"] * (A1 / p["V1"] - A3 / p["V3"])
    effect = p["KE0"] * (1000.0 * A1 / p["V1"] - E)
    return np.array([rate - p["CL"] / p["V1"] * A1 - to_2 - to_3, to_2, to_3, effect])


def metabolites(state: np.ndarray, A1: float, p: dict[str, float]) -> np.ndarray:
    """Rate of change of F1, F2, S1, S2 [mg/h] while `A1` [mg] of the parent is in the central compartment."""
    F1, F2, S1, S2 = state
    F_out, S_out = p["QF"] * (F1 / p["VF"] - F2 / p["VF2"]), p["QS"] * (S1 / p["VS"] - S2 / p["VS2"])
    cleared = p["CLF"] / p["VF"] * F1
    return np.array([
        p["CL"] / p["V1"] * A1 - cleared - F_out, F_out, SHARE * cleared - p["CLS"] / p["VS"] * S1 - S_out, S_out,
    ])  # fmt: skip


def slow(state: np.ndarray, E: np.ndarray | float, p: dict) -> np.ndarray:
    """Rate of change of the eight slow states [per h]. One patient or, along the last axis, many."""
    B, N, W, I, D, P, M, L = state
    c = np.maximum(E, 0.0)
    r = c / p["EC50"]
    u = r**1.5 / (1.0 + r**1.5)
    x = N * (1.0 - B) * W * (1.0 + 0.25 * I) * (1.0 + 0.3 * D) * (1.0 - 0.4 * P)
    return np.array([
        p["KON"] * c * (1.0 - B) - p["KOFF"] * B,
        p["KN"] * (1.0 + 0.6 * W**2 / (1.0 + W**2) - N),
        p["KW"] * (0.05 + p["GW"] * x**4 / (p["K50"] ** 4 + x**4) - W),
        p["KI"] * (W - I),
        p["KD"] * (W / (1.0 + W) - D),
        p["KP"] * (u - P),
        p["KM"] * (W - M),
        p["KL"] * (2.0 * P - L),
    ])  # fmt: skip


class ExactDisposition:
    """Plasma and effect site of many patients, exact between switches by the modes of the three compartments.

    With y_i = A_i / sqrt(V_i) the system is symmetric, y' = S y + R/sqrt(V1) e1, S = Z diag(-m) Z^T. In mode
    coordinates z = Z^T y each interval is z = s + (z0 - s) exp(-m t), and the effect site by substitution is
    E = Es + (E0 - Es) exp(-KE0 t) + sum_k KE0 g_k (z0 - s)_k (exp(-m_k t) - exp(-KE0 t)) / (KE0 - m_k).
    """

    def __init__(self, p: dict[str, np.ndarray]):
        root = np.sqrt(np.stack([p["V1"], p["V2"], p["V3"]], -1))
        S = np.zeros((*root.shape, 3))
        S[:, 0, 0] = -(p["CL"] + p["Q2"] + p["Q3"]) / p["V1"]
        S[:, 1, 1], S[:, 2, 2] = -p["Q2"] / p["V2"], -p["Q3"] / p["V3"]
        S[:, 0, 1] = S[:, 1, 0] = p["Q2"] / (root[:, 0] * root[:, 1])
        S[:, 0, 2] = S[:, 2, 0] = p["Q3"] / (root[:, 0] * root[:, 2])
        values, Z = np.linalg.eigh(S)
        self.m, self.ke0 = -values, p["KE0"]
        self.fed = Z[:, 0, :] / root[:, :1]  # what 1 mg/h adds to each mode
        self.g = 1000.0 * Z[:, 0, :] / root[:, :1]  # what each mode adds to the plasma, ng/mL
        self.starts = [(np.zeros_like(self.m), np.zeros_like(self.ke0))]  # (z, E) at each switch
        for number, length in enumerate(np.diff(SWITCHES)):
            self.starts.append(self._advance(number, length))

    def _advance(self, interval: int, t: float) -> tuple[np.ndarray, np.ndarray]:
        """(z, E) at `t` hours after the switch that begins `interval`."""
        z0, E0 = self.starts[interval]
        s = self.fed * (RATE if interval % 2 == 0 else 0.0) / self.m
        k = self.ke0[:, None]
        gap = np.abs(k - self.m)
        share = -np.expm1(-gap * t) / np.where(gap > 0.0, gap, 1.0)
        shape = np.exp(-np.minimum(k, self.m) * t) * np.where(gap > 0.0, share, t)
        Es = (self.g * s).sum(-1)
        E = Es + (E0 - Es) * np.exp(-self.ke0 * t) + (k * self.g * (z0 - s) * shape).sum(-1)
        return s + (z0 - s) * np.exp(-self.m * t), E

    def at(self, t: float, interval: int | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Cp and Ce [ng/mL] of every patient at time `t` [h]."""
        if interval is None:
            interval = max(int(np.searchsorted(SWITCHES, t, side="right")) - 1, 0)
        z, E = self._advance(interval, t - SWITCHES[interval])
        return (self.g * z).sum(-1), E


def reference(patients: Patients, block: int = 20) -> np.ndarray:
    """Outputs (patients, times, outputs) to compare with: exact for P1, DOP853 at rtol 1e-12 for P2."""
    if patients.problem == "P1":
        return np.stack([_hour_by_hour(patients.one(i), len(patients.times)) for i in range(len(patients))])
    return np.concatenate([_slow_reference(patients[i : i + block]) for i in range(0, len(patients), block)])


def _hour_by_hour(p: dict[str, float], hours: int) -> np.ndarray:
    """P1 of one patient by the matrix exponential of one hour, in extended precision: no modes, no substitution."""
    matrix = np.zeros((9, 9))  # A1, A2, A3, E, F1, F2, S1, S2 and the rate of the pump
    for column, state in enumerate(np.eye(9)):
        matrix[:4, column] = disposition(state[:4], state[8], p)
        matrix[4:8, column] = metabolites(state[4:8], state[0], p)
    hour = exponential(matrix)
    state, rows = np.zeros(9, np.longdouble), []
    for t in range(hours):
        rows.append(state)
        interval = int(np.searchsorted(SWITCHES, t, side="right")) - 1
        state = hour @ np.append(state[:8], RATE if interval % 2 == 0 else 0.0)
    A1, E, F1, S1 = (np.array(rows)[:, i] for i in (0, 3, 4, 6))
    return np.stack([1000 * A1 / p["V1"], E, 1000 * F1 / p["VF"], 1000 * S1 / p["VS"]], -1).astype(float)


def exponential(matrix: np.ndarray) -> np.ndarray:
    """exp(matrix) in extended precision: Taylor of a small part, squared up again."""
    halvings = max(0, math.ceil(math.log2(np.abs(matrix).sum(axis=0).max()))) + 3
    part = matrix.astype(np.longdouble) / 2**halvings
    term = total = np.eye(len(matrix), dtype=np.longdouble)
    for n in range(1, 20):
        term = term @ part / n
        total = total + term
    for _ in range(halvings):
        total = total @ total
    return total


def _slow_reference(patients: Patients) -> np.ndarray:
    """The slow states given the exact effect site, restarted at every pump switch and every output time."""
    from scipy.integrate import solve_ivp

    pk, p, count = ExactDisposition(patients.parameters), patients.parameters, len(patients)
    state = np.repeat(np.array(SLOW_START)[:, None], count, 1)
    outputs = [state]
    stops = np.union1d(SWITCHES, patients.times)
    for begin, end in itertools.pairwise(stops):
        interval = int(np.searchsorted(SWITCHES, begin, side="right")) - 1

        def flow(t: float, y: np.ndarray, interval: int = interval) -> np.ndarray:
            return slow(y.reshape(8, count), pk.at(t, interval)[1], p).ravel()

        done = solve_ivp(flow, (begin, end), state.ravel(), "DOP853", rtol=1e-12, atol=1e-14, t_eval=[end])
        if not done.success:
            raise RuntimeError(f"the reference failed at {begin} h: {done.message}")
        state = done.y[:, -1].reshape(8, count)
        if end in patients.times:
            outputs.append(state)
    return np.stack(outputs).transpose(2, 0, 1)


def worst_error(outputs: np.ndarray, exact: np.ndarray) -> float:
    """max |x - reference| / max |reference| over time, for the worst output of the worst patient."""
    error = np.abs(outputs - exact).max(axis=1) / np.abs(exact).max(axis=1)
    return float(error.max()) if error.size else math.nan
