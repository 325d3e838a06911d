"""From a row of a table to an `Estimate`, and from a key to its number.

The schema is strict: exactly the columns below, a value that is a plain number, a unit that the package
knows, a source for everything and a rationale with a range for every assumption. Reading checks one row at a
time; `checked` looks at all tables together: keys are unique, formulas name rows that exist and do not run in
circles, and every source is in the bibliography.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import cast, get_args

from unwound.core.errors import EvidenceError, UnknownName
from unwound.core.units import UnknownUnit, exponents
from unwound.evidence.bibliography import bibliography
from unwound.evidence.estimates import (
    ASSUMPTION,
    INTERVAL_KINDS,
    Basis,
    Estimate,
    Interval,
    Seen,
    Spread,
    SpreadKind,
)
from unwound.evidence.formula import names_in_formula
from unwound.evidence.shipped import Row, names_in, number, rows_of, text_of

COLUMNS = (
    *("key", "value", "unit", "spread_kind", "spread", "about"),
    *("basis", "cite", "where", "seen", "note", "formula"),
)
_KEY = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")


def read_table(text: str, source: str) -> tuple[Estimate, ...]:
    """The rows of a table. Raises `EvidenceError` naming `source`, row and column."""
    return tuple(_estimate_of(row) for row in rows_of(text, source, COLUMNS))


def checked(tables: Iterable[Collection[Estimate]], sources: Collection[str]) -> dict[str, Estimate]:
    """All rows by key, in order, once they agree with each other and with the bibliography `sources`."""
    rows: dict[str, Estimate] = {}
    for row in (row for rows_of_table in tables for row in rows_of_table):
        if row.key in rows:
            raise EvidenceError(f"evidence tables: the key {row.key!r} occurs twice")
        rows[row.key] = row
    for row in rows.values():
        for cite in row.cite:
            if cite != ASSUMPTION and cite not in sources:
                raise EvidenceError(f"evidence tables, {row.key}: {cite!r} is not in references.bib")
        _ingredients(row, rows, ())
    return rows


@functools.cache
def rooms() -> tuple[str, ...]:
    """The rooms that have a table."""
    return names_in("tables", ".csv")


@functools.cache
def table(room: str) -> tuple[Estimate, ...]:
    """The rows of one room's table, such as ``"pharmacokinetics"``. Raises `UnknownName`."""
    if room not in rooms():
        raise UnknownName("evidence table", room, rooms())
    return read_table(text_of(f"tables/{room}.csv"), f"tables/{room}.csv")


@functools.cache
def all_estimates() -> Mapping[str, Estimate]:
    """Every row of every table, by key. Raises `EvidenceError` when the tables contradict each other."""
    return MappingProxyType(checked(map(table, rooms()), bibliography()))


def estimate(key: str) -> Estimate:
    """The row called `key`, such as ``"otto2021.clearance"``. Raises `UnknownName` with the nearest keys."""
    rows = all_estimates()
    if key not in rows:
        raise UnknownName("evidence key", key, tuple(rows))
    return rows[key]


def value(key: str, unit: str) -> float:
    """The number called `key`, in `unit`. Raises `UnknownName`; `UnitError` for a unit of another kind."""
    return estimate(key).in_unit(unit)


def _ingredients(row: Estimate, rows: Mapping[str, Estimate], above: tuple[str, ...]) -> None:
    """Walk down the formulas below `row`; raise when one names an unknown row or comes back to itself."""
    if row.key in above:
        raise EvidenceError(f"evidence tables: the formulas {' -> '.join((*above, row.key))} run in a circle")
    for name in names_in_formula(row.formula) if row.formula else ():
        if name not in rows:
            raise EvidenceError(f"evidence tables, {row.key}: its formula names {name!r}, which no table has")
        _ingredients(rows[name], rows, (*above, row.key))


def _estimate_of(row: Row) -> Estimate:
    if not _KEY.fullmatch(row["key"]):
        raise row.defect("key", f"{row['key']!r} is not of the form prefix.field in lower case")
    try:
        exponents(row["unit"])
    except UnknownUnit as error:
        raise row.defect("unit", error) from None
    found = Estimate(
        key=row["key"],
        value=row.number("value"),
        unit=row["unit"],
        spread=_spread_of(row),
        about=row.required("about"),
        basis=cast(Basis, row.one_of("basis", get_args(Basis))),
        cite=row.cite_keys("cite"),
        where=row["where"],
        seen=cast(Seen, row.one_of("seen", get_args(Seen))),
        note=row["note"],
        formula=row["formula"],
    )
    _check_honesty(row, found)
    return found


def _spread_of(row: Row) -> Spread | None:
    kind = row.one_of("spread_kind", ("none", *get_args(SpreadKind)))
    if kind == "none":
        if row["spread"]:
            raise row.defect("spread", "must be empty when spread_kind is none")
        return None
    if kind not in INTERVAL_KINDS:
        amount = row.number("spread")
        if amount < 0:
            raise row.defect("spread", f"{amount:g} is negative")
        return Spread(cast(SpreadKind, kind), amount)
    try:
        low, high = map(number, row["spread"].split(".."))
        interval = Interval(low, high)
    except ValueError:
        raise row.defect("spread", f"{row['spread']!r} is not an interval low..high") from None
    except EvidenceError as error:
        raise row.defect("spread", error) from None
    if row.number("value") not in interval:
        raise row.defect("spread", f"{interval} does not contain the value {row['value']}")
    return Spread(cast(SpreadKind, kind), interval)


def _check_honesty(row: Row, found: Estimate) -> None:
    """An assumption says so, and why, and how far it may be off; nothing else may lean on it."""
    if found.basis == "assumed" and not found.is_assumption:
        raise row.defect("cite", "a number that is assumed cites assumption")
    if found.basis in ("measured", "fitted") and found.is_assumption:
        raise row.defect("cite", f"a number that is {found.basis} cannot cite assumption")
    if found.basis == "assumed" and found.seen != "no":
        raise row.defect("seen", "nobody has seen the source of an assumption: write no")
    if found.is_assumption and not found.note:
        raise row.defect("note", "an assumption gives its rationale here")
    if found.is_assumption and (found.spread is None or found.spread.kind != "range"):
        raise row.defect("spread_kind", "an assumption gives a range")
    if (found.basis == "derived") != bool(found.formula):
        raise row.defect("formula", "a derived number has a formula, and no other number has one")
    if found.formula:
        try:
            names_in_formula(found.formula)
        except ValueError as error:
            raise row.defect("formula", error) from None
