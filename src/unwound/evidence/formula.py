"""Derived numbers, computed again from the rows they come from, units included.

A formula is arithmetic on keys, plain numbers and ``ln2``: ``ln2 / dahan2011.half_life``,
``2 * dahan2024.c100_s / (1 + dahan2024.potency_ratio)``. It is read as a syntax tree and walked; nothing in
it is ever executed as Python. Powers are plain numbers.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping
from typing import Any

from unwound.core.errors import EvidenceError
from unwound.core.quantities import quantity
from unwound.evidence.estimates import Estimate

_CONSTANTS = {"ln2": math.log(2.0)}
_ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow)


def names_in_formula(formula: str) -> tuple[str, ...]:
    """The keys a formula reads, each once. Raises `ValueError` for anything but arithmetic on keys."""
    return tuple(dict.fromkeys(_names(_tree(formula))))


def evaluate(formula: str, rows: Mapping[str, Estimate], unit: str) -> float:
    """The value of `formula` in `unit`, from the values and units of `rows`; Pint keeps track of the units.

    Raises `EvidenceError` when the units of the formula do not give `unit`, or it divides by zero.
    """
    known = {name: quantity(rows[name].value, rows[name].unit) for name in names_in_formula(formula)}
    try:
        result = _compute(_tree(formula), known) * quantity(1.0, "1")
        return float(result.to(quantity(1.0, unit).units).magnitude)
    except (TypeError, ArithmeticError) as error:  # Pint's errors of dimension are TypeErrors
        raise EvidenceError(f"{formula!r} does not give {unit}: {error}") from error


def _tree(formula: str) -> ast.expr:
    try:
        return ast.parse(formula, mode="eval").body
    except SyntaxError:
        raise ValueError(f"{formula!r} cannot be read as arithmetic") from None


def _names(node: ast.expr) -> list[str]:
    match node:
        case ast.BinOp(left=left, right=right, op=op) if isinstance(op, _ARITHMETIC):
            if isinstance(op, ast.Pow) and not isinstance(right, ast.Constant):
                raise ValueError("a power must be a plain number")
            return _names(left) + _names(right)
        case ast.UnaryOp(operand=operand, op=ast.USub()):
            return _names(operand)
        case ast.Constant(value=int() | float() as constant) if not isinstance(constant, bool):
            return []
        case ast.Name(id=name) if name in _CONSTANTS:
            return []
        case ast.Attribute(value=ast.Name(id=prefix), attr=field):
            return [f"{prefix}.{field}"]
        case _:
            raise ValueError(f"{ast.unparse(node)!r} is not arithmetic on keys, numbers and ln2")


def _compute(node: ast.expr, known: Mapping[str, Any]) -> Any:
    """The quantity a checked tree stands for (`_names` has refused every other kind of node)."""
    if isinstance(node, ast.BinOp):
        left, right = _compute(node.left, known), _compute(node.right, known)
        match node.op:
            case ast.Add():
                return left + right
            case ast.Sub():
                return left - right
            case ast.Mult():
                return left * right
            case ast.Div():
                return left / right
        return left**right
    if isinstance(node, ast.UnaryOp):
        return -_compute(node.operand, known)
    if isinstance(node, ast.Name):
        return _CONSTANTS[node.id]
    if isinstance(node, ast.Attribute):
        return known[ast.unparse(node)]
    assert isinstance(node, ast.Constant)
    return node.value
