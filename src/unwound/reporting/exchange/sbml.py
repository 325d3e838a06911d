"""A regimen in one typical person as SBML Level 3 Version 2: amounts as species, flows as reactions, doses as events.

    A_central                     amount [mg]; each flow k A is a reaction, k from the published parameters
    input_A_central               what runs into it [mg/h], switched by events at the pump's breakpoints
    C_S_ketamine                  concentration at the sampling site of the model [ng/mL]
    memory_*, pain_nrs            with a hypothesis of the slow memory (`memory`), without flares

What is given at time 0 stands in the initial values. Doses per kilogram and bioavailabilities are worked out for the
person before they are written: changing `weight` in the file changes the kinetics, not the doses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from unwound.core.safety import SIMULATION_ONLY
from unwound.patient.given_doses import doses_of
from unwound.patient.protocol import Person
from unwound.pharmacokinetics.curves import Given
from unwound.pharmacokinetics.envelopes import envelope_warnings
from unwound.pharmacokinetics.model import RoutedModel
from unwound.pharmacokinetics.register import routed_model
from unwound.pharmacokinetics.routes import route_keys
from unwound.regimen import Regimen, Titration
from unwound.reporting.exchange.document import Document, libsbml
from unwound.reporting.exchange.doses import Switch, switches, who_of, with_depots
from unwound.reporting.exchange.formula import Formula, Language, compute
from unwound.reporting.exchange.memory import add_memory
from unwound.reporting.exchange.provenance import provenance
from unwound.reporting.exchange.structure import Readout, Structure, compartment_name, structure_of, values_of
from unwound.reporting.versions import version

_SCALE = "ng_per_mL_in_mg_per_L"


@dataclass(frozen=True)
class Exported:
    """A file to be written, and what to say about it."""

    text: str
    warnings: tuple[str, ...]


def to_sbml(model: str, regimen: Regimen, person: Person | None = None, hypothesis: str | None = None) -> Exported:
    """`regimen` in `person` (default: a typical one) under `model`, with the slow memory of a `hypothesis` if named.

    Raises `InputError` for an unsafe dose, an unknown model or hypothesis, a drug form or route the model does not
    know; or when python-libsbml is missing.
    """
    libsbml()
    person = person or Person()
    warnings = [str(w) for w in person.limit_warnings(regimen)] + person.dosing_notes(regimen)
    given = doses_of(person.dosed(regimen), person.weight_kg)
    kinetics = with_depots(routed_model(model), [dose.route for dose in given])
    warnings += envelope_warnings(kinetics, person.age_y, person.weight_kg, given)
    warnings += person.assumed(*(() if hypothesis else ("pain", "in_pain_for")))
    if any(isinstance(dose, Titration) for dose in regimen.doses):
        warnings.append("a titration is written as if every step were tolerated")
    document = Document(kinetics.prefix, kinetics.title)
    structure, keys = _kinetics(document, kinetics, given, who_of(person))
    facts = [*regimen.describe(), _whom(person), f"Concentrations are those of {kinetics.sampling} plasma."]
    words = {"model": kinetics.prefix, "version": version(), "simulation_only": SIMULATION_ONLY}
    if hypothesis is not None:
        title, more = add_memory(
            document, hypothesis, person, _equivalents(document, kinetics, structure, "memory_r_potency"),
            _equivalents(document, kinetics, structure, "pain_r_potency"),
        )  # fmt: skip
        keys, words["hypothesis"] = (*keys, *more), title
        facts.append(f"Slow memory: {title}; here without flares. Reset is a hypothesis.")
    document.say(provenance(kinetics.title, facts, keys, warnings), words)
    return Exported(document.text(), tuple(dict.fromkeys(warnings)))


def _kinetics(
    document: Document, model: RoutedModel, given: Sequence[Given], who: dict[str, float]
) -> tuple[Structure, tuple[str, ...]]:
    """Add the compartments in which drug can come, their flows, the doses and the concentrations."""
    plan: dict[str, list[Switch]] = {name: switches(model, given, who, name) for name in model.enantiomers}
    entered = {
        compartment_name(model, enantiomer, name)
        for enantiomer, changes in plan.items()
        for change in changes
        for name in (*change.rates, *change.boluses)
    }
    whole = structure_of(model, who)
    first = {readout.compartment for readout in whole.readouts}
    structure = whole.without(whole.reachable(entered or first))
    values = values_of(structure)
    language = _language(document, structure)
    for parameter in structure.parameters:
        document.parameter(parameter.name, parameter.unit, parameter.value, parameter.about)
    started = _doses(document, model, plan)
    for name in dict.fromkeys(flow.source for flow in structure.flows):
        document.species(name, f"{name.removeprefix('A_').replace('_', ' ')} [mg]", started.get(name, 0.0))
    for flow in structure.flows:
        target = flow.target.removeprefix("A_") if flow.target else "out"
        rate = f"k_{flow.source.removeprefix('A_')}_to_{target}"
        document.parameter(rate, "1/h", compute(flow.rate, values), "rate constant")
        document.initially(rate, language.write(flow.rate))
        document.reaction(f"flow{rate[1:]}", flow.source, flow.target, f"{rate}*{flow.source}")
    document.parameter(_SCALE, "ng*L/mL/mg", 1000.0, "ng/mL in one mg/L")
    for readout in structure.readouts:
        name = concentration_name(readout.analyte)
        document.parameter(name, "ng/mL", None, f"{readout.analyte}, {model.sampling} plasma", constant=False)
        document.always(name, f"{_SCALE}*{_concentration(language, readout)}")
    keys = [parameter.key for parameter in structure.parameters]
    keys += [key for dose in given for key in route_keys(dose.route)]
    return structure, tuple(keys)


def concentration_name(analyte: str) -> str:
    """The name of a concentration in the file: ``C_S_ketamine``."""
    return f"C_{analyte.replace('-', '_')}"


def _doses(document: Document, model: RoutedModel, plan: dict[str, list[Switch]]) -> dict[str, float]:
    """Add inputs and events; returns the amounts given at time 0."""
    started: dict[str, float] = {}
    running: dict[str, float] = {}
    events: dict[float, dict[str, str]] = {}
    for enantiomer, changes in plan.items():
        for change in changes:
            at = events.setdefault(change.time, {})
            for name, rate in change.rates.items():
                into = compartment_name(model, enantiomer, name)
                running.setdefault(into, rate if change.time == 0.0 else 0.0)
                at[f"input_{into}"] = document.number(rate, "mg/h")
            for name, amount in change.boluses.items():
                into = compartment_name(model, enantiomer, name)
                if change.time == 0.0:
                    started[into] = amount
                else:
                    at[into] = f"{into} + {document.number(amount, 'mg')}"
    for into, rate in running.items():
        document.parameter(f"input_{into}", "mg/h", rate, f"input into {into}", constant=False)
        document.reaction(f"give_{into}", None, into, f"input_{into}")
    later = sorted((time, at) for time, at in events.items() if time > 0.0 and at)
    for place, (time, at) in enumerate(later, 1):
        document.event(f"dose_{place}", time, at)
    return started


def _equivalents(document: Document, model: RoutedModel, structure: Structure, potency: str) -> str:
    """The formula of S-equivalents [mg/L], f called `potency`: C_S + f C_R, or (1 + f)/2 of a whole racemate."""
    language = _language(document, structure)
    parents = {analyte.name for analyte in model.analytes if analyte.is_parent}
    found = {r.analyte: _concentration(language, r) for r in structure.readouts if r.analyte in parents}
    one, two = document.number(1.0, "1"), document.number(2.0, "1")
    half = f"({one} + {potency})/{two}*{{}}"
    counts = {"S-ketamine": "{}", "R-ketamine": f"{potency}*{{}}", "ketamine": half}
    return " + ".join(counts[name].format(formula) for name, formula in found.items())


def _concentration(language: Language, readout: Readout) -> str:
    return f"{language.write(readout.per_amount)}*{readout.compartment}"


def _language(document: Document, structure: Structure) -> Language:
    """Infix of libsbml; a bare number takes the unit of what it is added to or compared with."""
    units = {parameter.name: parameter.unit for parameter in structure.parameters}

    def unit(beside: Formula | None) -> str:
        while beside is not None and beside.head in ("+", "-", "max"):
            beside = beside.parts[0]
        return units[beside.name] if beside is not None and beside.head == "symbol" else "1"

    return Language(
        symbol=lambda name: name,
        number=lambda value, beside: document.number(value, unit(beside)),
        power=lambda base, power: f"({base})^({power})",
        largest=lambda one, other: f"piecewise({one}, {one} > {other}, {other})",
    )


def _whom(person: Person) -> str:
    return f"One typical person of {person.weight_kg:g} kg and {person.age_y:g} years, without random effects."
