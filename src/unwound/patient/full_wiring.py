r"""The full slow memory, wired to blood and to pain: the switch with the mechanisms that were switched on.

    block b, protection Z, flare --> S, L, U, H, G, D, T (opioid M constant) --R (1 - e_b b)/R0--> pain

A `FullWiring` is a `SwitchWiring` whose memory has more states. A person starts at rest in pain: every state where it
settles with the latent memory of that person, before any drug. No mechanism is on unless named, and none is in a fit.
"""

from __future__ import annotations

from typing import Any

from unwound.core.arrays import Array, Scalar, eqx, jnp
from unwound.core.errors import InputError, Problem, UnknownName
from unwound.core.units import unit
from unwound.outcomes import pain as pain_room
from unwound.outcomes.pain import Pain
from unwound.patient.engine import Answers, Start
from unwound.patient.horn_response import KEYS as HORN_KEYS
from unwound.patient.horn_response import horn
from unwound.patient.people import People
from unwound.patient.setting import Setting
from unwound.patient.wiring import DAYS_PER_YEAR, SwitchWiring, Wiring
from unwound.pharmacokinetics.kinetics import Reading
from unwound.sensitization import full_memory as memory_room
from unwound.sensitization.full_memory import FullMemory, Hill, Response, Surroundings
from unwound.sensitization.mechanisms import GAINS, Mechanisms, mechanism_keys, mechanism_names, mechanisms_of

RESPONSES = {
    "hill": "sensitization adds gS S to the drive (default)",
    "horn": "the emulated dorsal horn tells what sensitization adds, under block and opioids",
}
"""Short name -> how the slow states act."""

_STATES = {
    "receptors": ("receptor_number", "receptors"),
    "disinhibition": ("disinhibition", "disinhibition"),
    "glia": ("glia", "glia"),
    "descending": ("descending_control", "descending"),
    "opioid": ("tolerance", "tolerance"),
}
"""Part of `Mechanisms` -> name of its state for people, field of `FullMemory`."""


class FullWiring(SwitchWiring):
    """H1 and H2 with mechanisms beside the switch."""

    mechanisms: Mechanisms
    response: Response
    opioid: Scalar = unit("1")
    """Occupancy of mu receptors by an opioid taken all along (M)."""
    names: tuple[str, ...] = eqx.field(static=True)
    """The mechanisms that are on."""

    def around(self, block: Array, protection: Array, flare: Array) -> Surroundings:
        """What acts on the memory: no new injury, the same opioid as ever."""
        still = jnp.zeros_like(protection)
        return Surroundings(block, protection, flare, still, still + self.opioid)

    def flow(self, state: Any, readings: tuple[Reading, ...], driven: tuple[Array, ...], flare: Array) -> Any:
        """Rate of change of the memory [1/d]."""
        around = self.around(self.block(readings), driven[0], flare)
        return memory_room.flow(state, around, self.switch, self.mechanisms, self.response)

    def start(self, person: People) -> Start:
        """In pain: the highest resting state, with a latent memory that has filled for as long as the pain lasted."""
        latent = -jnp.expm1(-person.duration * DAYS_PER_YEAR / self.switch.latent_time)
        opioid = jnp.asarray(self.opioid)
        state = memory_room.settled(latent, opioid, self.switch, self.mechanisms, self.response, high=True)
        return Start(state=state, driven=(jnp.zeros_like(state.gain),))

    def drive(self, answers: Answers, flare: Array, p: Pain) -> Array:
        """R (1 - a) / R0, R0 the drug-free drive at the start without a flare."""
        first = FullMemory(**{name: values[0] for name, values in vars(answers.state).items()})
        still = jnp.zeros_like(flare[0])
        rest = self._pain_drive(first, self.around(still, still, still))
        now = self._pain_drive(answers.state, self.around(jnp.zeros_like(flare), answers.driven[0], flare))
        return now * (1 - pain_room.acute(self.felt.of(answers.readings), p)) / rest

    def _pain_drive(self, memory: FullMemory, around: Surroundings) -> Array:
        return memory_room.drive(memory, around, self.switch, self.mechanisms, self.response)

    def states(self, answers: Answers) -> dict[str, Array]:
        """Those of the switch, and the states of what is on."""
        parts = dict.fromkeys(GAINS[name][0] for name in self.names)
        more = {_STATES[part][0]: getattr(answers.state, _STATES[part][1]) for part in parts}
        return {**super().states(answers), **more}


def widened(
    wiring: Wiring, mechanisms: tuple[str, ...] = (), response: str = "hill", opioid_tone: float = 0.0
) -> Wiring:
    """`wiring` with the named mechanisms on; itself where nothing is asked. Raises `InputError`, `UnknownName`."""
    names = mechanism_names(mechanisms)
    kind = response_name(response)
    if not names and not opioid_tone and kind == "hill":
        return wiring
    problems = _problems(wiring, names, opioid_tone, kind)
    if problems:
        raise InputError(problems)
    assert isinstance(wiring, SwitchWiring)
    return FullWiring(
        wiring.switch, wiring.driver, wiring.slow, wiring.felt, wiring.flares, mechanisms_of(names),
        Hill() if kind == "hill" else horn(),
        jnp.asarray(float(opioid_tone)), names,
    )  # fmt: skip


def response_name(name: str) -> str:
    """The registered spelling of a response. Raises `UnknownName`."""
    folded = name.strip().lower()
    if folded not in RESPONSES:
        raise UnknownName("response", name, tuple(RESPONSES))
    return folded


def _problems(wiring: Wiring, names: tuple[str, ...], opioid_tone: float, response: str) -> list[Problem]:
    found = []
    if not isinstance(wiring, SwitchWiring):
        what, rule = ", ".join(names), "H0 has no switch that it could act on"
        named = ("mechanism", what) if names else ("response", response)
        found.append(Problem(*named, rule, "choose the hypothesis H1 or H2"))
    if not 0.0 <= opioid_tone <= 1.0:
        rule = "the occupancy of mu receptors is a share between 0 and 1"
        found.append(Problem("opioid tone", opioid_tone, rule, "write for example 0.3"))
    if opioid_tone and "opioid" not in names:
        rule = "an opioid acts through the mechanism opioid, which is off"
        found.append(Problem("opioid tone", opioid_tone, rule, "add the mechanism opioid"))
    return found


def full_keys(mechanisms: tuple[str, ...], response: str = "hill") -> tuple[str, ...]:
    """Evidence keys that the mechanisms add."""
    return (*mechanism_keys(mechanisms), *(() if response_name(response) == "hill" else HORN_KEYS))


def full_warnings(setting: Setting) -> tuple[str, ...]:
    """What a result under these mechanisms must say."""
    names = mechanism_names(setting.mechanisms)
    said = [f"mechanisms on: {', '.join(names)}; off in fits, and every number of theirs is assumed"] if names else []
    if response_name(setting.response) == "horn":
        said.append("the response is read from the emulated dorsal horn; off in fits, and its circuit is assumed")
        if "receptors" in names and ("glia" in names or "anti_inflammatory" in names):
            said.append("receptors and glia together can leave the box of the emulator; what does is cut to it")
    if setting.opioid_tone:
        said.append(f"an opioid occupies {100 * setting.opioid_tone:g} % of mu receptors all along (given, not fitted)")
    return tuple(said)
