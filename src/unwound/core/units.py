"""Unit labels on the fields of records, as data that tests can use.

A record says what its numbers are measured in::

    class Disposition(Record):
        clearance: Scalar = unit("L/h")

`exponents("mg/L/h")` gives ``{"mass": 1, "volume": -1, "time": -1}``. The scaling law (`tests/laws`)
rewrites a record in other units with `rescale` and requires every equation to give the same answer.
Body weight ("kg") is a dimension of its own: a drug is never measured in kilograms, and keeping the two
apart is what makes "mg/kg/h" differ from "1/h".

Canonical units inside the package: mg, L, h, uM, mV; days in the slow memory. Quantities typed by people
are parsed at the doors by `unwound.core.quantities`, never here.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Mapping
from typing import Any

Exponents = dict[str, int]

# symbol -> (dimension, factor to the canonical unit of that dimension)
_BASE: dict[str, tuple[str, float]] = {
    "ng": ("mass", 1e-6),
    "ug": ("mass", 1e-3),
    "mg": ("mass", 1.0),
    "g": ("mass", 1e3),
    "mL": ("volume", 1e-3),
    "L": ("volume", 1.0),
    "ms": ("time", 1e-3 / 3600.0),
    "s": ("time", 1.0 / 3600.0),
    "min": ("time", 1.0 / 60.0),
    "h": ("time", 1.0),
    "d": ("time", 24.0),
    "week": ("time", 168.0),
    "y": ("time", 24.0 * 365.25),
    "nmol": ("amount", 1e-3),
    "umol": ("amount", 1.0),
    "mV": ("voltage", 1.0),
    "pA": ("current", 1.0),
    "kg": ("body", 1.0),
    "cm": ("length", 1.0),
    "m": ("length", 100.0),
    "inch": ("length", 2.54),
    "points": ("score", 1.0),
    "USD": ("money", 1.0),
}
# symbol -> (numerator, denominator) in symbols above
_COMPOUND: dict[str, tuple[str, float]] = {
    "uM": ("umol/L", 1.0),
    "nM": ("umol/L", 1e-3),
    "mM": ("umol/L", 1e3),
    "nS": ("pA/mV", 1.0),
    "pF": ("pA*ms/mV", 1.0),
}
_DIMENSIONLESS = {"1", "%", "percent", "fraction", "ratio", "variance", "covariance"}
_TOKEN = re.compile(r"^([A-Za-z%]+|1)(?:\^(-?\d+))?$")


class UnknownUnit(ValueError):
    """A unit label that this package does not know. Raised when a record is defined, not when it is used."""


def _parts(text: str) -> list[tuple[str, int]]:
    """``"mg/L/h"`` -> ``[("mg", 1), ("L", -1), ("h", -1)]``."""
    parts: list[tuple[str, int]] = []
    for place, factor in enumerate(text.split("/")):
        for piece in factor.split("*"):
            match = _TOKEN.match(piece)
            if not match:
                raise UnknownUnit(f"unit {text!r}: cannot read {piece!r}")
            power = int(match.group(2) or 1)
            parts.append((match.group(1), power if place == 0 else -power))
    return parts


def _resolve(text: str) -> tuple[Exponents, float]:
    powers: Exponents = {}
    factor = 1.0
    for symbol, power in _parts(text):
        if symbol in _DIMENSIONLESS:
            factor *= 0.01**power if symbol in ("%", "percent") else 1.0
            continue
        if symbol in _COMPOUND:
            inner, scale = _COMPOUND[symbol]
            inner_powers, inner_factor = _resolve(inner)
            for dimension, n in inner_powers.items():
                powers[dimension] = powers.get(dimension, 0) + n * power
            factor *= (inner_factor * scale) ** power
        elif symbol in _BASE:
            dimension, scale = _BASE[symbol]
            powers[dimension] = powers.get(dimension, 0) + power
            factor *= scale**power
        else:
            raise UnknownUnit(f"unit {text!r}: unknown symbol {symbol!r}")
    return {d: n for d, n in powers.items() if n}, factor


def exponents(label: str) -> Exponents:
    """Powers of the base dimensions in a unit label. Raises `UnknownUnit`."""
    return _resolve(label)[0]


def factor(label: str, to: str) -> float:
    """What a number in unit `label` is multiplied by to be in unit `to`. Raises if the kinds differ."""
    (have, scale), (want, target) = _resolve(label), _resolve(to)
    if have != want:
        raise UnknownUnit(f"unit {label!r} ({have or 'none'}) is not of the kind of {to!r} ({want or 'none'})")
    return scale / target


def unit(label: str, **field: Any) -> Any:
    """A dataclass field that carries its unit. An unknown unit fails when the class is defined."""
    exponents(label)
    return dataclasses.field(metadata={"unit": label}, **field)


def units_of(record: Any) -> dict[str, str]:
    """Field name -> unit label, for the fields of a record (or record type) that have one."""
    return {f.name: f.metadata["unit"] for f in dataclasses.fields(record) if "unit" in f.metadata}


def rescale(record: Any, scales: Mapping[str, float]) -> Any:
    """The same physical record, written in other units.

    `scales` maps a base dimension to the factor by which its numbers grow:
    ``{"time": 60.0}`` turns hours into minutes.
    """
    changed = {}
    for name, label in units_of(record).items():
        growth = math.prod(scales.get(d, 1.0) ** n for d, n in exponents(label).items())
        changed[name] = getattr(record, name) * growth
    return dataclasses.replace(record, **changed)
