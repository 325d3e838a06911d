"""`unwound sensitivity`: which assumption sets how much pain is relieved, and for how long."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from unwound.interfaces.output import (
    NO_DRIVER,
    Driver,
    Json,
    Out,
    Seed,
    Threads,
    command_line,
    note,
    print_json,
    print_table,
    progress,
)

if TYPE_CHECKING:
    from unwound.patient import Person
    from unwound.regimen import Regimen

WIDTH = 130
SHOWN = 6


def sensitivity(
    path: Annotated[
        str | None,
        typer.Argument(help="A protocol file (.toml); default: S-ketamine, 20 mg/h over 100 h, in a typical person."),
    ] = None,
    hypothesis: Annotated[str | None, typer.Option("--hypothesis", help="H0, H1 or H2 (default: the file's).")] = None,
    driver: Driver = None,
    model: Annotated[str | None, typer.Option("--model", help="Pharmacokinetic model (default: the file's).")] = None,
    latent: Annotated[
        float, typer.Option("--latent", min=0.0, max=1.0, help="Latent memory at the start; 1: a life in pain.")
    ] = 1.0,
    samples: Annotated[
        int, typer.Option("--samples", help="Base samples, a power of two; the intervals tell if they are enough.")
    ] = 512,
    seed: Seed = 1,
    out: Out = None,
    threads: Threads = None,
    as_json: Json = False,
) -> None:
    """Tell which assumption sets the relief: Sobol indices over the ranges of the evidence, and a tornado.

    Every number of hypothesis, driver and pain scale is drawn from its range; one regimen in one typical person, long
    in pain, under thousands of draws. S1 is what a number explains alone, ST with all its interactions. Needs SALib
    (pip install 'unwound[analysis]'). Examples:

    unwound sensitivity --out sensitivity

    unwound sensitivity my_protocol.toml --hypothesis H1 --samples 256 --json
    """
    from unwound.patient.sensitivity import people_needed
    from unwound.patient.sensitivity import sensitivity as run
    from unwound.patient.setting import Setting
    from unwound.reporting.publish_sensitivity import publish_sensitivity, sensitivity_summary, title_of
    from unwound.reporting.store import ResultFolder

    folder = ResultFolder.reserve(out) if out else None
    person, regimen, models = _protocol(path)
    chosen = hypothesis or models["hypothesis"]
    setting = Setting(model or models["model"], chosen, driver or models["driver"], seed=seed, threads=threads)
    if driver and chosen.upper() == "H0":
        note(NO_DRIVER)
    with progress("draws", people_needed(setting, samples)) as advance:
        found = run(person, regimen, setting, samples, latent, advance)
    written: dict[str, str] = {}
    if folder is not None:
        note(f"writing {out} ...")
        written = publish_sensitivity(folder, found, command_line())
    summary = sensitivity_summary(found)
    if as_json:
        print_json({**summary, "written": written})
    else:
        _print(summary, title_of(found), written)
    if found.failed:
        raise typer.Exit(3)


def _protocol(path: str | None) -> tuple[Person, Regimen, dict[str, str]]:
    from unwound.patient.protocol import Person, Protocol
    from unwound.patient.reset_map import constant

    if path is None:
        return (
            Person(),
            constant(20.0, 100.0 / 24.0, "S"),
            {"model": "otto2021", "hypothesis": "H2", "driver": "empirical"},
        )
    protocol = Protocol.from_toml(path)
    models = protocol.models
    chosen = {"model": models.pharmacokinetics, "hypothesis": models.hypothesis, "driver": models.driver}
    return protocol.patient, protocol.regimen, chosen


def _print(summary: dict[str, Any], title: str, written: dict[str, str]) -> None:
    typer.echo(f"{title}; {'; '.join(summary['regimen'])}")
    header = ("number", "S1", "ST", "PAWN", "at the lower end", "at the upper end", "from", "to")
    factors = {one["key"]: one for one in summary["factors"]}
    for told in summary["outcomes"].values():
        rows = [
            (one["key"], f"{one['first']:.2f} +- {one['first_error']:.2f}",
             f"{one['total']:.2f} +- {one['total_error']:.2f}", f"{one['pawn']:.2f}",
             f"{one['at_low']:.2f}", f"{one['at_high']:.2f}",
             f"{factors[one['key']]['low']:g}", f"{factors[one['key']]['high']:g}")
            for one in told["indices"][:SHOWN]
        ]  # fmt: skip
        words = f"{told['about']}: {told['typical']:.2f} with the values of the tables"
        words += f" (PAWN of no part: {told['pawn_noise']:.2f})"
        print_table(words, header, rows, right=tuple(range(1, 8)), width=WIDTH)
    for line in summary["notes"]:
        typer.echo(f"note: {line}")
    for line in summary["warnings"]:
        typer.echo(f"warning: {line}")
    for name, place in written.items():
        typer.echo(f"{name}: {place}")
    typer.echo(f"{len(summary['factors'])} numbers varied in {summary['people']} people; --json lists all of them.")
    typer.echo("Reset is a hypothesis: compare --hypothesis H0, H1 and H2 before believing a number.")
    typer.echo(summary["simulation_only"] + ".")
