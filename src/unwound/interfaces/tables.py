"""Options of the commands that read an event table, and the table they name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from unwound.interfaces.output import note

if TYPE_CHECKING:
    from unwound.regimen import EventTable

Units = Annotated[str | None, typer.Option("--units", help="Units of an event table: AMT=mg,TIME=h,DV=ng/mL,WT=kg.")]
Enantiomer = Annotated[
    Literal["S", "R", "racemic"] | None, typer.Option("--enantiomer", help="What an event table gives.")
]
Columns = Annotated[
    Literal["auto", "nonmem", "adppk"],
    typer.Option("--columns", help="Names of the columns of an event table; auto looks at its header."),
]
AtOnce = Annotated[
    bool, typer.Option("--at-once", help="An ADPPK table without RATE: every dose was given at once, none infused.")
]


def is_table(path: str) -> bool:
    """Whether `path` is named like an event table."""
    from unwound.regimen import is_table as named_like_one

    return named_like_one(path)


def refuse_patients(patients: int, path: str) -> None:
    """An event table has its own people. Raises `InputError`."""
    from unwound.core.errors import InputError, Problem

    remedy = "leave --patients out, or write the doses as a protocol file"
    raise InputError(Problem("--patients", patients, "an event table has its own people", remedy), path)


def read(
    path: str, units: str | None, enantiomer: Any, columns: Any = "auto", setting: Any = "ward", at_once: bool = False
) -> EventTable:
    """The event table at `path`; what is odd about it goes to stderr."""
    from unwound.regimen import parse_units, read_table

    said = parse_units(units) if units else None
    table = read_table(path, columns=columns, enantiomer=enantiomer, units=said, setting=setting, at_once=at_once)
    for warning in table.warnings:
        note(f"warning: {warning}")
    return table
