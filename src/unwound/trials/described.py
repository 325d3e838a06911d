"""A published trial that is written down and cannot be conducted here: what was done, and why it is not simulated.

The file is a trial file (`unwound.trials.trial`) with two more fields,

    simulated = false   it is listed and never conducted
    lacks               what is missing: regimen, mood scale, outcome, route, drug, population, new patients
    why                 the same in a sentence

and with less that is required: no arms, a disorder without a population, arms that receive something else
(gives = "another drug", told in `what`). A file that lacks a mood scale only is otherwise a trial file like any other.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field

from unwound.core.files import parse_toml
from unwound.core.strict import Measure, Quantity, Several, Strict, validated
from unwound.evidence import trial_name, trial_names
from unwound.evidence.shipped import text_of
from unwound.regimen import Regimen
from unwound.trials.plan import Crossover, RunIn
from unwound.trials.trial import Trial, is_simulated

Lack = Literal["regimen", "mood scale", "outcome", "route", "drug", "population", "new patients"]


class DescribedArm(Strict):
    """A group of patients and what they received."""

    name: Annotated[str, Field(min_length=1, max_length=60)]
    patients: Annotated[int, Field(ge=1, le=10_000)] | None = None
    gives: Literal["regimen", "saline", "midazolam", "another drug"]
    what: Annotated[str, Field(max_length=200, description="what another drug is, and how much of it")] = ""
    regimen: Regimen | None = None
    control: bool = False


class Described(Strict):
    """A published trial that is not simulated."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$", max_length=60)]
    title: Annotated[str, Field(min_length=1, max_length=200)]
    cite: Annotated[str, Field(min_length=1)]
    simulated: Literal[False]
    lacks: Annotated[Several[Lack], Field(min_length=1)]
    why: Annotated[str, Field(min_length=1)]
    disorder: Annotated[str, Field(min_length=1)]
    design: Literal["parallel", "crossover", "randomized withdrawal", "single arm", "pooled analysis"] = "parallel"
    weeks: Annotated[int, Field(ge=1, le=104)] | None = None
    visits: Several[Annotated[Measure, Quantity("h", at_least="0 h", at_most="2 y", example="4 weeks")]] = ()
    patients: Annotated[int, Field(ge=1, le=20_000)] | None = None
    assumed: Several[str] = ()
    arms: Several[DescribedArm] = ()
    regimen: Regimen | None = None
    crossover: Crossover | None = None
    run_in: RunIn | None = None

    def regimen_of_arm(self, arm: DescribedArm) -> Regimen | None:
        """What an arm received of ketamine; None for nothing."""
        return (arm.regimen or self.regimen) if arm.gives == "regimen" else None

    @classmethod
    def from_dict(cls, data: Any, source: str = "") -> Self:
        """A described trial from plain data. Raises `ProtocolError` with all problems at once."""
        return validated(cls, data, source)


def published_protocol(name: str) -> Trial | Described:
    """The protocol of a published trial, to be conducted or only described. Raises `UnknownName`."""
    if is_simulated(name):
        return Trial.published(name)
    source = f"trials/{trial_name(name)}/protocol.toml"
    return Described.from_dict(parse_toml(text_of(source), source), source)


def published_protocols() -> tuple[Trial | Described, ...]:
    """The protocols of all published trials."""
    return tuple(published_protocol(name) for name in trial_names())
