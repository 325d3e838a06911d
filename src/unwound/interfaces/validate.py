"""`unwound validate` and `unwound schema`: is this file right, and what may stand in one."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer

from unwound.interfaces import tables
from unwound.interfaces.output import Json, print_json


def validate(
    path: Annotated[str, typer.Argument(help="A protocol file (.toml), a trial file, or an event table (.csv).")],
    units: tables.Units = None,
    enantiomer: tables.Enantiomer = None,
    columns: tables.Columns = "auto",
    at_once: tables.AtOnce = False,
    setting: Annotated[
        Literal["ward", "monitored", "icu"], typer.Option("--setting", help="Where an event table is given.")
    ] = "ward",
    as_json: Json = False,
) -> None:
    """Check a protocol, a trial file or an event table, dose limits included, without computing anything.

    Every problem is listed at once. Examples:

    unwound validate my_protocol.toml

    unwound validate adppk.csv --enantiomer S --at-once
    """
    from unwound.core.safety import SIMULATION_ONLY

    if tables.is_table(path):
        kind, gives, warnings = _table(path, units, enantiomer, columns, setting, at_once)
    else:
        kind, gives, warnings = _file(path)
    if as_json:
        print_json(
            {"path": path, "kind": kind, "gives": gives, "warnings": warnings, "simulation_only": SIMULATION_ONLY}
        )
        return
    typer.echo(f"{path}: a valid {kind}")
    for line in gives:
        typer.echo(f"  gives: {line}")
    for warning in warnings:
        typer.echo(f"  warning: {warning}")
    typer.echo(SIMULATION_ONLY + ".")


def _file(path: str) -> tuple[str, list[str], list[str]]:
    """(kind, what it gives, warnings) of a TOML file."""
    from unwound.core.files import read_toml
    from unwound.patient.protocol import Protocol
    from unwound.trials import Trial

    found: Any
    data = read_toml(path)
    if set(data) == {"population"}:
        from unwound.population.own import OwnPopulation

        built = OwnPopulation.from_dict(data, path).build(path)
        return "population", [], list(built.own)
    if "arms" in data:
        found = Trial.from_dict(data, path)
        return "trial", found.told_regimens(), [str(warning) for warning in found.warnings()]
    found = Protocol.from_dict(data, path)
    warnings = [*(str(warning) for warning in found.warnings()), *found.patient.assumed()]
    warnings += [note for one in found.co_medication for note in one.warnings(found.patient.weight_kg)]
    return "protocol", [*found.regimen.describe(), *(f"beside: {one}" for one in found.co_medication)], warnings


def _table(
    path: str, units: str | None, enantiomer: Any, columns: Any, setting: Any, at_once: bool
) -> tuple[str, list[str], list[str]]:
    """(kind, what it gives, warnings) of an event table; dose limits are those of each person."""
    from unwound.regimen import limits_of_table

    table = tables.read(path, units, enantiomer, columns, setting, at_once)
    warnings = [*table.warnings, *limits_of_table(table)]
    gives = []
    for person in table:
        for number, occasion in enumerate(person.occasions, 1):
            who = f"ID {person.id}" + (f", occasion {number}" if len(person.occasions) > 1 else "")
            doses = "; ".join(occasion.regimen.describe()) or "nothing"
            gives.append(f"{who}: {doses}; {len(occasion.observed_h)} samples")
    return f"event table of {len(table)} {'person' if len(table) == 1 else 'people'}", gives, warnings


def schema(
    kind: Annotated[
        Literal["protocol", "trial", "population"], typer.Argument(help="protocol, trial or population")
    ] = "protocol",
) -> None:
    """Print the JSON Schema of a protocol, trial or population file (editors then complete and check as you type)."""
    from unwound.patient.protocol import Protocol
    from unwound.population.own import OwnPopulation
    from unwound.trials import Trial

    models: dict[str, Any] = {"protocol": Protocol, "trial": Trial, "population": OwnPopulation}
    print_json(models[kind].json_schema())
