"""The disorders by name: their numbers, their scales, what they rest on, and what nobody has told us.

A number is looked for under the prefix of the disorder, then under what may stand in for it, then among `adults`, which
holds what no source tells apart between disorders. Placebo responses are printed as changes of a score; as a size on
the log-odds of the scale, which `outcomes.placebo` gives its course,

    size = [logit(B / M) - logit((B - d) / M)] / c(t),     sd = s M / (m (M - m)) / c(t),   m = B - d / 2

B baseline, M highest score, d mean fall at time t, s its spread between people (the observed variance less that of two
ratings), c(t) the share of the course that has come by then. CRPS-1 has its size from the fit to its trial.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from unwound.core.errors import InputError, Problem, UnknownName
from unwound.core.units import units_of
from unwound.evidence import all_estimates, fill, value
from unwound.outcomes import Placebo
from unwound.outcomes.placebo import response
from unwound.patient.people import People
from unwound.population.disorder import Disorder, draw


@dataclass(frozen=True)
class Scale:
    """What is rated: pain for a pain course, or mood and anxiety for a course of another kind."""

    name: str
    most: float
    """The highest score, by the definition of the scale."""
    about: str


SCALES = {
    scale.name: scale
    for scale in (
        Scale("NRS", 10.0, "pain, 0 to 10"),
        Scale("MADRS", 60.0, "depression, 0 to 60"),
        Scale("CAPS", 136.0, "post-traumatic stress (CAPS for DSM-IV), 0 to 136"),
        Scale("LSAS", 144.0, "social anxiety, 0 to 144"),
    )
}


@dataclass(frozen=True)
class Attacks:
    """Days with an attack in a month, where the disorder has them."""

    per_month: float
    cv: float


@dataclass(frozen=True)
class Population:
    """A disorder with its numbers, ready to be drawn from."""

    name: str
    title: str
    scale: Scale
    who: Disorder
    keys: tuple[str, ...]
    """Evidence rows it rests on."""
    attacks: Attacks | None = None
    caution: str = ""
    own: tuple[str, ...] = ()
    """Numbers given by the user instead of those of the evidence, in words."""


@dataclass(frozen=True)
class _Entry:
    prefix: str
    title: str
    scale: str = "NRS"
    aliases: tuple[str, ...] = ()
    caution: str = ""


_ENTRIES = {
    "CRPS-1": _Entry("crps1", "complex regional pain syndrome, type 1", aliases=("crps",)),
    "fibromyalgia": _Entry("fibromyalgia", "fibromyalgia"),
    "neuropathic": _Entry("neuropathic", "refractory neuropathic pain, mixed", aliases=("neuropathic_refractory",)),
    "PHN": _Entry("phn", "postherpetic neuralgia", aliases=("postherpetic_neuralgia",)),
    "spinal cord injury": _Entry("spinal_cord_injury", "neuropathic pain after spinal cord injury", aliases=("sci",)),
    "phantom limb": _Entry("phantom_limb", "stump and phantom limb pain", aliases=("phantom",)),
    "chronic migraine": _Entry(
        "chronic_migraine",
        "chronic migraine and new daily persistent headache, inpatients",
        aliases=("migraine", "ndph"),
        caution="six patients of one uncontrolled series: hardly more than an anecdote",
    ),
    "opioid surgery": _Entry(
        "opioid_surgery",
        "opioid-dependent patients before spinal surgery",
        aliases=("opioid_dependent_surgery",),
        caution="`unwound surgery` follows them through the day after the operation; this is who they are",
    ),
    "TRD": _Entry("trd", "treatment-resistant depression, below 65", "MADRS", ("depression",)),
    "PTSD": _Entry("ptsd", "post-traumatic stress disorder, civilians", "CAPS"),
    "social anxiety": _Entry("anxiety", "social anxiety and generalized anxiety", "LSAS", ("gad",)),
    "TMD": _Entry(
        "tmd",
        "temporomandibular disorder",
        aliases=("tmj",),
        caution="no systemic evidence: the only trials recalled gave ketamine locally, and were negative",
    ),
}
DISORDERS = {name: entry.prefix for name, entry in _ENTRIES.items()}
"""Disorder -> prefix of its evidence rows. One without rows is refused: nobody has told us its numbers."""

UNTOLD = ("cancer pain", "musculoskeletal")
"""Disorders that people ask for and that no evidence open to the project has numbers of."""

NEEDED = (
    *("age_mean", "age_sd", "female_share", "duration_median", "duration_gsd", "baseline_mean", "baseline_sd"),
    *("responder_share", "placebo_change", "placebo_sd", "dropout_12_weeks"),
)
"""What the user must say of a disorder without rows; everything else may be taken from `adults`."""

PLACEBO_NUMBERS = {"placebo_change": "points", "placebo_sd": "points", "placebo_at": "d"}
_SIZES = ("placebo_size_mean", "placebo_size_sd")
_INSTEAD = {"baseline_men": "baseline_mean", "baseline_men_sd": "baseline_sd"}


def disorder_name(name: str) -> str:
    """The registered spelling of `name`. Raises `InputError` with the numbers needed, or `UnknownName`."""
    folded = _folded(name)
    for known, entry in _ENTRIES.items():
        if folded in (_folded(known), *map(_folded, (entry.prefix, *entry.aliases))):
            return known
    if folded.removesuffix("pain") in (_folded(one).removesuffix("pain") for one in UNTOLD):
        raise untold(name)
    raise UnknownName("disorder", name, list(DISORDERS))


def untold(name: str, missing: tuple[str, ...] = NEEDED) -> InputError:
    """The refusal of a disorder without numbers."""
    rule = "no evidence open to this project has numbers for it"
    remedy = f"give your own in a [population] table: {', '.join(missing)} (`unwound schema population`)"
    return InputError(Problem("disorder", name, rule, remedy))


def population(name: str) -> Population:
    """The disorder called `name`, with the values of the evidence tables. Raises `InputError`."""
    return assembled(disorder_name(name))


def disorder(name: str) -> Disorder:
    """The numbers of the disorder called `name`. Raises `InputError`."""
    return population(name).who


def disorder_keys(name: str) -> tuple[str, ...]:
    """Evidence keys the population of a disorder rests on."""
    return population(name).keys


def sample(
    seed: int, ids: np.ndarray, name: str | Population, model: str = "otto2021", scale: str = "NRS"
) -> People:  # fmt: skip
    """People with a disorder, one per id; `model` gives the random effects.

    Raises `InputError` for nobody, and for a disorder that is rated on another scale than the one the caller follows.
    """
    who = population(name) if isinstance(name, str) else name
    if who.scale.name != scale:
        rule = f"rated on the {who.scale.name} ({who.scale.about}), and what is followed here is the {scale}"
        raise InputError(Problem("disorder", who.name, rule, "choose a disorder of that scale"))
    return draw(seed, ids, who.who, model)


def key_of_field(found: Population, field: str) -> str | None:
    """The evidence row that a number of `found` comes from; None where the user gave it, or it is computed."""
    key = _known_key(DISORDERS.get(found.name, ""), field, found.scale)
    return key if key in found.keys else None


def rows_beside(found: Population) -> tuple[str, ...]:
    """Evidence rows of the disorder that are on record and not used: other settings, other readings."""
    prefix = DISORDERS.get(found.name)
    every = [key for key in all_estimates() if prefix and key.startswith(f"{prefix}.")]
    return tuple(key for key in every if key not in found.keys)


def assembled(name: str, own: Mapping[str, float] | None = None, scale: str = "NRS", title: str = "") -> Population:
    """The disorder `name` (registered, or new) with the numbers `own` instead of those of the evidence."""
    own, entry = dict(own or {}), _ENTRIES.get(name, _Entry("", title or name, scale))
    on = SCALES[entry.scale]
    keys: list[str] = []

    def number(field: str, unit: str) -> float:
        if field in own:
            return own[field]
        if _INSTEAD.get(field) in own:
            return own[_INSTEAD[field]]
        key = _key(entry.prefix, field, on)
        keys.append(key)
        return value(key, unit)

    numbers = {f: number(f, u) for f, u in units_of(Disorder).items() if f not in _SIZES}
    if entry.prefix == "crps1" and not set(PLACEBO_NUMBERS) & set(own):
        numbers |= {f: number(f, "1") for f in _SIZES}
    else:
        fall = {f: number(f, u) for f, u in PLACEBO_NUMBERS.items()}
        numbers |= dict(zip(_SIZES, placebo_size(numbers, fall, on), strict=True))
    attacks = None
    if "attacks_per_month" in own or f"{entry.prefix}.attacks_per_month" in all_estimates():
        attacks = Attacks(number("attacks_per_month", "1"), number("attacks_cv", "1"))
    used = tuple(dict.fromkeys(keys))
    return Population(name, entry.title, on, Disorder(**numbers), used, attacks, entry.caution, _deviations(own, entry))


def placebo_size(numbers: Mapping[str, float], fall: Mapping[str, float], scale: Scale) -> tuple[float, float]:
    """(mean, standard deviation) of the placebo size [log-odds]. Raises `InputError` when the fall leaves no score."""
    before, most = numbers["baseline_mean"], scale.most
    after = before - fall["placebo_change"]
    if not 0.0 < after < most:
        rule = "the fall under placebo must leave a score within the scale"
        raise InputError(Problem("placebo_change", f"{fall['placebo_change']:g} points", rule, "give a smaller one"))
    one: Any = 1.0
    come = float(response(np.asarray(fall["placebo_at"]), one, 0.0 * one, fill(Placebo, Placebo.prefix)))
    between = math.sqrt(max(fall["placebo_sd"] ** 2 - 2.0 * numbers["residual_sd"] ** 2, 0.0))
    middle = (before + after) / 2.0
    mean = math.log(before / (most - before)) - math.log(after / (most - after))
    return mean / come, between * most / (middle * (most - middle)) / come


def with_numbers(found: Population, **numbers: float) -> Population:
    """`found` with other numbers of its record (for what-if); nothing is recorded."""
    return dataclasses.replace(found, who=dataclasses.replace(found.who, **numbers))


def with_own(name: str, own: Mapping[str, float]) -> Population:
    """The disorder `name`, with the numbers of `own` (evidence key -> value) in place of the rows it rests on."""
    found = population(name)
    keys = {field: key_of_field(found, field) for field in units_of(Disorder)}
    numbers = {field: own[key] for field, key in keys.items() if key is not None and key in own}
    return with_numbers(found, **numbers) if numbers else found


def _key(prefix: str, field: str, scale: Scale) -> str:
    if (key := _known_key(prefix, field, scale)) is not None:
        return key
    raise InputError(Problem("population", field, "no evidence row has it", f"give {field} in a [population] table"))


def _known_key(prefix: str, field: str, scale: Scale) -> str | None:
    rows = all_estimates()
    candidates = [f"{prefix}.{field}"]
    if field in _INSTEAD:
        candidates.append(f"{prefix}.{_INSTEAD[field]}")
    if field in _SIZES:
        candidates.append(f"placebo.{field.removeprefix('placebo_')}")
    if field == "residual_sd" and scale.name == "NRS":
        candidates.append("pain.residual_sd")
    candidates.append(f"adults.{field}")
    return next((key for key in candidates if key in rows), None)


def _deviations(own: Mapping[str, float], entry: _Entry) -> tuple[str, ...]:
    units = {**units_of(Disorder), **PLACEBO_NUMBERS, "attacks_per_month": "1", "attacks_cv": "1"}
    said = []
    for field, number in own.items():
        unit = "" if units[field] == "1" else f" {units[field]}"
        key = _known_key(entry.prefix, field, SCALES[entry.scale]) if entry.prefix else None
        instead = f" instead of {value(key, units[field]):g}{unit} ({key})" if key else " (no evidence row)"
        said.append(f"{field} = {number:g}{unit}, given by the user{instead}")
    return tuple(said)


def _folded(name: str) -> str:
    return name.strip().lower().replace("-", "_").replace(" ", "_").replace("_", "")
