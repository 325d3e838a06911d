"""How an experiment on a channel leaves the command line: a folder, one JSON object, or a table with its notes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from unwound.interfaces.output import command_line, note, print_json, print_table

if TYPE_CHECKING:
    from unwound.receptor.experiments import Experiment

WIDTH = 110


def show(run: Any, out: str | None, as_json: bool) -> None:
    """Reserve, compute, write, print."""
    from unwound.reporting.publish_receptor import publish_experiment, receptor_summary
    from unwound.reporting.store import ResultFolder

    folder = ResultFolder.reserve(out) if out else None
    found: Experiment = run()
    written: dict[str, str] = {}
    if folder is not None:
        note(f"writing {out} ...")
        written = publish_experiment(folder, found, command_line())
    if as_json:
        print_json({**receptor_summary(found), "written": written})
        return
    _print(found, written)


def _print(found: Experiment, written: dict[str, str]) -> None:
    from unwound import evidence
    from unwound.core.safety import SIMULATION_ONLY
    from unwound.reporting.publish_receptor import in_words

    rows = [(in_words(name), of, number(value)) for name, of, value in found.rows()]
    typer.echo(found.title)
    print_table("", ("", "of", "value"), rows, right=(2,), width=WIDTH)
    for line in found.conditions:
        typer.echo(line)
    for line in found.notes:
        typer.echo(f"note: {line}")
    for name, place in written.items():
        typer.echo(f"{name}: {place}")
    assumed = len(evidence.assumptions(found.keys))
    typer.echo(f"{assumed} of {len(set(found.keys))} numbers assumed; --json lists them, and the sources.")
    typer.echo(SIMULATION_ONLY + ".")


def number(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"
