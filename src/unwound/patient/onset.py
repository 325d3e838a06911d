r"""The slow memory of a healthy person under a root cause, for the engine: no drug, no flares.

    health: the lowest resting state with L = 0      pain: the highest one

Source: no numbers of its own. Leaves out: chance; treatment on the way; a cause that comes back.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from unwound.core.arrays import Array, Record, Scalar, jax, jnp
from unwound.core.errors import InputError, Problem
from unwound.core.units import unit
from unwound.evidence import fill
from unwound.patient.engine import DrivenRate, Start, run
from unwound.patient.mesh import Accuracy, build_mesh
from unwound.patient.wiring import HYPOTHESES, hypothesis_name
from unwound.pharmacokinetics.kinetics import Reading
from unwound.sensitization import full_memory as memory_room
from unwound.sensitization.causes import Cause, Injury
from unwound.sensitization.full_memory import FullMemory, Hill, Response, Surroundings
from unwound.sensitization.mechanisms import Mechanisms, mechanisms_of
from unwound.sensitization.switch import Switch

ACCURACY = Accuracy(longest=6.0)
"""Times of hours are enough: nothing is given."""
LATENT_STEPS = 400
"""How finely the latent memory is searched for the loss of the healthy state."""


class Onset(Record):
    """The slow memory under a root cause, for the engine: no drug."""

    switch: Switch
    mechanisms: Mechanisms
    response: Response
    cause: Cause

    hours: ClassVar[float] = 24.0

    def driven(self) -> tuple[DrivenRate, ...]:
        """Without drug there is no protection."""
        return ()

    def watched(self, readings: tuple[Reading, ...]) -> tuple[Array, ...]:
        """No drug to watch."""
        del readings
        return ()

    def around(self, time: Array) -> Surroundings:
        """What acts on the memory `time` [d] after the onset."""
        now = self.cause.exposure(time)
        still = jnp.zeros_like(time)
        return Surroundings(still, still, still + now.input, still + now.injury, still + now.opioid)

    def flow(self, state: Elapsed, readings: Any, driven: Any, flare: Array) -> Elapsed:
        """Rate of change of the memory [1/d]; time runs along."""
        del readings, driven, flare
        around = self.around(state.time)
        change = memory_room.flow(state.memory, around, self.switch, self.mechanisms, self.response)
        return Elapsed(jnp.ones_like(state.time), change)


class Elapsed(Record):
    """Time since the onset, and the memory."""

    time: Scalar = unit("d")
    memory: FullMemory


@dataclass(frozen=True)
class Who:
    """Which memory: hypothesis, mechanisms, and how this person differs from the typical one."""

    hypothesis: str = "H2"
    mechanisms: tuple[str, ...] = ()
    input_factor: float = 1.0
    """The person's own input, relative to that of the typical patient: how prone they are."""
    latent_factor: float = 1.0
    """What their latent memory counts; 0 takes it away."""


def memory_of(who: Who, names: tuple[str, ...]) -> tuple[Switch, Mechanisms]:
    """The switch of this person, and the named mechanisms. Raises `InputError` for H0."""
    short = hypothesis_name(who.hypothesis)
    if short == "H0":
        rule = "H0 has no switch that a cause could turn on"
        raise InputError(Problem("hypothesis", who.hypothesis, rule, "choose H1 or H2"))
    switch = fill(Switch, HYPOTHESES[short][0])
    own = {"input": switch.input * who.input_factor, "latent_gain": switch.latent_gain * who.latent_factor}
    return dataclasses.replace(switch, **own), mechanisms_of(names)


@jax.jit
def _settle(latent: Array, switch: Switch, mechanisms: Mechanisms) -> tuple[FullMemory, FullMemory]:
    both = (
        memory_room.settled(latent, jnp.zeros(()), switch, mechanisms, Hill(), high=high, sweeps=3000)
        for high in (False, True)
    )
    return tuple(both)  # type: ignore[return-value]


def rest(latent: Any, switch: Switch, mechanisms: Mechanisms, high: bool) -> FullMemory:
    """The resting state with the most (`high`) or the least gain, L held."""
    found: FullMemory = _settle(jnp.asarray(latent, float), switch, mechanisms)[1 if high else 0]
    return found


def healthy_gain(switch: Switch, mechanisms: Mechanisms) -> float:
    """The gain of somebody who never was in pain."""
    return float(rest(np.zeros(1), switch, mechanisms, False).gain[0])


def latent_limit(who: Who, names: tuple[str, ...] | None = None) -> float:
    """The least latent memory with which no healthy resting state exists; infinite where one exists with all of it."""
    switch, mechanisms = memory_of(who, who.mechanisms if names is None else names)
    latent = np.linspace(0.0, 1.0, LATENT_STEPS + 1)
    low, high = (np.asarray(rest(latent, switch, mechanisms, high).gain) for high in (False, True))
    lost = np.isclose(low, high, atol=1e-3) & (high > healthy_gain(switch, mechanisms) + 0.1)
    return float(latent[np.argmax(lost)]) if lost.any() else float("inf")


def solved(onset: Onset, at: np.ndarray, latent: Any = 0.0) -> FullMemory:
    """The memory at the times `at` [d], (times, people), from the lowest resting state with `latent` in it."""
    people = np.asarray(onset.cause.strength).shape
    healthy = jax.tree.map(
        lambda one: jnp.broadcast_to(one, people), rest(np.zeros(1), onset.switch, onset.mechanisms, False)
    )
    healthy = dataclasses.replace(healthy, latent=jnp.broadcast_to(jnp.asarray(latent, float), people))
    breaks = np.unique(np.concatenate([[0.0], 24.0 * np.asarray(onset.cause.duration)]))
    last = 24.0 * at[-1]
    mesh = build_mesh(breaks[breaks < last], np.array([0.0, last]), 24.0 * at, ACCURACY)
    start = Start(Elapsed(jnp.zeros(people), healthy), ())
    memory: FullMemory = run(onset, (), start, mesh, (), (), jnp.zeros((2, *people))).state.memory
    return memory


def relapse_after_reset(latent: Any, who: Who, follow_d: float = 365.0) -> np.ndarray:
    """Days until pain is back after a perfect reset: all as in health but L, no cause, no drug.

    Infinite where it does not come back within `follow_d`. One for each of `latent`.
    """
    latent = np.atleast_1d(np.asarray(latent, float))
    switch, mechanisms = memory_of(who, who.mechanisms)
    one = np.ones(latent.shape)
    at = np.ceil(follow_d / 10.0) / 24.0 * np.arange(241)
    gain = np.asarray(solved(Onset(switch, mechanisms, Hill(), Injury(0.0 * one, one, one)), at, latent).gain)
    pain = np.asarray(rest(latent, switch, mechanisms, True).gain)
    back = gain > 0.5 * (healthy_gain(switch, mechanisms) + pain)
    return np.where(back.any(axis=0), at[np.argmax(back, axis=0)], np.inf)


@jax.jit
def pain_drive(onset: Onset, at: Array, memory: FullMemory) -> Array:
    """Drive to pain R at the times `at` [d], (times, people)."""
    time = jnp.asarray(at)[:, None] * jnp.ones_like(memory.gain)
    return memory_room.drive(memory, onset.around(time), onset.switch, onset.mechanisms, onset.response)
