"""The models once more, written from the papers and in their symbols, in plain NumPy.

Nothing here imports the package: two derivations of one equation must agree, or one of them is wrong. Numbers are
typed from the publications (as transcribed in nlmixr2lib for Otto 2021), never read from the package's tables.
"""

from __future__ import annotations

import itertools

import numpy as np
from scipy.linalg import expm

LN2 = np.log(2.0)
MOLAR_MASS = 237.73  # g/mol, ketamine base: 1 uM = 237.73 ng/mL


def otto(WT=70.0, eta_V1=0.0, eta_CL=0.0, eta_Vm=0.0, eta_CLm=0.0):
    """(K, V1, Vm, CL, CLm): d(A1, A2, A3, M1, M2)/dt = K A + (R, 0, 0, 0, 0), amounts in mg, time in h."""
    V1, CL = 133.0 * WT / 70 * np.exp(eta_V1), 95.2 * (WT / 70) ** 0.75 * np.exp(eta_CL)
    V2, Q2, V3, Q3 = 187.0, 23.2, 98.8, 157.0
    Vm, CLm = 98.638 * WT / 70 * np.exp(eta_Vm), 57.72 * (WT / 70) ** 0.75 * np.exp(eta_CLm)
    Vmp, Qm = 160.04, 42.778
    K = np.array(
        [
            [-(CL + Q2 + Q3) / V1, Q2 / V2, Q3 / V3, 0, 0],
            [Q2 / V1, -Q2 / V2, 0, 0, 0],
            [Q3 / V1, 0, -Q3 / V3, 0, 0],
            [CL / V1, 0, 0, -(CLm + Qm) / Vm, Qm / Vmp],
            [0, 0, 0, Qm / Vm, -Qm / Vmp],
        ]
    )
    return K, V1, Vm, CL, CLm


def two_compartments():
    """(K, V1) of the illustrative model: CL 90 L/h, V1 70 L, Q 100 L/h, V2 160 L."""
    CL, V1, Q, V2 = 90.0, 70.0, 100.0, 160.0
    return np.array([[-(CL + Q) / V1, Q / V2], [Q / V1, -Q / V2]]), V1


def step(K, A, R, dt):
    """A after `dt` at the constant input R into the first compartment, by the matrix exponential."""
    n = len(K)
    M = np.zeros((n + 1, n + 1))
    M[:n, :n], M[0, n] = K, R
    return (expm(M * dt) @ np.append(A, 1.0))[:n]


def amounts(K, pump, times):
    """Amounts at `times` [h] under ``pump``, a list of (start, end, mg/h); nothing is in the body at time 0."""
    edges = sorted({0.0, *(e for s, e, _ in pump), *(s for s, e, _ in pump), *map(float, times)})
    A, found = np.zeros(len(K)), {edges[0]: np.zeros(len(K))}
    for a, b in itertools.pairwise(edges):
        R = sum(rate for s, e, rate in pump if s <= (a + b) / 2 < e)
        A = found[b] = step(K, A, R, b - a)
    return np.array([found[float(t)] for t in times])


# the slow memory, first guesses of the note, time in days
H2 = {
    "kon": 1.2, "koff": 0.45, "n": 6.0, "th": 0.62, "gS": 0.80, "gL": 0.08, "p": 0.25,
    "eta": 0.5, "kz1": 1.2, "kz0": LN2 / 10.9, "tauL": 300.0, "SL": 0.6, "b50": 200.0,
}  # fmt: skip
H1 = H2 | {"kz1": 3.0, "kz0": 0.7, "eta": 0.8, "p": 0.205, "gL": 0.10}
PAIN = {"e_b": 0.45, "K": 0.62, "g": 2.5}


def psi(N, m):
    return N ** m["n"] / (N ** m["n"] + m["th"] ** m["n"])


def slow(S, L, Z, b, flare, m):
    """dS/dt, dL/dt, dZ/dt [1/d]."""
    N = (1 - b) * (1 - m["eta"] * Z) * np.maximum(m["p"] + flare + m["gS"] * S + m["gL"] * L, 0)
    return (
        m["kon"] * (1 - S) * psi(N, m) - m["koff"] * S,
        (np.minimum(S / m["SL"], 1) - L) / m["tauL"],
        m["kz1"] * b * (1 - Z) - m["kz0"] * Z,
    )


def drive(S, L, b, m):
    """Drive to pain, acute block included."""
    return (m["p"] + m["gS"] * S + m["gL"] * L) * (1 - PAIN["e_b"] * b)


def rating(R):
    return 10 * R ** PAIN["g"] / (R ** PAIN["g"] + PAIN["K"] ** PAIN["g"])


def drug_free_states(L, m, Z=0.0):
    """All S at which dS/dt = 0 with L and Z held, in rising order, by bisection of every sign change."""
    from scipy.optimize import brentq

    def f(S):
        return slow(S, L, Z, 0.0, 0.0, m)[0]

    grid = np.linspace(0, 1, 20001)
    values = f(grid)
    crossing = np.flatnonzero(values[:-1] * values[1:] < 0)
    return [brentq(f, grid[i], grid[i + 1], xtol=1e-14) for i in crossing]


def dahan(C, t, half_life=10.9):
    """The slow compartment dCe/dt = (ln 2 / 10.9 d)(C - Ce) at times t [h], with C given there, by the trapezium rule.

    Exact for the exponential kernel, second order in the spacing for C.
    """
    k = LN2 / (half_life * 24)
    Ce = np.zeros_like(C)
    for i, dt in enumerate(np.diff(t)):
        # C linear between the grid points, kernel exact
        fade = np.exp(-k * dt)
        slope = (C[i + 1] - C[i]) / dt
        Ce[i + 1] = C[i + 1] - slope / k + (Ce[i] - C[i] + slope / k) * fade
    return Ce
