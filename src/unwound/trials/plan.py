"""How a trial file says who gets what when: run-in, crossover, randomization, blinding, rescue, opioids.

[run_in]          an open phase before randomization; only some of those who finish it may be randomized
[crossover]       everybody receives several arms, one after another, in a sequence
[randomization]   how people are shared out (`unwound.trials.allocation`)
[blinding]        what people notice, and how much of the placebo response that adds
[rescue]          a medicine on demand, judged at the visits: counted, and its effect said
[opioid]          daily opioids that follow pain, for the endpoint "opioid equivalents"
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from unwound.core.strict import Measure, Quantity, Several, Strict
from unwound.regimen import Regimen

Percent = Annotated[Measure, Quantity("percent", at_least="0 percent", at_most="100 percent", example="30 %")]
Points = Annotated[Measure, Quantity("points", at_least="0 points", at_most="10 points", example="7 points")]
Span = Annotated[Measure, Quantity("h", at_least="1 h", at_most="5 y", example="4 weeks")]

THIRTY = Measure("30 %", 30.0, "percent")
NONE_OF_IT = Measure("0 %", 0.0, "percent")


class RunIn(Strict):
    """An open phase that everybody passes; the weeks of the trial count from its end, where people are randomized."""

    gives: Annotated[Literal["regimen", "saline"], Field(description='"regimen": the one below, or the trial\'s')] = (
        "regimen"
    )
    regimen: Regimen | None = None
    duration: Span
    randomized: Annotated[
        Literal["everybody", "responders", "non-responders"], Field(description="who of them may be randomized")
    ] = "responders"
    reduction: Annotated[Percent, Field(description="fall of the rating that makes a responder")] = THIRTY


class Crossover(Strict):
    """Each sequence names arms in the order in which its people receive them; `weeks` are those of one period."""

    sequences: Annotated[Several[Several[str]], Field(examples=[[["drug", "saline"], ["saline", "drug"]]])]
    washout: Annotated[Measure, Quantity("h", at_least="0 h", at_most="2 y", example="4 weeks")]


class Randomization(Strict):
    """How people are shared out between the arms (or sequences)."""

    method: Annotated[
        Literal["by order", "simple", "blocked", "stratified"],
        Field(description='"by order": the first people form the first arm (virtual people are exchangeable)'),
    ] = "by order"
    ratio: Annotated[
        Several[Annotated[int, Field(ge=1, le=20)]], Field(description="parts per arm, in their order")
    ] = ()
    block: Annotated[int, Field(ge=2, le=200, description="people in a permuted block", examples=[4])] | None = None
    by: Annotated[Several[Literal["sex", "duration", "baseline"]], Field(description="what makes a stratum")] = ()
    duration_above: Annotated[Measure, Quantity("y", above="0 y", at_most="100 y", example="5 y")] | None = None
    baseline_above: Points | None = None


class Blinding(Strict):
    """Who feels psychomimetic effects guesses the arm; expectancy then adds a share of the placebo response."""

    unblinded_by: Literal["dissociation", "nothing"] = "dissociation"
    expectancy: Annotated[Percent, Field(description="assumed; no saline-controlled trial can tell")] = NONE_OF_IT


class Rescue(Strict):
    """A medicine on demand: taken after a visit whose rating is above a threshold."""

    medicine: Annotated[str, Field(min_length=1, max_length=60, examples=["paracetamol 1 g"])]
    above: Points
    lowers: Annotated[Points, Field(description="how much later ratings fall while it lasts (yours to say)")]
    lasts: Span


class Opioid(Strict):
    """Daily opioids in morphine equivalents: at the start, and how far they follow pain (both yours to say)."""

    at_start: Annotated[Measure, Quantity("mg/d", above="0 mg/d", at_most="5000 mg/d", example="100 mg/d")]
    follows: Annotated[Percent, Field(description="fall of the dose, in percent, when the pain falls by 100 percent")]
