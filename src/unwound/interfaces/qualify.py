"""`unwound qualify`: every published trial run and judged, one report with misses first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from unwound.interfaces.output import (
    Json,
    Seed,
    Threads,
    command_line,
    note,
    print_json,
    print_table,
    progress,
)

if TYPE_CHECKING:
    from unwound.reporting.pages import PageFolder
    from unwound.trials.qualify import Asked, Planned

SHOWN = 30
"""Misses that are printed; the report and --json have all."""
WIDTH = 150


def qualify(
    replicates: Annotated[
        int, typer.Option("--replicates", min=2, max=100_000, help="How many copies of each trial are run.")
    ] = 1000,
    hypothesis: Annotated[
        str, typer.Option("--hypothesis", help="H0, H1 or H2 (turnover, switch, protected_switch).")
    ] = "H2",
    trials: Annotated[
        str, typer.Option("--trials", help='Only these, by short name: "SIG09,NOP11". Default: every published trial.')
    ] = "",
    seed: Seed = 1,
    out: Annotated[
        str | None,
        typer.Option(
            "--out",
            metavar="DIR",
            help="Folder for report, figure and the rows of each trial as they come; the same command goes on there.",
        ),
    ] = None,
    threads: Threads = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 3 when a row that counts is missed (recalled ones aside).")
    ] = False,
    as_json: Json = False,
) -> None:
    """Run every published trial at its own size and judge each printed result: bands, intervals, log scores.

    Misses are named first, totals stand branch by branch. With --out the rows of each trial are written as they come,
    and the same command goes on after an interrupt. Only a failed numerical verdict changes the exit code (to 3).

    Examples:

    unwound qualify --trials SIG09,NOP11 --replicates 50

    unwound qualify --replicates 1000 --out qualification
    """
    from unwound.patient.wiring import hypothesis_name
    from unwound.reporting.pages import PageFolder
    from unwound.reporting.publish_qualify import publish_qualify, qualify_summary
    from unwound.trials.frozen import model_hash
    from unwound.trials.qualify import Asked, plan

    asked = Asked(replicates, hypothesis_name(hypothesis), seed, threads)
    planned = plan(tuple(name.strip() for name in trials.split(",") if name.strip()))
    settings = {**asked.as_dict(), "model_sha256": model_hash()}
    folder = PageFolder.open(out, settings) if out else None
    to_run = [one for one in planned if one.kind != "not simulated"]
    pages = [_page(one, f"{n} of {len(to_run)}", asked, folder) for n, one in enumerate(to_run, 1)]
    summary = qualify_summary(pages, [one for one in planned if one.kind == "not simulated"], settings)
    written: dict[str, str] = {}
    if folder is not None:
        note(f"writing {out} ...")
        written = publish_qualify(folder, pages, summary, command_line())
    if as_json:
        print_json({**summary, "written": written})
    else:
        _print(summary, written)
    missed = any(row["counted"] and row["fails"] for row in summary["missed"])
    if summary["numerically_failed"] or (strict and missed):
        raise typer.Exit(3)


def _page(one: Planned, place: str, asked: Asked, folder: PageFolder | None) -> dict[str, Any]:
    from unwound.trials.qualify import page_of

    short = one.note.short
    if folder is not None and (page := folder.page(short)) is not None:
        note(f"{place}: {short} is there already")
        return page
    with progress(f"{place}: {short}", one.steps(asked.replicates)) as advance:
        page = page_of(one, asked, advance)
    if folder is not None:
        folder.keep(short, page)
    return page


def _print(summary: dict[str, Any], written: dict[str, str]) -> None:
    from unwound.core.safety import SIMULATION_ONLY
    from unwound.reporting.qualify_report import shown, told

    for branch, sentence in summary["out_of_sample"].items():
        typer.echo(f"{branch}: {sentence}")
    missed = [shown(row) for row in summary["missed"]]
    rows = [
        (row["trial"], row["name"], row["observed_text"], row["simulated"], row["interval"] or "-", row["score"],
         row["verdict"] if row["counted"] else "missed (shown only)")
        for row in missed[:SHOWN]
    ]  # fmt: skip
    header = ("trial", "what", "observed", "simulated", "90 % interval", "log score", "verdict")
    print_table(f"Missed: {len(missed)} printed results", header, rows, right=(5,), width=WIDTH)
    if len(missed) > SHOWN:
        typer.echo(f"and {len(missed) - SHOWN} more: --out or --json has all")
    typer.echo("")
    totals = [(name, told(total)) for name, total in summary["totals"].items()]
    cells = [
        (name, t["trials"], t["passed"], t["weighted"], t["covered"], t["log_score"], t["skill"]) for name, t in totals
    ]
    header = ("branch", "trials that count", "in band", "by weight", "in 90 %", "log score", "less placebo only")
    print_table("Totals by branch (in brackets: trials drawn again)", header, cells, width=WIDTH)
    for text in summary["notes"]:
        typer.echo(f"note: {text}")
    for one in summary["not_simulated"]:
        typer.echo(f"not simulated: {one['id']} ({one['why']})")
    for name, count in summary["numerically_failed"].items():
        typer.echo(f"numbers that must not be used: {name}, {count} people")
    for name, path in written.items():
        typer.echo(f"{name}: {path}")
    typer.echo(SIMULATION_ONLY + ".")
