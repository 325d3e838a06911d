"""From a regimen to what a model takes up: doses in mg for one person, judged, on the model's own entries.

Intravenous doses are judged by `check_limits`, the safety contract. Other routes have limits of their own in the same
evidence page (`dose_limits`); where a route has none, the amount per day is held to the intravenous one. A titration
is decided by the side effects it meets, so it has no course before it is computed and is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from unwound import evidence
from unwound.core.arrays import jnp
from unwound.core.errors import InputError, Problem, UnsafeDose
from unwound.pharmacokinetics.curves import Given, _inputs, parts_of
from unwound.pharmacokinetics.model import Covariates, RoutedModel
from unwound.regimen import Regimen, Titration, check_limits
from unwound.regimen.doses import AnyDose
from unwound.regimen.measures import per_kg
from unwound.regimen.peaks import form_of

HOURS = {"day": 24.0, "week": 168.0}


def given_of(doses: Sequence[AnyDose], weight_kg: float) -> list[Given]:
    """`doses` for a person of `weight_kg`, occasion by occasion, in mg of base. Raises `InputError`."""
    found = []
    for place, dose in enumerate(doses):
        if isinstance(dose, Titration):
            remedy = "write the rates it reaches as infusions"
            raise InputError(Problem(f"doses[{place}]", str(dose), "a titration depends on what it meets", remedy))
        amount = dose.in_base(dose.main) * (weight_kg if per_kg(dose.main) else 1.0)
        if dose.main.unit.endswith("/h"):
            amount *= dose.hours
        for start in dose.starts():
            found.append(Given(float(start), amount, dose.hours, dose.enantiomer, dose.route))
    return sorted(found, key=lambda given: given.start)


def checked(regimen: Regimen, weight_kg: float, age_y: float | None) -> list[str]:
    """The warnings of a regimen by any routes. Raises `UnsafeDose` with everything beyond a hard limit."""
    veins = tuple(dose for dose in regimen.doses if dose.route == "intravenous")
    warnings = [str(warning) for warning in check_limits(_only(regimen, veins), weight_kg, age_y)]
    refused: list[Problem] = []
    others = {(dose.route, form_of(dose)) for dose in regimen.doses if dose.route != "intravenous"}
    for route, form in sorted(others):
        mine = [d for d in regimen.doses if d.route == route and form_of(d) == form]
        for used, problem in _judged(given_of(mine, weight_kg), route, form, regimen.setting, weight_kg):
            if used > 1.0 + 1e-9:
                refused.append(problem)
            else:
                warnings.append(str(problem))
    if refused:
        raise UnsafeDose(refused, regimen.title)
    return warnings


def _only(regimen: Regimen, doses: tuple[AnyDose, ...]) -> Regimen:
    return regimen.model_copy(update={"doses": doses})


def _judged(
    given: Sequence[Given], route: str, form: str, setting: str, weight_kg: float
) -> list[tuple[float, Problem]]:
    """What exceeds a soft limit: (share of the hard limit, what to say)."""
    rows = [x for x in evidence.dose_limits() if (x.form, x.setting) == (form, setting)]
    own = [row for row in rows if row.route == route]
    daily = [row for row in rows if row.route == "intravenous" and row.quantity == "total_per_day_per_kg"]
    starts, amounts = np.array([g.start for g in given]), np.array([g.amount for g in given])
    sizes = {
        "bolus_per_kg": ("amount given at once", amounts.max() / weight_kg),
        "total_per_day_per_kg": ("amount within a day", _most(starts, amounts, HOURS["day"]) / weight_kg),
        "total_per_day": ("amount within a day", _most(starts, amounts, HOURS["day"])),
        "doses_per_week": ("number of days with a dose in a week", _days(starts)),
    }
    found = []
    written = [row for row in own if row.quantity in sizes]
    for row in written if any("day" in row.quantity for row in written) else [*written, *daily]:
        what, size = sizes[row.quantity]
        if size > row.soft * (1.0 + 1e-9):
            kind, top = ("hard", row.hard) if size > row.hard * (1.0 + 1e-9) else ("soft", row.soft)
            source = f"{form} ketamine, {row.route}, {setting}; {row.basis}: {', '.join(row.cite)}"
            rule = f"the {what} is {size:.3g} {row.unit}, above the {kind} limit of {top:g} {row.unit} [{source}]"
            remedy = "give less, or less often" if kind == "hard" else "it loads; check that it is meant"
            found.append((size / row.hard, Problem("doses", f"{len(given)} {route}", rule, remedy)))
    return found


def _most(starts: np.ndarray, amounts: np.ndarray, hours: float) -> float:
    inside = (starts[None, :] >= starts[:, None]) & (starts[None, :] < starts[:, None] + hours - 1e-9)
    return float((inside @ amounts).max())


def _days(starts: np.ndarray) -> float:
    days = np.unique(np.floor(starts / HOURS["day"] + 1e-9))
    return float(max(((days >= day) & (days < day + 7)).sum() for day in days))


@dataclass(frozen=True)
class Switch:
    """What changes at a time [h]: new input rates [mg/h] and amounts given at once [mg], by compartment."""

    time: float
    rates: dict[str, float]
    boluses: dict[str, float]


def switches(model: RoutedModel, given: Sequence[Given], who: dict[str, float], enantiomer: str) -> list[Switch]:
    """When the input into the compartments of one enantiomer changes, the start included. Raises `InputError`."""
    for dose in given:
        parts_of(dose, model.enantiomers)
    person = Covariates(*(jnp.asarray(value) for value in who.values()))
    eta = jnp.zeros(len(model.random_effects))
    times, rates, boluses = (np.asarray(a) for a in _inputs(model, given, person, eta, enantiomer, ()))
    names = model.compartments()
    before, found = np.zeros(len(names)), []
    for time, rate, bolus in zip(times, [*rates, np.zeros(len(names))], [*boluses, np.zeros(len(names))], strict=True):
        changed = {name: float(r) for name, r, b in zip(names, rate, before, strict=True) if r != b}
        at_once = {name: float(b) for name, b in zip(names, bolus, strict=True) if b}
        if changed or at_once:
            found.append(Switch(float(time), changed, at_once))
        before = rate
    return found
