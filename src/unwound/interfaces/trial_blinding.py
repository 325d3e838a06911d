"""`unwound trial blinding`: a trial under 0, 25 and 50 % of expectancy."""

from __future__ import annotations

import pathlib
from typing import Annotated

import typer

from unwound.interfaces.output import Json, Model, Seed, Threads, print_json, print_table, progress


def blinding(
    trial: Annotated[str, typer.Argument(help="A published trial (SIG09) or a trial file (TOML).")],
    hypothesis: Annotated[str, typer.Option("--hypothesis", help="H0, H1 or H2.")] = "H2",
    replicates: Annotated[int, typer.Option("--replicates", min=1, help="How many copies are run for each.")] = 200,
    model: Model = "otto2021",
    seed: Seed = 1,
    threads: Threads = None,
    as_json: Json = False,
) -> None:
    """Show what is left of a difference when people guess their arm by what they feel.

    Example: unwound trial blinding SIG09 --replicates 200
    """
    from unwound.core.safety import SIMULATION_ONLY
    from unwound.patient.setting import Setting
    from unwound.patient.wiring import hypothesis_name
    from unwound.trials import Trial
    from unwound.trials.expectancy import SHARES, under_expectancy

    is_file = trial.endswith(".toml") or pathlib.Path(trial).is_file()
    plan = Trial.from_toml(trial) if is_file else Trial.published(trial)
    setting = Setting(model, hypothesis_name(hypothesis), seed=seed, threads=threads, metabolites=False)
    with progress(plan.name, len(SHARES) * replicates * plan.size) as advance:
        found = under_expectancy(plan, setting, replicates, progress=advance)
    if as_json:
        print_json({
            "simulation_only": SIMULATION_ONLY,
            "trial": plan.name,
            "replicates": replicates,
            "seed": seed,
            "under": [one.as_dict() for one in found],
        })  # fmt: skip
        return
    cells = []
    for rows in zip(*(one.differences for one in found), strict=True):
        values = ("-" if row.simulated is None else f"{row.simulated.mean:.2f}" for row in rows)
        cells.append((rows[0].arm, rows[0].endpoint, rows[0].window, *values))
    header = ("comparison", "endpoint", "window", *(f"expectancy {one.share_percent:g} %" for one in found))
    print_table(f"{plan.title or plan.name}: if who feels something expects more", header, cells, right=(3, 4, 5))
    for arm, share in found[0].felt_percent.items():
        typer.echo(f"{arm}: {share:.0f} % felt something and guess the drug")
    typer.echo("The share of expectancy is assumed: no trial against saline can tell it.")
    typer.echo(SIMULATION_ONLY + ".")
