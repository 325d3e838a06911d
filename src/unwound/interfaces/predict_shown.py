"""What `unwound predict` prints: the design, what is foretold, and how it fared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from unwound.core.safety import SIMULATION_ONLY
from unwound.interfaces.output import print_table

if TYPE_CHECKING:
    from unwound.trials.ledger_record import Frozen
    from unwound.trials.ledger_score import Score

_UNITS = {"1": "(findings)", "percent": "%"}
SHOWN_WEEKS = (0.0, 1.0, 2.0, 4.0, 8.0, 13.0, 17.0, 26.0)


def design(about: dict[str, Any]) -> None:
    """A planned trial for which nothing is frozen yet."""
    typer.echo(f"{about['title']}\n{about['citation']}\n")
    typer.echo(f"{about['design']}, {about['patients']} people, {about['disorder']}, {about['weeks']} weeks")
    for line in about["regimen"]:
        typer.echo(f"  {line}")
    typer.echo("\nAssumed of the protocol")
    for line in about["assumed"]:
        typer.echo(f"  {line}")
    typer.echo(f"\nNothing is frozen yet: unwound predict freeze {about['trial']}")
    typer.echo(SIMULATION_ONLY + ".")


def tell(record: Frozen, share: str, every: bool) -> None:
    """What is foretold, every cell or a choice of them."""
    from unwound.reporting.publish_ledger import record_notes

    data = record.data
    weights = ", ".join(f"{name} {weight:.2f}" for name, weight in record.weights.items())
    typer.echo(f"{data['title']}\nfrozen {data['date']}, {data['replicates']} virtual trials per model, seed "
               f"{data['foretellers'][0].get('seed', '-')}; weights: {weights} ({data['weights_from']})\n")  # fmt: skip
    names = ["average", *record.weights]
    for title, kinds in (("What is tested: chance of finding it", ("chance",)), ("Means, shares and differences",
                         ("mean", "share", "difference"))):  # fmt: skip
        rows = [
            (row["arm"], row["endpoint"], _window(row), *(_cell(row, share, name) for name in names))
            for row in record.rows
            if row["kind"] in kinds and (every or _is_shown(row))
        ]
        head = f"{title} (mean, 90 % of virtual trials)" if "chance" not in kinds else title
        print_table(f"{head}, expectancy {share} %", ("arm", "endpoint", "when", *names), rows, width=190)
        typer.echo("")
    typer.echo(f"difference: {data['difference']}")
    typer.echo("Assumed of the protocol")
    for text in data["assumed"]:
        typer.echo(f"  {text}")
    for text in record_notes(record):
        typer.echo(f"note: {text}")


def _is_shown(row: dict[str, Any]) -> bool:
    return row["endpoint"] != "pain NRS" or row["week"] in SHOWN_WEEKS


def _window(row: dict[str, Any]) -> str:
    from unwound.trials.ledger_record import cell_of

    return cell_of(row).window + (", primary" if row["primary"] else "")


def _cell(row: dict[str, Any], share: str, name: str) -> str:
    own = row["foretold"].get(share, {}).get(name)
    if not own:
        return "-"
    if row["kind"] == "chance":
        return f"{100 * own['mean']:.0f} %"
    digits, unit = (0, " %") if row["unit"] == "percent" else (1, "")
    mean, low, high = (f"{round(own[end], digits) + 0.0:.{digits}f}" for end in ("mean", "low90", "high90"))
    return f"{mean}{unit} ({low} to {high})"


def tell_score(record: Frozen, found: Score) -> None:
    """How what was foretold fared, model by model and row by row."""
    from unwound.reporting.publish_ledger import record_notes

    typer.echo(f"{record.data['title']}\n{record.file_name}, frozen {record.data['date']}\n")
    cells = [
        (one.model, f"{one.log_score:.2f}", f"{one.in50} of {one.with_interval}", f"{one.in90} of {one.with_interval}",
         ", ".join(f"{value:.2f} {_UNITS.get(unit, unit)}" for unit, value in one.crps.items()), f"{one.rows}")
        for one in found.totals
    ]  # fmt: skip
    header = ("model", "log score", "in 50 %", "in 90 %", "mean CRPS", "rows")
    print_table(f"Totals (expectancy {found.share} %; higher log score and lower CRPS are better)", header, cells,
                right=(1, 5))  # fmt: skip
    typer.echo("")
    scored = [
        (row.name, row.model, f"{row.observed:g}", f"{row.mean:.2f}",
         "-" if row.low90 is None else f"{row.low90:.2f} to {row.high90:.2f}",
         "-" if row.in90 is None else ("hit" if row.in90 else "MISSED"), f"{row.log_score:.2f}", f"{row.crps:.2f}")
        for row in found.rows
    ]  # fmt: skip
    columns = ("row", "model", "observed", "foretold", "90 %", "", "log score", "CRPS")
    print_table("Row by row", columns, scored, right=(2, 3, 6, 7))
    for text in found.not_foretold:
        typer.echo(f"not foretold: {text}")
    for text in record_notes(record):
        typer.echo(f"note: {text}")


def ends(written: dict[str, str]) -> None:
    """Where things were written, and what this is."""
    for what, path in written.items():
        typer.echo(f"{what}: {path}")
    typer.echo(SIMULATION_ONLY + ".")
