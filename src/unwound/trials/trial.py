"""A trial as people write it, in TOML: read, checked as a whole, told in words. Published trials are such files too.

    Trial.from_toml("my_trial.toml")     every problem of the file at once, or a trial
    Trial.published("SIG09")             one that ships with the package

The fields are those of `unwound.trials.design`.
"""

from __future__ import annotations

import os
from typing import Any, Self

from unwound.core.errors import InputError, Problem, ProtocolError
from unwound.core.files import parse_toml, read_toml
from unwound.core.strict import validated
from unwound.evidence import trial_name, trial_names
from unwound.evidence.shipped import text_of
from unwound.population import disorder, disorder_name
from unwound.regimen import LimitWarning, check_limits
from unwound.regimen.weight_basis import require_actual
from unwound.trials.checks import problems_of_trial, repaired
from unwound.trials.design import Design


class Trial(Design):
    """Arms, what they receive, visits, endpoints."""

    def choices(self) -> list[str]:
        """What the file chose that no source gives, in sentences."""
        found = []
        if self.blinding.expectancy.value and self.blinding.unblinded_by != "nothing":
            found.append(f"expectancy adds {self.blinding.expectancy} of the placebo response of who feels something")
        if self.rescue is not None:
            r = self.rescue
            found.append(f"rescue ({r.medicine}) above {r.above} lowers later ratings by {r.lowers} for {r.lasts}")
        if self.opioid is not None:
            found.append(f"opioids begin at {self.opioid.at_start} and follow pain by {self.opioid.follows}")
        if self.co_medication:
            found.append("co-medication of everybody changes nothing in the pain course")
        return found

    def warnings(self) -> list[LimitWarning]:
        """Soft dose limits exceeded in a typical woman of the population. Raises `UnsafeDose` beyond a hard one."""
        who = disorder(self.disorder)
        found: dict[str, LimitWarning] = {}
        for regimen in filter(None, (self.regimen_of(group) for group in self.groups)):
            require_actual(regimen)  # these people have no height
            for warning in check_limits(regimen, float(who.weight_women), float(who.age_mean)):
                found.setdefault(str(warning), warning)
        return list(found.values())

    def summary(self) -> dict[str, Any]:
        """What the trial is, for lists and JSON."""
        return {
            "name": self.name,
            "title": self.title,
            "disorder": self.disorder,
            "design": self.design,
            "patients": self.size,
            "weeks": self.weeks,
            "arms": [arm.model_dump(mode="json", exclude_none=True) for arm in self.arms],
            "regimen": self.told_regimens(),
            "cite": self.cite,
        }

    @classmethod
    def from_dict(cls, data: Any, source: str = "") -> Self:
        """A trial from plain data. Raises `ProtocolError` with all problems at once."""
        try:
            trial = validated(cls, data, source)
        except ProtocolError as error:
            more = problems_of_trial(mended) if (mended := repaired(cls, data)) is not None else []
            known = {problem.field for problem in error.problems}
            raise ProtocolError([*error.problems, *(p for p in more if p.field not in known)], source) from None
        if problems := problems_of_trial(trial):
            if [problem.field for problem in problems] == ["disorder"]:
                disorder_name(trial.disorder)
            raise ProtocolError(problems, source)
        return trial

    @classmethod
    def from_toml(cls, path: str | os.PathLike[str]) -> Self:
        """A trial file. Raises `ProtocolError`."""
        return cls.from_dict(read_toml(path), os.fspath(path))

    @classmethod
    def published(cls, name: str) -> Self:
        """A published trial that ships with the package, by name or short name (SIG09).

        Raises `UnknownName`, and `InputError` for a trial that is written down and not simulated.
        """
        known = trial_name(name)
        source = f"trials/{known}/protocol.toml"
        data = parse_toml(text_of(source), source)
        if data.get("simulated") is False:
            rule = f"written down and not simulated: {data['why']}"
            raise InputError(Problem("trial", name, rule, "choose another (`unwound trial list --simulated`)"))
        return cls.from_dict(data, source)

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """The JSON Schema of a trial file."""
        return {"$schema": "https://json-schema.org/draft/2020-12/schema", **cls.model_json_schema()}


def is_simulated(name: str) -> bool:
    """Whether a published trial can be conducted here, or is written down only (`unwound.trials.described`)."""
    source = f"trials/{trial_name(name)}/protocol.toml"
    return parse_toml(text_of(source), source).get("simulated") is not False


def published_trials() -> tuple[Trial, ...]:
    """The published trials that ship with the package and can be conducted."""
    return tuple(Trial.published(name) for name in trial_names() if is_simulated(name))
