"""`unwound arms`: the open table of arms of published trials, for meta-analysis."""

from __future__ import annotations

from typing import Annotated

import typer

from unwound.interfaces.output import Json, print_json, print_table

SHOWN = ("short", "arm", "comparator", "total_dose_mg", "duration_h", "days_since_end", "outcome", "window", "n")
"""Columns for people; --json and --out have all."""


def arms(
    branch: Annotated[str | None, typer.Option("--branch", help="pain or mood; default: both.")] = None,
    trial: Annotated[str | None, typer.Option("--trial", help="Only this trial, such as SIG09.")] = None,
    read_only: Annotated[
        bool, typer.Option("--read", help="Without rows that are recalled and were not read.")
    ] = False,
    out: Annotated[
        str | None, typer.Option("--out", metavar="FILE.csv", help="Write the rows to this file; must be new.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show the arms of published trials of pain and mood: dose, duration, time, outcome, as printed.

    What the columns mean, the license and how to cite: docs/rooms/evidence.md. Example:

    unwound arms --branch mood --out mood_arms.csv
    """
    from unwound import evidence
    from unwound.core.errors import InputError, Problem, UnknownName
    from unwound.core.safety import SIMULATION_ONLY
    from unwound.evidence import arms as table

    if branch is not None and branch not in table.BRANCHES:
        raise UnknownName("branch", branch, list(table.BRANCHES))
    name = None if trial is None else evidence.trial_name(trial)
    rows = [
        row
        for row in table.arms()
        if branch in (None, row.branch) and name in (None, row.trial) and not (read_only and row.provenance == "memory")
    ]
    if not rows:
        remedy = "see `unwound arms` for the trials that have one, and `unwound trial list` for why others do not"
        raise InputError(Problem("trial", trial or branch, "no row of the table of arms is of this kind", remedy))
    if out is not None:
        table.write(rows, out)
    if as_json:
        print_json({"simulation_only": SIMULATION_ONLY, "rows": [row.as_dict() for row in rows], "written": out})
        return
    cells = [(*(_shown(getattr(row, column)) for column in SHOWN), row.printed, row.provenance) for row in rows]
    header = ("trial", "arm", "comparator", "mg", "hours", "days since end", "outcome", "when", "n", "printed", "basis")
    print_table(f"{len(rows)} rows of {len({r.trial for r in rows})} trials", header, cells, right=(3, 4, 5, 8))
    if out is not None:
        typer.echo(f"written: {out}")


def _shown(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)
