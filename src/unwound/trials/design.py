"""A trial as people write it: arms, regimen, visits, in TOML. Published trials are replicas in the same format.

name, title, cite     what it is and where it was published
disorder              who takes part (a registered population)
[regimen]             what the treated arm receives (`unwound.regimen`)
[[arms]]              name, patients, gives = "regimen" or "saline"
weeks                 weekly visits from the start of treatment (week 0) to this week
"""

from __future__ import annotations

import os
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from unwound.core.files import parse_toml, read_toml
from unwound.core.strict import Several, Strict, refusal, validated
from unwound.evidence import trial_name, trial_names
from unwound.evidence.shipped import text_of
from unwound.population import disorder, disorder_name
from unwound.regimen import LimitWarning, Regimen, check_limits
from unwound.regimen.weight_basis import require_actual


class Arm(Strict):
    """A group of patients and what they receive."""

    name: Annotated[str, Field(min_length=1, max_length=60, examples=["S-ketamine"])]
    patients: Annotated[int, Field(ge=2, le=10_000, examples=[30])]
    gives: Annotated[Literal["regimen", "saline"], Field(description='"saline": matched pump, no drug')]


class Trial(Strict):
    """A parallel trial of one regimen against saline, with weekly visits."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$", max_length=60, examples=["my_trial"])]
    title: Annotated[str, Field(max_length=200, examples=["S-ketamine over 100 hours, against saline"])] = ""
    cite: Annotated[str, Field(description="key of the publication; empty for a trial of your own")] = ""
    disorder: Annotated[str, Field(examples=["CRPS-1"])]
    weeks: Annotated[int, Field(ge=1, le=104, examples=[12])]
    primary: Literal["pain NRS"] = "pain NRS"
    assumed: Annotated[Several[str], Field(description="what the author of this file had to assume")] = ()
    arms: Several[Arm]
    regimen: Regimen

    @model_validator(mode="after")
    def _arms_make_sense(self) -> Self:
        names = [arm.name for arm in self.arms]
        if len(set(names)) < len(names):
            raise refusal("two arms have one name", "give each arm a name of its own", field="arms", value=names)
        if len(self.arms) != 2 or {arm.gives for arm in self.arms} != {"regimen", "saline"}:
            raise refusal(
                "a trial has two arms here, one that gives the regimen and one that gives saline",
                'write two [[arms]], with gives = "regimen" and gives = "saline"',
                field="arms",
                value=[arm.gives for arm in self.arms],
            )
        if any(arm.name == "difference" for arm in self.arms):
            raise refusal('"difference" names the comparison of the arms', "choose another name", field="arms")
        return self

    @property
    def size(self) -> int:
        """Patients in all arms together."""
        return sum(arm.patients for arm in self.arms)

    @property
    def treated(self) -> Arm:
        """The arm that receives the regimen."""
        return next(arm for arm in self.arms if arm.gives == "regimen")

    @property
    def control(self) -> Arm:
        """The arm that receives saline."""
        return next(arm for arm in self.arms if arm.gives == "saline")

    def warnings(self) -> list[LimitWarning]:
        """Soft dose limits exceeded in a typical woman of the population. Raises `UnsafeDose` beyond a hard one."""
        who = disorder(self.disorder)
        require_actual(self.regimen)  # these people have no height
        return check_limits(self.regimen, float(who.weight_women), float(who.age_mean))

    def summary(self) -> dict[str, Any]:
        """What the trial is, for lists and JSON."""
        return {
            "name": self.name,
            "title": self.title,
            "disorder": self.disorder,
            "patients": self.size,
            "weeks": self.weeks,
            "arms": [arm.model_dump() for arm in self.arms],
            "regimen": self.regimen.describe(),
            "cite": self.cite,
        }

    @classmethod
    def from_dict(cls, data: Any, source: str = "") -> Self:
        """A trial from plain data. Raises `ProtocolError` with all problems at once."""
        trial = validated(cls, data, source)
        disorder_name(trial.disorder)
        return trial

    @classmethod
    def from_toml(cls, path: str | os.PathLike[str]) -> Self:
        """A trial file. Raises `ProtocolError`."""
        return cls.from_dict(read_toml(path), os.fspath(path))

    @classmethod
    def published(cls, name: str) -> Self:
        """A published trial that ships with the package, by name or short name (SIG09). Raises `UnknownName`."""
        known = trial_name(name)
        source = f"trials/{known}/protocol.toml"
        return cls.from_dict(parse_toml(text_of(source), source), source)

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """The JSON Schema of a trial file."""
        return {"$schema": "https://json-schema.org/draft/2020-12/schema", **cls.model_json_schema()}


def published_trials() -> tuple[Trial, ...]:
    """All published trials that ship with the package."""
    return tuple(Trial.published(name) for name in trial_names())
