"""What is wrong with the endpoints of a trial file, all at once."""

from __future__ import annotations

from collections.abc import Iterator

from unwound.core.errors import Problem
from unwound.trials.design import Design
from unwound.trials.endpoint import TIMED, Endpoint

AT_A_VISIT = ("pain NRS", "pain NRS change", "responders", "cumulative responders", "opioid equivalents")
BY_PAIN = ("pain NRS", "pain NRS change")
WITHIN_PEOPLE = ("t test", "non-inferiority")
MATCHES = 1e-6  # h


def problems_of_endpoints(trial: Design, arms_are_known: bool = True) -> list[Problem]:
    """Everything wrong with the endpoints, and with the analysis that a design calls for."""
    found: list[Problem] = []
    for n, endpoint in enumerate(trial.endpoints):
        field = f"endpoints[{n}]"
        found += _when(trial, endpoint, field)
        found += _needs(trial, endpoint, field)
        found += _analysis(endpoint, field)
        if trial.crossover is not None and endpoint.analysis not in (None, "none", *WITHIN_PEOPLE):
            remedy = f"write {' or '.join(map(repr, WITHIN_PEOPLE))}"
            found.append(
                Problem(f"{field}.analysis", endpoint.analysis, "a crossover is analyzed within people", remedy)
            )
        if arms_are_known:
            found += _whom(trial, endpoint, field)
    if sum(endpoint.primary for endpoint in trial.endpoints) > 1:
        marked = [endpoint.name for endpoint in trial.endpoints if endpoint.primary]
        found.append(Problem("endpoints", marked, "two primary endpoints", "write primary = true once"))
    if trial.design == "non-inferiority" and not any(e.analysis == "non-inferiority" for e in trial.endpoints):
        rule = "a non-inferiority trial has an endpoint that is analyzed so"
        found.append(Problem("endpoints", "(none)", rule, 'write analysis = "non-inferiority" and a margin'))
    return found


def _when(trial: Design, endpoint: Endpoint, field: str) -> Iterator[Problem]:
    at, visits = endpoint.at, trial.visit_h
    if at is None:
        if endpoint.measure in AT_A_VISIT:
            rule = f"required: {endpoint.measure} is seen at a visit"
            yield Problem(f"{field}.at", "(not given)", rule, f'write for example at = "{trial.weeks} weeks"')
        return
    if endpoint.measure in (*TIMED, "rescue", "adverse event"):
        yield Problem(f"{field}.at", at.text, f"{endpoint.measure} has no single time", "leave it out")
    elif at.value > visits[-1] + MATCHES:
        rule = f"after the last visit, {visits[-1] / 168.0:g} weeks after randomization"
        yield Problem(f"{field}.at", at.text, rule, "choose an earlier visit, or raise weeks")
    elif min(abs(at.value - visit) for visit in visits) > MATCHES:
        yield Problem(f"{field}.at", at.text, "no visit at this time", "choose a visit, or add it to visits")


def _needs(trial: Design, endpoint: Endpoint, field: str) -> Iterator[Problem]:
    if endpoint.measure == "adverse event" and endpoint.event is None:
        yield Problem(f"{field}.event", "(not given)", "required: which event?", 'write for example event = "nausea"')
    if endpoint.measure == "adverse event" and trial.crossover is not None:
        rule = "events are known of a person's whole course, not of each period"
        yield Problem(f"{field}.measure", endpoint.measure, rule, "ask for them in a parallel trial")
    if endpoint.measure != "adverse event" and endpoint.event is not None:
        rule = f"{endpoint.measure} is no adverse event"
        yield Problem(f"{field}.event", endpoint.event, rule, 'leave it out, or write measure = "adverse event"')
    reduced = endpoint.measure in ("responders", *TIMED)
    if endpoint.reduction is not None and not reduced:
        rule = f"{endpoint.measure} has no reduction"
        yield Problem(f"{field}.reduction", endpoint.reduction.text, rule, "leave it out")
    if reduced and endpoint.reduction is not None and endpoint.reduction.value <= 0:
        yield Problem(f"{field}.reduction", endpoint.reduction.text, "must be more than 0", 'write for example "30 %"')
    if endpoint.measure == "rescue" and trial.rescue is None:
        yield Problem(f"{field}.measure", "rescue", "the trial has no rescue", "write a table [rescue]")
    if endpoint.measure == "opioid equivalents" and trial.opioid is None:
        yield Problem(f"{field}.measure", endpoint.measure, "nobody takes opioids here", "write a table [opioid]")


def _analysis(endpoint: Endpoint, field: str) -> Iterator[Problem]:
    analysis, margin = endpoint.analysis, endpoint.margin
    if analysis is not None and endpoint.measure in TIMED and analysis not in ("log-rank", "none"):
        yield Problem(f"{field}.analysis", analysis, "a time to an event", 'write analysis = "log-rank"')
    if analysis == "log-rank" and endpoint.measure not in TIMED:
        yield Problem(f"{field}.analysis", analysis, "no time to an event", "choose another analysis")
    if analysis in ("ANCOVA", "MMRM", "multiple imputation", "LOCF", "BOCF", "non-inferiority") and (
        endpoint.measure not in BY_PAIN
    ):
        yield Problem(f"{field}.analysis", analysis, "needs a rating at a visit", 'write measure = "pain NRS"')
    if analysis == "non-inferiority" and margin is None:
        rule = "required: how much worse still counts as not inferior?"
        yield Problem(f"{field}.margin", "(not given)", rule, 'write for example margin = "1 points"')
    if margin is not None and analysis != "non-inferiority":
        rule = "a margin belongs to a non-inferiority analysis"
        yield Problem(f"{field}.margin", margin.text, rule, 'write analysis = "non-inferiority", or leave it out')
    if margin is not None and margin.value <= 0:
        rule = "the wrong sign: more points are more pain, so the harm that is allowed is positive"
        remedy = f'write margin = "{-margin.value:g} points"' if margin.value < 0 else 'write for example "1 points"'
        yield Problem(f"{field}.margin", margin.text, rule, remedy)


def _whom(trial: Design, endpoint: Endpoint, field: str) -> Iterator[Problem]:
    names = [arm.name for arm in trial.arms]
    for key in ("arm", "against"):
        name = getattr(endpoint, key)
        if name and name not in names:
            yield Problem(f"{field}.{key}", name, "no such arm", f"choose from {', '.join(names)}")
    if endpoint.arm and endpoint.arm == (endpoint.against or trial.control.name):
        yield Problem(f"{field}.arm", endpoint.arm, "compared with itself", "name another arm")
