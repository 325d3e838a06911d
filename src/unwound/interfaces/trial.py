"""`unwound trial list | run | power`: published trials and trials of one's own (the rest is in `long_run`)."""

from __future__ import annotations

import dataclasses
import pathlib
from typing import TYPE_CHECKING, Annotated, Any

import typer

from unwound.interfaces import fitted as fitted_models
from unwound.interfaces import long_run
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
from unwound.interfaces.trial_blinding import blinding
from unwound.interfaces.trial_list import list_trials
from unwound.interfaces.trial_power import power

if TYPE_CHECKING:
    from unwound.patient.fitted import Fitted
    from unwound.patient.simulation import Setting
    from unwound.trials import Row, Trial, TrialResult

app = typer.Typer(help="Run published trials, or your own, as virtual trials.", no_args_is_help=True)

app.command("blinding")(blinding)
app.command("power")(power)

Hypothesis = Annotated[
    str,
    typer.Option("--hypothesis", help="H0, H1, H2 (turnover, switch, protected_switch), or all."),
]
Replicates = Annotated[int, typer.Option("--replicates", min=1, help="How many copies of the trial are run.")]
Strict = Annotated[bool, typer.Option("--strict", help="Exit with 3 when a row is missed (recalled ones aside).")]


app.command("list")(list_trials)


@app.command("run")
def run(
    context: typer.Context,
    trial: Annotated[str, typer.Argument(help="A published trial (sigtermans2009, SIG09) or a trial file (TOML).")],
    hypothesis: Hypothesis = "H2",
    replicates: Replicates = 500,
    model: Model = "otto2021",
    seed: Seed = 1,
    out: Out = None,
    threads: Threads = None,
    strict: Strict = False,
    driver: Driver = None,
    fitted: fitted_models.FittedModel = None,
    draws: fitted_models.Draws = None,
    patients: long_run.Patients = None,
    executor: long_run.ExecutorName = None,
    block_size: long_run.BlockSize = None,
    daily: long_run.Daily = False,
    prepare: long_run.Prepare = False,
    as_json: Json = False,
) -> None:
    """Run a trial many times over and lay it beside what was observed; or, in blocks, as a long run.

    Any of --patients, --executor, --block-size, --daily and --prepare makes it a long run: stored in blocks in --out,
    one row per person, continued with `unwound trial resume` after whatever ended it.

    Example: unwound trial run SIG09 --hypothesis all --out sig09

    Example: unwound trial run SIG09 --patients 1000000 --executor processes:2 --out million

    Example: unwound trial run SIG09 --fitted average --replicates 200 --out foretold
    """
    under = fitted_models.asked(context, fitted, draws, ("--hypothesis", "--driver"), long_run.OPTIONS)
    asked = long_run.Asked(patients, executor, block_size, daily, prepare)
    if under is not None:
        perform(trial, hypothesis, replicates, model, seed, out, threads, strict, as_json, fitted=under)
        return
    if asked.is_long or long_run.too_many_at_once(trial, replicates, out):
        given = context.get_parameter_source("replicates")
        chosen = replicates if patients is None or (given and given.name == "COMMANDLINE") else None
        setting = {"hypothesis": hypothesis, "model": model, "seed": seed, "driver": driver or "empirical"}
        long_run.begin(trial, chosen, setting, out, threads, asked, as_json, strict)
        return
    perform(trial, hypothesis, replicates, model, seed, out, threads, strict, as_json, driver)


long_run.register(app)


def perform(
    name: str, hypothesis: str, replicates: int, model: str, seed: int, out: str | None, threads: int | None,
    strict: bool, as_json: bool, driver: str | None = None, fitted: tuple[str, int] | None = None,
) -> None:  # fmt: skip
    """What `unwound trial run` and `unwound demo` share."""
    from unwound.patient.simulation import Setting
    from unwound.reporting.publish import publish_trial, trial_summary
    from unwound.reporting.store import ResultFolder
    from unwound.trials import Trial, rows_of

    settings = {} if fitted is not None else _settings(hypothesis, driver)
    base = Setting(model=model, seed=seed, threads=threads, metabolites=False)
    is_file = name.endswith(".toml") or pathlib.Path(name).is_file()
    trial = Trial.from_toml(name) if is_file else Trial.published(name)
    folder = ResultFolder.reserve(out) if out else None
    if fitted is not None:
        results = _fitted_results(trial, replicates, base, fitted)
    else:
        results = _results(trial, replicates, base, settings)
    rows: list[Row] = [row for result in results.values() for row in rows_of(result)]
    written: dict[str, str] = {}
    if folder is not None:
        note(f"writing {out} ...")
        written = publish_trial(folder, results, rows, command_line())
    summary = {**trial_summary(results, rows), "written": written}
    if as_json:
        print_json(summary)
    else:
        _print(summary, rows, next(iter(results.values())).course.fitted)
    failed = sum(len(result.course.failed()) for result in results.values())
    if failed or (strict and any(row.fails for row in rows)):
        raise typer.Exit(3)


def _settings(hypothesis: str, driver: str | None) -> dict[str, str]:
    """Hypothesis -> its driver."""
    from unwound.patient.wiring import HYPOTHESES, driver_name, hypothesis_name

    chosen = list(HYPOTHESES) if hypothesis.lower() == "all" else [hypothesis_name(hypothesis)]
    drives = driver_name(driver or "empirical")
    if "H0" in chosen and drives != "empirical":
        note(NO_DRIVER)
    return dict.fromkeys(chosen, drives)


def _results(trial: Trial, replicates: int, base: Setting, chosen: dict[str, str]) -> dict[str, TrialResult]:
    """The trial under each hypothesis, with the values of the tables."""
    from unwound.trials import conduct

    results = {}
    for short, drives in chosen.items():
        setting = dataclasses.replace(base, hypothesis=short, driver=drives)
        with progress(f"{trial.name} under {short}", replicates * trial.size) as advance:
            results[short] = conduct(trial, setting, replicates, advance)
    return results


def _fitted_results(trial: Trial, replicates: int, base: Setting, asked: tuple[str, int]) -> dict[str, TrialResult]:
    """The trial under fitted models, one result of all draws."""
    from unwound.inference.averaged import conduct_fitted

    model, draws = asked
    with progress(f"{trial.name}, fitted: {model}", replicates * trial.size) as advance:
        found = conduct_fitted(trial, replicates, model, base, draws, advance)
    return {found.course.hypothesis: found}


def _print(summary: dict[str, Any], rows: Any, fitted: Fitted | None = None) -> None:
    cells = []
    several = len(summary["hypotheses"]) > 1
    for row in rows:
        s = row.simulated
        verdict = {True: "hit", False: "MISSED", None: "not judged"}[row.passed]
        if row.passed is False and not row.fails:
            verdict = "missed (recalled)"
        cells.append(
            (
                *((row.hypothesis,) if several else ()),
                row.arm,
                row.endpoint,
                row.window,
                row.observed_text or "-",
                "-" if s is None else f"{s.mean:.2f}",
                "-" if s is None or s.sd is None else f"{s.sd:.2f}",
                "-" if s is None else f"{s.low:.2f} to {s.high:.2f}",
                verdict,
                row.provenance,
            )
        )
    header = ("arm", "endpoint", "window", "observed", "simulated", "SD", "90 % interval", "verdict", "provenance")
    title = f"{summary['title']}: observed | simulated ({summary['replicates']} replicates)"
    if summary["fitted"]:
        title += f", {summary['fitted']['told']}"
    elif summary["driver"]:
        title += f", driver {summary['driver']}"
    print_table(title, (("hypothesis",) if several else ()) + header, cells)
    typer.echo("")
    for missed in summary["missed"]:
        typer.echo(f"known miss: {missed}")
    for warning in summary["warnings"]:
        typer.echo(f"warning: {warning}")
    typer.echo(f"assumed ({len(summary['assumed'])} numbers and choices; `unwound evidence KEY` tells why):")
    for line in _wrapped(summary["assumed"]):
        typer.echo(f"  {line}")
    for counts in (f"{h}: {c}" for h, c in summary["verdicts"].items()):
        typer.echo(f"numerical verdicts, {counts}")
    if fitted is not None:
        fitted_models.say(fitted, summary["trial"])
    typer.echo("A curve that fits one trial proves no mechanism: reset is a hypothesis, and this is one small trial.")
    for name, path in summary["written"].items():
        typer.echo(f"{name}: {path}")
    typer.echo(summary["simulation_only"] + ".")


def _wrapped(items: list[str], width: int = 140) -> list[str]:
    import textwrap

    return textwrap.wrap("; ".join(items), width)
