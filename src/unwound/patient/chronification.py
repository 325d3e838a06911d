r"""From acute to chronic: a healthy person, a root cause, and what is left when the cause has gone.

    health: the lowest resting state, L = 0  --cause p(t), Inj(t), M(t)-->  S, L, U, H, G, D, T  --drive R-->  pain
    chronic:     the gain stays with the pain state after the cause has gone
    no return:   the shortest cause of that strength that leaves somebody chronic
    not undone:  the day from which L holds the pain up: no resting state without pain exists, so a reset does not last
                 (with L held; it empties in days without pain, so that near the limit a reset may still last)

Pain is that of the typical map from drive to rating; a healthy person's own input gives about one point. The engine
is that of treatment (`onset`), without drug and without flares.

Source: no numbers of its own. Leaves out: chance; treatment on the way; a cause that comes back.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from unwound.core.arrays import jax, jnp
from unwound.core.errors import InputError, NumericalError, Problem, UnknownName
from unwound.core.safety import SIMULATION_ONLY
from unwound.evidence import fill, keys_of
from unwound.outcomes import Pain
from unwound.outcomes.pain import typical_baseline
from unwound.patient.full_wiring import full_keys
from unwound.patient.onset import Onset, Who, healthy_gain, latent_limit, memory_of, pain_drive, rest, solved
from unwound.patient.wiring import HYPOTHESES, hypothesis_name
from unwound.sensitization.causes import Cause, Inflammation, Injury, NerveInjury, OpioidExposure
from unwound.sensitization.full_memory import FullMemory, Hill
from unwound.sensitization.mechanisms import Mechanisms, mechanism_names
from unwound.sensitization.switch import Switch

CAUSES: dict[str, type[Any]] = {
    "injury": Injury,
    "inflammation": Inflammation,
    "nerve_injury": NerveInjury,
    "opioid": OpioidExposure,
}
"""Name -> root cause."""

FOLLOWED_D = 365.0
"""Days followed after the longest cause has gone."""


@dataclass(frozen=True)
class Chronification:
    """The course of one or several people after the onset of a cause; arrays are (times, people) unless said."""

    cause: str
    title: str
    who: Who
    strength: np.ndarray  # (people,)
    duration_d: np.ndarray  # (people,)
    time_d: np.ndarray  # (times,)
    pain_nrs: np.ndarray
    states: dict[str, np.ndarray]
    added_input: np.ndarray
    injury: np.ndarray
    opioid: np.ndarray
    chronic: np.ndarray  # (people,) bool
    not_undone_d: np.ndarray  # (people,)
    """Day from which no reset lasts; infinite where that never comes in the time followed."""
    keys: tuple[str, ...]
    warnings: tuple[str, ...]
    simulation_only: str = SIMULATION_ONLY


@dataclass(frozen=True)
class ChronicMap:
    """Strength against duration: who becomes chronic, and the shortest duration that does it."""

    cause: str
    title: str
    who: Who
    strength: np.ndarray  # (strengths,)
    duration_d: np.ndarray  # (durations,)
    chronic: np.ndarray  # (durations, strengths)
    pain_nrs: np.ndarray  # (durations, strengths) at the end
    border_d: np.ndarray  # (strengths,)
    """Shortest duration that leaves somebody chronic, to 2 %; infinite where none on the map does."""
    latent_limit: float
    """Latent memory from which no healthy state exists; infinite where one always does."""
    keys: tuple[str, ...]
    warnings: tuple[str, ...]
    simulation_only: str = SIMULATION_ONLY


def cause_name(name: str) -> str:
    """The registered spelling of a cause. Raises `UnknownName`."""
    folded = name.strip().lower().replace("-", "_").replace(" ", "_")
    if folded not in CAUSES:
        raise UnknownName("cause", name, tuple(CAUSES))
    return folded


def become_chronic(
    cause: str, strength: Any = None, duration_d: Any = None, who: Who | None = None, follow_d: float = FOLLOWED_D
) -> Chronification:
    """The course of a healthy person from the onset of `cause` until `follow_d` days (or a little more) after its end.

    `strength` and `duration_d` are numbers or arrays (default: the evidence); several give several people. Raises
    `InputError`, `UnknownName`.
    """
    name, who = cause_name(cause), who or Who()
    names = _implied(name, who)
    acting = _acting(name, strength, duration_d)
    switch, mechanisms = memory_of(who, names)
    _require(acting, who, switch, mechanisms, follow_d)
    onset = Onset(switch, mechanisms, Hill(), acting)
    last = float(np.max(np.asarray(acting.gone()))) + follow_d
    at = looked_at(last)
    memory = solved(onset, at)
    pain = np.asarray(typical_baseline(pain_drive(onset, at, memory), fill(Pain, Pain.prefix)))
    if not np.isfinite(pain).all():
        raise NumericalError("the course of the slow memory is not finite")
    limit = latent_limit(who, names)
    seen = jax.vmap(acting.exposure)(jnp.asarray(at)[:, None] * jnp.ones_like(jnp.asarray(acting.strength)))
    states = {field: np.asarray(getattr(memory, field)) for field in _shown(names)}
    return Chronification(
        name, CAUSES[name].title, dataclasses.replace(who, mechanisms=names), np.asarray(acting.strength),
        np.asarray(acting.duration), at, pain, states, np.asarray(seen.input), np.asarray(seen.injury),
        np.asarray(seen.opioid), _is_chronic(memory, switch, mechanisms), _passed(at, memory, limit),
        _keys(name, who, names), _warnings(name, who, names),
    )  # fmt: skip


def chronic_map(
    cause: str, strengths: Any = None, durations_d: Any = None, who: Who | None = None, follow_d: float = FOLLOWED_D
) -> ChronicMap:
    """Who becomes chronic over strength and duration, and the border between. Raises `InputError`, `UnknownName`."""
    name, who = cause_name(cause), who or Who()
    usual = fill(CAUSES[name], CAUSES[name].prefix)
    most = 1.0 if name == "opioid" else 3.0 * usual.strength
    strengths = np.linspace(0.0, most, 17)[1:] if strengths is None else np.sort(np.asarray(strengths, float))
    durations = np.geomspace(0.1, 365.0, 25) if durations_d is None else np.sort(np.asarray(durations_d, float))
    grid = np.meshgrid(durations, strengths, indexing="ij")
    found = become_chronic(name, grid[1].ravel(), grid[0].ravel(), who, follow_d)
    chronic = found.chronic.reshape(grid[0].shape)
    border = _border(name, strengths, durations, chronic, who, follow_d)
    return ChronicMap(
        name, found.title, found.who, strengths, durations, chronic, found.pain_nrs[-1].reshape(grid[0].shape),
        border, latent_limit(who, found.who.mechanisms), found.keys, found.warnings,
    )  # fmt: skip


def _border(
    name: str, strengths: np.ndarray, durations: np.ndarray, chronic: np.ndarray, who: Who, follow_d: float
) -> np.ndarray:
    """The shortest chronic duration of each strength, searched once more between its neighbors on the grid."""
    first = np.argmax(chronic, axis=0)
    known = chronic.any(axis=0) & (first > 0)
    low = durations[np.maximum(first - 1, 0)]
    high = durations[first]
    count = 1 + math.ceil(math.log(max(float(np.max(high / low)), _BORDER_RATIO)) / math.log(_BORDER_RATIO))
    between = low * (high / low) ** np.linspace(0.0, 1.0, count)[:, None]
    again = become_chronic(name, np.broadcast_to(strengths, between.shape).ravel(), between.ravel(), who, follow_d)
    inside = again.chronic.reshape(between.shape)
    finer = between[np.argmax(inside, axis=0), np.arange(len(strengths))]
    return np.where(known, finer, np.where(chronic.any(axis=0), durations[0], np.inf))


def _acting(name: str, strength: Any, duration_d: Any) -> Cause:
    """The cause with the values of the evidence, or those given, as arrays of one person each."""
    usual = fill(CAUSES[name], CAUSES[name].prefix)
    given = {"strength": strength, "duration": duration_d}
    numbers = {f: np.asarray(getattr(usual, f) if v is None else v, float) for f, v in given.items()}
    problems = []
    most = 1.0 if name == "opioid" else np.inf
    if not ((numbers["strength"] >= 0) & (numbers["strength"] <= most)).all():
        rule = "an occupancy is a share between 0 and 1" if name == "opioid" else "must be 0 or more"
        problems.append(Problem("strength", strength, rule, f"write for example {usual.strength:g}"))
    if not ((numbers["duration"] > 0) & (numbers["duration"] <= _LONGEST_D)).all():
        rule = f"must be more than 0 and at most {_LONGEST_D:g} d"
        problems.append(Problem("duration", duration_d, rule, f'write for example "{usual.duration:g} d"'))
    if problems:
        raise InputError(problems)
    both = np.broadcast_arrays(*(np.atleast_1d(number) for number in numbers.values()))
    one = np.ones(both[0].shape)
    rest = {f: one * getattr(usual, f) for f in vars(usual) if f not in given}
    return cast(Cause, CAUSES[name](**dict(zip(numbers, (one * v for v in both), strict=True)), **rest))


_LONGEST_D = 3650.0
_BORDER_RATIO = 1.02  # the border is known to so much of itself


def looked_at(last: float) -> np.ndarray:
    """When the course is looked at [d]: twice a day for two months, then 240 times more, at whole hours."""
    step = max(math.ceil((last - 60.0) * 24.0 / 240.0), 1)
    return np.concatenate([np.arange(121) * 12.0, 1440.0 + step * np.arange(1, 241)]) / 24.0


def _implied(name: str, who: Who) -> tuple[str, ...]:
    """The mechanisms that are on: an opioid cannot act without the mechanism of that name."""
    return mechanism_names((*who.mechanisms, *(["opioid"] if name == "opioid" else [])))


def _require(acting: Cause, who: Who, switch: Switch, mechanisms: Mechanisms, follow_d: float) -> None:
    problems = []
    for field, number in (("input factor", who.input_factor), ("latent factor", who.latent_factor)):
        if not 0.0 <= number <= 10.0:
            problems.append(Problem(field, number, "must be between 0 and 10", "write for example 1"))
    if not 0.0 < follow_d <= _LONGEST_D:
        rule = f"must be more than 0 and at most {_LONGEST_D:g} d"
        problems.append(Problem("follow", follow_d, rule, 'write for example "1 year"'))
    if not problems and healthy_gain(switch, mechanisms) > 0.2:
        rule = "with so much input of their own nobody is healthy to begin with"
        problems.append(Problem("input factor", who.input_factor, rule, "give a smaller one"))
    if problems:
        raise InputError(problems)


def _is_chronic(memory: FullMemory, switch: Switch, mechanisms: Mechanisms) -> np.ndarray:
    """Whether the gain at the end is nearer to that in pain than to that in health."""
    gain, latent = np.asarray(memory.gain[-1]), np.asarray(memory.latent[-1])
    pain = np.asarray(rest(latent, switch, mechanisms, True).gain)
    healthy = healthy_gain(switch, mechanisms)
    return (gain > 0.5 * (healthy + pain)) & (pain > healthy + 0.1)


def _passed(at: np.ndarray, memory: FullMemory, limit: float) -> np.ndarray:
    over = np.asarray(memory.latent) >= limit
    return np.where(over.any(axis=0), at[np.argmax(over, axis=0)], np.inf)


def _shown(names: tuple[str, ...]) -> tuple[str, ...]:
    fields = {"receptors": "receptors", "rebound": "receptors", "disinhibition": "disinhibition", "glia": "glia",
              "anti_inflammatory": "glia", "descending": "descending", "opioid": "tolerance"}  # fmt: skip
    return tuple(dict.fromkeys(("gain", "latent", *(fields[name] for name in names))))


def _keys(name: str, who: Who, names: tuple[str, ...]) -> tuple[str, ...]:
    prefix = HYPOTHESES[hypothesis_name(who.hypothesis)][0]
    cause = keys_of(CAUSES[name], CAUSES[name].prefix)
    return (*cause, *keys_of(Switch, prefix), *full_keys(names), *keys_of(Pain, Pain.prefix))


def _warnings(name: str, who: Who, names: tuple[str, ...]) -> tuple[str, ...]:
    said = ["every number of causes and of the slow memory is assumed: no trial followed anybody from health to pain"]
    if set(names) - set(mechanism_names(who.mechanisms)):
        said.append("the mechanism opioid is on: without it an opioid changes nothing")
    if names:
        said.append(f"mechanisms on: {', '.join(names)}; off in fits")
    return tuple(said)
