"""Concentrations of any model for any doses, exactly: what `unwound pk` draws.

A dose enters as its model says (`entries`): at once, at a constant rate over the pump's duration, or over a zero-order
duration of its own; bioavailability scales the amount and never the duration. A racemic dose is two doses of half the
amount, one per enantiomer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from unwound.core.arrays import Array, jnp
from unwound.core.errors import InputError, Problem
from unwound.pharmacokinetics.model import Covariates, RoutedModel
from unwound.pharmacokinetics.system import delayed, solve


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
) -> Curves:
    """Concentrations at times `at` [h] in people `who` with random effects `eta`. Raises `InputError` (route).

    `delays` names effect sites and their ke0 [1/h]; each follows every analyte.
    """
    delays = delays or {}
    sites: dict[str, dict[str, np.ndarray]] = {name: {} for name in delays}
    batch = jnp.shape(who.weight)
    at = np.asarray(at, float)
    concentration: dict[str, np.ndarray] = {}
    amounts: dict[str, np.ndarray] = {}
    for enantiomer in model.enantiomers:
        breakpoints, inputs, boluses = inputs_of(model, doses, who, eta, enantiomer, batch)
        system = model.system(who, eta, enantiomer)
        own = [analyte for analyte in model.analytes if analyte.enantiomer == enantiomer]
        size = system.matrix.shape[0]
        if delays:
            system = delayed(system, list(delays.values()))
            more = jnp.zeros((len(inputs), system.matrix.shape[0] - size, *batch))
            inputs, boluses = (jnp.concatenate([given, more], axis=1) for given in (inputs, boluses))
        held, found = solve(system, breakpoints, inputs, boluses, at)
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
    """(breakpoints, rates [mg/h], boluses [mg]) into each compartment of one enantiomer."""
    names = model.compartments()
    events: list[tuple[float, float, int, np.ndarray]] = []
    for given in doses:
        for which, amount in parts_of(given, model.enantiomers):
            if which != enantiomer:
                continue
            for entry in model.entries(who, eta, enantiomer, given.route, given.amount):
                begin = given.start + entry.lag
                lasts = given.duration if entry.duration is None else max(entry.duration, given.duration)
                share = np.broadcast_to(np.asarray(entry.fraction) * amount, batch)
                events.append((begin, begin + lasts, names.index(entry.compartment), share))
    times = np.unique(np.round([0.0, 1e-3, *(t for begin, end, *_ in events for t in (begin, end))], 9))
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
    return times, jnp.asarray(rates), jnp.asarray(boluses)
