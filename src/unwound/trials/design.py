"""The plan of a trial: the fields that people write, and what follows from them (`trial.Trial` reads and checks it).

    name, title, cite   what it is and where it was published
    disorder            who takes part (a registered population)
    design              parallel (default), single arm, crossover, randomized withdrawal, non-inferiority
    weeks               how long people are followed from randomization (in a crossover: in each period)
    visits              when pain is rated, such as ["0 weeks", "1 week", "12 weeks"]; default: every week
    [[arms]]            name, patients, gives = "regimen", "saline" or "midazolam"; a [arms.regimen] of its own
    [regimen]           what arms without a regimen of their own receive (`unwound.regimen`)
    [[endpoints]]       what is measured, and how it is analyzed (`unwound.trials.endpoint`)

and the tables of `unwound.trials.plan`: [run_in], [crossover], [randomization], [blinding], [rescue], [opioid].
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from unwound.core.strict import Measure, Quantity, Several, Strict
from unwound.patient.beside import CoMedication
from unwound.regimen import Regimen
from unwound.regimen.timeline import joined, shifted
from unwound.trials.endpoint import Endpoint
from unwound.trials.plan import Blinding, Crossover, Opioid, Randomization, Rescue, RunIn

WEEK_H = 168.0
DRUG_FREE = ("saline", "midazolam")


class Arm(Strict):
    """A group of patients and what they receive."""

    name: Annotated[str, Field(min_length=1, max_length=60, examples=["S-ketamine"])]
    patients: Annotated[int, Field(ge=2, le=10_000, examples=[30])] | None = None
    gives: Annotated[
        Literal["regimen", "saline", "midazolam"],
        Field(description='"saline": matched pump, no drug; "midazolam": the same, but more people feel something'),
    ]
    regimen: Annotated[Regimen | None, Field(description="what this arm receives (default: the trial's)")] = None
    control: Annotated[bool, Field(description="the arm that others are compared with")] = False


@dataclass(frozen=True)
class Group:
    """People who are treated alike from beginning to end: an arm, or a sequence of a crossover."""

    name: str
    patients: int | None
    arms: tuple[Arm, ...]
    """What they receive, period by period."""


class Design(Strict):
    """Arms, what they receive, visits, endpoints: the fields of a trial file and what follows from them."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$", max_length=60, examples=["my_trial"])]
    title: Annotated[str, Field(max_length=200, examples=["S-ketamine over 100 hours, against saline"])] = ""
    cite: Annotated[str, Field(description="key of the publication; empty for a trial of your own")] = ""
    disorder: Annotated[str, Field(examples=["CRPS-1"])]
    design: Literal["parallel", "single arm", "crossover", "randomized withdrawal", "non-inferiority"] = "parallel"
    weeks: Annotated[int, Field(ge=1, le=104, examples=[12])]
    patients: Annotated[
        Annotated[int, Field(ge=4, le=20_000, examples=[40])] | None,
        Field(description="in all; only where the sizes of arms are not fixed (crossover, run-in)"),
    ] = None
    visits: Annotated[
        Several[Annotated[Measure, Quantity("h", at_least="0 h", at_most="2 y", example="4 weeks")]],
        Field(max_length=400, description="from randomization; default: every week"),
    ] = ()
    primary: Literal["pain NRS"] = "pain NRS"
    assumed: Annotated[Several[str], Field(description="what the author of this file had to assume")] = ()
    arms: Several[Arm]
    regimen: Regimen | None = None
    run_in: RunIn | None = None
    crossover: Crossover | None = None
    randomization: Randomization = Randomization()
    blinding: Blinding = Blinding()
    rescue: Rescue | None = None
    opioid: Opioid | None = None
    co_medication: Annotated[
        Several[CoMedication], Field(description="what everybody takes beside; changes nothing in the pain course")
    ] = ()
    endpoints: Several[Endpoint] = ()

    @property
    def size(self) -> int:
        """Patients who enter: in all arms together, or as many as the file says."""
        return self.patients or sum(arm.patients or 0 for arm in self.arms)

    @property
    def treated(self) -> Arm:
        """The first arm that is not the control, or the only one."""
        return next((arm for arm in self.arms if arm.name != self.control.name), self.arms[0])

    @property
    def control(self) -> Arm:
        """The arm that others are compared with: the one marked as such, or the only one without the drug.

        A trial with a single arm compares nothing: there it is that arm.
        """
        if self.design == "single arm":
            return self.arms[0]
        marked = [arm for arm in self.arms if arm.control]
        return next(iter(marked or [arm for arm in self.arms if arm.gives in DRUG_FREE]))

    def arm(self, name: str) -> Arm:
        """The arm called `name`."""
        return next(arm for arm in self.arms if arm.name == name)

    @property
    def groups(self) -> tuple[Group, ...]:
        """Arms, or the sequences of a crossover."""
        if self.crossover is None:
            return tuple(Group(arm.name, arm.patients, (arm,)) for arm in self.arms)
        return tuple(
            Group(", then ".join(names), None, tuple(self.arm(name) for name in names))
            for names in self.crossover.sequences
        )

    @property
    def visit_h(self) -> tuple[float, ...]:
        """When pain is rated [h] after randomization (in a crossover: after the start of a period)."""
        return tuple(v.value for v in self.visits) or tuple(WEEK_H * week for week in range(self.weeks + 1))

    @property
    def start_h(self) -> float:
        """When people are randomized [h] after the start of treatment."""
        return self.run_in.duration.value if self.run_in else 0.0

    @property
    def period_h(self) -> float:
        """From the start of one period of a crossover to that of the next [h]."""
        return self.weeks * WEEK_H + (self.crossover.washout.value if self.crossover else 0.0)

    def regimen_of_arm(self, arm: Arm) -> Regimen | None:
        """What an arm receives, on its own clock; None for an arm without the drug."""
        return None if arm.gives in DRUG_FREE else arm.regimen or self.regimen

    def run_in_regimen(self) -> Regimen | None:
        """What everybody receives before randomization; None for nothing."""
        if self.run_in is None or self.run_in.gives == "saline":
            return None
        return self.run_in.regimen or self.regimen

    def regimen_of(self, group: Group | None) -> Regimen | None:
        """Everything a group receives from beginning to end; `group` None: who was not randomized."""
        parts = [self.run_in_regimen()]
        for n, arm in enumerate(group.arms if group else ()):
            own = self.regimen_of_arm(arm)
            parts.append(None if own is None else shifted(own, self.start_h + n * self.period_h))
        return joined([part for part in parts if part is not None])

    @property
    def shown_group(self) -> Group:
        """The group that figures show closely: the first one that receives any drug."""
        groups = self.groups
        own = (group for group in groups if group.name != self.control.name and self.regimen_of(group) is not None)
        return next(own, groups[0])

    @property
    def shown_regimen(self) -> Regimen:
        """What that group receives from beginning to end."""
        return self.regimen_of(self.shown_group) or Regimen(doses=())

    def told_regimens(self) -> list[str]:
        """What is given, in sentences; by group where groups receive different regimens."""
        told = [(group.name, self.regimen_of(group)) for group in self.groups]
        given = [(name, regimen) for name, regimen in told if regimen is not None]
        if all(regimen == given[0][1] for _, regimen in given):
            return given[0][1].describe() if given else []
        return [f"{name}: {sentence}" for name, regimen in given for sentence in regimen.describe()]
