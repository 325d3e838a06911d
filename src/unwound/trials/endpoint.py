"""What a trial measures, and how it is analyzed, as people write it.

    measure                     what is compared                                 needs
    pain NRS                    the rating at a visit                            at
    pain NRS change             its change from the first visit                  at
    responders                  share whose rating fell by `reduction`           at, reduction
    cumulative responders       that share for every reduction from 0 to 100 %   at
    time to loss of response    until the fall is less than `reduction` again    reduction
    time to relapse             until the rating is at `reduction` of the first  reduction
                                visit's again (who starts above never relapses)
    area under the curve        of the ratings, by time                          at (its end; default: the last visit)
    opioid equivalents          daily dose, by [opioid]                          at
    rescue                      how often rescue was taken                       -
    adverse event               share of people with `event`                     event

An estimand says who, what, and what is done about events after randomization (ICH E9 R1); its words are kept in the
result, and the analysis must be able to answer for it.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from unwound.core.strict import Measure, Quantity, Strict
from unwound.trials.plan import Percent

MEASURES = (
    "pain NRS", "pain NRS change", "responders", "cumulative responders", "time to loss of response",
    "time to relapse", "area under the curve", "opioid equivalents", "rescue", "adverse event",
)  # fmt: skip
TIMED = ("time to loss of response", "time to relapse")
EVENTS = (
    "psychomimetic effect", "nausea", "vomiting", "headache", "dizziness", "blurred vision", "pressure event",
)  # fmt: skip


class Estimand(Strict):
    """What exactly is asked, in words."""

    population: Annotated[str, Field(max_length=200, examples=["everybody randomized"])] = "everybody randomized"
    intercurrent: Annotated[
        Literal["treatment policy", "hypothetical", "while on treatment", "composite"],
        Field(description="what is done about dropout and rescue"),
    ] = "while on treatment"
    summary: Annotated[str, Field(max_length=200, examples=["difference of means"])] = ""


class Endpoint(Strict):
    """One measure at one time, with its analysis."""

    measure: Literal[
        "pain NRS", "pain NRS change", "responders", "cumulative responders", "time to loss of response",
        "time to relapse", "area under the curve", "opioid equivalents", "rescue", "adverse event"
    ]  # fmt: skip
    at: Annotated[Measure, Quantity("h", at_least="0 h", at_most="5 y", example="12 weeks")] | None = None
    reduction: Percent | None = None
    event: Literal[
        "psychomimetic effect", "nausea", "vomiting", "headache", "dizziness", "blurred vision", "pressure event"
    ] | None = None  # fmt: skip
    primary: bool = False
    arm: Annotated[str, Field(description="the arm that is compared (default: every one but the control)")] = ""
    against: Annotated[str, Field(description="the arm it is compared with (default: the control)")] = ""
    analysis: Literal[
        "t test", "ANCOVA", "MMRM", "multiple imputation", "LOCF", "BOCF", "log-rank", "non-inferiority", "none"
    ] | None = None  # fmt: skip
    margin: Annotated[
        Annotated[Measure, Quantity("points", at_least="-10 points", at_most="10 points", example="1 points")] | None,
        Field(description="the largest harm that still counts as not inferior: more points are more pain"),
    ] = None
    estimand: Estimand = Estimand()

    @property
    def analyzed(self) -> str:
        """The analysis, also where none is written: log-rank for times, none for a whole curve, else the t test."""
        if self.analysis is not None:
            return self.analysis
        if self.measure in TIMED:
            return "log-rank"
        return "none" if self.measure == "cumulative responders" else "t test"

    @property
    def name(self) -> str:
        """The endpoint in words, without its time."""
        if self.measure == "responders":
            return f"responders ({self.reduction or '30 %'} less pain)"
        if self.measure in TIMED:
            return f"{self.measure} ({self.reduction or '30 %'})"
        return self.event or self.measure
