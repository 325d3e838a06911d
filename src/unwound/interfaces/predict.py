"""`unwound predict`: predictions frozen before a trial reports, and the score when it has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from unwound.core.safety import SIMULATION_ONLY
from unwound.interfaces import predict_shown
from unwound.interfaces.output import (
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
    from unwound.trials.ledger_record import Frozen

app = typer.Typer(
    help="Predictions of trials whose result is not known here: freeze them, show them, score them.",
    no_args_is_help=True,
)

Name = Annotated[str, typer.Argument(metavar="TRIAL", help="A planned trial (unwound predict list).")]
RecordName = Annotated[
    str,
    typer.Option("--record", help="A frozen prediction: the beginning of its name, or a file. Default: the latest."),
]


@app.command("list")
def list_planned(as_json: Json = False) -> None:
    """List the planned trials, and what is frozen for each. Example: unwound predict list"""
    from unwound.reporting.publish_ledger import ledger_summary

    summary = ledger_summary()
    if as_json:
        print_json(summary)
        return
    rows = [
        (
            one["trial"], one["title"], f"{one['patients']}", f"{one['weeks']}", ", ".join(
                f"{own['file'].removesuffix('.json')}" for own in one["frozen"]) or "nothing yet",
            "entered" if one["results_entered"] else "not known here",
        )
        for one in summary["planned"]
    ]  # fmt: skip
    header = ("trial", "what", "patients", "weeks", "frozen", "results")
    print_table(f"Planned trials ({len(rows)})", header, rows, right=(2, 3))
    typer.echo(SIMULATION_ONLY + ".")


@app.command("show")
def show(
    trial: Name,
    record: RecordName = "",
    expectancy: Annotated[
        str, typer.Option("--expectancy", help="Share of the difference that is expectancy: 0, 25 or 50 (percent).")
    ] = "0",
    every: Annotated[bool, typer.Option("--every", help="Every visit, not a choice of them.")] = False,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Show what is foretold: every endpoint and visit, the average of the models first.

    Without a frozen prediction: the design, and what had to be assumed of it. Example: unwound predict show ketcrps2
    """
    from unwound.evidence.planned import planned_name
    from unwound.reporting.publish_ledger import ledger_summary, publish_record
    from unwound.reporting.store import ResultFolder
    from unwound.trials.ledger_record import find_record, frozen_records

    name = planned_name(trial)
    if not record and not frozen_records(name):
        about = next(one for one in ledger_summary()["planned"] if one["trial"] == name)
        if as_json:
            print_json({**about, "simulation_only": SIMULATION_ONLY})
        else:
            predict_shown.design(about)
        return
    found = find_record(name, record)
    _known_share(found, expectancy)
    written = publish_record(ResultFolder.reserve(out), found, command_line()) if out else {}
    if as_json:
        print_json({**found.data, "written": written})
        return
    predict_shown.tell(found, expectancy, every)
    predict_shown.ends(written)


@app.command("freeze")
def freeze_prediction(
    trial: Name,
    replicates: Annotated[
        int, typer.Option("--replicates", min=20, max=100_000, help="Virtual trials per model and share of expectancy.")
    ] = 1000,
    seed: Seed = 1,
    out: Annotated[
        str | None,
        typer.Option("--out", metavar="DIR", help="Folder for the record. Default: the ledger of the package itself."),
    ] = None,
    tables: Annotated[
        bool, typer.Option("--tables", help="The values of the evidence tables instead of the fitted models.")
    ] = False,
    threads: Threads = None,
    as_json: Json = False,
) -> None:
    """Foretell a planned trial and freeze it: one dated file that is never overwritten.

    Models are the fitted hypotheses and drivers and the meta-analysis, weighed by their log scores on trials left out,
    under 0, 25 and 50 % of expectancy. With --tables: H0, H1 and H2 with the values of the evidence tables.

    Example: unwound predict freeze ketcrps2 --replicates 200 --out my-ledger
    """
    import importlib.resources
    import pathlib

    from unwound.evidence.planned import planned_name, planned_results
    from unwound.inference.foretell import WEIGHED, fitted_foretellers, foretold_by_analysis
    from unwound.trials.ledger import steps, table_foretellers
    from unwound.trials.ledger_record import freeze, planned_trial, write_once

    name = planned_name(trial)
    if planned_results(name) is not None:
        note("warning: results of this trial are entered already; the record will say so, and is no prediction")
    design = planned_trial(name)
    foretellers, also, weighed = table_foretellers(design, seed, threads), [], "equal weights of the table values"
    if not tables:
        note("the meta-analysis ...")
        foretellers, weighed = fitted_foretellers(design, seed, threads), WEIGHED
        also = [foretold_by_analysis(design, replicates, seed, threads)]
    with progress(f"foretelling {name}", steps(design, foretellers, replicates)) as advance:
        record = freeze(name, foretellers, replicates, also, weighed=weighed, progress=advance)
    ledger = pathlib.Path(str(importlib.resources.files("unwound.evidence"))) / "ledger" / name / "predictions"
    path = write_once(record, pathlib.Path(out) if out else ledger)
    if as_json:
        print_json({**record.data, "written": {"record": str(path)}})
        return
    predict_shown.tell(record, "0", every=False)
    typer.echo(f"record: {path}")
    typer.echo("Commit the file: its date is believed because of the history it lies in.")
    typer.echo(SIMULATION_ONLY + ".")


@app.command("score")
def score_prediction(
    trial: Name,
    results: Annotated[
        str | None,
        typer.Option("--results", metavar="FILE", help="CSV in the columns of every trial's results.csv. "
                     "Default: what is entered in the package."),
    ] = None,
    record: RecordName = "",
    expectancy: Annotated[str, typer.Option("--expectancy", help="0, 25 or 50 (percent).")] = "0",
    out: Out = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Lay results beside what was foretold: log score, coverage and CRPS, row by row and model by model.

    Example: unwound predict score ketcrps2 --results results.csv --out scored
    """
    from unwound.core.errors import InputError, Problem
    from unwound.core.files import read_text
    from unwound.evidence.planned import planned_name, planned_results
    from unwound.evidence.trial_rows import read_results
    from unwound.reporting.publish_ledger import publish_score, score_summary
    from unwound.reporting.store import ResultFolder
    from unwound.trials.ledger_record import find_record
    from unwound.trials.ledger_score import score

    name = planned_name(trial)
    rows = planned_results(name) if results is None else _given(read_results, read_text, results)
    if rows is None:
        rule, remedy = "its results are not known here", "give them with --results FILE.csv"
        raise InputError(Problem("trial", trial, rule, remedy))
    frozen = find_record(name, record)
    _known_share(frozen, expectancy)
    found = score(frozen, rows, expectancy)
    if not found.rows:
        said = "; ".join(found.not_foretold[:3])
        rule = f"none of its {len(rows)} rows was foretold ({said})"
        remedy = "name arm, endpoint and week as `unwound predict show` does"
        raise InputError(Problem("results", results or "results.csv", rule, remedy))
    written = publish_score(ResultFolder.reserve(out), frozen, found, rows, command_line()) if out else {}
    if as_json:
        print_json({**score_summary(frozen, found), "written": written})
        return
    predict_shown.tell_score(frozen, found)
    predict_shown.ends(written)


def _given(read: Any, text_of: Any, path: str) -> Any:
    """Rows of a file that somebody gave us: what is wrong with it is an input error, not a defect of ours."""
    from unwound.core.errors import EvidenceError, InputError, Problem

    text = text_of(path, kind="a file of results", error=InputError)
    try:
        return read(text, path)
    except EvidenceError as error:
        remedy = "write the columns of src/unwound/evidence/trials/README.md, one row per printed result"
        raise InputError(Problem("results", path, str(error).removeprefix(f"{path}, "), remedy)) from None


def _known_share(record: Frozen, share: str) -> None:
    from unwound.core.errors import UnknownName

    if share not in record.data["expectancy_percent"]:
        raise UnknownName("expectancy", share, record.data["expectancy_percent"])
