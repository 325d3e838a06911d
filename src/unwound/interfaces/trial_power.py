"""`unwound trial power`: how many patients a trial needs to find what it looks for."""

from __future__ import annotations

import pathlib
import textwrap
from typing import TYPE_CHECKING, Annotated, Any

import typer

from unwound.interfaces.output import (
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
    from unwound.trials import TrialPower


def power(
    trial: Annotated[str, typer.Argument(help="A published trial (SIG09) or a trial file (TOML).")],
    sizes: Annotated[
        str | None,
        typer.Option(
            "--sizes",
            metavar="N,N,...",
            help="Patients per arm (of the smallest arm; in a crossover or with a run-in: who enter). "
            "Default: half to twice the file's own.",
        ),
    ] = None,
    target: Annotated[
        float, typer.Option("--target", help="Power to reach; the smallest size that does is searched for.")
    ] = 0.8,
    endpoint: Annotated[
        int | None,
        typer.Option("--endpoint", help="Number of the endpoint in the file, from 1. Default: the primary one."),
    ] = None,
    visits: Annotated[
        bool, typer.Option("--visits", help="Also the same endpoint at every visit: how long to follow people.")
    ] = False,
    no_effect: Annotated[
        bool, typer.Option("--no-effect", help="Also with saline in every arm: must reject as often as the level says.")
    ] = False,
    expectancy: Annotated[
        bool,
        typer.Option("--expectancy/--no-expectancy", help="Power when who feels something expects more: 0, 25, 50 %."),
    ] = True,
    hypothesis: Annotated[str, typer.Option("--hypothesis", help="H0, H1 or H2.")] = "H2",
    replicates: Annotated[
        int,
        typer.Option("--replicates", min=1, help="Virtual trials; error at 80 %: 200 give 2.8 points, 1600 give 1."),
    ] = 200,
    model: Model = "otto2021",
    seed: Seed = 1,
    threads: Threads = None,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Tell the power of a trial over sizes, with its Monte-Carlo error, and the size for a target.

    Power is the share of virtual trials whose test of the primary endpoint rejects. One run of the largest size is
    conducted and every smaller trial is cut from it, with the same people; a crossover, a trial with a run-in and
    stratified blocks are conducted anew at each size, which takes longer. The sentence to paste says what was
    assumed: the difference is what the model predicts, and that it may be wrong is in no interval.

    Example: unwound trial power examples/trials/three_arms.toml --sizes 20,40,60,80

    Example: unwound trial power SIG09 --visits --target 0.9 --out power
    """
    from unwound.patient.setting import Setting
    from unwound.patient.wiring import hypothesis_name
    from unwound.reporting.publish_power import power_summary, publish_power
    from unwound.reporting.store import ResultFolder
    from unwound.trials import Asked, Trial, trial_power
    from unwound.trials.power import chosen_endpoint, people_followed

    asked = Asked(_numbers(sizes), target, endpoint, visits, expectancy, no_effect)
    is_file = trial.endswith(".toml") or pathlib.Path(trial).is_file()
    plan = Trial.from_toml(trial) if is_file else Trial.published(trial)
    chosen_endpoint(plan, endpoint)  # refused before a bar is drawn
    setting = Setting(model, hypothesis_name(hypothesis), seed=seed, threads=threads, metabolites=False)
    total = people_followed(plan, replicates, asked)
    folder = ResultFolder.reserve(out) if out else None
    with progress(plan.name, total) as advance:
        found = trial_power(plan, setting, replicates, asked, advance)
    written: dict[str, str] = {}
    if folder is not None:
        note(f"writing {out} ...")
        written = publish_power(folder, found, command_line())
    if as_json:
        print_json({**power_summary(found), "written": written})
    else:
        _print(found, power_summary(found), written)
    if found.failed:
        raise typer.Exit(3)


def _numbers(text: str | None) -> tuple[int, ...]:
    """``20,40,60`` as whole numbers."""
    from unwound.core.errors import InputError, Problem

    if text is None:
        return ()
    parts = [part.strip() for part in text.split(",")]
    wrong = [part for part in parts if not part.isdecimal()]
    if wrong:
        raise InputError([Problem("sizes", part, "no whole number", "write 20,40,60") for part in wrong])
    return tuple(int(part) for part in parts)


def _print(found: TrialPower, summary: dict[str, Any], written: dict[str, str]) -> None:
    several = len(found.curves) > 1
    cells = []
    for curve in found.curves:
        for size, point in curve.points.items():
            cells.append((curve.label, str(size), str(found.patients(size)), *_shown(point)))
    difference = "difference" if found.unit == "1" else f"difference ({found.unit})"
    header = ("power", "MC error", "95 % interval", difference)
    title = f"{found.trial.title or found.trial.name}: power for {summary['endpoint']} ({summary['analysis']})"
    print_table(title, ("comparison", found.counted, "in all", *header), cells, right=(1, 2, 3, 4, 5, 6))
    if found.visits:
        cells = [
            (label, f"{week:g}", *_shown(p)) for week, points in found.visits.items() for label, p in points.items()
        ]
        typer.echo("")
        title = f"the same endpoint at every visit, {found.at_size} {found.counted}"
        print_table(title, ("comparison", "week", *header), cells, right=(1, 2, 3, 4, 5))
    if found.expectancy:
        cells = [
            (label, f"{under.share_percent:g} %", *_shown(point))
            for under in found.expectancy
            for label, point in under.points.items()
        ]
        typer.echo("")
        title = f"when who feels something expects more, {found.at_size} {found.counted}"
        print_table(title, ("comparison", "expectancy", *header), cells, right=(1, 2, 3, 4, 5))
    for label, point in found.no_effect.items():
        p = point.power
        typer.echo(
            f"without any effect, {label}: {100 * p.share:.1f} % reject (level {100 * found.level:g} %, 95 % interval "
            f"{100 * p.low:.1f} to {100 * p.high:.1f} %)"
        )
    for label, sentence in summary["sentences"].items():
        typer.echo("")
        if several:
            typer.echo(f"{label}:")
        typer.echo(textwrap.fill(sentence, 140, break_on_hyphens=False))
    typer.echo("")
    for line in (*found.notes, *(f"warning: {warning}" for warning in found.warnings)):
        typer.echo(line)
    typer.echo(f"{found.replicates} virtual trials under {found.setting.hypothesis}; a rejection counts in either "
               "direction; comparisons are not corrected for one another.")  # fmt: skip
    typer.echo(f"assumed: {len(summary['assumed'])} numbers and choices (--json lists them)")
    for name, path in written.items():
        typer.echo(f"{name}: {path}")
    typer.echo(summary["simulation_only"] + ".")


def _shown(point: Any) -> tuple[str, ...]:
    p = point.power
    return (
        f"{100 * p.share:.1f} %",
        f"{100 * p.error:.1f}",
        f"{100 * p.low:.1f} to {100 * p.high:.1f} %",
        f"{point.difference:.2f}",
    )
