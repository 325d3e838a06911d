"""Power of a trial file: how often virtual copies of it find what they look for, and how many patients that takes.

One large run is conducted (replicates times the largest size), and every smaller trial is cut from it
(`unwound.trials.subsets`): the sizes share people and random numbers, so a curve is smooth and cheap. Designs that
cannot be cut are conducted anew at each size, with the same seed.

    sizes        power and mean difference at each size, for every comparison with the control
    target       the smallest size that reaches a power (`unwound.trials.analysis.power`)
    visits       the same endpoint seen at every visit, as if the trial had ended there
    expectancy   the same trial when who feels something expects more: 0, 25 and 50 % (`unwound.trials.expectancy`)
    no effect    the same trial with saline in every arm: it must find something as often as its level says

A two-sided test that rejects counts, in whichever direction. Dose groups are each compared at the full level.

Leaves out: that the assumed effect is uncertain (other hypotheses, other numbers), which weighs more than Monte-Carlo
error; corrections for several comparisons or several looks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from unwound.core.errors import InputError, Problem
from unwound.core.strict import Measure
from unwound.patient.setting import Setting
from unwound.trials.analysis import Power, SampleSize, power_of, sample_size
from unwound.trials.conduct import conduct
from unwound.trials.endpoint import Endpoint
from unwound.trials.endpoint_rows import Pair, comparisons, level_of, unit_of
from unwound.trials.expectancy import SHARES, felt_by_group, with_share
from unwound.trials.result import TrialResult
from unwound.trials.subsets import counted, first_patients, first_visits, own_size, resized, why_anew, without_effect
from unwound.trials.trial import Trial

WEEK_H = 168.0
FEWEST = 5
"""The smallest trial that the search for a target looks at."""
MOST = 10_000  # patients of an arm, as in a trial file


@dataclass(frozen=True)
class Point:
    """Power at one size, one visit or one share of expectancy, for one comparison."""

    power: Power
    difference: float  # mean over virtual trials, in the unit of the endpoint

    def as_dict(self) -> dict[str, Any]:
        """For the doors."""
        p = self.power
        return {"power": p.share, "error": p.error, "interval": [p.low, p.high], "difference": self.difference}


@dataclass(frozen=True)
class Curve:
    """One comparison over the sizes asked for."""

    label: str
    arm: str
    control: str
    points: dict[int, Point]
    found: SampleSize | None
    """The size for the target; None where the largest size does not reach it."""


@dataclass(frozen=True)
class UnderShare:
    """Power under one share of expectancy, at `TrialPower.at_size`."""

    share_percent: float
    points: dict[str, Point]
    felt_percent: dict[str, float]


@dataclass(frozen=True)
class TrialPower:
    """Everything that `unwound trial power` tells."""

    trial: Trial
    setting: Setting
    endpoint: Endpoint
    replicates: int
    sizes: tuple[int, ...]
    target: float
    curves: tuple[Curve, ...]
    at_size: int
    """The size at which visits, expectancy and the check are told: that of the target, or the largest."""
    visits: dict[float, dict[str, Point]]  # weeks -> comparison -> power
    expectancy: tuple[UnderShare, ...]
    no_effect: dict[str, Point]
    lost: float
    """Share of the randomized without a rating at the visit of the endpoint."""
    notes: tuple[str, ...]
    warnings: tuple[str, ...]
    keys: tuple[str, ...]
    failed: int = 0  # people whose numbers must not be used

    @property
    def counted(self) -> str:
        """What a size counts, in words."""
        return counted(self.trial)

    @property
    def unit(self) -> str:
        """The unit of the differences."""
        return unit_of(self.endpoint)

    @property
    def level(self) -> float:
        """The level of the test."""
        return level_of(self.endpoint)

    def patients(self, size: int) -> int:
        """All patients of a trial of this size."""
        return resized(self.trial, size).size


@dataclass(frozen=True)
class Asked:
    """What is wanted beside the curve over sizes."""

    sizes: tuple[int, ...] = ()  # default: half, once, one and a half times and twice the file's own
    target: float = 0.8
    endpoint: int | None = None  # the number in the file, from 1; default: the primary one
    visits: bool = False
    expectancy: bool = True
    no_effect: bool = False


def trial_power(
    trial: Trial, setting: Setting, replicates: int, asked: Asked | None = None,
    progress: Callable[[int], None] | None = None,
) -> TrialPower:  # fmt: skip
    """Power of `trial` over sizes. Raises `InputError` for what cannot be asked, and what `conduct` raises."""
    asked = asked or Asked()
    endpoint, notes = chosen_endpoint(trial, asked.endpoint)
    sizes = sizes_asked(trial, asked)
    trials = _Trials(trial, setting, replicates, sizes[-1], progress)
    curves = _curves(trials, endpoint, sizes, asked.target)
    at = curves[0].found.per_arm if curves[0].found else sizes[-1]
    whole = trials.at(at)
    visits: dict[float, dict[str, Point]] = {}
    if asked.visits:
        visits, note = _over_visits(whole, endpoint)
        notes += note
    expectancy: tuple[UnderShare, ...] = ()
    if asked.expectancy and trial.blinding.unblinded_by == "nothing":
        notes.append('expectancy is not told: the file says unblinded_by = "nothing"')
    elif asked.expectancy:
        expectancy = tuple(_under(trials, endpoint, share, at) for share in SHARES)
    no_effect = {}
    if asked.no_effect:
        chance = conduct(resized(without_effect(trial), at), setting, replicates, progress)
        no_effect = _points(comparisons(chance, endpoint))
    if trials.anew:
        notes.append(trials.anew)
    return TrialPower(
        trial, setting, endpoint, replicates, sizes, asked.target, curves, at, visits, expectancy, no_effect,
        _lost(whole, endpoint), tuple(notes), tuple(str(w) for w in whole.limit_warnings), whole.keys,
        len(whole.course.failed()),
    )  # fmt: skip


def chosen_endpoint(trial: Trial, number: int | None) -> tuple[Endpoint, list[str]]:
    """The endpoint asked for, or the primary one; with what a reader must know of the choice."""
    if trial.design == "single arm":
        rule = "a trial with a single arm compares nothing, so it has no power"
        raise InputError(Problem("trial", trial.name, rule, "add an arm it is compared with"))
    if number is not None and not 1 <= number <= len(trial.endpoints):
        rule = f"the file has {len(trial.endpoints)} endpoints, counted from 1"
        remedy = "; ".join(f"{n}: {told(one)}" for n, one in enumerate(trial.endpoints, 1)) or "leave --endpoint out"
        raise InputError(Problem("endpoint", number, rule, remedy))
    if number is not None:
        found = trial.endpoints[number - 1]
        if found.analyzed == "none":
            rule = f"{told(found)} is only described, never tested"
            raise InputError(Problem("endpoint", number, rule, "choose another, or give it an analysis"))
        return found, []
    tested = [one for one in trial.endpoints if one.analyzed != "none"]
    if primary := next((one for one in tested if one.primary), None):
        return primary, []
    if tested:
        return tested[0], [f"no endpoint is marked as primary: the first one, {told(tested[0])}, is taken"]
    weeks = trial.visit_h[-1] / WEEK_H
    at = f"{weeks!r} week{'' if weeks == 1 else 's'}".replace(".0 ", " ")
    last = Endpoint(measure="pain NRS", at=at)  # type: ignore[arg-type]
    return last, [f"the file tests no endpoint: {told(last)} by t test is taken"]


def told(endpoint: Endpoint) -> str:
    """``pain NRS at 4 weeks``."""
    return endpoint.name if endpoint.at is None else f"{endpoint.name} at {endpoint.at}"


def sizes_asked(trial: Trial, asked: Asked) -> tuple[int, ...]:
    """The sizes in order, each once."""
    own, least = own_size(trial), 4 if trial.patients is not None else 2
    sizes = asked.sizes or tuple(max(least, round(own * times)) for times in (0.5, 1.0, 1.5, 2.0))
    problems = [
        Problem("sizes", size, f"must be a whole number from {least} to {MOST:,} ({counted(trial)})", "write 20,40,60")
        for size in sizes
        if not least <= size <= MOST
    ]
    if not 0.0 < asked.target < 1.0:
        problems.append(Problem("target", asked.target, "must lie between 0 and 1", "write 80 % as 0.8"))
    if problems:
        raise InputError(problems)
    return tuple(sorted(set(sizes)))


def people_followed(trial: Trial, replicates: int, asked: Asked) -> int:
    """About how many people are followed in all: for a progress bar."""
    sizes = sizes_asked(trial, asked)
    whole = [resized(trial, size).size for size in sizes]
    runs = sum(whole) if why_anew(trial) else whole[-1]
    others = 0
    if asked.expectancy and trial.blinding.unblinded_by != "nothing":
        others = len([s for s in SHARES if s != trial.blinding.expectancy.value])
    return replicates * (runs + whole[-1] * (others + asked.no_effect))


@dataclass
class _Trials:
    """The trial at any size: cut from one large run where the design allows it."""

    trial: Trial
    setting: Setting
    replicates: int
    largest: int
    progress: Callable[[int], None] | None
    runs: dict[tuple[float, int], TrialResult] = field(default_factory=dict)

    @property
    def anew(self) -> str:
        return why_anew(self.trial)

    def at(self, size: int, share: float | None = None) -> TrialResult:
        """The trial of `size`, under its own share of expectancy or another [percent]."""
        own = self.trial.blinding.expectancy.value
        share = own if share is None else share
        conducted = size if self.anew else self.largest
        if (share, conducted) not in self.runs:
            if self.anew or share != own:
                self.runs = {key: run for key, run in self.runs.items() if key == (own, self.largest)}  # one more only
            trial = self.trial if share == own else with_share(self.trial, share)
            self.runs[share, conducted] = conduct(
                resized(trial, conducted), self.setting, self.replicates, self.progress
            )
        run = self.runs[share, conducted]
        return run if self.anew else first_patients(run, size)


def _curves(trials: _Trials, endpoint: Endpoint, sizes: Sequence[int], target: float) -> tuple[Curve, ...]:
    known: dict[int, dict[str, Pair]] = {}

    def pairs(size: int) -> dict[str, Pair]:
        if size not in known:
            known[size] = comparisons(trials.at(size), endpoint)
        return known[size]

    largest = pairs(sizes[-1])
    for size in sizes:
        pairs(size)
    smallest = sizes[0] if trials.anew else min(FEWEST, sizes[0])
    seed, curves = trials.setting.seed, []
    for label, pair in largest.items():
        points = {size: _points(pairs(size))[label] for size in sizes}
        found = None
        if points[sizes[-1]].power.share >= target and smallest < sizes[-1]:
            found = sample_size(
                lambda n, _, label=label: pairs(n)[label].rejects,  # type: ignore[misc]
                target, seed, smallest, sizes[-1],
            )  # fmt: skip
        curves.append(Curve(label, pair.arm, pair.control, points, found))
    return tuple(curves)


def _points(pairs: dict[str, Pair]) -> dict[str, Point]:
    return {label: Point(power_of(pair.rejects), float(np.nanmean(pair.difference))) for label, pair in pairs.items()}


def _over_visits(result: TrialResult, endpoint: Endpoint) -> tuple[dict[float, dict[str, Point]], list[str]]:
    """The endpoint at every visit after the first, or of a trial that ends there."""
    if endpoint.measure == "adverse event":
        return {}, ["power over visits is not told: adverse events are those of the whole course"]
    if endpoint.at is None and result.trial.crossover is not None:
        return {}, [f"power over visits is not told: {endpoint.name} of a crossover is that of whole periods"]
    found = {}
    for number, hour in enumerate(result.trial.visit_h):
        if number == 0:
            continue
        if endpoint.at is None:
            pairs = comparisons(first_visits(result, number), endpoint)
        else:
            pairs = comparisons(result, endpoint.model_copy(update={"at": Measure.of(hour, "h")}))
        found[hour / WEEK_H] = _points(pairs)
    return found, []


def _under(trials: _Trials, endpoint: Endpoint, share: float, size: int) -> UnderShare:
    result = trials.at(size, share)
    return UnderShare(share, _points(comparisons(result, endpoint)), felt_by_group(result))


def _lost(result: TrialResult, endpoint: Endpoint) -> float:
    """Share of the randomized who have no rating at the visit of the endpoint (the last one where it has none)."""
    trial = result.trial
    visit = result.visit(endpoint.at.value) if endpoint.at else len(trial.visit_h) - 1
    place = len(result.visits_h) - len(trial.visit_h) + visit
    return float(np.isnan(result.ratings[place][result.randomized]).mean())
