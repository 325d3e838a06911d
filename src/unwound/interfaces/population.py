"""`unwound population`: who takes part, with the marks of every number, and people drawn."""

from __future__ import annotations

from typing import Annotated

import typer

from unwound.interfaces.output import Json, Out, Seed, command_line, note, print_json, print_table, progress

WIDTH = 140
app = typer.Typer(
    name="population",
    help="Who takes part: the disorders, their numbers and where these come from, and people drawn from them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Name = Annotated[str, typer.Argument(help="A disorder, or a file with a [population] table (.toml).")]


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List the disorders, the scale each is rated on, and how much of each was read rather than assumed.

    unwound population list
    """
    from unwound.core.safety import SIMULATION_ONLY
    from unwound.population.populations import UNTOLD
    from unwound.reporting.publish_population import listed, population_list_summary

    if as_json:
        print_json(population_list_summary())
        return
    rows = [
        (
            one["name"], one["title"], f"{one['scale']} {one['baseline_points']:g}", f"{one['age_mean_y']:g}",
            f"{100 * one['female_share']:.0f}", str(one["marks"]["primary"]), str(one["marks"]["secondary"]),
            str(one["marks"]["assumed"]),
        )
        for one in listed()
    ]  # fmt: skip
    header = ("name", "who", "baseline", "age\ny", "women\n%", "read", "in a\nsummary", "assumed")
    print_table("Populations; how many of their numbers were read", header, rows, right=(3, 4, 5, 6, 7), width=WIDTH)
    for one in listed():
        if one["caution"]:
            typer.echo(f"{one['name']}: {one['caution']}")
    typer.echo(f"without evidence, with your own [population] table only: {', '.join(UNTOLD)}")
    typer.echo(SIMULATION_ONLY + ".")


@app.command("show")
def show(name: Name, as_json: Json = False) -> None:
    """Show every number of a population with its mark and source, and what is on record and not used.

    unwound population show fibromyalgia

    unwound population show my_population.toml --json
    """
    from unwound.core.safety import SIMULATION_ONLY
    from unwound.population.own import population_of
    from unwound.population.priors import prior_of
    from unwound.reporting.publish_population import marks_of, population_summary, rows_shown

    found = population_of(name)
    if as_json:
        print_json(population_summary(found))
        return
    rows = [
        (
            row["key"], f"{row['value']:g}", "" if row["unit"] == "1" else row["unit"], row["spread"],
            "assumed" if row["basis"] == "assumed" else f"{row['basis']}, {row['seen']}",
            ", ".join(cite for cite in row["cite"] if cite != "assumption"), "" if row["used"] else "not used",
        )
        for row in rows_shown(found)
    ]  # fmt: skip
    title = f"{found.name}: {found.title}; rated on the {found.scale.name} ({found.scale.about})"
    print_table(title, ("number", "value", "unit", "spread", "mark", "source", ""), rows, right=(1,), width=WIDTH)
    for text in found.own:
        typer.echo(f"yours: {text}")
    if found.caution:
        typer.echo(f"caution: {found.caution}")
    if (prior := prior_of(found.name)) is not None:
        for text in prior.told():
            typer.echo(text)
    counts = marks_of(found.keys)
    typer.echo(
        f"{counts['primary']} numbers read in their source, {counts['secondary']} in a summary, "
        f"{counts['assumed']} assumed (`unwound evidence KEY` tells why)."
    )
    typer.echo(SIMULATION_ONLY + ".")


@app.command("sample")
def sample(
    name: Name,
    patients: Annotated[int, typer.Option("--patients", min=1, max=100_000, help="How many people.")] = 1000,
    seed: Seed = 1,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Draw people from a population: covariates with their spread, and with --out the people and a figure.

    unwound population sample CRPS-1 --patients 2000 --out people

    unwound population sample TRD --json
    """
    from unwound.core.safety import SIMULATION_ONLY
    from unwound.population.own import population_of
    from unwound.population.sampled import sampled
    from unwound.reporting.publish_population import population_summary, publish_population
    from unwound.reporting.store import ResultFolder

    found = population_of(name)
    folder = ResultFolder.reserve(out) if out else None
    drawn = sampled(seed, patients, found)
    written: dict[str, str] = {}
    if folder is not None:
        note(f"writing {out} ...")
        written = publish_population(folder, found, drawn, seed, command_line())
    if as_json:
        print_json({**population_summary(found, drawn, seed), "written": written})
        return
    rows = [
        (column, *(f"{moments[what]:.3g}" for what in ("mean", "sd", "median", "p05", "p95")))
        for column, moments in drawn.summary().items()
    ]
    title = f"{found.name}: {patients} people, seed {seed}"
    print_table(title, ("covariate", "mean", "sd", "median", "5 %", "95 %"), rows, right=(1, 2, 3, 4, 5), width=WIDTH)
    for text in found.own:
        typer.echo(f"yours: {text}")
    if found.caution:
        typer.echo(f"caution: {found.caution}")
    for what, place in written.items():
        typer.echo(f"{what}: {place}")
    typer.echo(SIMULATION_ONLY + ".")


@app.command("variance")
def variance(
    path: Annotated[str | None, typer.Argument(help="A protocol file (TOML); or use --dose.")] = None,
    dose: Annotated[str | None, typer.Option("--dose", help='"20 mg/h for 100 h" and the like, of S-ketamine.')] = None,
    disorder: Annotated[str, typer.Option("--disorder", help="A disorder of pain, or a population file.")] = "CRPS-1",
    week: Annotated[float, typer.Option("--week", help="Weeks from the start of treatment.")] = 1.0,
    off: Annotated[
        list[str] | None,
        typer.Option("--off", help="A layer to leave out: patients, placebo, flares, ratings, parameters, hypothesis."),
    ] = None,
    hypothesis: Annotated[str, typer.Option("--hypothesis", help="With --off hypothesis: under which one.")] = "H2",
    patients: Annotated[int, typer.Option("--patients", min=8, max=100_000, help="People in every run.")] = 128,
    draws: Annotated[int, typer.Option("--draws", min=2, max=1000, help="Draws of parameters.")] = 6,
    seed: Seed = 1,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Tell how much of the spread of a pain rating each layer has: patients, placebo, flares, ratings, what we assume.

    Each layer is switched on alone, and off alone; errors are those of the random draws. Examples:

    unwound population variance --dose "20 mg/h for 100 h" --week 1

    unwound population variance my_protocol.toml --off parameters --off hypothesis --json
    """
    from unwound.core.safety import SIMULATION_ONLY
    from unwound.interfaces.given import what_is_given
    from unwound.patient.simulation import Setting
    from unwound.patient.wiring import hypothesis_name
    from unwound.population.layers import ALL, Layers
    from unwound.population.variance import configurations, variance_shares
    from unwound.reporting.publish_variance import publish_variance, variance_summary
    from unwound.reporting.store import ResultFolder

    left_out = off or []
    Layers.named(tuple(left_out))  # names that are no layers are told
    layers = Layers.named(tuple(name for name in ALL.on if name not in left_out))
    regimen, _ = what_is_given(
        path, dose, "S-ketamine", "intravenous", "monitored", None, None, None, None, None, "actual"
    )  # fmt: skip
    folder = ResultFolder.reserve(out) if out else None
    options = Setting(seed=seed, hypothesis=hypothesis_name(hypothesis), metabolites=False)
    with progress("layers", len(configurations(layers))) as advance:
        found = variance_shares(
            disorder, regimen, week, layers, patients=patients, draws=draws, setting=options, progress=advance
        )
    written: dict[str, str] = {}
    if folder is not None:
        note(f"writing {out} ...")
        written = publish_variance(folder, found, regimen, disorder, command_line())
    if as_json:
        print_json({**variance_summary(found, regimen, disorder), "written": written})
        return
    rows = [
        (
            one.layer, f"{100 * one.alone:.0f}", f"{100 * one.alone_error:.0f}", f"{100 * one.without:.0f}",
            f"{100 * one.without_error:.0f}",
        )
        for one in found.shares
    ]  # fmt: skip
    header = ("layer", "alone\n%", "error", "lost without it\n%", "error")
    title = f"{disorder}, {found.outcome}: {found.mean:.1f} (SD {found.sd:.2f}, error {found.sd_error:.2f})"
    print_table(title, header, rows, right=(1, 2, 3, 4), width=WIDTH)
    typer.echo("by hypothesis: " + ", ".join(f"{name} {mean:.1f}" for name, mean in found.by_hypothesis.items()))
    typer.echo("shares do not add up: layers act together, and one may hide another")
    typer.echo(found.held)
    for what, place in written.items():
        typer.echo(f"{what}: {place}")
    typer.echo(SIMULATION_ONLY + ".")
