r"""Which signal feeds which room: the only place where the rooms of floor 1 meet.

    exposure [mg/L] --molar mass--> C [uM] --driver--> block b --> memory (S, L; Z from the drug alone)
    memory --drive R--> pain;   baseline, placebo, non-NMDA share --> pain;   peak C --> psychomimetic effects

A `Wiring` is a hypothesis made runnable: it satisfies the engine's `SlowSystem`, says where a person starts and how
its states become pain. The biological loop (memory drives its own plasticity) is inside `flow`, as data.
"""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar, Protocol

from unwound.core.arrays import Array, Record, jnp
from unwound.core.errors import UnknownName
from unwound.evidence import fill, keys_of, value
from unwound.outcomes import pain as pain_room
from unwound.outcomes.pain import Pain
from unwound.patient.engine import Answers, DrivenRate, Reading, Start
from unwound.patient.people import People
from unwound.sensitization import switch as memory_room
from unwound.sensitization import turnover as turnover_room
from unwound.sensitization.drivers import Driver, Empirical
from unwound.sensitization.flares import Flares
from unwound.sensitization.protected_switch import ProtectedSwitch
from unwound.sensitization.switch import Memory, Stimulus, Switch
from unwound.sensitization.turnover import Turnover

DAYS_PER_YEAR = 365.25


class Wiring(Protocol):
    """A hypothesis of the slow memory, wired to blood and to pain."""

    hours: ClassVar[float]
    flares: Flares | None

    def driven(self) -> tuple[DrivenRate, ...]: ...

    def flow(self, state: Any, readings: tuple[Reading, ...], driven: tuple[Array, ...], flare: Array) -> Any: ...

    def of(self, person: People) -> Wiring:
        """The same hypothesis with this person's parameters."""
        ...

    def start(self, person: People) -> Start:
        """Where this person stands before treatment (call on ``of(person)``)."""
        ...

    def drive(self, answers: Answers, flare: Array, p: Pain) -> Array:
        """Pain drive relative to the drug-free state (1 at rest), acute block included."""
        ...

    def pain(self, answers: Answers, flare: Array, person: People, p: Pain) -> Array:
        """NRS [points] before placebo, (times, patients)."""
        ...

    def states(self, answers: Answers) -> dict[str, Array]:
        """Named slow states and block, for people to look at."""
        ...


def _molar(reading: Reading, molar_mass: Array) -> Array:
    """Total plasma concentration [uM] from [mg/L] and [mg/umol]."""
    return jnp.maximum(reading.parent, 0.0) / molar_mass


class SwitchWiring(Record):
    """H1 and H2: the bistable memory behind a driver, with or without flares."""

    switch: Switch
    driver: Driver
    molar_mass: Array
    flares: Flares | None

    hours: ClassVar[float] = 24.0

    def block(self, reading: Reading) -> Array:
        """Block in 0..1 by the drug."""
        return self.driver.block(_molar(reading, self.molar_mass))

    def driven(self) -> tuple[DrivenRate, ...]:
        """Protection Z."""

        def protection(readings: tuple[Reading, ...], earlier: tuple[Array, ...]) -> tuple[Array, Array]:
            del earlier
            return memory_room.protection_in(self.block(readings[0]), self.switch)

        return (protection,)

    def flow(self, state: Memory, readings: tuple[Reading, ...], driven: tuple[Array, ...], flare: Array) -> Memory:
        """Rate of change of the memory [1/d]."""
        return memory_room.flow(state, Stimulus(self.block(readings[0]), driven[0], flare), self.switch)

    def of(self, person: People) -> SwitchWiring:
        """This person's peripheral input and latent gain."""
        own = dataclasses.replace(
            self.switch,
            input=self.switch.input * person.input_factor,
            latent_gain=self.switch.latent_gain * person.latent_factor,
        )
        return dataclasses.replace(self, switch=own)

    def start(self, person: People) -> Start:
        """In pain: the high state, with a latent memory that has filled for as long as the pain has lasted."""
        latent = -jnp.expm1(-person.duration * DAYS_PER_YEAR / self.switch.latent_time)
        state = memory_room.pain_state(latent, self.switch)
        return Start(state=state, driven=(jnp.zeros_like(state.gain),))

    def drive(self, answers: Answers, flare: Array, p: Pain) -> Array:
        """R (1 - e_b b) / R0, R0 the drug-free drive at the start without a flare."""
        rest = memory_room.drive(
            Memory(answers.state.gain[0], answers.state.latent[0]), jnp.zeros_like(flare[0]), self.switch
        )
        now = memory_room.drive(answers.state, flare, self.switch) * (1 - p.acute_block * self._block(answers))
        return now / rest

    def _block(self, answers: Answers) -> Array:
        return self.block(answers.readings[0])

    def pain(self, answers: Answers, flare: Array, person: People, p: Pain) -> Array:
        """The bounded response to the relative drive."""
        return pain_room.intensity(person.baseline, self.drive(answers, flare, p), person.non_nmda_share, p)

    def states(self, answers: Answers) -> dict[str, Array]:
        """Synaptic gain S, latent memory L, protection Z, block b."""
        return {
            "synaptic_gain": answers.state.gain,
            "latent_memory": answers.state.latent,
            "protection": answers.driven[0],
            "block": self._block(answers),
        }


class TurnoverWiring(Record):
    """H0: the linear slow compartment."""

    turnover: Turnover
    molar_mass: Array

    hours: ClassVar[float] = 24.0
    flares: ClassVar[None] = None

    def driven(self) -> tuple[DrivenRate, ...]:
        """The slow concentration Ce."""

        def slow(readings: tuple[Reading, ...], earlier: tuple[Array, ...]) -> tuple[Array, Array]:
            del earlier
            return turnover_room.effect_in(_molar(readings[0], self.molar_mass), self.turnover)

        return (slow,)

    def flow(self, state: Any, readings: tuple[Reading, ...], driven: tuple[Array, ...], flare: Array) -> Any:
        """No state but the driven one."""
        del readings, driven, flare
        return state

    def of(self, person: People) -> TurnoverWiring:
        """Everybody has the same compartment."""
        del person
        return self

    def start(self, person: People) -> Start:
        """No drug yet."""
        return Start(state=(), driven=(jnp.zeros_like(person.weight),))

    def drive(self, answers: Answers, flare: Array, p: Pain) -> Array:
        """What is left of the NMDA-dependent pain, ``1 - Emax E``."""
        del flare, p
        return 1.0 - turnover_room.relief(answers.driven[0], self.turnover)

    def pain(self, answers: Answers, flare: Array, person: People, p: Pain) -> Array:
        """Proportional to what is left."""
        return pain_room.proportional(person.baseline, 1.0 - self.drive(answers, flare, p), person.non_nmda_share)

    def states(self, answers: Answers) -> dict[str, Array]:
        """Slow concentration (uM) and the fraction of pain it relieves."""
        slow = answers.driven[0]
        return {"slow_concentration": slow, "relief": turnover_room.relief(slow, self.turnover)}


_SHORT = {"H0": "turnover", "H1": "switch", "H2": "protected_switch"}
HYPOTHESES: dict[str, tuple[str, str]] = {
    "H0": ("turnover", Turnover.title),
    "H1": ("switch", Switch.title),
    "H2": ("protected_switch", ProtectedSwitch.title),
}
"""Short name -> (prefix of its evidence rows, title)."""


def hypothesis_name(name: str) -> str:
    """ "H0", "H1" or "H2" from any spelling people use. Raises `UnknownName`."""
    folded = name.replace("-", "_").replace(" ", "_").lower()
    for short, (prefix, _) in HYPOTHESES.items():
        if folded in (short.lower(), prefix, prefix.replace("_", "")):
            return short
    known = [*HYPOTHESES, *(prefix for prefix, _ in HYPOTHESES.values())]
    raise UnknownName("hypothesis", name, known)


def wiring_of(name: str) -> Wiring:
    """The hypothesis called `name`, with the values of the evidence tables."""
    short = hypothesis_name(name)
    molar_mass = jnp.asarray(value("ketamine.molar_mass", "mg/umol"))
    if short == "H0":
        return TurnoverWiring(fill(Turnover, Turnover.prefix), molar_mass)
    prefix = HYPOTHESES[short][0]
    driver = fill(Empirical, Empirical.prefix)
    flares = fill(Flares, Flares.prefix) if short == "H2" else None
    return SwitchWiring(fill(Switch, prefix), driver, molar_mass, flares)


def hypothesis_keys(name: str) -> tuple[str, ...]:
    """Evidence keys that the hypothesis called `name` rests on."""
    short = hypothesis_name(name)
    if short == "H0":
        return keys_of(Turnover, Turnover.prefix)
    keys = (*keys_of(Switch, HYPOTHESES[short][0]), *keys_of(Empirical, Empirical.prefix))
    return (*keys, *keys_of(Flares, Flares.prefix)) if short == "H2" else keys
