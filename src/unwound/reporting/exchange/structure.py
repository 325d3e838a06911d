"""What a linear model computes, as formulas in its published parameters: read from the model itself.

`structure_of` runs the model's own `system` on symbols (JAX records what it does) and reads the flows between
compartments and the concentrations off the recorded matrix. There is no second transcription that could drift from
the engine: an exported file says what the package computes. Only arithmetic, powers and exponentials are known; a
model that does more is refused (`EvidenceError`, a bug of ours).
"""

from __future__ import annotations

import dataclasses
import functools
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from unwound.core.arrays import jax, jnp
from unwound.core.errors import EvidenceError
from unwound.core.units import units_of
from unwound.evidence import all_estimates
from unwound.pharmacokinetics.model import Covariates, Entry, RoutedModel
from unwound.reporting.exchange.formula import Formula, build, names_in, number, symbol, terms
from unwound.reporting.exchange.replay import replay

COVARIATES = {
    "weight": ("kg", "body weight"),
    "age": ("y", "age"),
    "female": ("1", "1 for a woman, else 0"),
    "asian": ("1", "1 for Asian ancestry, else 0"),
    "japanese": ("1", "1 for Japanese ancestry, else 0"),
}
"""What a model may ask of a person, in the order of `Covariates`: unit and meaning."""


@dataclass(frozen=True)
class Parameter:
    """A number of the model with its unit, its meaning and the evidence row it comes from ("" for none)."""

    name: str
    value: float
    unit: str
    about: str
    key: str = ""


@dataclass(frozen=True)
class Flow:
    """`rate` [1/h] times the amount in `source` leaves it for `target` (None: is eliminated)."""

    source: str
    target: str | None
    rate: Formula


@dataclass(frozen=True)
class Readout:
    """A concentration [mg/L]: the amount in `compartment` times `per_amount` [1/L]."""

    analyte: str
    compartment: str
    per_amount: Formula


@dataclass(frozen=True)
class Structure:
    """A model as formulas. Compartments of models with two enantiomers carry the enantiomer in their name."""

    parameters: tuple[Parameter, ...]
    flows: tuple[Flow, ...]
    readouts: tuple[Readout, ...]

    def reachable(self, starts: set[str]) -> set[str]:
        """Compartments that drug entering at `starts` can come to."""
        found = set(starts)
        while more := {f.target for f in self.flows if f.source in found and f.target} - found:
            found |= more
        return found

    def without(self, kept: set[str]) -> Structure:
        """Only the compartments `kept`, and the parameters they need."""
        flows = tuple(flow for flow in self.flows if flow.source in kept)
        readouts = tuple(readout for readout in self.readouts if readout.compartment in kept)
        used = set().union(*(names_in(f.rate) for f in flows), *(names_in(r.per_amount) for r in readouts))
        return Structure(tuple(p for p in self.parameters if p.name in used), flows, readouts)


def compartment_name(model: RoutedModel, enantiomer: str, compartment: str) -> str:
    """Name of a compartment's amount: ``A_central``, or ``A_S_central`` where S and R are apart."""
    return f"A_{compartment}" if len(model.enantiomers) == 1 else f"A_{enantiomer}_{compartment}"


def record_of(model: RoutedModel) -> Any:
    """The record of parameters behind a model."""
    return getattr(model, "model", model)


def parameters_of(model: RoutedModel) -> tuple[Parameter, ...]:
    """Every number of a model's record, used in its equations or not (variances, residual errors)."""
    record = record_of(model)
    rows = all_estimates()
    found = []
    for name, unit in units_of(record).items():
        key = f"{model.prefix}.{name}"
        about = rows[key].about if key in rows else "fixed by the structure of the model"
        found.append(Parameter(name, float(getattr(record, name)), unit, about, key if key in rows else ""))
    return tuple(found)


def asked_of(who: dict[str, float]) -> tuple[Parameter, ...]:
    """The covariates of a person as parameters."""
    return tuple(Parameter(name, who[name], unit, about) for name, (unit, about) in COVARIATES.items())


def structure_of(model: RoutedModel, who: dict[str, float], *, effects: bool = False) -> Structure:
    """The equations of `model` for a person with covariates `who`; with random effects ``ETA(1)`` ... if `effects`."""
    flows: list[Flow] = []
    readouts: list[Readout] = []
    constants: dict[str, Parameter] = {}
    traced = _traced(model, lambda m, person, eta: [m.system(person, eta, e) for e in m.enantiomers], effects)
    for place, enantiomer in enumerate(model.enantiomers):
        matrix, readout = traced[2 * place : 2 * place + 2]
        names = [compartment_name(model, enantiomer, name) for name in model.compartments()]
        for flow in _flows(matrix, names):
            if flow.rate.head == "number":  # a rate that is no field of the record
                flow = _named(flow, constants)
            flows.append(flow)
        own = [analyte for analyte in model.analytes if analyte.enantiomer == enantiomer]
        for row, analyte in zip(readout, own, strict=True):
            (at,) = np.flatnonzero([part != number(0.0) for part in row])
            readouts.append(Readout(analyte.name, names[at], row[at]))
    known = (*parameters_of(model), *constants.values(), *asked_of(who))
    whole = Structure(known, tuple(flows), tuple(readouts))
    return whole.without({flow.source for flow in flows})


def entries_of(model: RoutedModel, enantiomer: str, route: str, amount: float) -> list[tuple[Entry, Formula]]:
    """How a dose of `amount` [mg] enters, each with its fraction as a formula (random effects included)."""
    zeros = jnp.zeros(len(model.random_effects))
    person = Covariates(*(jnp.asarray(0.0) for _ in COVARIATES))
    plain = model.entries(person, zeros, enantiomer, route, amount)

    def fractions(m: RoutedModel, who: Covariates, eta: Any) -> list[Any]:
        return [jnp.asarray(e.fraction, float) for e in m.entries(who, eta, enantiomer, route, amount)]

    return list(zip(plain, (found.item() for found in _traced(model, fractions, True)), strict=True))


def values_of(structure: Structure) -> dict[str, float]:
    """The parameters by name."""
    return {parameter.name: parameter.value for parameter in structure.parameters}


def _named(flow: Flow, constants: dict[str, Parameter]) -> Flow:
    bare = flow.source.removeprefix("A_").removeprefix("S_").removeprefix("R_")
    key = f"route.{bare.removeprefix('depot_')}_rate"
    row = all_estimates().get(key)
    about = row.about if row else f"rate constant out of {bare}"
    constants[bare] = Parameter(f"rate_{bare}", flow.rate.number, "1/h", about, key if row else "")
    return dataclasses.replace(flow, rate=symbol(f"rate_{bare}"))


def _flows(matrix: np.ndarray, names: list[str]) -> list[Flow]:
    """Flows between compartments; what leaves and arrives nowhere is eliminated."""
    found = []
    for source, name in enumerate(names):
        leaving = Counter[Formula]()
        for sign, term in terms(matrix[source, source]):
            leaving[term] -= int(sign)
        lost = -sum(count * term.number for term, count in leaving.items() if term.head == "number")
        for target, into in enumerate(names):
            rate = matrix[target, source]
            if target == source or rate == number(0.0):
                continue
            found.append(Flow(name, into, rate))
            for sign, term in terms(rate):
                leaving[term] -= int(sign)
                lost += sign * term.number if term.head == "number" else 0.0
        rest = [(term, count) for term, count in leaving.items() if count and term.head != "number"]
        if any(count != 1 for _, count in rest) or abs(lost) > 1e-12:
            raise EvidenceError(f"the flows out of {name} are of a form that cannot be exported")
        if rest:
            found.append(Flow(name, None, functools.reduce(functools.partial(build, "+"), [t for t, _ in rest])))
    return found


def _traced(model: RoutedModel, run: Any, effects: bool) -> list[np.ndarray]:
    """What ``run(model, person, eta)`` returns, as arrays of formulas."""
    record = record_of(model)
    names = [name for name in units_of(record) if not name.endswith("_duration")]  # a duration must stay a number

    def replayed(values: list[Any], person: list[Any], eta: Any) -> Any:
        own = dataclasses.replace(record, **dict(zip(names, values, strict=True)))
        wrapped: Any = own if own is model or record is model else dataclasses.replace(model, model=own)  # type: ignore[type-var]
        return run(wrapped, Covariates(*person), eta)

    count = len(model.random_effects)
    recorded = jax.make_jaxpr(replayed)([1.0] * len(names), [1.0] * len(COVARIATES), jnp.zeros(count))
    given = [_leaf(symbol(name)) for name in (*names, *COVARIATES)]
    given.append(np.array([symbol(f"ETA({n + 1})") if effects else number(0.0) for n in range(count)], object))
    return replay(recorded.jaxpr, recorded.consts, given)


def _leaf(value: Any) -> np.ndarray:
    leaf = np.empty((), object)
    leaf[()] = value
    return leaf
