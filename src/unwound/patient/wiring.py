r"""Which signal feeds which room: the only place where the rooms of floor 1 meet.

    exposure [mg/L] --S-equivalents--> C [uM] --driver--> block b --> memory (S, L; Z from the drug alone)
    memory --drive R--> pain;   baseline, placebo, non-NMDA share --> pain;   peak C --> psychomimetic effects

A `Wiring` is a hypothesis made runnable: it satisfies the engine's `SlowSystem`, says where a person starts and how
its states become pain. The biological loop (memory drives its own plasticity) is inside `flow`, as data.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, ClassVar, Protocol

from unwound.core.arrays import Array, Record, Scalar, at_least_zero, jnp
from unwound.core.errors import UnknownName
from unwound.core.units import unit
from unwound.evidence import fill_own, keys_of, value
from unwound.outcomes import pain as pain_room
from unwound.outcomes.pain import Pain
from unwound.patient.engine import Answers, DrivenRate, Start
from unwound.patient.people import People
from unwound.pharmacokinetics.kinetics import Reading
from unwound.sensitization import switch as memory_room
from unwound.sensitization import turnover as turnover_room
from unwound.sensitization.drivers import Driver, Empirical, Pore, Tonic
from unwound.sensitization.flares import Flares
from unwound.sensitization.protected_switch import ProtectedSwitch
from unwound.sensitization.switch import Memory, Stimulus, Switch
from unwound.sensitization.turnover import Turnover

DAYS_PER_YEAR = 365.25


class Wiring(Protocol):
    """A hypothesis of the slow memory, wired to blood and to pain."""

    hours: ClassVar[float]
    flares: Flares | None
    felt: Equivalents

    def watched(self, readings: tuple[Reading, ...]) -> tuple[Array, ...]: ...

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


class Equivalents(Record):
    """Readings of several forms of the drug as one S-equivalent concentration, ``C_S + f C_R``."""

    molar_mass: Scalar = unit("mg/umol")
    shares: Array = unit("1")
    """What each form counts: 1 for S, f for R, their mean for a racemate read as a whole."""

    def of(self, readings: tuple[Reading, ...]) -> Array:
        """Total plasma S-equivalents [uM]."""
        parts = (share * at_least_zero(r.parent) for share, r in zip(self.shares, readings, strict=True))
        return sum(parts) / self.molar_mass


def equivalents(forms: tuple[str, ...], r_potency: Scalar) -> Equivalents:
    """For the `forms` a model reads ("S", "R", "racemic"), with `r_potency` f."""
    counts = {"S": 1.0, "R": r_potency, "racemic": (1.0 + r_potency) / 2.0}
    shares = jnp.stack(jnp.broadcast_arrays(*(jnp.asarray(counts[form], float) for form in forms)))
    return Equivalents(jnp.asarray(value("ketamine.molar_mass", "mg/umol")), shares)


def _watched(readings: tuple[Reading, ...], felt: Equivalents) -> tuple[Array, ...]:
    return sum(at_least_zero(r.parent) for r in readings), felt.of(readings)


class SwitchWiring(Record):
    """H1 and H2: the bistable memory behind a driver, with or without flares."""

    switch: Switch
    driver: Driver
    slow: Equivalents
    felt: Equivalents
    flares: Flares | None

    hours: ClassVar[float] = 24.0

    def block(self, readings: tuple[Reading, ...]) -> Array:
        """Block in 0..1 by the drug."""
        return self.driver.block(self.slow.of(readings))

    def watched(self, readings: tuple[Reading, ...]) -> tuple[Array, ...]:
        """Ketamine in all [mg/L], and what is felt of it [uM of S-equivalents]."""
        return _watched(readings, self.felt)

    def driven(self) -> tuple[DrivenRate, ...]:
        """Protection Z."""

        def protection(readings: tuple[Reading, ...], earlier: tuple[Array, ...]) -> tuple[Array, Array]:
            del earlier
            return memory_room.protection_in(self.block(readings), self.switch)

        return (protection,)

    def flow(self, state: Memory, readings: tuple[Reading, ...], driven: tuple[Array, ...], flare: Array) -> Memory:
        """Rate of change of the memory [1/d]."""
        return memory_room.flow(state, Stimulus(self.block(readings), driven[0], flare), self.switch)

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
        """R (1 - a) / R0, R0 the drug-free drive at the start without a flare."""
        rest = memory_room.drive(
            Memory(answers.state.gain[0], answers.state.latent[0]), jnp.zeros_like(flare[0]), self.switch
        )
        now = memory_room.drive(answers.state, flare, self.switch) * (
            1 - pain_room.acute(self.felt.of(answers.readings), p)
        )
        return now / rest

    def _block(self, answers: Answers) -> Array:
        return self.block(answers.readings)

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
    slow: Equivalents
    felt: Equivalents

    hours: ClassVar[float] = 24.0
    flares: ClassVar[None] = None

    def driven(self) -> tuple[DrivenRate, ...]:
        """The slow concentration Ce."""

        def slow(readings: tuple[Reading, ...], earlier: tuple[Array, ...]) -> tuple[Array, Array]:
            del earlier
            return turnover_room.effect_in(self.slow.of(readings), self.turnover)

        return (slow,)

    def watched(self, readings: tuple[Reading, ...]) -> tuple[Array, ...]:
        """Ketamine in all [mg/L], and what is felt of it [uM of S-equivalents]."""
        return _watched(readings, self.felt)

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
        """What is left of the NMDA-dependent pain, ``(1 - Emax E) (1 - a)``."""
        del flare
        left = 1.0 - turnover_room.relief(answers.driven[0], self.turnover)
        return left * (1.0 - pain_room.acute(self.felt.of(answers.readings), p))

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


DRIVERS: dict[str, str] = {
    "empirical": "half block at a plasma concentration that is assumed (default)",
    "pore": "pore of GluN2A at rest, free drug",
    "pore_depolarized": "pore of GluN2A in a firing neuron, total drug",
    "tonic": "tight site on tonically open receptors, total drug",
}
"""Short name -> what drives the slow memory of H1 and H2."""
_DEPOLARIZED = {"voltage": "mV", "unbound": "1"}


def driver_name(name: str) -> str:
    """The registered spelling of a driver. Raises `UnknownName`."""
    folded = name.lower().strip().replace("-", "_").replace(" ", "_")
    if folded not in DRIVERS:
        raise UnknownName("driver", name, tuple(DRIVERS))
    return folded


def driver_of(name: str, own: Mapping[str, float] | None = None) -> Driver:
    """The driver called `name`, with the values of the evidence tables or those of `own`. Raises `UnknownName`."""
    short, own = driver_name(name), dict(own or {})
    if short == "empirical":
        return fill_own(Empirical, Empirical.prefix, own)
    if short == "tonic":
        return fill_own(Tonic, Tonic.prefix, own)
    if short == "pore_depolarized":
        numbers = {
            f: own.get(f"pore_depolarized.{f}", value(f"pore_depolarized.{f}", u)) for f, u in _DEPOLARIZED.items()
        }
        own |= {f"{Pore.prefix}.{f}": number for f, number in numbers.items()}
    return fill_own(Pore, Pore.prefix, own)


def driver_keys(name: str) -> tuple[str, ...]:
    """Evidence keys that the driver called `name` rests on."""
    short = driver_name(name)
    if short in ("empirical", "tonic"):
        record: type[Any] = Empirical if short == "empirical" else Tonic
        return keys_of(record, record.prefix)
    keys = keys_of(Pore, Pore.prefix)
    if short == "pore":
        return keys
    return tuple(_of_variant(key) for key in keys)


def _of_variant(key: str) -> str:
    name = key.partition(".")[2]
    return f"pore_depolarized.{name}" if name in _DEPOLARIZED else key


def wiring_of(
    name: str, forms: tuple[str, ...] = ("S",), felt_r_potency: Scalar | None = None,
    driver: str | Driver = "empirical", own: Mapping[str, float] | None = None,
) -> Wiring:  # fmt: skip
    """The hypothesis called `name`, with the values of the evidence tables, for the `forms` of the drug that are read.

    `own` (evidence key -> value) takes the place of single rows.

    `felt_r_potency` is that of psychomimetic effects (default: the evidence row). `driver` drives the slow memory of
    H1 and H2: a name, or a record of one's own; H0 has none. `full_wiring.widened` adds mechanisms.
    """
    short, own = hypothesis_name(name), own or {}
    felt = equivalents(forms, value("psychomimetic.r_potency", "1") if felt_r_potency is None else felt_r_potency)
    drives = driver_of(driver, own) if isinstance(driver, str) else driver
    if short == "H0":
        turnover = fill_own(Turnover, Turnover.prefix, own)
        return TurnoverWiring(turnover, equivalents(forms, turnover.r_potency), felt)
    prefix = HYPOTHESES[short][0]
    flares = fill_own(Flares, Flares.prefix, own) if short == "H2" else None
    return SwitchWiring(fill_own(Switch, prefix, own), drives, equivalents(forms, drives.r_potency), felt, flares)


def hypothesis_keys(name: str, driver: str = "empirical") -> tuple[str, ...]:
    """Evidence keys that the hypothesis called `name` rests on, its driver included."""
    short = hypothesis_name(name)
    if short == "H0":
        return keys_of(Turnover, Turnover.prefix)
    keys = (*keys_of(Switch, HYPOTHESES[short][0]), *driver_keys(driver))
    return (*keys, *keys_of(Flares, Flares.prefix)) if short == "H2" else keys
