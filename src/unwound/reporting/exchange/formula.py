"""Formulas as small trees: built by tracing a model, printed in the infix of SBML or of C++, or computed.

A leaf is a number or a symbol; a branch is one of ``+ - * / ^ exp max``. Building folds numbers and drops what does
nothing (x + 0, 1 x, x^1), so that a typical person's ``exp(0)`` leaves no trace.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Formula:
    """A tree. Two are equal when they are written the same."""

    head: str  # "number", "symbol" or an operator
    parts: tuple[Formula, ...] = ()
    number: float = 0.0
    name: str = ""


def number(value: float) -> Formula:
    """A plain number."""
    return Formula("number", number=float(value))


def symbol(name: str) -> Formula:
    """A parameter, covariate or random effect."""
    return Formula("symbol", name=name)


_FOLD: dict[str, Callable[..., float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "^": lambda a, b: a**b,
    "max": max,
    "exp": math.exp,
}
_ZERO, _ONE = number(0.0), number(1.0)


def build(head: str, *parts: Formula) -> Formula:
    """``head`` applied to `parts`, simplified."""
    if all(part.head == "number" for part in parts):
        return number(_FOLD[head](*(part.number for part in parts)))
    first, last = parts[0], parts[-1]
    if head == "*" and _ZERO in parts:
        return _ZERO
    if head in ("*", "+") and first == (_ONE if head == "*" else _ZERO):
        return last
    if last == (_ZERO if head in ("+", "-") else _ONE) and head in ("+", "-", "*", "/", "^"):
        return first
    if head == "-" and first == last:
        return _ZERO
    if head == "/" and first == _ZERO:
        return _ZERO
    return Formula(head, parts)


def terms(formula: Formula, sign: float = 1.0) -> Iterator[tuple[float, Formula]]:
    """The summands of `formula` with their signs."""
    if formula.head in ("+", "-"):
        one, other = formula.parts
        yield from terms(one, sign)
        yield from terms(other, -sign if formula.head == "-" else sign)
    else:
        yield sign, formula


def names_in(formula: Formula) -> set[str]:
    """The symbols that occur."""
    if formula.head == "symbol":
        return {formula.name}
    return set().union(*(names_in(part) for part in formula.parts))


def compute(formula: Formula, values: Mapping[str, float]) -> float:
    """The value of `formula`."""
    if formula.head == "number":
        return formula.number
    if formula.head == "symbol":
        return values[formula.name]
    return _FOLD[formula.head](*(compute(part, values) for part in formula.parts))


_STRENGTH = {"+": 1, "-": 1, "*": 2, "/": 2, "^": 3}


@dataclass(frozen=True)
class Language:
    """How a tree is written: symbols, numbers (given what they are added to or compared with), powers, maxima."""

    symbol: Callable[[str], str]
    number: Callable[[float, Formula | None], str]
    power: Callable[[str, str], str]
    largest: Callable[[str, str], str]

    def write(self, formula: Formula, beside: Formula | None = None) -> str:
        """`formula` as text; `beside` is what a bare number stands beside."""
        if formula.head == "number":
            return self.number(formula.number, beside)
        if formula.head == "symbol":
            return self.symbol(formula.name)
        if formula.head == "exp":
            return f"exp({self.write(formula.parts[0])})"
        one, other = formula.parts
        if formula.head == "max":
            return self.largest(self.write(one, other), self.write(other, one))
        if formula.head == "^":
            return self.power(self.write(one), self.write(other))
        additive = formula.head in ("+", "-")
        left = self._within(one, formula.head, other if additive else None, False)
        right = self._within(other, formula.head, one if additive else None, True)
        return f"{left} {formula.head} {right}" if additive else f"{left}{formula.head}{right}"

    def _within(self, part: Formula, head: str, beside: Formula | None, right: bool) -> str:
        text = self.write(part, beside)
        weaker = _STRENGTH.get(part.head, 9) < _STRENGTH[head]
        same = right and _STRENGTH.get(part.head, 9) == _STRENGTH[head]
        negative = part.head == "number" and part.number < 0
        return f"({text})" if weaker or same or negative else text
