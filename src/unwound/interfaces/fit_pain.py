"""`unwound fit pain`: the joint fit of pain, its scores on trials left out, and what each row was expected to be."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from unwound.interfaces.output import Json, Out, command_line, note, print_json, print_table

WIDTH = 140


def pain(
    model: Annotated[
        str,
        typer.Option(
            "--model", help="average, H0, 'H1 tonic', 'H2 empirical' ..., or a rival: analysis, decay, placebo."
        ),
    ] = "average",
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Show the joint fit of pain: first whether the mechanisms beat a meta-analysis on trials they have not seen.

    Then the score of every hypothesis, driver and rival for each trial left out, the weights for averaging, and what
    each printed result was expected to be. The draws are shipped; `python scripts/fit_pain.py` makes them again.

    Examples:

    unwound fit pain

    unwound fit pain --model "H2 empirical" --out fit
    """
    from unwound.core.safety import SIMULATION_ONLY
    from unwound.reporting.publish_pain_fit import pain_summary, publish_pain_fit
    from unwound.reporting.store import ResultFolder

    folder = ResultFolder.reserve(out) if out else None
    summary = pain_summary(model)
    written: dict[str, str] = {}
    if folder is not None:
        note(f"writing {out} ...")
        written = publish_pain_fit(folder, model, command_line())
    if as_json:
        print_json({**summary, "written": written})
        return
    typer.echo(summary["verdict"])
    _scores(summary)
    _rows(summary)
    _mechanisms(summary)
    _parameters(summary)
    for one in (*summary["notes"], *written.values()):
        typer.echo(one)
    typer.echo(SIMULATION_ONLY + ".")


def _scores(summary: dict[str, Any]) -> None:
    trials = summary["record"]["trials"]
    rows = []
    for name, found in sorted(summary["scores"].items(), key=lambda item: -sum(item[1].values())):
        inside = summary["coverage"].get(name)
        weight = summary["weights"].get(name)
        cells = [*(f"{found[trial]:.1f}" for trial in trials), f"{sum(found.values()):.1f}"]
        cells += ["" if weight is None else f"{weight:.2f}", "" if inside is None else f"{inside[0]} of {inside[1]}"]
        rows.append((name, *cells))
    header = ("model", *trials, "all", "weight", "in 90 %")
    print_table("Log score of each trial when left out (higher is better)", header, rows,
                right=tuple(range(1, len(header))), width=WIDTH)  # fmt: skip


def _rows(summary: dict[str, Any]) -> None:
    rows = []
    for row in summary["rows"]:
        interval = "" if row["low"] is None else f"{row['low']:.3g} to {row['high']:.3g}"
        inside = {True: "inside", False: "outside", None: ""}[row["covered"]]
        expected = f"{row['mean']:.2g}" if row["unit"] == "probability" else f"{row['mean']:.3g}"
        rows.append((row["trial"], row["arm"], row["what"], row["text"], expected, interval, row["unit"], inside))
    header = ("trial", "arm", "result", "printed", "expected", "90 %", "unit", "")
    print_table(f"What {summary['model']} expects of such a trial", header, rows, right=(4, 5), width=WIDTH)
    four = summary["four_non_responders"].get(summary["model"])
    if four is not None:
        typer.echo(f"KIE08B, not fitted: chance of four non-responders {four:.3f}.")
    effect = summary["effects"].get(summary["model"])
    if effect is not None:
        told = "; ".join(
            f"{share} %: {e['mean']:.1f} ({e['low']:.1f} to {e['high']:.1f})" for share, e in effect.items()
        )
        typer.echo(f"SIG09, week 1, difference in points when this share of it is unblinding: {told}.")


def _mechanisms(summary: dict[str, Any]) -> None:
    """The other slow states, switched on."""
    found = summary["mechanisms"].get(summary["model"])
    if not found:
        return
    rows = [
        (name, f"{one['gain']:+.1f}", f"{one['low']:+.1f} to {one['high']:+.1f}", f"{one['pareto_k']:.2f}",
         one["how"], "improves" if one["improves"] else "stays off")
        for name, one in found.items()
    ]  # fmt: skip
    header = ("mechanism", "gain of log score", "90 %", "Pareto k", "draws", "")
    print_table("Other slow states switched on, trials left out", header, rows, right=(1, 3), width=WIDTH)


def _parameters(summary: dict[str, Any]) -> None:
    if not summary["parameters"]:
        return
    low, middle, high = summary["potency_sd"]
    typer.echo(f"Studies differ: standard deviation of ln potency {middle:.2f} ({low:.2f} to {high:.2f}).")
    recovered = {row["name"]: row for row in summary["recovery"]}
    rows = []
    for row in summary["parameters"]:
        again = recovered.get(row["parameter"])
        told = "" if again is None else ("yes" if again["identified"] else "no")
        rows.append((
            row["parameter"], row["unit"], f"{row['median']:.3g}", f"{row['low_5']:.3g} to {row['high_95']:.3g}",
            f"{row['prior_low']:.3g} to {row['prior_high']:.3g}", f"{row['contraction']:.2f}", told,
        ))  # fmt: skip
    header = ("parameter", "unit", "median", "90 %", "prior", "learned", "recoverable")
    print_table(f"{summary['model']}: open numbers", header, rows, right=(2, 5), width=WIDTH)
