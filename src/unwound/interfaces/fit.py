"""`unwound fit`: what was fitted, how well the data pin it, and how it does on trials it has not seen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from unwound.interfaces.fit_pain import pain
from unwound.interfaces.output import Json, Out, command_line, note, print_json, print_table

app = typer.Typer(
    name="fit",
    help="Posteriors of what was fitted, and scores on trials left out, beside rivals.",
    no_args_is_help=True,
)

WIDTH = 130

app.command("pain")(pain)


@app.command("mood")
def mood(
    again: Annotated[
        bool, typer.Option("--again", help="Sample anew (minutes; needs the extra bayes) instead of the shipped draws.")
    ] = False,
    draws: Annotated[int, typer.Option("--draws", min=20, max=20_000, help="Draws in all, with --again.")] = 300,
    seed: Annotated[int, typer.Option("--seed", min=0, max=2**32 - 1, help="Seed, with --again.")] = 1,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Show the joint posterior of the mood branch: each parameter beside its prior, diagnostics, correlations.

    Examples:

    unwound fit mood

    unwound fit mood --again --draws 1000 --seed 2 --out posterior
    """
    from unwound.core.safety import SIMULATION_ONLY
    from unwound.inference import mood_shipped
    from unwound.reporting.publish_fit import fit_summary, publish_fit
    from unwound.reporting.store import ResultFolder

    folder = ResultFolder.reserve(out) if out else None
    if again:
        found, record = _sampled(draws, seed)
    else:
        found, record = mood_shipped.mood_draws(), mood_shipped.record_of(mood_shipped.POSTERIOR)
    summary = fit_summary(found, record)
    written: dict[str, str] = {}
    if folder is not None:
        note(f"writing {out} ...")
        written = publish_fit(folder, found, record, command_line())
    if as_json:
        print_json({**summary, "written": written})
        return
    header = ("parameter", "unit", "median", "90 %", "prior median", "prior 90 %", "learned", "R-hat", "effective")
    print_table(summary["title"], header, [_cells(row) for row in summary["parameters"]], right=(2, 4, 6, 7, 8),
                width=WIDTH)  # fmt: skip
    for pair in _strongest(summary["correlations"]):
        typer.echo(pair)
    typer.echo(f"trials: {', '.join(record['trials'])}; {len(record['rows'])} rows; divergent: {record['divergent']}")
    for one in (*summary["notes"], *written.values()):
        typer.echo(one)
    typer.echo(SIMULATION_ONLY + ".")


def _sampled(draws: int, seed: int) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    from unwound.core.errors import InputError, Problem

    try:
        import numpyro  # noqa: F401
    except ImportError:
        problem = Problem("again", "yes", "NumPyro is not installed", "pip install 'unwound[bayes]', or leave --again")
        raise InputError(problem) from None
    from unwound.inference import mood_shipped
    from unwound.inference.mood_fit import Sampler, Sampling

    note("sampling (minutes) ...")
    how = Sampling(draws=draws, seed=seed)
    fitted = Sampler("mechanism", how).fit()
    return fitted.parameters, mood_shipped.posterior_record(fitted, how)


@app.command("scores")
def scores(
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Show how the mechanism of mood and its rivals foretell trials that were left out of the fit.

    The first line says whether the mechanism beats the meta-analysis. Example: unwound fit scores --json
    """
    from unwound.core.safety import SIMULATION_ONLY
    from unwound.inference import mood_shipped
    from unwound.inference.mood_scores import by_account
    from unwound.reporting.publish_fit import publish_scores, scores_summary
    from unwound.reporting.store import ResultFolder

    folder = ResultFolder.reserve(out) if out else None
    found, record = mood_shipped.mood_scores(), mood_shipped.record_of(mood_shipped.SCORES)
    summary = scores_summary(found, record)
    written: dict[str, str] = {}
    if folder is not None:
        note(f"writing {out} ...")
        written = publish_scores(folder, found, record, command_line())
    if as_json:
        print_json({**summary, "written": written})
        return
    typer.echo(summary["verdict"])
    pages = by_account(found)
    trials = list(dict.fromkeys(score.trial for score in found))
    cells = [(trial, *(f"{page[n]:.2f}" for page in pages.values())) for n, trial in enumerate(trials)]
    cells.append(("all", *(f"{page.sum():.2f}" for page in pages.values())))
    for told in ("stacking", "pseudo_bma"):
        cells.append((f"weight, {told}", *(f"{record['weights'][name][told]:.2f}" for name in pages)))
    right = tuple(range(1, len(pages) + 1))
    print_table("Log predictive score of each trial when left out", ("trial", *pages), cells, right, WIDTH)
    for gap in record["differences"]:
        typer.echo(f"mechanism less {gap['rival']}: {gap['sum']:+.1f} ({gap['low']:+.1f} to {gap['high']:+.1f})")
    for one in (*summary["notes"], *written.values()):
        typer.echo(one)
    typer.echo(SIMULATION_ONLY + ".")


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        row["parameter"], row["unit"], f"{row['median']:.3g}", f"{row['low_5']:.3g} to {row['high_95']:.3g}",
        f"{row['prior_median']:.3g}", f"{row['prior_low_5']:.3g} to {row['prior_high_95']:.3g}",
        f"{row['contraction']:.2f}", f"{row['r_hat']:.3f}", f"{row['effective']:.0f}",
    )  # fmt: skip


_STRONG = 0.5


def _strongest(found: Mapping[str, Any]) -> list[str]:
    """Pairs of parameters that trade off, in words."""
    names, matrix = found["names"], found["matrix"]
    pairs = [(abs(matrix[a][b]), a, b) for a in range(len(names)) for b in range(a) if abs(matrix[a][b]) >= _STRONG]
    return [f"trade off: {names[b]} and {names[a]}, {matrix[a][b]:+.2f}" for _, a, b in sorted(pairs, reverse=True)]
