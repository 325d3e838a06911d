"""Concentrations of any model for any doses, exactly: what `unwound pk` draws.

A dose enters as its model says (`entries`): at once, at a constant rate over the pump's duration, or over a zero-order
duration of its own; bioavailability scales the amount and never the duration. A racemic dose is two doses of half the
amount, one per enantiomer. Where a model varies from occasion to occasion (`OccasionModel`), its parameters change at
the first dose of each occasion, and what is still in the body goes on under the new ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

import numpy as np

from unwound.core.arrays import Array, jnp
from unwound.core.errors import InputError, Problem
from unwound.pharmacokinetics.model import Covariates, Entry, OccasionModel, RoutedModel
from unwound.pharmacokinetics.system import Ending, LinearSystem, delayed, solve
from unwound.pharmacokinetics.variability import occasion_of, occasions_of

Occasions = Mapping[int, Array]
"""Occasion effects (effects, *batch) by the number of the occasion (`variability.occasions_of`)."""


@dataclass(frozen=True)
class Given:
    """One dose as it is given: `amount` [mg of base of this drug form] from `start` [h] over `duration` [h]."""

    start: float
    amount: float
    duration: float
    enantiomer: str
    route: str


@dataclass(frozen=True)
class Curves:
    """Concentrations [ng/mL] by analyte, (times, *batch), and what has not yet left the compartments [mg]."""

    time_h: np.ndarray
    concentration: dict[str, np.ndarray]
    amounts: dict[str, np.ndarray]  # enantiomer -> (times, compartments, *batch)
    sites: dict[str, dict[str, np.ndarray]] = field(default_factory=dict)
    """Effect-site concentrations [ng/mL] by site and analyte."""


def parts_of(given: Given, known: tuple[str, ...]) -> list[tuple[str, float]]:
    """(enantiomer, mg) that a dose gives to a model that knows the forms `known`. Raises `InputError`."""
    if given.enantiomer in known:
        return [(given.enantiomer, given.amount)]
    if given.enantiomer == "racemic" and {"S", "R"} <= set(known):
        return [("S", given.amount / 2.0), ("R", given.amount / 2.0)]
    rule = f"this model describes {' and '.join(known)} only"
    raise InputError(Problem("enantiomer", given.enantiomer, rule, "choose a model that knows this form of the drug"))


def curves(
    model: RoutedModel,
    doses: Sequence[Given],
    who: Covariates,
    eta: Array,
    at: np.ndarray,
    delays: Mapping[str, float] | None = None,
    occasions: Occasions | None = None,
) -> Curves:
    """Concentrations at times `at` [h] in people `who` with random effects `eta`. Raises `InputError` (route).

    `delays` names effect sites and their ke0 [1/h]; each follows every analyte. `occasions` holds the effects of every
    occasion on which a dose begins (None: typical ones).
    """
    delays = delays or {}
    sites: dict[str, dict[str, np.ndarray]] = {name: {} for name in delays}
    batch = jnp.shape(who.weight)
    at = np.asarray(at, float)
    concentration: dict[str, np.ndarray] = {}
    amounts: dict[str, np.ndarray] = {}
    for enantiomer in model.enantiomers:
        breakpoints, inputs, boluses, endings = _clock_of(model, doses, who, eta, enantiomer, batch, occasions)
        system, *later = _systems(model, doses, who, eta, enantiomer, occasions)
        own = [analyte for analyte in model.analytes if analyte.enantiomer == enantiomer]
        size = system[1].matrix.shape[0]
        if delays:
            system, *later = ((start, delayed(one, list(delays.values()))) for start, one in (system, *later))
            more = jnp.zeros((len(inputs), system[1].matrix.shape[0] - size, *batch))
            inputs, boluses = (jnp.concatenate([given, more], axis=1) for given in (inputs, boluses))
        held, found = solve(system[1], breakpoints, inputs, boluses, at, endings, later)
        amounts[enantiomer] = np.asarray(held)[:, :size]
        for place, analyte in enumerate(own):
            concentration[analyte.name] = 1000.0 * np.asarray(found[:, place])
            for n, name in enumerate(delays):
                column = len(own) + place * len(delays) + n
                sites[name][analyte.name] = 1000.0 * np.asarray(found[:, column])
    return Curves(at, concentration, amounts, sites)


def inputs_of(
    model: RoutedModel, doses: Sequence[Given], who: Covariates, eta: Array, enantiomer: str, batch: tuple[int, ...]
) -> tuple[np.ndarray, Array, Array]:
    """(breakpoints, rates [mg/h], boluses [mg]) into each compartment of one enantiomer, on typical occasions."""
    times, rates, boluses, _ = _clock_of(model, doses, who, eta, enantiomer, batch, None)
    return times, rates, boluses


def _systems(
    model: RoutedModel, doses: Sequence[Given], who: Covariates, eta: Array, enantiomer: str,
    occasions: Occasions | None,
) -> list[tuple[float, LinearSystem]]:  # fmt: skip
    """(when it takes over [h], system) of every occasion."""
    if not model.occasion_effects or occasions is None:
        return [(0.0, model.system(who, eta, enantiomer))]
    own = cast(OccasionModel, model)
    begins = occasions_of(dose.start for dose in doses)
    return [(start, own.system(who, eta, enantiomer, occasions[number])) for number, start in begins.items()]


def _entries(
    model: RoutedModel, given: Given, amount: float, who: Covariates, eta: Array, enantiomer: str,
    occasions: Occasions | None,
) -> tuple[Entry, ...]:  # fmt: skip
    if not model.occasion_effects or occasions is None:
        return model.entries(who, eta, enantiomer, given.route, amount)
    kappa = occasions[occasion_of(given.start)]
    return cast(OccasionModel, model).entries(who, eta, enantiomer, given.route, amount, kappa)


def _clock_of(
    model: RoutedModel, doses: Sequence[Given], who: Covariates, eta: Array, enantiomer: str, batch: tuple[int, ...],
    occasions: Occasions | None,
) -> tuple[np.ndarray, Array, Array, list[Ending]]:  # fmt: skip
    """(breakpoints, rates [mg/h], boluses [mg]) into each compartment, and inputs that end at people's own times."""
    names = model.compartments()
    events: list[tuple[float, float, int, np.ndarray]] = []
    endings: list[Ending] = []
    for given in doses:
        for which, amount in parts_of(given, model.enantiomers):
            if which != enantiomer:
                continue
            for entry in _entries(model, given, amount, who, eta, enantiomer, occasions):
                begin = given.start + entry.lag
                lasts = given.duration if entry.duration is None else np.maximum(entry.duration, given.duration)
                share = np.broadcast_to(np.asarray(entry.fraction) * amount, batch)
                place = names.index(entry.compartment)
                if np.ndim(lasts):
                    endings.append(Ending(place, begin, begin + np.asarray(lasts), share / np.asarray(lasts)))
                else:
                    events.append((begin, begin + float(lasts), place, share))
    moments = [t for begin, end, *_ in events for t in (begin, end)] + [ending.start for ending in endings]
    moments += [*occasions_of(dose.start for dose in doses).values()] if occasions is not None else []
    times = np.unique(np.round([0.0, 1e-3, *moments], 9))
    rates = np.zeros((len(times) - 1, len(names), *batch))
    boluses = np.zeros_like(rates)
    for begin, end, place, share in events:
        first, last = np.searchsorted(times, np.round([begin, end], 9))
        if first == last:
            if first == len(rates):  # a bolus at the very end of the clock opens one more interval
                times = np.append(times, times[-1] + 1.0)
                rates, boluses = (np.concatenate([a, np.zeros_like(a[:1])]) for a in (rates, boluses))
            boluses[first, place] += share
        else:
            rates[first:last, place] += share / (times[last] - times[first])  # the clock's own hours
    return times, jnp.asarray(rates), jnp.asarray(boluses), endings
