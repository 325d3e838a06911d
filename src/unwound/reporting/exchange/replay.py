"""Runs what JAX recorded of a model on formulas instead of numbers.

Only what our models do is known: arithmetic, powers, exponentials, and moving numbers into the matrix of a system.
Anything else is refused by name (`EvidenceError`, a bug of ours): a wrong export would be worse than none.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from unwound.core.errors import EvidenceError
from unwound.reporting.exchange.formula import Formula, build, number


def replay(program: Any, consts: Any, given: list[np.ndarray]) -> list[np.ndarray]:
    """The results of a recorded `program` for inputs `given`, arrays of formulas."""
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
    "pow": _elementwise("^", 2),
    "max": _elementwise("max", 2),
    "exp": _elementwise("exp", 1),
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
