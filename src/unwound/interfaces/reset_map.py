"""`unwound reset-map`: relief over the rate of an infusion and how long it runs, beside what theory says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from unwound.interfaces.asked import Asked as Reader
from unwound.interfaces.output import (
    NO_DRIVER,
    Driver,
    Json,
    Model,
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
    from unwound.patient.reset_map import Asked

WIDTH = 130
FINER = 0.12
"""In the picture neighbors differ by no more than this share."""


def reset_map(
    rates: Annotated[
        str | None, typer.Option("--rates", metavar="LIST", help='Rates, such as "1,2,5,10,20,40 mg/h" (default).')
    ] = None,
    days: Annotated[
        str | None,
        typer.Option("--days", metavar="LIST", help='Durations, such as "4 h,1 d,3 d,5 d"; default 0.17 to 14 d.'),
    ] = None,
    enantiomer: Annotated[Literal["S", "R", "racemic"], typer.Option("--enantiomer", help="What is infused.")] = "S",
    latent: Annotated[
        float, typer.Option("--latent", help="Latent memory at the start, 0 to 1; 1: a life in pain.")
    ] = 1.0,
    hypothesis: Annotated[str, typer.Option("--hypothesis", help="H0, H1 or H2.")] = "H2",
    driver: Driver = None,
    model: Model = "otto2021",
    weight: Annotated[str, typer.Option("--weight", help='Body weight, such as "70 kg".')] = "70 kg",
    follow: Annotated[str, typer.Option("--follow", help="How long after the longest infusion.")] = "90 d",
    seed: Seed = 1,
    out: Out = None,
    threads: Threads = None,
    as_json: Json = False,
) -> None:
    """Map the days of relief over rate and duration of one infusion, and where theory puts the reset.

    One typical person, no flares: a hypothesis drawn out, not a promise and no advice. With --out the map is computed
    finely and drawn with phase portrait, flow of the gain, and depth and duration. Examples:

    unwound reset-map --out reset

    unwound reset-map --hypothesis H0 --rates "5,20 mg/h" --days "1,5,10 d"

    unwound reset-map --latent 0.4 --driver tonic --json
    """
    from unwound.reporting.store import ResultFolder

    folder = ResultFolder.reserve(out) if out else None
    asked = _asked(rates, days, enantiomer, latent, weight, follow, FINER if folder else 0.0)
    _run(asked, (model, hypothesis, driver, seed, threads), folder, as_json)


def _asked(
    rates: str | None, days: str | None, enantiomer: Any, latent: float, weight: str, follow: str, finer: float
) -> Asked:
    from unwound.patient.reset_map import DAYS, RATES_MG_H, Asked

    reader = Reader()
    grid = (
        _several(reader, rates, "mg/h", "--rates", RATES_MG_H),
        _several(reader, days, "d", "--days", DAYS),
    )
    kg, after = reader.number(weight, "kg", "--weight", 70.0), reader.number(follow, "d", "--follow", 90.0)
    found = reader.held(Asked, None, *grid, enantiomer, kg, latent, after, finer)
    reader.done()
    return found  # type: ignore[no-any-return]


def _several(reader: Reader, text: str | None, unit: str, option: str, default: tuple[float, ...]) -> tuple[float, ...]:
    """Numbers separated by commas, one without a unit has that of the last; `default` where they cannot be read."""
    from unwound.core.errors import Problem

    if text is None:
        return default
    parts = [part.strip() for part in text.split(",")]
    last = parts[-1].lstrip("0123456789.eE+- ")
    whole = [part if part.lstrip("0123456789.eE+- ") else f"{part} {last}".strip() for part in parts]
    before = len(reader.problems)
    numbers = tuple(round(reader.number(part, unit, option), 12) for part in whole)
    if len(reader.problems) == before:
        return numbers
    rule = f"numbers with commas between them and a unit at the end, such as {unit}"
    reader.problems[before:] = [Problem(option, text, rule, f'write for example {option} "1,2,5 {unit}"')]
    return default


def _run(asked: Asked, setting: tuple[Any, ...], folder: Any, as_json: bool) -> None:
    from unwound.core.verdicts import Verdict
    from unwound.patient.reset_map import in_between, reset_map
    from unwound.patient.setting import Setting
    from unwound.reporting.publish_reset import publish_reset, reset_summary, title_of

    model, hypothesis, driver, seed, threads = setting
    options = Setting(model, hypothesis, driver or "empirical", seed=seed, threads=threads)
    if driver and hypothesis.upper() == "H0":
        note(NO_DRIVER)
    total = len(in_between(asked.rates_mg_h, asked.finer)) * len(in_between(asked.days, asked.finer))
    with progress("regimens", total) as advance:
        found = reset_map(asked, options, advance)
    written: dict[str, str] = {}
    if folder is not None:
        note(f"writing {folder.path} ...")
        written = publish_reset(folder, found, command_line(), seed)
    summary = reset_summary(found)
    if as_json:
        print_json({**summary, "seed": seed, "written": written})
    else:
        _print(summary, title_of(found), written)
    if (found.verdicts >= Verdict.INACCURATE).any():
        raise typer.Exit(3)


def _print(summary: dict[str, Any], title: str, written: dict[str, str]) -> None:
    from unwound.patient.reset_map import RELIEF

    header = ("mg/h", *(f"{day:g} d" for day in summary["durations_days"]))
    theory = summary["reset_by_theory_days"]
    rows = []
    for n, rate in enumerate(summary["rates_mg_per_h"]):
        values = zip(summary["relief_days"][n], summary["lasts_to_the_end"][n], strict=True)
        cells = [f">{summary['followed_days']:g}" if lasts else f"{value:.0f}" for value, lasts in values]
        more = () if theory is None else ("never" if theory[n] is None else f"{theory[n]:.1f} d",)
        rows.append((f"{rate:g}", *cells, *more))
    header += () if theory is None else ("reset by theory",)
    typer.echo(title)
    print_table("Days of relief after the end", header, rows, right=tuple(range(len(header))), width=WIDTH)
    typer.echo(
        f"Relief: pain below {100 * RELIEF:.0f} % of {summary['baseline_nrs']:.1f} points, from a day after the end."
    )
    if summary["switch"]:
        _print_switch(summary["switch"])
    for line in (*summary["notes"], *(f"warning: {line}" for line in summary["warnings"])):
        typer.echo(f"{line}.")
    for name, place in written.items():
        typer.echo(f"{name}: {place}")
    typer.echo(f"{len(summary['assumed'])} numbers assumed; --json lists them and the sources.")
    typer.echo(summary["simulation_only"] + ".")


def _print_switch(facts: dict[str, Any]) -> None:
    low, high = facts["bistable_drives"] or (None, None)
    between = "no drive makes two states" if low is None else f"two states between {low:.3f} and {high:.3f}"
    typer.echo(f"Drug-free drive {facts['drive']:.3f}: {facts['class']} ({between}).")
    if facts["critical_block"] is not None:
        typer.echo(f"Below a total block of {facts['critical_block']:.2f} no duration resets.")
    if facts["remission_below_latent"] is not None:
        typer.echo(f"A reset is for good below a latent memory of {facts['remission_below_latent']:.2f}.")
    after = facts["after_the_example"]
    if after["protection_days"] and after["bottleneck_days"] is not None:
        typer.echo(
            f"After {after['rate_mg_per_h']:g} mg/h for {after['days']:g} d theory counts "
            f"{after['protection_days']:.0f} d of protection and {after['bottleneck_days']:.0f} d of passage."
        )
