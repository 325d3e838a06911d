"""LSODA of scipy, restarted at every pump switch: on Python scalars, and on arrays as usually written."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt

import numpy as np

from running import ATOL, RTOL, Run, one_by_one, segments
from workload import RATE, SHARE, SLOW_START, Patients, disposition, metabolites, slow


def lsoda_odeint(patients: Patients, seconds: float) -> Run:
    """`scipy.integrate.odeint` on Python scalars: the fastest form we found that needs no compiler."""
    from scipy.integrate import odeint

    plan = list(segments(patients))
    wanted = set(patients.times)
    kept = [[stop in wanted for stop in stops[1:]] for _, stops in plan]
    first_stage = patients.problem == "P1"

    def course(index: int) -> np.ndarray:
        p = patients.one(index)
        state = np.array([0.0] * 8) if first_stage else np.array([0.0] * 4 + list(SLOW_START))
        rows = [state[None]]
        flows = {rate: (_flow_p1 if first_stage else _flow_p2)(rate, p) for rate in (0.0, RATE)}
        for (rate, stops), keep in zip(plan, kept, strict=True):
            y, info = odeint(flows[rate], state, stops, rtol=RTOL, atol=ATOL, mxstep=100_000, full_output=True)
            if info["message"] != "Integration successful.":
                raise RuntimeError(info["message"])
            state = y[-1]
            rows.append(y[1:][keep])
        y = np.concatenate(rows)
        return _concentrations(y, p) if first_stage else y[:, 4:]

    return one_by_one(patients, seconds, course)


def lsoda(patients: Patients, seconds: float) -> Run:
    """`solve_ivp(method="LSODA")` on equations in small numpy arrays: as it is usually written."""
    from scipy.integrate import solve_ivp

    first_stage = patients.problem == "P1"
    plan = list(segments(patients))
    wanted = set(patients.times)

    def course(index: int) -> np.ndarray:
        p = patients.one(index)
        state = np.array([0.0] * 8) if first_stage else np.array([0.0] * 4 + list(SLOW_START))
        rows = [state]
        for rate, stops in plan:

            def flow(t: float, y: np.ndarray, rate: float = rate) -> np.ndarray:
                drug = disposition(y[:4], rate, p)
                return np.concatenate([drug, metabolites(y[4:], y[0], p) if first_stage else slow(y[4:], y[3], p)])

            span = (stops[0], stops[-1])
            done = solve_ivp(flow, span, state, "LSODA", rtol=RTOL, atol=ATOL, t_eval=stops[1:])
            if not done.success:
                raise RuntimeError(done.message)
            state = done.y[:, -1]
            rows += [y for stop, y in zip(stops[1:], done.y.T, strict=True) if stop in wanted]
        y = np.stack(rows)
        return _concentrations(y, p) if first_stage else y[:, 4:]

    return one_by_one(patients, seconds, course)


def _concentrations(y: np.ndarray, p: dict[str, float]) -> np.ndarray:
    return np.stack([1000.0 * y[:, 0] / p["V1"], y[:, 3], 1000.0 * y[:, 4] / p["VF"], 1000.0 * y[:, 6] / p["VS"]], -1)


def _flow_p1(rate: float, p: dict[str, float]) -> Callable[..., tuple[float, ...]]:
    V1, V2, V3, Q2, Q3, CL, KE0 = (p[name] for name in ("V1", "V2", "V3", "Q2", "Q3", "CL", "KE0"))
    CLF, VF, QF, VF2, CLS, VS, QS, VS2 = (p[n] for n in ("CLF", "VF", "QF", "VF2", "CLS", "VS", "QS", "VS2"))

    def flow(y: np.ndarray, t: float) -> tuple[float, ...]:
        A1, A2, A3, E, F1, F2, S1, S2 = y.tolist()
        C1, CF, CS = A1 / V1, F1 / VF, S1 / VS
        to_2, to_3 = Q2 * (C1 - A2 / V2), Q3 * (C1 - A3 / V3)
        F_out, S_out = QF * (CF - F2 / VF2), QS * (CS - S2 / VS2)
        cleared, formed = CL * C1, CLF * CF
        return (
            rate - cleared - to_2 - to_3,
            to_2,
            to_3,
            KE0 * (1000.0 * C1 - E),
            cleared - formed - F_out,
            F_out,
            SHARE * formed - CLS * CS - S_out,
            S_out,
        )

    return flow


def _flow_p2(rate: float, p: dict[str, float]) -> Callable[..., tuple[float, ...]]:
    V1, V2, V3, Q2, Q3, CL, KE0 = (p[name] for name in ("V1", "V2", "V3", "Q2", "Q3", "CL", "KE0"))
    KON, KOFF, EC50, KN, KW, GW = (p[name] for name in ("KON", "KOFF", "EC50", "KN", "KW", "GW"))
    KI, KD, KP, KM, KL, half = *(p[name] for name in ("KI", "KD", "KP", "KM", "KL")), p["K50"] ** 4

    def flow(y: np.ndarray, t: float) -> tuple[float, ...]:
        A1, A2, A3, E, B, N, W, I, D, P, M, L = y.tolist()
        C1 = A1 / V1
        to_2, to_3 = Q2 * (C1 - A2 / V2), Q3 * (C1 - A3 / V3)
        c = E if E > 0.0 else 0.0
        r = c / EC50
        r = r * sqrt(r)
        WW = W * W
        x = N * (1.0 - B) * W * (1.0 + 0.25 * I) * (1.0 + 0.3 * D) * (1.0 - 0.4 * P)
        x = x * x * x * x
        return (
            rate - CL * C1 - to_2 - to_3,
            to_2,
            to_3,
            KE0 * (1000.0 * C1 - E),
            KON * c * (1.0 - B) - KOFF * B,
            KN * (1.0 + 0.6 * WW / (1.0 + WW) - N),
            KW * (0.05 + GW * x / (half + x) - W),
            KI * (W - I),
            KD * (W / (1.0 + W) - D),
            KP * (r / (1.0 + r) - P),
            KM * (W - M),
            KL * (2.0 * P - L),
        )

    return flow
