"""When drug flows, and how fast the pump was meant to run: what a figure shows of a regimen.

A titration is drawn on its way up to the ceiling, as if it were tolerated; what each patient reached is a result.
Rates stay in the unit they were written in; a regimen that mixes mg/h and mg/kg/h is drawn for a person of 70 kg.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from unwound.core.signals import CompiledRegimen, TitrationRule
    from unwound.regimen import Regimen

WEIGHT_DRAWN = 70.0  # kg


@dataclass(frozen=True)
class Schedule:
    """Rates between `edges` [h], at most; `boluses` are times [h] of doses given at once."""

    edges: np.ndarray  # (n + 1,)
    rates: np.ndarray  # (n,) in `unit`
    unit: str
    boluses: np.ndarray

    @property
    def end_h(self) -> float:
        """When the last drug is given [h]."""
        running = self.edges[1:][self.rates > 0]
        return float(max([0.0, *running[-1:], *self.boluses[-1:]]))

    def running(self) -> list[tuple[float, float]]:
        """Spans [h] in which the pump runs, joined where they touch."""
        spans: list[tuple[float, float]] = []
        for begin, end, rate in zip(self.edges[:-1], self.edges[1:], self.rates, strict=True):
            if rate > 0 and spans and spans[-1][1] == begin:
                spans[-1] = (spans[-1][0], float(end))
            elif rate > 0:
                spans.append((float(begin), float(end)))
        return spans


def schedule_of(regimen: Regimen) -> Schedule:
    """The schedule of `regimen`, all enantiomers together."""
    from unwound.core.signals import Uptake
    from unwound.regimen import compile_regimen

    as_given: dict[str, tuple[Uptake, ...]] = {dose.route: (Uptake(None),) for dose in regimen.doses}
    compiled = compile_regimen(regimen.planned(), uptakes=as_given)
    plain, per_kg = np.zeros(len(compiled.times) - 1), np.zeros(len(compiled.times) - 1)
    bolus = np.zeros(len(compiled.times) - 1)
    for given in (*compiled.inputs.values(), *(channel.given for channel in compiled.absorbed)):
        plain += given.rate
        per_kg += given.rate_per_kg
        bolus += given.bolus + WEIGHT_DRAWN * given.bolus_per_kg
    for rule in compiled.titrations:
        (per_kg if rule.per_kg else plain)[:] += _on_the_way_up(rule, compiled)
    boluses = compiled.times[:-1][bolus > 0]
    if plain.any() and per_kg.any():
        return Schedule(compiled.times, plain + WEIGHT_DRAWN * per_kg, "mg/h at 70 kg", boluses)
    return Schedule(compiled.times, plain + per_kg, "mg/kg/h" if per_kg.any() else "mg/h", boluses)


def _on_the_way_up(rule: TitrationRule, compiled: CompiledRegimen) -> np.ndarray:
    """The level of each interval if every step is tolerated, 0 outside the titration."""
    begins = compiled.times[:-1]
    step = np.searchsorted(rule.assessments, begins, side="right")
    level = rule.levels[np.minimum(step, len(rule.levels) - 1)]
    return np.where((begins >= rule.start) & (begins < rule.end), level, 0.0)
