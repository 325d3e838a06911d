"""What is wrong with a trial file beyond its single fields: everything at once.

Each function looks at one part and gives back problems, with field, value, rule and remedy. A file with a wrong
field is looked at too, with that field mended (`repaired`), so that its author hears of everything in one pass.
"""

from __future__ import annotations

import copy
import dataclasses
import itertools
from collections.abc import Iterator
from typing import Any, TypeVar

from pydantic import ValidationError

from unwound.core.errors import InputError, Problem, UnknownName
from unwound.population import disorder, disorder_name
from unwound.regimen.rule_checks import rule_problems
from unwound.trials.allocation import ratio_of
from unwound.trials.check_endpoints import problems_of_endpoints
from unwound.trials.design import Design

MATCHES = 1e-6  # h
Written = TypeVar("Written", bound=Design)


def problems_of_trial(trial: Design) -> list[Problem]:
    """Everything wrong with a trial whose fields are right one by one."""
    parts = [*_arms(trial), *_sizes(trial), *_people(trial), *_times(trial), *_rules(trial)]
    if any(
        problem.field.startswith("arms") and ".regimen.rules" not in problem.field for problem in parts
    ):  # the rest needs arms that make sense
        return [*parts, *(p for p in problems_of_endpoints(trial, arms_are_known=False))]
    return [*parts, *_design(trial), *_randomization(trial), *problems_of_endpoints(trial)]


def repaired(model: type[Written], data: Any) -> Written | None:
    """A trial of `data` with wrong fields left out or set to their bounds; None where that does not help."""
    data = copy.deepcopy(data)
    try:
        return model.model_validate(data)
    except ValidationError as failure:
        for error in failure.errors(include_url=False):
            _mend(data, error)
    try:
        return model.model_validate(data)
    except (ValidationError, InputError):
        return None


def _mend(data: Any, error: Any) -> None:
    *above, last = error["loc"] or [None]
    for step in above:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            continue  # the name of an alternative, not a key
    bound = next((error["ctx"][name] for name in ("ge", "le") if name in error.get("ctx", {})), None)
    if bound is not None and isinstance(data, dict | list):
        data[last] = bound
    elif isinstance(data, dict):
        data.pop(last, None)


def _arms(trial: Design) -> Iterator[Problem]:
    names, gives = [arm.name for arm in trial.arms], [arm.gives for arm in trial.arms]
    if trial.design == "single arm":
        if len(trial.arms) != 1 or "regimen" not in gives:
            rule = "a trial with a single arm has one, and it gives the drug"
            yield Problem("arms", names, rule, 'leave the others out, or write another design (default: "parallel")')
    elif len(trial.arms) < 2:
        remedy = 'write another [[arms]], or design = "single arm"'
        yield Problem("arms", names, "a trial has two arms or more", remedy)
    elif "regimen" not in gives:
        rule = "no arm gives the drug; a trial has two arms or more that differ"
        yield Problem("arms", gives, rule, 'write gives = "regimen" in one of them')
    if len(set(names)) < len(names):
        yield Problem("arms", names, "two arms have one name", "give each arm a name of its own")
    if "difference" in names:
        yield Problem("arms", names, '"difference" names the comparison of the arms', "choose another name")
    for n, arm in enumerate(trial.arms):
        if arm.gives == "regimen" and arm.regimen is None and trial.regimen is None:
            rule = "required: this arm gives a regimen and there is none"
            yield Problem(f"arms[{n}].regimen", "(not given)", rule, "write [arms.regimen] or [regimen]")
        if arm.gives != "regimen" and arm.regimen is not None:
            rule = f"this arm gives {arm.gives}"
            yield Problem(f"arms[{n}].regimen", "(a regimen)", rule, 'leave it out, or write gives = "regimen"')
    marked = [arm.name for arm in trial.arms if arm.control]
    if len(marked) > 1:
        yield Problem("arms", marked, "two arms are the control", "write control = true once")
    without = [arm.name for arm in trial.arms if arm.gives != "regimen"]
    if not marked and len(without) != 1 and "regimen" in gives and len(trial.arms) > 1 and trial.design != "single arm":
        rule = "it is not clear which arm the others are compared with"
        yield Problem("arms", names, rule, "write control = true in one of them")


def _sizes(trial: Design) -> Iterator[Problem]:
    by_outcome = trial.crossover is not None or trial.run_in is not None
    if by_outcome and trial.patients is None:
        rule = "required: the sizes of the arms are not fixed in a crossover or after a run-in"
        yield Problem("patients", "(not given)", rule, "write for example patients = 40 above the arms")
    if not by_outcome and trial.patients is not None:
        yield Problem("patients", trial.patients, "arms have sizes of their own", "write patients in each of the arms")
    for n, arm in enumerate(trial.arms):
        if by_outcome and arm.patients is not None:
            rule = "the size of an arm is an outcome here"
            yield Problem(f"arms[{n}].patients", arm.patients, rule, "write patients above the arms")
        if not by_outcome and arm.patients is None:
            rule = "required: an arm has a size"
            yield Problem(f"arms[{n}].patients", "(not given)", rule, "write for example patients = 30")


def _rules(trial: Design) -> Iterator[Problem]:
    """Rules of each regimen that contradict each other; those of joined ones are seen when limits are checked."""
    regimens = {"regimen": trial.regimen, "run_in.regimen": trial.run_in.regimen if trial.run_in else None}
    regimens |= {f"arms[{n}].regimen": arm.regimen for n, arm in enumerate(trial.arms)}
    for field, regimen in regimens.items():
        for problem in rule_problems(regimen) if regimen is not None else ():
            yield dataclasses.replace(problem, field=f"{field}.{problem.field}")


def _people(trial: Design) -> Iterator[Problem]:
    try:
        disorder_name(trial.disorder)
    except UnknownName as error:
        yield from error.problems


def _times(trial: Design) -> Iterator[Problem]:
    visits, last = [v.value for v in trial.visits], trial.weeks * 168.0
    said = [v.text for v in trial.visits]
    if visits and abs(visits[0]) > MATCHES:
        yield Problem("visits", said[0], "the first visit is at randomization", 'begin with "0 weeks"')
    if any(b <= a + MATCHES for a, b in itertools.pairwise(visits)):
        yield Problem("visits", said, "must get later and later", "put them in order, each once")
    if visits and max(visits) > last + MATCHES:
        rule = f"a visit after the last week, {trial.weeks}"
        yield Problem("visits", said[-1], rule, "raise weeks, or leave the visit out")
    if len(visits) == 1:
        yield Problem("visits", said, "nothing is seen after the first visit", "write at least two")
    if trial.run_in is not None:
        own = trial.run_in_regimen()
        if trial.run_in.gives == "regimen" and own is None:
            rule = "required: the run-in gives a regimen and there is none"
            yield Problem("run_in.regimen", "(not given)", rule, "write [run_in.regimen] or [regimen]")
        if own is not None and own.end > trial.run_in.duration.value + MATCHES:
            rule = f"the doses of the run-in go on for {own.end:g} h"
            yield Problem("run_in.duration", trial.run_in.duration.text, rule, "let the run-in last longer")
    for n, arm in enumerate(trial.arms):
        own = trial.regimen_of_arm(arm)
        if trial.crossover is not None and own is not None and own.end > last + MATCHES:
            rule = f"the doses of arm {n + 1} go on for {own.end:g} h, longer than a period"
            yield Problem("weeks", trial.weeks, rule, "let the periods last longer")


def _design(trial: Design) -> Iterator[Problem]:
    if (trial.design == "crossover") != (trial.crossover is not None):
        rule = 'design = "crossover" and the table [crossover] belong together'
        yield Problem("design", trial.design, rule, "write both, or neither")
    if trial.design == "randomized withdrawal" and (
        trial.run_in is None or trial.run_in.gives != "regimen" or trial.run_in.randomized != "responders"
    ):
        rule = "a withdrawal begins with an open run-in of the drug, whose responders are randomized"
        remedy = 'write [run_in] with gives = "regimen" and randomized = "responders"'
        yield Problem("run_in", "(not given)" if trial.run_in is None else trial.run_in.gives, rule, remedy)
    if trial.crossover is None:
        return
    names = {arm.name for arm in trial.arms}
    for n, sequence in enumerate(trial.crossover.sequences):
        field = f"crossover.sequences[{n}]"
        if unknown := [name for name in sequence if name not in names]:
            yield Problem(field, unknown, "no such arm", f"choose from {', '.join(sorted(names))}")
        elif len(sequence) < 2:
            yield Problem(field, sequence, "a sequence has two periods or more", "name an arm per period")
        elif missing := names - set(sequence):
            yield Problem(field, sequence, f"never receives {', '.join(sorted(missing))}", "name every arm")
        elif len(set(sequence)) < len(sequence):
            yield Problem(field, sequence, "one arm twice", "name every arm once")
    if len({tuple(sequence) for sequence in trial.crossover.sequences}) < max(2, len(trial.crossover.sequences)):
        rule = "a crossover has two different sequences or more"
        yield Problem("crossover.sequences", trial.crossover.sequences, rule, "let others begin with another arm")


def _randomization(trial: Design) -> Iterator[Problem]:
    plan = trial.randomization
    known = trial.crossover is None or all(
        name in {arm.name for arm in trial.arms} for sequence in trial.crossover.sequences for name in sequence
    )
    if not known:
        return
    groups, parts = len(trial.groups), sum(ratio_of(trial))
    if plan.ratio and len(plan.ratio) != groups:
        rule = f"there are {groups} arms or sequences"
        yield Problem("randomization.ratio", plan.ratio, rule, "write one part for each, in their order")
        return
    sizes = [group.patients for group in trial.groups]
    if (
        plan.ratio
        and all(sizes)
        and len({(size or 0) / part for size, part in zip(sizes, plan.ratio, strict=True)}) > 1
    ):
        rule = f"the arms have {' and '.join(map(str, sizes))} patients, another ratio"
        yield Problem("randomization.ratio", plan.ratio, rule, "leave it out, or change the sizes")
    if plan.block is not None and plan.method not in ("blocked", "stratified"):
        rule = f"{plan.method} randomization has no blocks"
        yield Problem("randomization.block", plan.block, rule, 'leave it out, or write method = "blocked"')
    elif plan.block is not None and plan.block % parts:
        rule = f"a block must hold the ratio, {parts} parts, a whole number of times"
        yield Problem("randomization.block", plan.block, rule, f"write {parts * max(1, round(plan.block / parts))}")
    if plan.by and plan.method != "stratified":
        rule = f"{plan.method} randomization has no strata"
        yield Problem("randomization.by", plan.by, rule, 'leave it out, or write method = "stratified"')
    if plan.method == "stratified":
        yield from _strata(trial)


def _strata(trial: Design) -> Iterator[Problem]:
    plan = trial.randomization
    if not plan.by:
        rule = "required: stratified by what?"
        yield Problem("randomization.by", "(not given)", rule, 'write for example by = ["sex"]')
    for name, cut in (("duration", plan.duration_above), ("baseline", plan.baseline_above)):
        field = f"randomization.{name}_above"
        if name in plan.by and cut is None:
            example = '"5 y"' if name == "duration" else '"7 points"'
            rule = "required: where are people divided?"
            yield Problem(field, "(not given)", rule, f"write for example {name}_above = {example}")
        if name not in plan.by and cut is not None:
            yield Problem(field, cut.text, f"{name} makes no stratum", f'write by = ["{name}"], or leave it out')
    try:
        who = disorder(trial.disorder)
    except UnknownName:
        return
    cut = plan.baseline_above
    if "baseline" in plan.by and cut is not None:
        least, most = float(who.baseline_least), float(who.baseline_most)
        if not least < cut.value < most:
            rule = f"nobody stands on one side: these people have {least:g} to {most:g} points"
            yield Problem("randomization.baseline_above", cut.text, rule, "divide them between")
    block = plan.block or 2 * sum(ratio_of(trial))
    strata = 2 ** len(set(plan.by))
    if strata * block > max(trial.size, 1):
        rule = f"{strata} strata with blocks of {block} do not fit into {trial.size} patients"
        yield Problem("randomization.by", list(plan.by), rule, "stratify by less, or use smaller blocks")
