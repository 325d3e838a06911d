"""A pharmacokinetic model as mrgsolve text (R), in its published parameters, with its random effects.

    $PARAM   every number in the equations with meaning and unit       $CMT   amounts [mg]
    $OMEGA   covariance of the random effects                          $MAIN  rate constants, F and D of the doses
    $ODE     the flows                                                 $TABLE concentrations [ng/mL]

Time is in hours. Residual errors and numbers that no equation uses stand in comments.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from unwound.core.errors import InputError, Problem
from unwound.evidence import all_estimates, value
from unwound.patient.protocol import Person
from unwound.pharmacokinetics.envelopes import DOUBTS
from unwound.pharmacokinetics.model import RoutedModel
from unwound.pharmacokinetics.register import routed_model
from unwound.pharmacokinetics.routes import NOT_LINEAR
from unwound.regimen import Regimen, check_limits
from unwound.reporting.exchange.doses import who_of, with_depots
from unwound.reporting.exchange.formula import Formula, Language, names_in, number, symbol
from unwound.reporting.exchange.provenance import provenance
from unwound.reporting.exchange.sbml import Exported, concentration_name
from unwound.reporting.exchange.structure import (
    Parameter,
    Structure,
    asked_of,
    compartment_name,
    entries_of,
    parameters_of,
    structure_of,
)

CPP = Language(
    symbol=lambda name: name if name.startswith("ETA(") else name.upper(),
    number=lambda value, beside: repr(value),
    power=lambda base, power: f"pow({base}, {power})",
    largest=lambda one, other: f"({one} > {other} ? {one} : {other})",
)


@dataclass(frozen=True)
class _Entry:
    """How a dose by a route enters a compartment."""

    route: str
    compartment: str
    fraction: Formula
    duration: Formula | None


def to_mrgsolve(
    model: str, person: Person | None = None, routes: Sequence[str] = (), amount_mg: float | None = None
) -> Exported:
    """The model called `model` with the covariates of `person` as defaults, ready for doses by `routes`.

    Without `routes`: those the model was estimated with. Where bioavailability depends on the dose, it is that of
    `amount_mg` (default: one spray device). Raises `InputError` for an unknown model, a route it does not have, an
    impossible person.
    """
    amount_mg = value("perezruixo2021.device", "mg") if amount_mg is None else amount_mg
    known = routed_model(model)
    own = tuple(route for route in known.routes if f"depot_{route}" not in known.compartments())
    for route in routes:
        if route not in known.routes:
            rule, remedy = f"the model {known.prefix} has no input by this route", ", ".join(known.routes)
            raise InputError(Problem("route", route, rule, f"choose among {remedy}"))
    wanted = tuple(dict.fromkeys(routes)) or own
    kinetics = with_depots(known, wanted)
    person = person or Person()
    check_limits(Regimen(doses=()), person.weight_kg, person.age_y)  # weight and age alone
    who = who_of(person)
    whole = structure_of(kinetics, who, effects=True)
    entries, more = _entries(kinetics, wanted, amount_mg)
    structure = whole.without(whole.reachable({entry.compartment for entry in entries}))
    parameters = _parameters(kinetics, who, structure, entries, more)
    warnings = [f"{kinetics.prefix}: {DOUBTS[kinetics.prefix]}"] if kinetics.prefix in DOUBTS else []
    generic = [route for route in wanted if route not in own]
    warnings += [f"{kinetics.prefix}: the {route} input is generic (assumed rate)" for route in generic]
    warnings += [f"{kinetics.prefix}: {NOT_LINEAR[route]}" for route in wanted if route in NOT_LINEAR]
    facts = [f"Concentrations are those of {kinetics.sampling} plasma; amounts in mg, time in h.", *_how(entries)]
    if len(kinetics.enantiomers) > 1:
        facts.append("A racemic dose is two doses of half the amount, one per enantiomer.")
    if any(entry.fraction != number(1.0) for entry in entries):
        facts.append("Here F changes how long an infusion at a given RATE lasts; in unwound it changes the rate.")
    keys = [parameter.key for parameter in (*parameters, *parameters_of(kinetics))]
    head = provenance(kinetics.title, facts, keys, warnings)
    blocks = [
        ("$PROB", head),
        ("$PARAM @annotated", [_annotated(p.name.upper(), p) for p in parameters]),
        ("$CMT @annotated", [f"{name} : {_words(name)} (mg)" for name in _compartments(structure)]),
        *_omega(kinetics),
        ("$MAIN", _main(structure, entries)),
        ("$ODE", _ode(structure)),
        ("$TABLE", _table(structure)),
        ("$CAPTURE @annotated", [_capture(r.analyte, kinetics.sampling) for r in structure.readouts]),
    ]
    text = "\n\n".join("\n".join([name, *lines]) for name, lines in blocks if lines)
    return Exported(f"{text}\n\n{_unused(kinetics, parameters)}\n", tuple(warnings))


def _entries(model: RoutedModel, routes: Sequence[str], amount: float) -> tuple[list[_Entry], list[Parameter]]:
    """How doses by `routes` enter, and the bioavailabilities that are no number of the record."""
    rows = all_estimates()
    lasting = {p.value: symbol(p.name) for p in parameters_of(model) if p.name.endswith("_duration")}
    found: list[_Entry] = []
    more: dict[str, Parameter] = {}
    for route in routes:
        for enantiomer in model.enantiomers:
            for entry, fraction in entries_of(model, enantiomer, route, amount):
                if fraction.head == "number" and fraction != number(1.0):
                    key = f"route.{route}_fraction"
                    more[route] = Parameter(f"fraction_{route}", fraction.number, "1", rows[key].about, key)
                    fraction = symbol(more[route].name)
                lasts = lasting[entry.duration] if entry.duration else None
                name = compartment_name(model, enantiomer, entry.compartment)
                found.append(_Entry(route, name, fraction, lasts))
    return found, list(more.values())


def _parameters(
    model: RoutedModel, who: dict[str, float], structure: Structure, entries: list[_Entry], more: list[Parameter]
) -> list[Parameter]:
    """What the equations use: the record's numbers, routes, covariates."""
    used = {parameter.name for parameter in structure.parameters}
    for entry in entries:
        used |= names_in(entry.fraction) | (names_in(entry.duration) if entry.duration else set())
    known = {p.name: p for p in (*parameters_of(model), *structure.parameters, *more, *asked_of(who))}
    return [parameter for name, parameter in known.items() if name in used]


def _main(structure: Structure, entries: list[_Entry]) -> list[str]:
    lines = [f"double {_rate(f.source, f.target)} = {CPP.write(f.rate)};  // 1/h" for f in structure.flows]
    for entry in entries:
        if entry.fraction != number(1.0):
            lines.append(f"F_{entry.compartment} = {CPP.write(entry.fraction)};")
        if entry.duration is not None:
            lines.append(f"D_{entry.compartment} = {CPP.write(entry.duration)};  // h")
    return lines


def _ode(structure: Structure) -> list[str]:
    lines = []
    for name in _compartments(structure):
        into = [f"{_rate(f.source, f.target)}*{f.source}" for f in structure.flows if f.target == name]
        out = [f"{_rate(f.source, f.target)}*{f.source}" for f in structure.flows if f.source == name]
        right = " + ".join(into) + "".join(f" - {term}" for term in out)
        lines.append(f"dxdt_{name} = {right.strip()};")
    return lines


def _table(structure: Structure) -> list[str]:
    return [
        f"double {concentration_name(r.analyte)} = 1000.0*{CPP.write(r.per_amount)}*{r.compartment};  // ng/mL"
        for r in structure.readouts
    ]


def _omega(model: RoutedModel) -> list[tuple[str, list[str]]]:
    """The covariance, as independent variances where it is diagonal."""
    matrix = np.asarray(model.covariance())
    names = [f"// ETA({n}): {name}" for n, name in enumerate(model.random_effects, 1)]
    if not len(matrix):
        return []
    if not (matrix - np.diag(np.diag(matrix))).any():
        return [("$OMEGA", [*names, *(repr(float(v)) for v in np.diag(matrix))])]
    rows = [" ".join(repr(float(v)) for v in row[: n + 1]) for n, row in enumerate(matrix)]
    return [("$OMEGA @block", [*names, *rows])]


def _unused(model: RoutedModel, parameters: Sequence[Parameter]) -> str:
    """Residual errors, and what else no equation above uses, as comments."""
    used = {parameter.name for parameter in parameters}
    rest = [parameter for parameter in parameters_of(model) if parameter.name not in used]
    lines = [f"// {_annotated(p.name.upper(), p)}" for p in rest]
    return "\n".join(["// Residual errors (a proportional SD of 0.2 is 20 %), variances and other numbers:", *lines])


def _how(entries: list[_Entry]) -> list[str]:
    """How to write the dose records of each route."""
    said: dict[str, list[str]] = {}
    for entry in entries:
        rate = ", RATE = -2" if entry.duration is not None else ""
        said.setdefault(entry.route, []).append(f"CMT = {entry.compartment}{rate}")
    return [f"Dose {route}: the whole AMT into {'; '.join(ways)}" for route, ways in said.items()]


def _compartments(structure: Structure) -> list[str]:
    return list(dict.fromkeys(flow.source for flow in structure.flows))


def _rate(source: str, target: str | None) -> str:
    return f"k_{source.removeprefix('A_')}_to_{target.removeprefix('A_') if target else 'out'}"


def _annotated(name: str, parameter: Parameter) -> str:
    return f"{name} : {parameter.value!r} : {parameter.about.replace(':', ',')} ({parameter.unit})"


def _capture(analyte: str, site: str) -> str:
    return f"{concentration_name(analyte)} : {analyte}, {site} plasma (ng/mL)"


def _words(name: str) -> str:
    return name.removeprefix("A_").replace("_", " ")
