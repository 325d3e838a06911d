"""Regimens one after another: moved to a later start, and joined into one.

A run-in before a trial, the periods of a crossover: each is a regimen of its own that counts from its own first dose.
"""

from __future__ import annotations

from collections.abc import Sequence

from unwound.core.strict import Measure
from unwound.regimen.regimen import Regimen, Setting

_ORDER: tuple[Setting, ...] = ("ward", "monitored", "icu")


def shifted(regimen: Regimen, hours: float) -> Regimen:
    """The same regimen, begun `hours` [h] later."""
    if hours == 0.0:
        return regimen
    doses = tuple(dose.model_copy(update={"start": _later(dose.start, hours)}) for dose in regimen.doses)
    rules = tuple(
        rule.model_copy(update={"assess": rule.assess.model_copy(update={"start": _later(rule.assess.start, hours)})})
        for rule in regimen.rules
    )
    return regimen.model_copy(update={"doses": doses, "rules": rules})


def _later(start: Measure, hours: float) -> Measure:
    return Measure.of(start.value + hours, "h")


def joined(regimens: Sequence[Regimen]) -> Regimen | None:
    """All doses of `regimens` on one clock; None when nothing is given. The most watchful setting holds for all."""
    given = [regimen for regimen in regimens if regimen.doses or regimen.rules]
    if not given:
        return None
    if len(given) == 1:
        return given[0]
    setting = max((regimen.setting for regimen in given), key=_ORDER.index)
    doses = tuple(dose for regimen in given for dose in regimen.doses)
    title = "; then ".join(dict.fromkeys(regimen.title for regimen in given if regimen.title))[:200]
    rules = tuple(rule for regimen in given for rule in regimen.rules)
    return Regimen(title=title, setting=setting, doses=doses, rules=rules)
