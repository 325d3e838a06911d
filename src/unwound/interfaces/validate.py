"""`unwound validate` and `unwound schema`: is this file right, and what may stand in one."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer

from unwound.interfaces.output import Json, print_json


def validate(
    path: Annotated[str, typer.Argument(help="A protocol file (TOML) or a trial file.")],
    as_json: Json = False,
) -> None:
    """Check a protocol or trial file, dose limits included, without computing anything.

    Every problem is listed at once. Example: unwound validate my_protocol.toml
    """
    from unwound.core.files import read_toml
    from unwound.core.safety import SIMULATION_ONLY
    from unwound.patient.protocol import Protocol
    from unwound.trials import Trial

    found: Any
    data = read_toml(path)
    if "arms" in data:
        found, kind = Trial.from_dict(data, path), "trial"
        warnings = [str(warning) for warning in found.warnings()]
    else:
        found, kind = Protocol.from_dict(data, path), "protocol"
        warnings = [str(warning) for warning in found.warnings()]
        warnings += found.patient.assumed()
    gives = found.regimen.describe()
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


def schema(
    kind: Annotated[Literal["protocol", "trial"], typer.Argument(help="protocol or trial")] = "protocol",
) -> None:
    """Print the JSON Schema of a protocol or trial file (for editors that complete and check as you type)."""
    from unwound.patient.protocol import Protocol
    from unwound.trials import Trial

    print_json(Protocol.json_schema() if kind == "protocol" else Trial.json_schema())
