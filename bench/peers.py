"""Engines that others would use for P1 and P2, each in its honest fastest form that needs no compiler by hand.

All run at rtol 1e-6 and atol 1e-8 (mg, ng/mL, slow states alike) and are restarted or told at every pump switch,
so that no infusion is skipped. Set-up (parsing, compiling, warming) is not counted; one thread each.

An engine is a function ``(patients, seconds) -> Run``: it computes the patients in their order until all are done
or `seconds` of CPU time are used up.
"""

from __future__ import annotations

import ast
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from workload import MEDIAN_AND_OMEGA, RATE, SLOW_START, SWITCHES, Patients, disposition, slow

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
    """(rate [mg/h], stops [h]): from one pump switch to the next; stops are the ends and the outputs between."""
    edges = np.append(SWITCHES, patients.times[-1])
    for number, (begin, end) in enumerate(zip(edges[:-1], edges[1:], strict=True)):
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


# scipy LSODA ------------------------------------------------------------------------------------------------------


def lsoda(patients: Patients, seconds: float) -> Run:
    """`scipy.integrate.odeint` with a right-hand side of Python scalars: several times faster than one of arrays,
    and than `solve_ivp(method="LSODA")`, whose stepping is in Python."""
    from scipy.integrate import odeint

    plan = list(segments(patients))
    wanted = set(patients.times)
    kept = [[stop in wanted for stop in stops[1:]] for _, stops in plan]
    first_stage = patients.problem == "P1"

    def course(index: int) -> np.ndarray:
        p = patients.one(index)
        state = np.array([0.0] * 4) if first_stage else np.array([0.0] * 4 + list(SLOW_START))
        rows = [state[None]]
        flows = {rate: (_flow_p1 if first_stage else _flow_p2)(rate, p) for rate in (0.0, RATE)}
        for (rate, stops), keep in zip(plan, kept, strict=True):
            y, info = odeint(flows[rate], state, stops, rtol=RTOL, atol=ATOL, mxstep=100_000, full_output=True)
            if info["message"] != "Integration successful.":
                raise RuntimeError(info["message"])
            state = y[-1]
            rows.append(y[1:][keep])
        y = np.concatenate(rows)
        return np.stack([1000.0 * y[:, 0] / p["V1"], y[:, 3]], -1) if first_stage else y[:, 4:]

    return one_by_one(patients, seconds, course)


def lsoda_arrays(patients: Patients, seconds: float) -> Run:
    """`solve_ivp(method="LSODA")` on equations in small numpy arrays: how it is usually written, for orientation."""
    from scipy.integrate import solve_ivp

    first_stage = patients.problem == "P1"
    plan = list(segments(patients))
    wanted = set(patients.times)

    def course(index: int) -> np.ndarray:
        p = patients.one(index)
        state = np.array([0.0] * 4) if first_stage else np.array([0.0] * 4 + list(SLOW_START))
        rows = [state]
        for rate, stops in plan:

            def flow(t: float, y: np.ndarray, rate: float = rate) -> np.ndarray:
                drug = disposition(y[:4], rate, p)
                return drug if first_stage else np.concatenate([drug, slow(y[4:], y[3], p)])

            span = (stops[0], stops[-1])
            done = solve_ivp(flow, span, state, "LSODA", rtol=RTOL, atol=ATOL, t_eval=stops[1:])
            if not done.success:
                raise RuntimeError(done.message)
            state = done.y[:, -1]
            rows += [y for stop, y in zip(stops[1:], done.y.T, strict=True) if stop in wanted]
        y = np.stack(rows)
        return np.stack([1000.0 * y[:, 0] / p["V1"], y[:, 3]], -1) if first_stage else y[:, 4:]

    return one_by_one(patients, seconds, course)


def _flow_p1(rate: float, p: dict[str, float]) -> Callable[..., tuple[float, ...]]:
    V1, V2, V3, Q2, Q3, CL, KE0 = (p[name] for name in ("V1", "V2", "V3", "Q2", "Q3", "CL", "KE0"))

    def flow(y: np.ndarray, t: float) -> tuple[float, ...]:
        A1, A2, A3, E = y.tolist()
        C1 = A1 / V1
        to_2, to_3 = Q2 * (C1 - A2 / V2), Q3 * (C1 - A3 / V3)
        return rate - CL * C1 - to_2 - to_3, to_2, to_3, KE0 * (1000.0 * C1 - E)

    return flow


def _flow_p2(rate: float, p: dict[str, float]) -> Callable[..., tuple[float, ...]]:
    V1, V2, V3, Q2, Q3, CL, KE0 = (p[name] for name in ("V1", "V2", "V3", "Q2", "Q3", "CL", "KE0"))
    KON, KOFF, EC50, KN, KW, GW = (p[name] for name in ("KON", "KOFF", "EC50", "KN", "KW", "GW"))
    KI, KD, KP, KM, KL, half = *(p[name] for name in ("KI", "KD", "KP", "KM", "KL")), p["K50"] ** 4

    def flow(y: np.ndarray, t: float) -> tuple[float, ...]:
        A1, A2, A3, E, B, N, W, I, D, P, M, L = y.tolist()  # noqa: E741
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


# diffrax ----------------------------------------------------------------------------------------------------------


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
    start = jnp.array([0.0] * 4 if first_stage else [0.0] * 4 + list(SLOW_START))
    controller = diffrax.ClipStepSizeController(
        diffrax.PIDController(rtol=RTOL, atol=ATOL), jump_ts=jnp.asarray(SWITCHES[1:])
    )

    def flow(t: Any, y: Any, p: Any) -> Any:
        rate = jnp.where((t < SWITCHES[-1]) & (t % 24.0 < 4.0), RATE, 0.0)
        A1, A2, A3, E = y[:4]
        C1 = A1 / p["V1"]
        to_2, to_3 = p["Q2"] * (C1 - A2 / p["V2"]), p["Q3"] * (C1 - A3 / p["V3"])
        drug = [rate - p["CL"] * C1 - to_2 - to_3, to_2, to_3, p["KE0"] * (1000.0 * C1 - E)]
        return jnp.stack(drug if first_stage else drug + _slow_jax(y[4:], jnp.maximum(E, 0.0), p, jnp))

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
        wanted = jnp.stack([1000.0 * y[:, 0] / p["V1"], y[:, 3]], -1) if first_stage else y[:, 4:]
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


def _slow_jax(y: Any, c: Any, p: Any, jnp: Any) -> list[Any]:
    B, N, W, I, D, P, M, L = y  # noqa: E741
    r = c / p["EC50"]
    r = r * jnp.sqrt(r)
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


# libRoadRunner ----------------------------------------------------------------------------------------------------

_DRUG = {
    "A1": "R - CL*A1/V1 - Q2*(A1/V1 - A2/V2) - Q3*(A1/V1 - A3/V3)",
    "A2": "Q2*(A1/V1 - A2/V2)",
    "A3": "Q3*(A1/V1 - A3/V3)",
    "E": "KE0*(1000*A1/V1 - E)",
}
_SLOW = {
    "B": "KON*c*(1 - B) - KOFF*B",
    "N": "KN*(1 + 0.6*W*W/(1 + W*W) - N)",
    "W": "KW*(0.05 + GW*x**4/(K50**4 + x**4) - W)",
    "I": "KI*(W - I)",
    "D": "KD*(W/(1 + W) - D)",
    "P": "KP*(r/(1 + r) - P)",
    "M": "KM*(W - M)",
    "L": "KL*(2*P - L)",
}
_BETWEEN = {
    "c": "piecewise(E, E > 0, 0)",
    "r": "(c/EC50)**1.5",
    "x": "N*(1 - B)*W*(1 + 0.25*I)*(1 + 0.3*D)*(1 - 0.4*P)",
}


def roadrunner(patients: Patients, seconds: float) -> Run:
    """libRoadRunner with CVODE on SBML made by hand, restarted at each pump switch."""
    import roadrunner

    roadrunner.Logger.setLevel(roadrunner.Logger.LOG_FATAL)
    first_stage = patients.problem == "P1"
    runner = roadrunner.RoadRunner(sbml(patients.problem))
    runner.setIntegrator("cvode")
    runner.integrator.relative_tolerance = RTOL
    runner.integrator.maximum_num_steps = 1_000_000
    states = list(_DRUG) + ([] if first_stage else list(_SLOW))
    # one number would be multiplied by the state at each restart and vanish with the drug (roadrunner issue 1349)
    runner.integrator.absolute_tolerance = [ATOL] * len(states)
    runner.timeCourseSelections = ["A1", "E"] if first_stage else list(_SLOW)
    values = dict.fromkeys(states, 0.0) | ({} if first_stage else dict(zip(_SLOW, SLOW_START, strict=True)))
    plan = list(segments(patients))
    wanted = set(patients.times)
    kept = [[stop in wanted for stop in stops[1:]] for _, stops in plan]
    names = list(MEDIAN_AND_OMEGA)

    def course(index: int) -> np.ndarray:
        p = patients.one(index)
        runner.resetAll()
        for name in names:
            runner[name] = p[name]
        for name, value in values.items():
            runner[name] = value
        rows = [np.array([[runner[name] for name in runner.timeCourseSelections]])]
        for (rate, stops), keep in zip(plan, kept, strict=True):
            runner["R"] = rate
            rows.append(np.array(runner.simulate(times=stops.tolist()))[1:][keep])
        y = np.concatenate(rows)
        return np.stack([1000.0 * y[:, 0] / p["V1"], y[:, 1]], -1) if first_stage else y

    return one_by_one(patients, seconds, course)


def sbml(problem: str) -> str:
    """The model as SBML level 3: rate rules for the states, assignment rules for c, r and x."""
    first_stage = problem == "P1"
    rates = _DRUG if first_stage else _DRUG | _SLOW
    between = {} if first_stage else _BETWEEN
    start = {} if first_stage else dict(zip(_SLOW, SLOW_START, strict=True))
    constants = {name: median for name, (median, _) in MEDIAN_AND_OMEGA.items()}
    numbers = constants | {"R": 0.0} | dict.fromkeys(rates, 0.0) | start
    parameters = [f'<parameter id="{n}" value="{v!r}" constant="false"/>' for n, v in numbers.items()]
    parameters += [f'<parameter id="{name}" constant="false"/>' for name in between]
    rules = [f'<assignmentRule variable="{n}">{mathml(f)}</assignmentRule>' for n, f in between.items()]
    rules += [f'<rateRule variable="{n}">{mathml(f)}</rateRule>' for n, f in rates.items()]
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<sbml xmlns="http://www.sbml.org/sbml/level3/version1/core" level="3" version="1">'
        f'<model id="{problem}"><listOfParameters>{"".join(parameters)}</listOfParameters>'
        f"<listOfRules>{''.join(rules)}</listOfRules></model></sbml>"
    )


def mathml(formula: str) -> str:
    """`formula`, written in Python's infix, as MathML."""
    tags = {ast.Add: "plus", ast.Sub: "minus", ast.Mult: "times", ast.Div: "divide", ast.Pow: "power"}

    def show(node: ast.expr) -> str:
        match node:
            case ast.Name(id=name):
                return f"<ci>{name}</ci>"
            case ast.Constant(value=value):
                return f"<cn>{value}</cn>"
            case ast.BinOp(left=left, op=op, right=right):
                return f"<apply><{tags[type(op)]}/>{show(left)}{show(right)}</apply>"
            case ast.Compare(left=left, ops=[ast.Gt()], comparators=[right]):
                return f"<apply><gt/>{show(left)}{show(right)}</apply>"
            case ast.Call(args=[value, condition, otherwise]):
                pieces = f"<piece>{show(value)}{show(condition)}</piece>"
                return f"<piecewise>{pieces}<otherwise>{show(otherwise)}</otherwise></piecewise>"
        raise ValueError(f"no MathML for {ast.dump(node)}")

    content = show(ast.parse(formula, mode="eval").body)
    return f'<math xmlns="http://www.w3.org/1998/Math/MathML">{content}</math>'


ENGINES: dict[str, Callable[[Patients, float], Run]] = {
    "lsoda": lsoda,
    "lsoda-arrays": lsoda_arrays,
    "libroadrunner": roadrunner,
    "diffrax-tsit5": diffrax_tsit5,
    "diffrax-kvaerno5": diffrax_kvaerno5,
}
