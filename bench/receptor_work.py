"""The work of `receptor.py` and its engines.

GluN2A under pulses of glutamate (1 ms, 1 mM) at 1 Hz for 120 s, from rest, a different ketamine concentration in every
simulation; what is wanted is the blocked share at eight times after every pulse. See bench/README.md.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from unwound.core.arrays import jax, jnp
from unwound.receptor import gating_scheme, ligand, magnesium_of, thermal_voltage
from unwound.receptor.pore import Solution, full_generator
from unwound.receptor.reduced import course, exchange
from unwound.receptor.scheme import Agonists, at_rest, generator

PULSES, PERIOD, WIDTH, GLUTAMATE = 120, 1.0, 1e-3, 1000.0
LOOKS = np.array([0.001, 0.005, 0.02, 0.05, 0.1, 0.3, 0.6, 1.0])
"""s after the start of each pulse; the first is the end of the pulse."""
STEPS = np.diff(LOOKS, prepend=0.0)
CONDITIONS = {"-40 mV, 1 mM Mg": (-40.0, 1.0), "-66 mV, no Mg": (-66.0, 0.0)}
RTOL, ATOL = 1e-6, 1e-8
GATING, MAGNESIUM, DRUG = gating_scheme("GluN2A"), magnesium_of("GluN2A"), ligand("ketamine").blocker("GluN2A")
VOLTS = thermal_voltage(23.0)
GATES = len(GATING.states)
START = np.concatenate([np.asarray(at_rest(GATING)), np.zeros(2 * GATES)])


def doses(count: int) -> np.ndarray:
    """Ketamine [uM] of each simulation, 0.1 to 10; the first is 1."""
    drawn = 10.0 ** np.random.default_rng(20240601).uniform(-1.0, 1.0, count)
    return np.concatenate([[1.0], drawn])[:count]


def matrix(dose: Any, glutamate: float, condition: str) -> Any:
    voltage, magnesium = CONDITIONS[condition]
    solution = Solution(Agonists(jnp.asarray(glutamate)), magnesium, [dose], voltage)
    return full_generator(GATING, solution, MAGNESIUM, [DRUG], VOLTS)


def scipy_lsoda(dose: float, condition: str) -> np.ndarray:
    """The 24 states by LSODA with its Jacobian, restarted at every switch of glutamate."""
    during, between = (np.asarray(matrix(dose, g, condition)) for g in (GLUTAMATE, 0.0))
    state, found = START, []
    for _ in range(PULSES):
        for Q, at in ((during, LOOKS[:1]), (between, LOOKS[1:] - WIDTH)):
            run = solve_ivp(
                lambda t, y, Q=Q: Q @ y, (0.0, at[-1]), state, "LSODA", t_eval=at, jac=lambda t, y, Q=Q: Q,
                rtol=RTOL, atol=ATOL,
            )  # fmt: skip
            found.append(run.y[2 * GATES :].sum(axis=0))
            state = run.y[:, -1]
    return np.concatenate(found)


def scipy_expm(dose: float, condition: str) -> np.ndarray:
    """The 24 states by scipy's matrix exponential, eight per concentration. The reference, too."""
    during, between = (np.asarray(matrix(dose, g, condition)) for g in (GLUTAMATE, 0.0))
    onward = [expm((between if n else during) * step) for n, step in enumerate(STEPS)]
    state, found = START, []
    for _ in range(PULSES):
        for one in onward:
            state = one @ state
            found.append(state[2 * GATES :].sum())
    return np.asarray(found)


def own_full(condition: str) -> Callable[[np.ndarray], np.ndarray]:
    """The 24 states of this package, many concentrations at once."""

    def one(dose: Any) -> Any:
        during, between = (matrix(dose, g, condition) for g in (GLUTAMATE, 0.0))
        rest = jax.vmap(lambda step: jax.scipy.linalg.expm(between * step, max_squarings=64))(jnp.asarray(STEPS[1:]))
        first = jax.scipy.linalg.expm(during * STEPS[0], max_squarings=64)
        onward = jnp.concatenate([first[None], rest])

        def pulse(state: Any, _: Any) -> tuple[Any, Any]:
            return jax.lax.scan(lambda y, P: (P @ y, jnp.sum((P @ y)[2 * GATES :])), state, onward)

        return jax.lax.scan(pulse, jnp.asarray(START), None, length=PULSES)[1].ravel()

    run = jax.jit(jax.vmap(one))
    return lambda dose: np.asarray(run(jnp.asarray(dose)))


def own_reduced(condition: str) -> Callable[[np.ndarray], np.ndarray]:
    """R2 of `receptor.reduced`; the gate is run once, before the clock starts, and serves every concentration."""
    opening, steps = jnp.asarray(mean_opening()), jnp.asarray(np.tile(STEPS, PULSES))
    voltage, magnesium = CONDITIONS[condition]

    def one(dose: Any) -> Any:
        into, out = exchange(dose, voltage, magnesium, MAGNESIUM, DRUG, VOLTS)
        return course(jnp.zeros(()), opening, steps, into, out, 0.0)

    run = jax.jit(jax.vmap(one))
    return lambda dose: np.asarray(run(jnp.asarray(dose)))


def mean_opening() -> np.ndarray:
    """The mean of O between the looks: at constant voltage block depends on the integral of O and nothing else."""
    opens = np.isin(GATING.states, GATING.open_states).astype(float)
    onward = []
    for n, step in enumerate(STEPS):
        Q = np.asarray(generator(GATING, Agonists(jnp.asarray(0.0 if n else GLUTAMATE))))
        block = np.block([[Q, np.eye(GATES)], [np.zeros((GATES, 2 * GATES))]])
        whole = expm(block * step)
        onward.append((whole[:GATES, :GATES], opens @ whole[:GATES, GATES:] / step))
    gate, found = START[:GATES], []
    for _ in range(PULSES):
        for after, mean in onward:
            found.append(mean @ gate)
            gate = after @ gate
    return np.asarray(found)
