"""Routes other than a vein, for models that were estimated with intravenous doses only.

A dose by another route enters a depot with the bioavailability of the route and leaves it for the central compartment
at a first-order rate. Bioavailabilities are measured, rate constants assumed (table rows `route.*`). With a pump (RATE)
the duration stays what it is and bioavailability scales the rate. Inhalation is not linear (absorption falls as plasma
rises): the straight line used here is marked in a warning.
"""

from __future__ import annotations

from unwound.core.errors import InputError, Problem
from unwound.evidence import value
from unwound.pharmacokinetics.model import Entry

BY_DEPOT = ("intramuscular", "subcutaneous", "sublingual", "rectal", "oral", "nasal", "inhaled")
NOT_LINEAR = {"inhaled": "absorption from the lung falls as plasma concentration rises; drawn as a straight line"}


def require_route(model: str, route: str, known: tuple[str, ...]) -> None:
    """Refuse a route the model does not know. Raises `InputError`."""
    if route not in known:
        rule = f"the model {model} has no input by this route"
        raise InputError(Problem("route", route, rule, "choose one of " + ", ".join(known)))


def depot_rate(route: str) -> float:
    """First-order rate constant [1/h] of a route's depot."""
    return value(f"route.{route}_rate", "1/h")


def route_keys(route: str) -> tuple[str, ...]:
    """Evidence keys the generic input by `route` rests on."""
    return (f"route.{route}_fraction", f"route.{route}_rate") if route in BY_DEPOT else ()


def simple_entries(route: str) -> tuple[Entry, ...]:
    """The generic input: straight into the central compartment, or through the depot of the route."""
    if route == "intravenous":
        return (Entry("central", 1.0, None),)
    return (Entry(f"depot_{route}", value(f"route.{route}_fraction", "1"), None),)
