r"""A channel followed through a protocol: exact between steps, stiff where the voltage changes.

The probabilities X of gate x pore obey a linear equation with a generator that is constant within a step:

    dX/dt = Q X,     X(t) = exp(Q t) X(0)
    Q = 1 (x) Q_gate + sum_k ( e_k E_k + l_k L_k )       over the arms k of the pore: magnesium, then each drug
    e_Mg = k_Mg-(V) [Mg]/K_Mg(V),   l_Mg = k_Mg-(V);     e_i = k_i C_i,   l_i = k_i K_i(V)

E_k and L_k move probability from open and empty to open and occupied, and back. A train of equal pulses needs two such
exponentials, whatever its length.

With magnesium in fast equilibrium (`lumped`, the default) empty and magnesium are one arm, of which the share
m = 1/(1 + [Mg]/K_Mg) is empty: drugs enter at e_i m, and the current is m times the open part of that arm. Within a
step this is exact up to the milliseconds that magnesium needs; the full scheme is `lumped=False`.

A voltage that changes in time makes Q change: `changing` then integrates with Kvaerno's implicit method of order 5.

Source: no numbers of its own. Leaves out: agonist that washes in and out with a delay.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from unwound.core.arrays import Array, Float, Record, Scalar, eqx, jax, jnp
from unwound.core.errors import InputError, NumericalError, Problem
from unwound.receptor.lumped import magnesium_free
from unwound.receptor.pore import (
    Asymmetry,
    Blocker,
    Magnesium,
    Solution,
    magnesium_dissociation,
    magnesium_off,
    off_rate,
)
from unwound.receptor.scheme import Agonists, Gating, at_rest, generator, opened, stationary

MOST_SQUARINGS = 64
"""exp(A) = exp(A/2^n)^(2^n): rates of 1e6 per second over hours need n of about 40."""
State = Float[Array, "arm gate"]


class Channel(Record):
    """One receptor subtype with what may sit in its pore."""

    gating: Any
    """A scheme (`Gating`)."""
    magnesium: Magnesium
    blockers: tuple[Blocker, ...]
    thermal_voltage: Scalar
    """RT/F [mV]."""
    opening: Scalar = 1.0
    """Factor on the rates of opening: an allosteric drug, a missing co-agonist."""
    speed: Scalar = 1.0
    """Factor on all rates of the gate: temperature."""
    asymmetry: Asymmetry | None = None
    """Magnesium that holds the gate, in the full scheme only: a lumped arm has one gate."""


class Step(NamedTuple):
    """A stretch of time during which nothing is changed."""

    solution: Solution
    duration: float  # s
    at: Sequence[float] | np.ndarray = ()  # s since the step began: when to look


class Trace(NamedTuple):
    """What was seen, and where the channel was at the end."""

    time: np.ndarray  # s since the protocol began
    open_probability: np.ndarray  # the gate is open, whatever sits in the pore
    conducting: np.ndarray  # open and empty: the current relative to all channels open and empty
    blocked: np.ndarray  # share of channels with each drug in the pore, (drug, time)
    last: Array  # (arm, gate)


def start(gate: Float[Array, " gate"], pore: Sequence[Scalar], lumped: bool = True) -> State:
    """A state of independent gate and pore; `pore` is the shares of (empty, Mg, drugs), as `pore.occupancy` gives."""
    shares = jnp.stack([jnp.asarray(share, float) for share in pore])
    if lumped:
        shares = jnp.concatenate([shares[:1] + shares[1:2], shares[2:]])
    return shares[:, None] * gate[None, :]


def resting(channel: Channel, glycine: Scalar | None = None, lumped: bool = True) -> State:
    """Every channel long without glutamate, in `glycine` [uM] (None: saturating), without drug.

    A lumped arm holds its share of magnesium also while the gate is closed; in the full scheme the pores begin empty.
    To begin with that share there too, use `start` with the pore of `pore.occupancy`.
    """
    return start(at_rest(channel.gating, glycine), [1.0, 0.0, *(0.0 for _ in channel.blockers)], lumped)


class _Moves(NamedTuple):
    """The constant matrices of the exchange between solution and pore."""

    gate: Array  # (state, state)
    enter: tuple[Array, ...]
    leave: tuple[Array, ...]


def moves(channel: Channel, agonists: Agonists, lumped: bool = True, escape: Scalar = 0.0) -> _Moves:
    """Gate and exchange matrices. `escape` [1/s] is a way out for drug that does not wait for the gate to open."""
    gating: Gating = channel.gating
    gate = generator(gating, agonists, channel.opening, channel.speed)
    gates, drugs = len(gating.states), len(channel.blockers)
    arms = drugs + (1 if lumped else 2)
    places = np.array([gating.states.index(name) for name in gating.open_states])
    whole = jnp.kron(jnp.eye(arms), gate)
    if channel.asymmetry is not None and not lumped:
        opening, closing = channel.opening * channel.asymmetry.opening, channel.asymmetry.closing
        held = generator(gating, agonists, opening, channel.speed, closing)
        whole = whole.at[gates : 2 * gates, gates : 2 * gates].set(held)
    everywhere = np.arange(gates)
    for arm in range(arms - drugs, arms):
        whole = whole + escape * _stamp(arm * gates + everywhere, everywhere, arms * gates)
    enter = tuple(_stamp(places, arm * gates + places, arms * gates) for arm in range(1, arms))
    leave = tuple(_stamp(arm * gates + places, places, arms * gates) for arm in range(1, arms))
    return _Moves(whole, enter, leave)


def _stamp(source: np.ndarray, target: np.ndarray, size: int) -> Array:
    """The generator of unit rates from each of `source` to its `target`."""
    matrix = np.zeros((size, size))
    matrix[target, source] += 1.0
    matrix[source, source] -= 1.0
    return jnp.asarray(matrix)


def rates(channel: Channel, solution: Solution, lumped: bool = True) -> tuple[list[Scalar], list[Scalar]]:
    """Rates into and out of each arm of the pore [1/s]."""
    voltage, mg = solution.voltage, channel.magnesium
    free = magnesium_free(voltage, solution.magnesium, mg) if lumped else 1.0
    enter = [p.on_rate * c * free for c, p in zip(solution.drugs, channel.blockers, strict=True)]
    leave = [off_rate(voltage, p, channel.thermal_voltage) for p in channel.blockers]
    if lumped:
        return enter, leave
    off = magnesium_off(voltage, mg)
    return [off * solution.magnesium / magnesium_dissociation(voltage, mg), *enter], [off, *leave]


def assemble(m: _Moves, enter: Sequence[Scalar], leave: Sequence[Scalar]) -> Float[Array, "state state"]:
    """Q [1/s]; the state of arm a and gate g lies at ``a * gates + g``."""
    matrix = m.gate
    for rate_in, rate_out, into, out in zip(enter, leave, m.enter, m.leave, strict=True):
        matrix = matrix + rate_in * into + rate_out * out
    return matrix


@eqx.filter_jit
def _reached(
    channel: Channel, solution: Solution, state: State, at: Float[Array, " time"], lumped: bool, escape: Scalar
) -> Float[Array, "time arm gate"]:
    """The states at times `at` after `state`, everything constant."""
    matrix = assemble(moves(channel, solution.agonists, lumped, escape), *rates(channel, solution, lumped))
    whole = jax.vmap(lambda t: jax.scipy.linalg.expm(matrix * t, max_squarings=MOST_SQUARINGS))(at)
    return jnp.einsum("tij,j->ti", whole, state.ravel()).reshape(len(at), *state.shape)


@eqx.filter_jit
def _seen(
    channel: Channel, states: Float[Array, "time arm gate"], free: Scalar, lumped: bool
) -> tuple[Array, Array, Array]:
    """(open, conducting, blocked) of a row of states."""
    columns = jnp.moveaxis(states, -1, 0)  # (gate, time, arm)
    by_arm = opened(channel.gating, columns)
    blocked = jnp.sum(states[:, (1 if lumped else 2) :], axis=-1)
    return jnp.sum(by_arm, axis=-1), by_arm[:, 0] * (free if lumped else 1.0), blocked.T


def settled(channel: Channel, solution: Solution, lumped: bool = True) -> State:
    """The steady state in glutamate, also where magnesium holds the gate. The caller sees to it that there is some."""
    matrix = assemble(moves(channel, solution.agonists, lumped), *rates(channel, solution, lumped))
    return stationary(matrix).reshape(-1, len(channel.gating.states))


def _free(channel: Channel, solution: Solution) -> Scalar:
    return magnesium_free(jnp.asarray(solution.voltage, float), solution.magnesium, channel.magnesium)


def _traced(thing: Any) -> Any:
    """`thing` with arrays for numbers: a new concentration is then no new program."""
    return jax.tree.map(lambda number: jnp.asarray(number, float), thing)


def piecewise(
    channel: Channel, steps: Sequence[Step], state: State, lumped: bool = True, escape: Scalar = 0.0
) -> Trace:
    """Follow `steps` exactly, looking at the times that each asks for."""
    channel, escape = _traced((channel, escape))
    began, nothing = 0.0, np.zeros(0)
    seen: list[tuple[np.ndarray, ...]] = [(nothing, nothing, nothing, np.zeros((len(channel.blockers), 0)))]
    for step in steps:
        looked = np.asarray(step.at, float)
        at = jnp.asarray(np.append(looked, step.duration))
        states = _reached(channel, _traced(step.solution), state, at, lumped, escape)
        free = _free(channel, step.solution)
        state = states[-1]
        seen.append((began + looked, *(np.asarray(part) for part in _seen(channel, states[:-1], free, lumped))))
        began += step.duration
    time, is_open, conducting, blocked = (np.concatenate(part, axis=-1) for part in zip(*seen, strict=True))
    return Trace(time, is_open, conducting, blocked, state)


def train(
    channel: Channel, pulse: Step, pause: Step, count: int, state: State, lumped: bool = True
) -> list[Trace]:  # fmt: skip
    """`count` pulses, each followed by a pause: one trace per cycle, from four tables of exponentials in all."""
    channel, cycle = _traced(channel), pulse.duration + pause.duration
    tables = [_table(channel, step, lumped) for step in (pulse, pause)]
    traces = []
    for n in range(count):
        parts = []
        for (looks, end, free), step, offset in zip(tables, (pulse, pause), (0.0, pulse.duration), strict=True):
            states = jnp.einsum("tij,j->ti", looks, state.ravel()).reshape(-1, *state.shape)
            state = (end @ state.ravel()).reshape(state.shape)
            parts.append((n * cycle + offset + np.asarray(step.at, float), *_seen(channel, states, free, lumped)))
        time, is_open, conducting, blocked = (
            np.concatenate([np.asarray(a) for a in p], axis=-1) for p in zip(*parts, strict=True)
        )
        traces.append(Trace(time, is_open, conducting, blocked, state))
    return traces


@eqx.filter_jit
def _exponentials(
    channel: Channel, solution: Solution, at: Float[Array, " time"], lumped: bool
) -> Float[Array, "time state state"]:
    matrix = assemble(moves(channel, solution.agonists, lumped), *rates(channel, solution, lumped))
    return jax.vmap(lambda t: jax.scipy.linalg.expm(matrix * t, max_squarings=MOST_SQUARINGS))(at)


def _table(channel: Channel, step: Step, lumped: bool) -> tuple[Array, Array, Scalar]:
    """Exponentials to every look of a step and to its end, and the share of empty pores in it."""
    at = jnp.asarray(np.append(np.asarray(step.at, float), step.duration))
    whole = _exponentials(channel, _traced(step.solution), at, lumped)
    return whole[:-1], whole[-1], _free(channel, step.solution)


def changing(
    channel: Channel, solution: Solution, voltage: tuple[np.ndarray, np.ndarray], state: State, at: np.ndarray,
    lumped: bool = True, tolerance: float = 1e-9,
) -> Trace:  # fmt: skip
    """Follow a voltage given as (times [s], mV), linear in between; everything else as in `solution`.

    Raises `InputError` where diffrax is missing, `NumericalError` when the integration fails.
    """
    if importlib.util.find_spec("diffrax") is None:
        rule = "a changing voltage needs diffrax, which is not installed"
        raise InputError(Problem("voltage", "changing", rule, "pip install 'unwound[analysis]'"))
    channel, solution, levels = _traced((channel, solution, voltage))
    looked = np.asarray(at, float)
    found = _integrated(channel, solution, levels, state, jnp.asarray(looked), lumped, tolerance)
    if not bool(jnp.all(jnp.isfinite(found.ys))):
        raise NumericalError(f"the channel could not be followed through the changing voltage: {found.result}")
    states = found.ys.reshape(-1, *state.shape)
    free = _free(channel, solution._replace(voltage=jnp.interp(looked, *levels)))
    is_open, conducting, blocked = (np.asarray(part) for part in _seen(channel, states[:-1], free, lumped))
    return Trace(looked, is_open, conducting, blocked, states[-1])


@eqx.filter_jit
def _integrated(
    channel: Channel, solution: Solution, voltage: tuple[Array, Array], state: State, at: Array, lumped: bool,
    tolerance: float,
) -> Any:  # fmt: skip
    import diffrax  # an extra: everything else here works without

    m = moves(channel, solution.agonists, lumped)

    def slope(t: Scalar, y: Array, _: None) -> Array:
        now = solution._replace(voltage=jnp.interp(t, *voltage))
        return assemble(m, *rates(channel, now, lumped)) @ y

    # steps end where the voltage bends: an estimate of the error does not see across a corner
    pace = diffrax.ClipStepSizeController(
        diffrax.PIDController(rtol=tolerance, atol=0.01 * tolerance), jump_ts=voltage[0]
    )
    return diffrax.diffeqsolve(
        diffrax.ODETerm(slope), diffrax.Kvaerno5(), voltage[0][0], voltage[0][-1], 1e-6, state.ravel(),
        stepsize_controller=pace, max_steps=100_000, throw=False, saveat=diffrax.SaveAt(ts=at, t1=True),
    )  # fmt: skip
