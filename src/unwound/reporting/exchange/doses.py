"""From doses to what enters a model's compartments, and when: the entries the engine itself uses."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from unwound.core.arrays import jnp
from unwound.patient.given_doses import covariates_of
from unwound.patient.protocol import Person
from unwound.pharmacokinetics.curves import Given, inputs_of, parts_of
from unwound.pharmacokinetics.mammillary import Mammillary
from unwound.pharmacokinetics.model import Covariates, RoutedModel
from unwound.reporting.exchange.structure import COVARIATES


@dataclass(frozen=True)
class Switch:
    """What changes at a time [h]: new input rates [mg/h] and amounts given at once [mg], by compartment."""

    time: float
    rates: dict[str, float]
    boluses: dict[str, float]


def who_of(person: Person) -> dict[str, float]:
    """A person's covariates by name."""
    covariates = covariates_of(person)
    return {name: float(getattr(covariates, name)[0]) for name in COVARIATES}


def with_depots(model: RoutedModel, routes: Sequence[str]) -> RoutedModel:
    """`model` with the depots of these routes only."""
    if isinstance(model, Mammillary):
        return dataclasses.replace(model, depots=tuple(route for route in model.depots if route in routes))
    return model


def switches(model: RoutedModel, given: Sequence[Given], who: dict[str, float], enantiomer: str) -> list[Switch]:
    """When the input into the compartments of one enantiomer changes. Raises `InputError` (drug form, route)."""
    for dose in given:
        parts_of(dose, model.enantiomers)
    person = Covariates(*(jnp.asarray(value) for value in who.values()))
    eta = jnp.zeros(len(model.random_effects))
    clock, *taken = (np.asarray(a) for a in inputs_of(model, given, person, eta, enantiomer, ()))
    names = model.compartments()
    rates, boluses = (np.vstack([part, np.zeros(len(names))]) for part in taken)  # nothing enters after the clock
    found = []
    for time, before, rate, bolus in zip(clock, np.vstack([np.zeros(len(names)), rates]), rates, boluses, strict=False):
        changed = {name: float(now) for name, now, then in zip(names, rate, before, strict=True) if now != then}
        at_once = {name: float(amount) for name, amount in zip(names, bolus, strict=True) if amount}
        if changed or at_once:
            found.append(Switch(float(time), changed, at_once))
    return found
