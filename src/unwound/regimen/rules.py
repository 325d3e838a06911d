"""Rules that change a regimen while it runs: boosters, rescue doses, courses raised, lowered, held or stopped.

::

    [[rules]]
    kind = "booster"
    when = { pain_above = "5 points" }
    assess = { start = "3 weeks", every = "1 week", count = 10 }
    delay = "24 h"
    at_most = 3
    at_least_apart = "4 weeks"
    dose = { kind = "infusion", drug = "ketamine", enantiomer = "S", rate = "20 mg/h", duration = "4 h" }

At every assessment a person is asked (pain) or looked at (dissociation); if the condition holds, the rule acts after
its `delay`. It acts `at_most` so often, and again not before `at_least_apart` has passed between two of its acts.

    booster   gives `dose` outside of any course
    rescue    gives `dose`, also during a course
    titrate   raises what is left of the course by `by` of the plan, to no more than `ceiling` of it
    reduce    lowers what is left of the course to `to` of what is given now
    hold      the pump stands still for so long (`lasts`); what was planned meanwhile is not made up for
    stop      for good: nothing more is given, by no rule either

Several rules at one time are heard in the order of the file, but those that lower, hold or stop for dissociation come
first, and where one of them acts nothing is raised or given at that time. What is ordered is given, but for an infusion
that a later stop forbids.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from unwound.core.strict import Measure, Quantity, Strict, refusal
from unwound.regimen.doses import Dose, Titration
from unwound.regimen.measures import Duration, Interval, Start

Points = Annotated[Measure, Quantity("points", at_least="0 points", at_most="10 points", example="5 points")]
Percent = Annotated[Measure, Quantity("percent", above="0 percent", at_most="100 percent", example="30 %")]
Delay = Annotated[Measure, Quantity("h", at_least="0 h", at_most="1 y", example="24 h")]

AT_ONCE = Measure("0 h", 0.0, "h")
PLANNED = Measure("100 %", 100.0, "percent")


class Assess(Strict):
    """When a rule looks: `count` times, `every` so long from `start`."""

    start: Start
    every: Interval | None = None
    count: Annotated[int, Field(ge=1, le=400)] = 1

    @model_validator(mode="after")
    def _has_a_rhythm(self) -> Self:
        if self.count > 1 and self.every is None:
            raise refusal("required: several assessments have a rhythm", 'write every = "1 week"', field="every")
        return self

    def times(self) -> np.ndarray:
        """All assessments [h]."""
        return self.start.value + (self.every.value if self.every else 0.0) * np.arange(self.count)

    def __str__(self) -> str:
        return f"at {self.start}" if self.every is None else f"from {self.start} every {self.every}, {self.count} times"


class When(Strict):
    """One condition. Falls are relative to the pain before the first dose."""

    pain_above: Points | None = None
    pain_below: Points | None = None
    pain_fallen_by: Percent | None = None
    pain_not_fallen_by: Percent | None = None
    dissociation: Annotated[
        Literal["felt", "intolerable"] | None, Field(description="what is felt at the assessment")
    ] = None

    @model_validator(mode="after")
    def _one_condition(self) -> Self:
        if len(self.said) != 1:
            rule = "state one condition, not several" if self.said else "required: a condition"
            raise refusal(rule, 'write for example { pain_above = "5 points" }', value=list(self.said))
        return self

    @property
    def said(self) -> dict[str, Measure | str]:
        """The condition that is written."""
        return {name: found for name in type(self).model_fields if (found := getattr(self, name)) is not None}

    @property
    def name(self) -> str:
        """Which condition."""
        return next(iter(self.said))

    def excludes(self, other: When) -> bool:
        """Whether both can never hold at once."""
        low, high = (self, other) if self.name in ("pain_below", "pain_fallen_by") else (other, self)
        if (low.name, high.name) == ("pain_below", "pain_above"):
            return bool(low.pain_below.value <= high.pain_above.value)  # type: ignore[union-attr]
        if (low.name, high.name) == ("pain_fallen_by", "pain_not_fallen_by"):
            return bool(low.pain_fallen_by.value >= high.pain_not_fallen_by.value)  # type: ignore[union-attr]
        return False

    def __str__(self) -> str:
        return f"{self.name.replace('_', ' ')} {next(iter(self.said.values()))}"


class _Rule(Strict):
    when: When
    assess: Assess
    delay: Annotated[Delay, Field(description="from the assessment to the act")] = AT_ONCE
    at_most: Annotated[int, Field(ge=1, le=400)] = 1
    at_least_apart: Annotated[Delay | None, Field(description="between two acts of this rule")] = None

    def acts(self) -> np.ndarray:
        """When it would act [h], once per assessment."""
        return self.assess.times() + self.delay.value

    def __str__(self) -> str:
        often = f"at most {self.at_most} times" if self.at_most > 1 else "once"
        apart = f", {self.at_least_apart} apart" if self.at_least_apart else ""
        after = f", {self.delay.text} later" if self.delay.value else ""
        return f"{self.act} when {self.when} ({self.assess}){after}, {often}{apart}"

    @property
    def act(self) -> str:
        """What it does, in words."""
        return str(getattr(self, "kind", "rule"))


class _Giving(_Rule):
    dose: Dose

    @model_validator(mode="after")
    def _one_occasion(self) -> Self:
        if isinstance(self.dose, Titration):
            raise refusal("a rule gives a bolus or an infusion", "write its rate", field="dose.kind", value="titration")
        if self.dose.start.value or self.dose.repeat is not None:
            rule = "the rule says when it is given"
            raise refusal(rule, "leave start and repeat out", field="dose.start", value=self.dose.start)
        if self.dose.weight_basis != "actual":
            rule = "a dose of a rule is per kg of actual weight"
            raise refusal(rule, "leave weight_basis out", field="dose.weight_basis", value=self.dose.weight_basis)
        return self

    @property
    def act(self) -> str:
        """What it does, in words."""
        return f"{getattr(self, 'kind', '')} of {self.dose}"


class Booster(_Giving):
    """One more dose when pain returns, outside of any course."""

    kind: Literal["booster"] = "booster"


class RescueDose(_Giving):
    """One more dose, also during a course."""

    kind: Literal["rescue"] = "rescue"


class Titrate(_Rule):
    """What is left of the course is raised."""

    kind: Literal["titrate"] = "titrate"
    by: Annotated[Percent, Field(description="of the plan")]
    ceiling: Annotated[Measure, Quantity("percent", at_least="100 percent", at_most="1000 percent", example="200 %")]

    @property
    def act(self) -> str:
        """What it does, in words."""
        return f"raise the course by {self.by} (to at most {self.ceiling})"


class Reduce(_Rule):
    """What is left of the course is lowered."""

    kind: Literal["reduce"] = "reduce"
    to: Annotated[Percent, Field(description="of what is given now")]

    @property
    def act(self) -> str:
        """What it does, in words."""
        return f"lower the course to {self.to}"


class Hold(_Rule):
    """The pump stands still for a while."""

    kind: Literal["hold"] = "hold"
    lasts: Duration

    @property
    def act(self) -> str:
        """What it does, in words."""
        return f"hold the course for {self.lasts}"


class Stop(_Rule):
    """Nothing more is given."""

    kind: Literal["stop"] = "stop"

    @property
    def act(self) -> str:
        """What it does, in words."""
        return "stop for good"


AnyRule = Booster | RescueDose | Titrate | Reduce | Hold | Stop
Rule = Annotated[AnyRule, Field(discriminator="kind")]
"""Any rule; `kind` says which."""


def is_cautious(rule: AnyRule) -> bool:
    """Whether a rule lowers, holds or stops for dissociation: it comes first."""
    return isinstance(rule, LOWERING) and rule.when.dissociation is not None


GIVING = (Booster, RescueDose)
LOWERING = (Reduce, Hold, Stop)
