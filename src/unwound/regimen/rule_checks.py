"""Rules that contradict each other or the doses, and the most that rules can give.

The dose limits of the house are judged on the worst case: the course at the ceiling of what may raise it, every other
rule acting as often and as closely as it may, and a giving rule beginning at any of its assessments.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from unwound.core.errors import Problem
from unwound.core.strict import Measure
from unwound.regimen.doses import AnyDose, Titration
from unwound.regimen.rules import GIVING, LOWERING, AnyRule, Booster, Hold, Reduce, RescueDose, Titrate, is_cautious

if TYPE_CHECKING:
    from unwound.regimen.regimen import Regimen

_SAME_H = 1e-7
_FROM = 40  # beginnings of a rule that are looked at: those near a course, and the first one


def rule_problems(regimen: Regimen) -> list[Problem]:
    """Everything that makes the rules of `regimen` impossible or contradictory."""
    found: list[Problem] = []
    for n, rule in enumerate(regimen.rules):
        found += _alone(regimen, rule, f"rules[{n}]")
    for (n, one), (m, other) in itertools.combinations(enumerate(regimen.rules), 2):
        found += _together(one, other, f"rules[{n}]", f"rules[{m}]")
    return found


def worst_cases(regimen: Regimen) -> list[tuple[Regimen, list[str]]]:
    """Regimens without rules that give as much as the rules may, each with the field that every dose comes from."""
    ceiling = max((rule.ceiling.value for rule in regimen.rules if isinstance(rule, Titrate)), default=100.0)
    course = [_times(dose, ceiling / 100.0) for dose in regimen.doses]
    fields = [f"doses[{n}]" for n in range(len(course))]
    giving = [(n, rule) for n, rule in enumerate(regimen.rules) if isinstance(rule, GIVING)]
    sets = []
    for beginnings in _beginnings(regimen, giving):
        doses, names = list(course), list(fields)
        for (n, rule), begin in zip(giving, beginnings, strict=True):
            for at in _closest(rule, begin):
                doses.append(rule.dose.model_copy(update={"start": Measure.of(float(at), "h")}))
                names.append(f"rules[{n}].dose")
        sets.append((regimen.model_copy(update={"doses": tuple(doses), "rules": ()}), names))
    return sets


def _beginnings(regimen: Regimen, giving: list[tuple[int, Booster | RescueDose]]) -> Iterator[tuple[int, ...]]:
    """From which of its acts each giving rule begins: all from their first, then each from those near doses."""
    first = (0,) * len(giving)
    yield first
    moments = [t for dose in regimen.doses for s in dose.starts() for t in (float(s), float(s) + dose.hours)]
    moments += [float(at) for _, rule in giving for at in rule.acts()[[0, -1]]]
    for place, (_, rule) in enumerate(giving):
        acts = rule.acts()
        near = [k for k, at in enumerate(acts) if k and min(abs(at - moment) for moment in moments) <= 48.0]
        for k in near[:: max(1, len(near) // _FROM)]:
            yield (*first[:place], k, *first[place + 1 :])


def _closest(rule: Booster | RescueDose, begin: int) -> list[float]:
    """Acts from the one numbered `begin` on, as close as they may follow each other, no more than allowed."""
    taken: list[float] = []
    apart = rule.at_least_apart.value if rule.at_least_apart else 0.0
    for at in rule.acts()[begin:]:
        if len(taken) < rule.at_most and (not taken or at - taken[-1] >= apart - _SAME_H):
            taken.append(float(at))
    return taken


def _times(dose: AnyDose, factor: float) -> AnyDose:
    if factor == 1.0:
        return dose
    main = dose.main
    return dose.model_copy(update={dose.main_field: Measure.of(main.value * factor, main.unit)})


def _alone(regimen: Regimen, rule: AnyRule, field: str) -> Iterator[Problem]:
    titrations = [dose for dose in regimen.doses if isinstance(dose, Titration)]
    if isinstance(rule, GIVING):
        gap = rule.at_least_apart.value if rule.at_least_apart else 0.0
        spacing = max(gap, rule.assess.every.value if rule.assess.every else np.inf)
        if rule.at_most > 1 and spacing < rule.dose.hours - _SAME_H:
            rule_text = f"the next dose could begin before this one ends, after {rule.dose.hours:g} h"
            said = rule.at_least_apart or "(not given)"
            yield Problem(f"{field}.at_least_apart", said, rule_text, "let them be further apart")
        for n, dose in enumerate(regimen.doses):
            inside = isinstance(rule, Booster) or dose in titrations
            if inside and (at := _meets(rule, dose)) is not None:
                what = "a booster" if isinstance(rule, Booster) else "a rescue dose (a titration would not notice it)"
                text = f"{what} at {at:g} h would fall inside a course, doses[{n}]"
                yield Problem(f"{field}.assess", str(rule.assess), text, "assess after the course, or move the delay")
        return
    if not regimen.doses:
        yield Problem(field, rule.kind, "there is no course to change", "write [[doses]], or a booster")
    elif isinstance(rule, Titrate | Reduce | Hold):
        if titrations:
            text = "a titration has a rule of its own"
            yield Problem(field, rule.kind, text, "write an infusion, or leave this rule out")
        for n, dose in enumerate(regimen.doses):
            if dose.route != "intravenous":
                text = f"doses[{n}] is {dose.route}: only a pump into a vein can be turned"
                yield Problem(field, rule.kind, text, 'use kind = "stop", or another rule')
    last = max((float(dose.starts()[-1]) + dose.hours for dose in regimen.doses), default=0.0)
    gives = any(isinstance(other, GIVING) for other in regimen.rules)
    if regimen.doses and rule.acts()[0] >= last and not (rule.kind == "stop" and gives):
        text = f"the last dose has ended by then, at {last:g} h"
        yield Problem(f"{field}.assess", str(rule.assess), text, "assess earlier")


def _meets(rule: Booster | RescueDose, dose: AnyDose) -> float | None:
    """The first act that would fall into an occasion of `dose`, or reach into it."""
    starts = dose.starts()
    for at in rule.acts():
        if ((at < starts + max(dose.hours, _SAME_H) - _SAME_H) & (at + rule.dose.hours > starts + _SAME_H)).any():
            return float(at)
        if not rule.dose.hours and ((at >= starts - _SAME_H) & (at < starts + dose.hours - _SAME_H)).any():
            return float(at)
    return None


def _together(one: AnyRule, other: AnyRule, field: str, second: str) -> Iterator[Problem]:
    if one.when.excludes(other.when) or not _at_one_time(one, other):
        return
    where = f"{field} and {second}"
    if isinstance(one, Booster) and isinstance(other, Booster):
        text = f"two boosters whose conditions can hold at once: {one.when}; {other.when}"
        yield Problem(where, "booster, booster", text, "join them, or assess at other times")
    elif {isinstance(one, Titrate), isinstance(other, Titrate)} == {True, False} and (
        any(isinstance(rule, LOWERING) and not is_cautious(rule) for rule in (one, other))
    ):
        text = f"one raises and the other lowers or stops at one time: {one.when}; {other.when}"
        yield Problem(where, f"{one.kind}, {other.kind}", text, "let their conditions exclude each other")


def _at_one_time(one: AnyRule, other: AnyRule) -> bool:
    """Whether the spans of their assessments meet."""
    a, b = one.assess.times(), other.assess.times()
    return bool(a[0] <= b[-1] + _SAME_H and b[0] <= a[-1] + _SAME_H)
