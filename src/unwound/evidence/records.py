"""Records of parameters, filled from the tables by name.

A record says the units of its fields (`unwound.core.units.unit`); ``fill(Otto2021, "otto2021")`` reads the
row ``otto2021.clearance`` for its field ``clearance``, and so on, each converted into the field's unit.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, TypeVar

from unwound.core.errors import EvidenceError, UnitError, UnknownName
from unwound.core.units import units_of
from unwound.evidence.load import all_estimates

RecordType = TypeVar("RecordType")


def keys_of(record_type: type[Any], prefix: str) -> tuple[str, ...]:
    """The keys that `fill` reads for `record_type`, in the order of its fields."""
    return tuple(f"{prefix}.{name}" for name in units_of(record_type))


def fill(record_type: type[RecordType], prefix: str, /, **overrides: Any) -> RecordType:
    """A record of the values under `prefix`, as plain numbers in the units of its fields.

    `overrides` replace single fields, given in the unit of the field; a field without a unit must be
    overridden unless it has a default. Raises `EvidenceError` for a field without a row, or whose row has
    another kind of unit; `UnknownName` for an override that is no field.
    """
    fields = {field.name: field for field in dataclasses.fields(record_type)}  # type: ignore[arg-type]
    for name in overrides:
        if name not in fields:
            raise UnknownName(f"field of {record_type.__name__}", name, tuple(fields))
    labels = units_of(record_type)
    values = {n: _number(record_type, prefix, n, u) for n, u in labels.items() if n not in overrides}
    return record_type(**values, **overrides)


def fill_own(record_type: type[RecordType], prefix: str, own: Mapping[str, float]) -> RecordType:
    """`fill`, with the numbers of `own` (evidence key -> value in the unit of the field) in place of their rows."""
    fields = units_of(record_type)
    return fill(record_type, prefix, **{name: own[f"{prefix}.{name}"] for name in fields if f"{prefix}.{name}" in own})


def _number(record_type: type[Any], prefix: str, name: str, unit: str) -> float:
    key = f"{prefix}.{name}"
    rows = all_estimates()
    if key not in rows:
        raise EvidenceError(f"{record_type.__name__}.{name} needs the row {key!r}, which no evidence table has")
    try:
        return rows[key].in_unit(unit)
    except UnitError as error:
        raise EvidenceError(f"{record_type.__name__}.{name}: {error}") from error
