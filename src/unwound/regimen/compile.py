"""A regimen on its exact clock: piecewise-constant rates between breakpoints.

Every start, end and assessment of every dose is a breakpoint, so no hour of infusion is lost between grid
points. Overlapping infusions add. Amounts become mg of base, a racemic dose is split in halves. Times that
differ by float noise only (0.1 + 0.2 h and 0.3 h) are one breakpoint, so there is no interval of zero length.

Raises `ProtocolError` when a route has no absorption model yet, when doses go on for longer than the evidence
row ``regimen.longest`` allows, when there are too many breakpoints, or when the horizon is too short.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from unwound import evidence
from unwound.core.errors import Problem, ProtocolError
from unwound.core.signals import CompiledRegimen, Input, TitrationRule
from unwound.regimen.doses import AnyDose, Bolus, Infusion, Titration
from unwound.regimen.dosing_weight import require_actual
from unwound.regimen.measures import per_kg
from unwound.regimen.regimen import Regimen

TOLERANCE_H = 1e-9
"""Times closer than this [h], four microseconds, are the same breakpoint."""

ROUTES = ("intravenous",)
"""Routes with an input model."""

_MOST_BREAKPOINTS = 20_000  # a year of doses every half an hour; more is a slip of the rhythm
_TAIL_H = 1.0  # a clock that ends with a bolus, or is empty, gets one more interval of this length [h]


def compile_regimen(regimen: Regimen, horizon_h: float | None = None) -> CompiledRegimen:
    """`regimen` on a clock from 0 to `horizon_h` [h] (default: the end of the last dose)."""
    require_actual(regimen)
    require_possible(regimen, horizon_h, ROUTES)
    moments = sorted({0.0, _clock_end(regimen, horizon_h), *_moments(regimen)})
    times: list[float] = []
    place: dict[float, int] = {}
    for moment in moments:
        if not times or moment - times[-1] > TOLERANCE_H:
            times.append(moment)
        place[moment] = len(times) - 1
    inputs: dict[str, Input] = {}
    titrations: list[TitrationRule] = []
    for dose in regimen.doses:
        for start in dose.starts():
            begin, end = place[float(start)], place[float(start) + dose.hours]
            if isinstance(dose, Titration):
                titrations.append(_rule(dose, times[begin], times[end]))
                continue
            for enantiomer, share in _shares(dose):
                if enantiomer not in inputs:
                    inputs[enantiomer] = Input(*(np.zeros(len(times) - 1) for _ in range(4)))
                _add(inputs[enantiomer], dose, share, begin, end, times[end] - times[begin])
    return CompiledRegimen(np.array(times), inputs, tuple(titrations))


def total_mg(compiled: CompiledRegimen, weight_kg: float) -> dict[str, float]:
    """What the fixed doses give of each enantiomer [mg of base] to a person of `weight_kg`."""
    hours = np.diff(compiled.times)
    return {
        enantiomer: float(
            np.sum((given.rate + weight_kg * given.rate_per_kg) * hours)
            + np.sum(given.bolus + weight_kg * given.bolus_per_kg)
        )
        for enantiomer, given in compiled.inputs.items()
    }


def _add(given: Input, dose: Bolus | Infusion, share: float, begin: int, end: int, hours: float) -> None:
    if isinstance(dose, Bolus):
        target = given.bolus_per_kg if per_kg(dose.amount) else given.bolus
        target[begin] += share * dose.in_base(dose.amount)
        return
    amount = dose.in_base(dose.main) * (1.0 if dose.amount is not None else dose.hours)
    target = given.rate_per_kg if per_kg(dose.main) else given.rate
    target[begin:end] += share * amount / hours  # the breakpoints' own hours: merging them changes no amount


def _rule(dose: Titration, start: float, end: float) -> TitrationRule:
    return TitrationRule(
        enantiomer=dose.enantiomer,
        start=start,
        end=end,
        every=dose.every.value,
        levels=dose.levels(),
        per_kg=per_kg(dose.start_rate),
        step_back=dose.step_back,
    )


def _shares(dose: AnyDose) -> tuple[tuple[str, float], ...]:
    return (("S", 0.5), ("R", 0.5)) if dose.enantiomer == "racemic" else ((dose.enantiomer, 1.0),)


def _moments(regimen: Regimen) -> Iterator[float]:
    for dose in regimen.doses:
        for start in dose.starts():
            begin, end = float(start), float(start) + dose.hours
            yield begin
            yield end
            if isinstance(dose, Titration):
                yield from (float(t) for t in _rule(dose, begin, end).assessments)


def _clock_end(regimen: Regimen, horizon_h: float | None) -> float:
    """The end of the clock [h]: a bolus belongs to the interval after it, so it cannot be the last moment."""
    boluses = [float(d.starts().max()) for d in regimen.doses if isinstance(d, Bolus)]
    end = max(regimen.end, horizon_h or 0.0)
    if end - max(boluses, default=0.0) <= TOLERANCE_H:
        return end + _TAIL_H
    return end


def require_possible(regimen: Regimen, horizon_h: float | None = None, routes: tuple[str, ...] | None = None) -> None:
    """Raises `ProtocolError` when `regimen` cannot be put on a clock, or uses another route than `routes`."""
    problems = []
    longest = evidence.value("regimen.longest", "h")
    count = 2
    for n, dose in enumerate(regimen.doses):
        field = f"doses[{n}]"
        if routes is not None and dose.route not in routes:
            rule = "the pain course is computed for infusions into a vein only"
            remedy = f"choose one of {', '.join(routes)}, or look at the blood alone with `unwound pk`"
            problems.append(Problem(f"{field}.route", dose.route, rule, remedy))
        starts = dose.starts()
        if (end := float(starts.max()) + dose.hours) > longest:
            rule = f"the dose goes on for more than {longest / 24:g} days"
            remedy = "check the units of duration, start and repeat"
            problems.append(Problem(field, f"ends after {end / 24:.6g} days", rule, remedy))
        visits = dose.hours / dose.every.value if isinstance(dose, Titration) else 0.0
        count += len(starts) * (2 + math.ceil(min(visits, float(_MOST_BREAKPOINTS))))
    if count > _MOST_BREAKPOINTS:
        rule = f"more than {_MOST_BREAKPOINTS} starts, ends and assessments"
        problems.append(Problem("doses", f"about {count}", rule, "check every and count for a slip of the unit"))
    if horizon_h is not None:
        if not math.isfinite(horizon_h):
            problems.append(Problem("horizon_h", horizon_h, "must be finite", "give hours, such as 2016"))
        elif not problems and horizon_h < regimen.end - TOLERANCE_H:
            rule = f"the doses go on until {regimen.end:g} h"
            remedy = f'choose a longer horizon, or regimen.truncate("{horizon_h:g} h")'
            problems.append(Problem("horizon_h", horizon_h, rule, remedy))
    if problems:
        raise ProtocolError(problems, regimen.title)
