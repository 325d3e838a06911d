"""A regimen on its exact clock: piecewise-constant rates between breakpoints.

Every start, end and assessment of every dose is a breakpoint, so no hour of infusion is lost between grid
points. Overlapping infusions add. Amounts become mg of base, a racemic dose is split in halves. Times that
differ by float noise only (0.1 + 0.2 h and 0.3 h) are one breakpoint, so there is no interval of zero length.

Doses by other routes than a vein enter as the kinetic model takes them up (`uptakes`: at once, over a time of their
own, after a lag); the starts and ends of these are breakpoints too.

Raises `ProtocolError` when a route has no uptake, when doses go on for longer than the evidence row
``regimen.longest`` allows, when there are too many breakpoints, or when the horizon is too short.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from unwound import evidence
from unwound.core.errors import Problem, ProtocolError
from unwound.core.signals import Channel, CompiledRegimen, Input, Key, TitrationRule, Uptake
from unwound.core.strict import Measure
from unwound.regimen.compile_rules import dosing_rule, impossible_rules, rule_moments
from unwound.regimen.doses import AnyDose, Bolus, Infusion, Titration
from unwound.regimen.measures import per_kg
from unwound.regimen.regimen import Regimen
from unwound.regimen.rule_checks import rule_problems
from unwound.regimen.rules import GIVING, AnyRule
from unwound.regimen.weight_basis import require_actual

TOLERANCE_H = 1e-9
"""Times closer than this [h], four microseconds, are the same breakpoint."""

ROUTES = ("intravenous",)
"""Routes that need no model of uptake."""

_MOST_BREAKPOINTS = 20_000  # a year of doses every half an hour; more is a slip of the rhythm
_TAIL_H = 1.0  # a clock that ends with a bolus, or is empty, gets one more interval of this length [h]
_VEIN = (Uptake(None),)

Uptakes = Mapping[str, Sequence[Uptake]]


class _Entry(NamedTuple):
    """One part of one occasion of a dose: which uptake of its route, from when to when [h]."""

    dose: AnyDose
    part: int
    begin: float
    end: float
    taken: float
    """When the dose is taken [h]; it enters later where there is a lag."""


def compile_regimen(
    regimen: Regimen, horizon_h: float | None = None, uptakes: Uptakes | None = None, split: bool = True
) -> CompiledRegimen:
    """`regimen` on a clock from 0 to `horizon_h` [h] (default: when the last dose has been taken up).

    `uptakes` says how doses by routes other than a vein enter (of the kinetic model; default: no other route).
    `split` is False for a model of the racemate as a whole.
    """
    require_actual(regimen)
    ways: Uptakes = {**(uptakes or {}), "intravenous": _VEIN}
    require_possible(regimen, horizon_h, tuple(ways))
    entries = list(_entries(regimen.doses, ways))
    slots = [[list(_slot(rule, float(at), ways)) for at in rule.acts()] for rule in regimen.rules]
    every = [*entries, *(entry for rule in slots for slot in rule for entry in slot)]
    moments = sorted(
        {0.0, _clock_end(regimen, horizon_h, every), *_moments(regimen, every), *rule_moments(regimen.rules)}
    )
    times: list[float] = []
    place: dict[float, int] = {}
    for moment in moments:
        if not times or moment - times[-1] > TOLERANCE_H:
            times.append(moment)
        place[moment] = len(times) - 1
    inputs: dict[str, Input] = {}
    absorbed: dict[tuple[str, str, int, float, bool], Input] = {}
    titrations: list[TitrationRule] = []
    for entry in entries:
        dose, begin, end = entry.dose, place[entry.begin], place[entry.end]
        if isinstance(dose, Titration):
            titrations.append(_rule(dose, times[begin], times[end]))
            continue
        for key, share in _keys(entry, split):
            given = _given(inputs, absorbed, key, times)
            _add(given, dose, share, begin, end, times[end] - times[begin])
    rules = []
    for rule, own in zip(regimen.rules, slots, strict=True):
        added: list[Mapping[Key, Input]] = []
        for slot in own:
            extra: dict[Key, Input] = {}
            for entry in slot:
                begin, end = place[entry.begin], place[entry.end]
                assert not isinstance(entry.dose, Titration)  # a rule gives none
                for key, share in _keys(entry, split):
                    _given(inputs, absorbed, key, times)  # the form is on the clock, whether the rule acts or not
                    given = extra.setdefault(key, _nothing(times))
                    _add(given, entry.dose, share, begin, end, times[end] - times[begin])
            added.append(extra)
        rules.append(dosing_rule(rule, tuple(added), regimen))
    channels = tuple(Channel(*key, given) for key, given in absorbed.items())
    origins = _origins(entries, place, times, split) if rules else {}
    return CompiledRegimen(np.array(times), inputs, tuple(titrations), channels, split, tuple(rules), origins)


def _keys(entry: _Entry, split: bool) -> Iterator[tuple[Key, float]]:
    """Where a dose enters, and its share there."""
    dose = entry.dose
    for enantiomer, share in _shares(dose, split):
        if dose.route == "intravenous":
            yield enantiomer, share
        else:
            assert not isinstance(dose, Titration)  # `require_possible`
            yield (enantiomer, dose.route, entry.part, _whole(dose), per_kg(dose.main)), share


def _given(inputs: dict[str, Input], absorbed: dict[Any, Input], key: Key, times: list[float]) -> Input:
    if isinstance(key, str):
        return inputs.setdefault(key, _nothing(times))
    return absorbed.setdefault(key, _nothing(times))


def _origins(
    entries: Sequence[_Entry], place: Mapping[float, int], times: list[float], split: bool
) -> dict[Key, np.ndarray]:
    """When the dose was taken that enters a channel in each interval; into a vein, the interval itself."""
    found: dict[Key, np.ndarray] = {}
    for entry in entries:
        if entry.dose.route == "intravenous":
            continue
        for key, _ in _keys(entry, split):
            own = found.setdefault(key, np.array(times[:-1]))
            begin = place[entry.begin]
            own[begin : max(place[entry.end], begin + 1)] = entry.taken
    return found


def _slot(rule: AnyRule, at: float, ways: Uptakes) -> Iterator[_Entry]:
    """What a giving rule adds when it acts `at` [h]."""
    if isinstance(rule, GIVING):
        moved = rule.dose.model_copy(update={"start": Measure.of(at, "h")})
        yield from _entries((moved,), ways)


def _nothing(times: list[float]) -> Input:
    return Input(*(np.zeros(len(times) - 1) for _ in range(4)))


def _entries(doses: Sequence[AnyDose], ways: Uptakes) -> Iterator[_Entry]:
    for dose in doses:
        for start in dose.starts():
            for part, uptake in enumerate(ways[dose.route]):
                begin = float(start) + uptake.lag
                lasts = dose.hours if uptake.duration is None else max(uptake.duration, dose.hours)
                yield _Entry(dose, part, begin, begin + lasts, float(start))


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


def _whole(dose: Bolus | Infusion) -> float:
    """The whole amount of one occasion as base [mg or mg/kg]."""
    return dose.in_base(dose.main) * (dose.hours if dose.main.unit.endswith("/h") else 1.0)


def _add(given: Input, dose: Bolus | Infusion, share: float, begin: int, end: int, hours: float) -> None:
    amount = share * _whole(dose)
    if begin == end:
        target = given.bolus_per_kg if per_kg(dose.main) else given.bolus
        target[begin] += amount
        return
    target = given.rate_per_kg if per_kg(dose.main) else given.rate
    target[begin:end] += amount / hours  # the breakpoints' own hours: merging them changes no amount


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


def _shares(dose: AnyDose, split: bool) -> tuple[tuple[str, float], ...]:
    if dose.enantiomer == "racemic" and split:
        return ("S", 0.5), ("R", 0.5)
    return ((dose.enantiomer, 1.0),)


def _moments(regimen: Regimen, entries: Sequence[_Entry]) -> Iterator[float]:
    for entry in entries:
        yield entry.begin
        yield entry.end
        if isinstance(entry.dose, Titration):
            yield from (float(t) for t in _rule(entry.dose, entry.begin, entry.end).assessments)


def _clock_end(regimen: Regimen, horizon_h: float | None, entries: Sequence[_Entry]) -> float:
    """The end of the clock [h]: what is given at once belongs to the interval after it, so it is never the last."""
    at_once = max((entry.begin for entry in entries if entry.begin == entry.end), default=0.0)
    end = max(regimen.end, horizon_h or 0.0, *(entry.end for entry in entries), 0.0)
    return end + _TAIL_H if end - at_once <= TOLERANCE_H else end


def require_possible(regimen: Regimen, horizon_h: float | None = None, routes: tuple[str, ...] | None = None) -> None:
    """Raises `ProtocolError` when `regimen` cannot be put on a clock, or uses another route than `routes`."""
    problems = [*rule_problems(regimen), *impossible_rules(regimen, routes)]
    longest = evidence.value("regimen.longest", "h")
    count = 2 + sum(4 * rule.assess.count for rule in regimen.rules)
    for n, dose in enumerate(regimen.doses):
        field = f"doses[{n}]"
        if routes is not None and dose.route not in routes:
            rule = "the kinetic model has no input by this route"
            remedy = f"choose one of {', '.join(routes)}, or a model that knows it: `unwound pk` lists them"
            problems.append(Problem(f"{field}.route", dose.route, rule, remedy))
        elif isinstance(dose, Titration) and dose.route != "intravenous":
            remedy = "write the steps as doses of their own"
            problems.append(Problem(f"{field}.route", dose.route, "a titration is run by a pump into a vein", remedy))
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
