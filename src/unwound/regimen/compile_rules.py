"""Rules on the clock: when they look, at what, and what they then do.

A giving rule has a slot per assessment, which stays empty unless the rule acts for a person: so everybody shares one
clock, and the rates of each person are decided on it (`unwound.patient.rulebook`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from unwound import evidence
from unwound.core.errors import Problem
from unwound.core.signals import DosingRule, Input, Key
from unwound.regimen.regimen import Regimen
from unwound.regimen.rules import GIVING, AnyRule, Hold, Reduce, Titrate, is_cautious


def rule_moments(rules: Sequence[AnyRule]) -> Iterator[float]:
    """Every time [h] at which a rule looks, acts, or ends a hold."""
    for rule in rules:
        yield from (float(t) for t in rule.assess.times())
        yield from (float(t) for t in rule.acts())
        if isinstance(rule, Hold):
            yield from (float(t) + rule.lasts.value for t in rule.acts())


_QUANTITY: dict[str, tuple[Any, bool]] = {
    "pain_above": ("pain", True),
    "pain_below": ("pain", False),
    "pain_fallen_by": ("fallen", True),
    "pain_not_fallen_by": ("fallen", False),
}


def dosing_rule(rule: AnyRule, slots: tuple[Mapping[Key, Input], ...], regimen: Regimen) -> DosingRule:
    """A rule as the bedside hears it; `slots` are what it may give, one per assessment."""
    condition = next(iter(rule.when.said.values()))
    threshold = 1.0 if isinstance(condition, str) else condition.value
    quantity, above = _QUANTITY.get(rule.when.name, (condition, True))
    amount = 0.0
    if isinstance(rule, Titrate):
        amount = rule.by.value / 100.0
    elif isinstance(rule, Reduce):
        amount = rule.to.value / 100.0
    elif isinstance(rule, Hold):
        amount = rule.lasts.value
    return DosingRule(
        kind=rule.kind,
        quantity=quantity,
        above=above,
        threshold=threshold,
        assessments=rule.assess.times(),
        delay=rule.delay.value,
        at_most=rule.at_most,
        apart=rule.at_least_apart.value if rule.at_least_apart else 0.0,
        amount=amount,
        ceiling=rule.ceiling.value / 100.0 if isinstance(rule, Titrate) else 1.0,
        slots=slots if isinstance(rule, GIVING) else (),
        told=f"rules[{regimen.rules.index(rule)}]: {rule}",
        cautious=is_cautious(rule),
    )


def impossible_rules(regimen: Regimen, routes: tuple[str, ...] | None) -> Iterator[Problem]:
    """Rules that go on for too long, or give by a route that the kinetic model does not know."""
    longest = evidence.value("regimen.longest", "h")
    for n, rule in enumerate(regimen.rules):
        if (end := float(rule.acts()[-1])) > longest:
            text = f"the rule goes on for more than {longest / 24:g} days"
            yield Problem(f"rules[{n}].assess", f"ends after {end / 24:.6g} days", text, "check the units")
        if isinstance(rule, GIVING) and routes is not None and rule.dose.route not in routes:
            text = "the kinetic model has no input by this route"
            yield Problem(f"rules[{n}].dose.route", rule.dose.route, text, f"choose {', '.join(routes)}")
