"""diffrax under vmap, the pump switches as jumps of the step-size controller. Compiling is not counted."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from running import ATOL, RTOL, Run
from workload import RATE, SHARE, SLOW_START, SWITCHES, Patients


def diffrax_tsit5(patients: Patients, seconds: float) -> Run:
    return _diffrax(patients, seconds, "Tsit5")


def diffrax_kvaerno5(patients: Patients, seconds: float) -> Run:
    return _diffrax(patients, seconds, "Kvaerno5")


def _diffrax(patients: Patients, seconds: float, solver: str, batch: int = 128) -> Run:
    """`diffrax.diffeqsolve` under vmap, the pump switches as jumps of the step-size controller."""
    import diffrax
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    first_stage = patients.problem == "P1"
    start = jnp.array([0.0] * 8 if first_stage else [0.0] * 4 + list(SLOW_START))
    controller = diffrax.ClipStepSizeController(
        diffrax.PIDController(rtol=RTOL, atol=ATOL), jump_ts=jnp.asarray(SWITCHES[1:])
    )

    def flow(t: Any, y: Any, p: Any) -> Any:
        rate = jnp.where((t < SWITCHES[-1]) & (t % 24.0 < 4.0), RATE, 0.0)
        A1, A2, A3, E = y[:4]
        C1 = A1 / p["V1"]
        to_2, to_3 = p["Q2"] * (C1 - A2 / p["V2"]), p["Q3"] * (C1 - A3 / p["V3"])
        drug = [rate - p["CL"] * C1 - to_2 - to_3, to_2, to_3, p["KE0"] * (1000.0 * C1 - E)]
        rest = _metabolites_jax(y[4:], C1, p) if first_stage else _slow_jax(y[4:], jnp.maximum(E, 0.0), p, jnp)
        return jnp.stack(drug + rest)

    def course(p: Any) -> Any:
        done = diffrax.diffeqsolve(
            diffrax.ODETerm(flow),
            getattr(diffrax, solver)(),
            t0=0.0,
            t1=float(patients.times[-1]),
            dt0=0.01,
            y0=start,
            args=p,
            saveat=diffrax.SaveAt(ts=jnp.asarray(patients.times)),
            stepsize_controller=controller,
            max_steps=1_000_000,
            throw=False,
        )
        y = done.ys
        wanted = y[:, 4:]
        if first_stage:
            wanted = 1000.0 * y[:, jnp.array([0, 4, 6])] / jnp.stack([p["V1"], p["VF"], p["VS"]])
            wanted = jnp.insert(wanted, 1, y[:, 3], axis=1)
        return jnp.where(done.result == diffrax.RESULTS.successful, wanted, jnp.nan)

    batch = min(batch, len(patients))
    first = {name: jnp.asarray(values[:batch]) for name, values in patients.parameters.items()}
    run = jax.jit(jax.vmap(course)).lower(first).compile()
    outputs, used = [], 0.0
    for begin in range(0, len(patients) - batch + 1, batch):  # a last, smaller batch would compile again
        p = {name: jnp.asarray(values[begin : begin + batch]) for name, values in patients.parameters.items()}
        clock = time.process_time()
        outputs.append(np.asarray(run(p)))
        used += time.process_time() - clock
        if used > seconds:
            break
    return Run(np.concatenate(outputs), used)


def _metabolites_jax(y: Any, C1: Any, p: Any) -> list[Any]:
    F1, F2, S1, S2 = y
    CF, CS = F1 / p["VF"], S1 / p["VS"]
    F_out, S_out = p["QF"] * (CF - F2 / p["VF2"]), p["QS"] * (CS - S2 / p["VS2"])
    formed = p["CLF"] * CF
    return [p["CL"] * C1 - formed - F_out, F_out, SHARE * formed - p["CLS"] * CS - S_out, S_out]


def _slow_jax(y: Any, c: Any, p: Any, jnp: Any) -> list[Any]:
    B, N, W, I, D, P, M, L = y
    some = jnp.where(c > 0.0, c / p["EC50"], 1.0)  # the root has no tangent at zero, and Kvaerno5 asks for it
    r = jnp.where(c > 0.0, some * jnp.sqrt(some), 0.0)
    x = (N * (1.0 - B) * W * (1.0 + 0.25 * I) * (1.0 + 0.3 * D) * (1.0 - 0.4 * P)) ** 4
    return [
        p["KON"] * c * (1.0 - B) - p["KOFF"] * B,
        p["KN"] * (1.0 + 0.6 * W * W / (1.0 + W * W) - N),
        p["KW"] * (0.05 + p["GW"] * x / (p["K50"] ** 4 + x) - W),
        p["KI"] * (W - I),
        p["KD"] * (W / (1.0 + W) - D),
        p["KP"] * (r / (1.0 + r) - P),
        p["KM"] * (W - M),
        p["KL"] * (2.0 * P - L),
    ]
