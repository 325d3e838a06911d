"""Quantities typed by people: ``"0.35 mg/kg/h"`` -> 0.35 in mg/kg/h. Pint does the arithmetic, only here.

A bare number is refused, and so is a unit of the wrong kind. Body weight is a dimension of its own:
``mg/kg/h`` is never silently read as ``1/h``, and ``/70kg`` ("per 70 kg") is spelt out.
"""

from __future__ import annotations

import functools
import math
import re
from typing import Any

from unwound.core.errors import Problem, UnitError

_QUANTITY = re.compile(r"^\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(.*?)\s*$")
_PER_70 = re.compile(r"(?:/\s*|\bper\s+)70\s*kg\b")
_PER_KG = re.compile(r"/\s*(kg|kilogram|lb|pound)s?\b")
_KG = re.compile(r"\bkg\b")
_UNIT = re.compile(r"^[A-Za-zµμ%·*/ ]*(?:70\s*kg)?[A-Za-zµμ%·*/ ]*$")  # no powers: Pint would compute them


_DEFINITIONS = """
pico- = 1e-12 = p-
nano- = 1e-9 = n-
micro- = 1e-6 = µ- = μ- = u- = mc-
milli- = 1e-3 = m-
centi- = 1e-2 = c-
deci- = 1e-1 = d-
kilo- = 1e3 = k-
gram = [mass] = g
pound = 453.59237 * gram = lb = lbs
ounce = 28.349523125 * gram = oz
second = [time] = s = sec
minute = 60 * second = min
hour = 60 * minute = h = hr
day = 24 * hour = d
week = 7 * day = wk
month = 30.4375 * day
year = 365.25 * day = y = yr
liter = [volume] = L = l = litre
meter = [length] = m = metre
inch = 0.0254 * meter
foot = 0.3048 * meter = ft
mole = [amount] = mol
molar = mole / liter = M
volt = [voltage] = V
ampere = [current] = A
siemens = ampere / volt = S
farad = ampere * second / volt = F
percent = 0.01 = %
points = [score] = point
USD = [money]
body_kg = [body_weight]
body_lb = 0.45359237 * body_kg
body_70kg = 70 * body_kg
"""
"""Every unit that is read at the doors. Pint's own thousand would make "20 a" years of ares and "5 H" henries."""


@functools.cache
def _registry() -> Any:
    import pint

    registry: Any = pint.UnitRegistry(filename=None, autoconvert_offset_to_baseunit=False, cache_folder=None)
    registry.load_definitions(_DEFINITIONS.strip().splitlines())
    return registry


def _spelt(unit: str) -> str:
    unit = re.sub(r"\s+per\s+", "/", unit.strip().replace("μ", "µ").replace("·", "*"))
    unit = _PER_70.sub("/body_70kg", unit)
    unit = _PER_KG.sub(lambda m: "/body_lb" if m[1] in ("lb", "pound") else "/body_kg", unit)
    return unit


def parse(text: Any, unit: str, field: str = "quantity") -> float:
    """The number `text` stands for, in `unit`.

    Raises `UnitError` naming field, value, rule and remedy: when `text` is a bare number, has no readable
    number or unit, is not finite, or its unit is of another kind than `unit`.
    """
    example = f'write for example {field} = "{_example(unit)}"'
    if isinstance(text, bool) or not isinstance(text, str):
        bare = isinstance(text, (int, float)) and not isinstance(text, bool)
        rule = "a number without a unit" if bare else "a quantity is a text of number and unit"
        raise UnitError(Problem(field, text, rule, example))
    match = _QUANTITY.match(text)
    if not match:
        raise UnitError(Problem(field, text, "no number to be read", example))
    number, label = float(match[1]), match[2]
    if not math.isfinite(number):
        raise UnitError(Problem(field, text, "the number must be finite", example))
    if not label:
        raise UnitError(Problem(field, text, "a number without a unit", example))
    if re.match(r",\d", label):
        raise UnitError(Problem(field, text, "a decimal comma is not read", example))
    if len(label) > 40 or not _UNIT.match(label):
        raise UnitError(Problem(field, text, f"unknown unit {label[:40]!r}", example))
    registry = _registry()
    try:
        quantity = registry.Quantity(number, _spelt(label))
    except Exception:  # Pint raises half a dozen kinds on unreadable text
        raise UnitError(Problem(field, text, f"unknown unit {label!r}", example)) from None
    try:
        value = float(quantity.to(_spelt(unit)).magnitude)
    except Exception:
        rule = f"{label!r} is not of the kind of {unit!r}"
        raise UnitError(Problem(field, text, rule, example)) from None
    if not math.isfinite(value):
        raise UnitError(Problem(field, text, "the number must be finite", example))
    return value


def fits(text: Any, unit: str) -> bool:
    """Whether `text` is a quantity of the kind of `unit`."""
    try:
        parse(text, unit)
    except UnitError:
        return False
    return True


def convert(value: float, unit: str, to: str) -> float:
    """`value` in `unit`, expressed in `to`."""
    return float(_registry().Quantity(value, _spelt(unit)).to(_spelt(to)).magnitude)


def quantity(value: float, unit: str) -> Any:
    """`value` in `unit` as a Pint quantity, for arithmetic that has to keep track of units.

    As in `unwound.core.units`, kilograms are body weight here: (mg/kg) * kg is mg.
    """
    return _registry().Quantity(value, _KG.sub("body_kg", _spelt(unit)))


def _example(unit: str) -> str:
    return {
        "mg": "35 mg",
        "mg/h": "20 mg/h",
        "mg/kg/h": "0.35 mg/kg/h",
        "mg/kg": "0.5 mg/kg",
        "h": "4 h",
        "y": "45 y",
        "cm": "170 cm",
        "kg": "70 kg",
        "mV": "-66 mV",
    }.get(unit, f"1 {unit}")
