"""`unwound trial list`: the published trials side by side, and what each may be used for."""

from __future__ import annotations

from typing import Annotated

import typer

from unwound.core.safety import SIMULATION_ONLY
from unwound.evidence.trial_index import Role
from unwound.interfaces.output import Json, print_json, print_table

WIDTH = 210  # of a pipe: the table has many columns


def list_trials(
    simulated: Annotated[bool, typer.Option("--simulated", help="Only those that can be run.")] = False,
    role: Annotated[
        Role | None, typer.Option("--role", help="Only those of one role; calibration alone may be fitted.")
    ] = None,
    as_json: Json = False,
) -> None:
    """List the published trials: what was given for how long, to how many, against what, and their role.

    Total doses are planned ones, for 70 kg. Example: unwound trial list --simulated
    """
    from unwound.trials import catalog

    listed = [one for one in catalog() if (one.simulated or not simulated) and role in (None, one.note.role)]
    if as_json:
        print_json({"trials": [one.as_dict() for one in listed], "simulation_only": SIMULATION_ONLY})
        return
    cells = [
        (
            one.note.short,
            one.note.name,
            one.note.title,
            one.note.disorder,
            one.doses,
            one.durations,
            "-" if one.note.patients is None else f"{one.note.patients}",
            one.note.comparator,
            one.note.role,
            "yes" if one.simulated else "no",
        )
        for one in listed
    ]
    header = ("id", "name", "what", "disorder", "total dose (70 kg)", "duration", "n", "against", "role", "runs")
    print_table(f"Published trials ({len(listed)})", header, cells, right=(6,), width=WIDTH)
    typer.echo("")
    typer.echo(
        "Only calibration may be fitted. Why a trial does not run, and what it pins: --json, or the documentation."
    )
    typer.echo(SIMULATION_ONLY + ".")
