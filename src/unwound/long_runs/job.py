"""A job: everything that decides what a long run computes, and the hash by which it is known again.

    specification = trial, model, hypothesis, driver, seed, accuracy, replicates, daily or weekly
    job hash      = sha256(canonical JSON of the specification)

How the work is cut and who does it is no part of it. The software is not either, but a job is continued only with the
versions and the evidence it was begun with: other ones may give other numbers, and one result would hold both.
"""

from __future__ import annotations

import dataclasses
import functools
import pathlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from unwound.core.errors import InputError, Problem
from unwound.evidence import rooms
from unwound.evidence.shipped import text_of
from unwound.reporting.manifest import canonical, digest, library_versions
from unwound.reporting.versions import version

if TYPE_CHECKING:
    from unwound.patient.simulation import Setting
    from unwound.trials import Trial

MOST_PEOPLE = 1_000_000_000
"""A slip of the number of replicates; the draws of a person know no more than 2^32 of them."""

_SETTING = ("model", "hypothesis", "driver", "seed", "metabolites", "flares")


@dataclass(frozen=True)
class Job:
    """A trial, a setting and how many copies of the trial."""

    trial: Trial
    setting: Setting
    replicates: int
    daily: bool = False
    """Whether pain and states of every day are kept beside the weekly numbers."""

    def __post_init__(self) -> None:
        if not 1 <= self.replicates * self.trial.size <= MOST_PEOPLE:
            rule = f"must be 1 or more, and give at most {MOST_PEOPLE:,} people in all"
            raise InputError(Problem("replicates", self.replicates, rule, "ask for fewer"))
        if self.setting.outcomes is not None or self.setting.own_driver is not None:
            rule = "outcomes and own_driver are records of this process, and a job is a file"
            raise InputError(Problem("setting", "own records", rule, "use conduct(...) for what-if"))
        object.__setattr__(self, "setting", _named(self.setting))

    @property
    def people(self) -> int:
        """How many people in all; they are called 0, 1, 2 ..."""
        return self.replicates * self.trial.size

    @property
    def specification(self) -> dict[str, Any]:
        """The job as plain data."""
        return {
            "trial": self.trial.model_dump(mode="json", exclude_none=True),
            "setting": {name: getattr(self.setting, name) for name in _SETTING},
            "accuracy": dataclasses.asdict(self.setting.accuracy),
            "replicates": self.replicates,
            "people": self.people,
            "daily": self.daily,
        }

    @functools.cached_property
    def sha256(self) -> str:
        """The hash of the specification."""
        return digest(canonical(self.specification))

    @classmethod
    def of(
        cls, name: str | pathlib.Path, setting: Setting, replicates: int | None = None, patients: int | None = None,
        daily: bool = False,
    ) -> Job:  # fmt: skip
        """A job of a published trial or of a trial file; `patients` are rounded up to whole copies of the trial."""
        from unwound.trials import Trial

        path = pathlib.Path(name)
        trial = Trial.from_toml(path) if path.suffix == ".toml" or path.is_file() else Trial.published(str(name))
        if (replicates is None) == (patients is None):
            remedy = "say how many copies of the trial, or how many people"
            raise InputError(Problem("replicates", replicates, "give either replicates or patients", remedy))
        trial.warnings()  # an unsafe dose is refused here, not after hours
        return cls(trial, setting, replicates if replicates is not None else -(-(patients or 0) // trial.size), daily)

    @classmethod
    def from_specification(cls, specification: Mapping[str, Any]) -> Job:
        """The job whose `specification` this is. Raises `InputError` for one of another version."""
        from unwound.patient.mesh import Accuracy
        from unwound.patient.simulation import Setting
        from unwound.trials import Trial

        trial = Trial.from_dict(specification["trial"], "job.json")
        accuracy = Accuracy(**specification["accuracy"])
        setting = Setting(**specification["setting"], accuracy=accuracy)
        return cls(trial, setting, specification["replicates"], specification["daily"])


def _named(setting: Setting) -> Setting:
    """The same setting with registered names and no threads, so that one job has one hash."""
    from unwound.patient.wiring import driver_name, hypothesis_name
    from unwound.pharmacokinetics.register import routed_model

    if setting.mechanisms or setting.response != "hill":
        rule = "a long run follows the switch alone"
        raise InputError(Problem("mechanisms", ", ".join(setting.mechanisms), rule, "leave them out, or use simulate"))
    short = hypothesis_name(setting.hypothesis)
    return dataclasses.replace(
        setting,
        model=routed_model(setting.model).prefix,
        hypothesis=short,
        driver="empirical" if short == "H0" else driver_name(setting.driver),
        threads=1,
    )


def made_with() -> dict[str, str]:
    """What must not change while a job is under way: versions, and a hash of the evidence tables."""
    tables = {room: text_of(f"tables/{room}.csv") for room in rooms()}
    return {"unwound": version(), **library_versions(), "evidence_sha256": digest(canonical(tables))}
