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

COVARIATES = {"weight": "kg", "age": "y", "female": "1", "asian": "1", "japanese": "1"}
"""What a model may ask of a person, in the order of `Covariates`."""


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
    asked = tuple(Parameter(name, who[name], unit, f"{name} of the person") for name, unit in COVARIATES.items())
    known = (*parameters_of(model), *constants.values(), *asked)
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


# ------------------------------------------------------------------------------------ running a model on symbols


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
    given = [*(_leaf(symbol(name)) for name in (*names, *COVARIATES))]
    given.append(np.array([symbol(f"ETA({n + 1})") if effects else number(0.0) for n in range(count)], object))
    return _replay(recorded.jaxpr, recorded.consts, given)


def _leaf(value: Any) -> np.ndarray:
    leaf = np.empty((), object)
    leaf[()] = value
    return leaf


def _replay(program: Any, consts: Any, given: list[np.ndarray]) -> list[np.ndarray]:
    """Run a recorded program on arrays of formulas."""
    known: dict[Any, np.ndarray] = dict(zip(program.invars, given, strict=True))
    known.update(zip(program.constvars, (_constant(c) for c in consts), strict=True))

    def read(atom: Any) -> np.ndarray:
        return _constant(atom.val) if hasattr(atom, "val") else known[atom]

    for step in program.eqns:
        name, inputs = step.primitive.name, [read(atom) for atom in step.invars]
        if name not in _STEPS:
            raise EvidenceError(f"a model that computes with {name!r} cannot be exported yet")
        known[step.outvars[0]] = _STEPS[name](*inputs, **step.params)
    return [read(atom) for atom in program.outvars]


def _constant(value: Any) -> np.ndarray:
    return np.asarray(_lift(np.asarray(value)), object)


def _elementwise(head: str, count: int) -> Any:
    apply = np.frompyfunc(functools.partial(build, head), count, 1)
    return lambda *arrays, **_: np.asarray(apply(*arrays), object)


_lift = np.frompyfunc(lambda x: number(float(x)), 1, 1)
_minus = np.frompyfunc(lambda x: build("*", number(-1.0), x), 1, 1)


def _place(operand: np.ndarray, indices: np.ndarray, update: np.ndarray, add: bool, **params: Any) -> np.ndarray:
    if params["dimension_numbers"].update_window_dims or indices.ndim != 1:
        raise EvidenceError("a model that fills its matrix in slices cannot be exported yet")
    at = tuple(int(index.number) for index in indices)
    filled = operand.copy()
    if add:
        sign, what = _signed(update.item())
        filled[at] = build("+" if sign > 0 else "-", filled[at], what)
    else:
        filled[at] = update.item()
    return filled


def _signed(formula: Formula) -> tuple[float, Formula]:
    if formula.head == "*" and formula.parts[0] == number(-1.0):
        return -1.0, formula.parts[1]
    return 1.0, formula


def _broadcast(x: np.ndarray, shape: Any, broadcast_dimensions: Any, **_: Any) -> np.ndarray:
    inner = [1] * len(shape)
    for axis, place in enumerate(broadcast_dimensions):
        inner[place] = x.shape[axis]
    return np.broadcast_to(x.reshape(inner), shape)


_STEPS: dict[str, Any] = {
    **{name: _elementwise(head, 2) for name, head in {"add": "+", "sub": "-", "mul": "*", "div": "/"}.items()},
    **{"pow": _elementwise("^", 2), "max": _elementwise("max", 2), "exp": _elementwise("exp", 1)},
    "neg": lambda x, **_: np.asarray(_minus(x), object),
    "convert_element_type": lambda x, **_: x,
    "broadcast_in_dim": _broadcast,
    "squeeze": lambda x, dimensions, **_: np.squeeze(x, tuple(dimensions)),
    "slice": lambda x, start_indices, limit_indices, **_: x[tuple(map(slice, start_indices, limit_indices))],
    "concatenate": lambda *arrays, dimension, **_: np.concatenate(arrays, dimension),
    "stack": lambda *arrays, axis, **_: np.stack(arrays, axis),
    "scatter": functools.partial(_place, add=False),
    "scatter-add": functools.partial(_place, add=True),
}
