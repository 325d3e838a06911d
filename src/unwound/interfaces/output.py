"""What every command shares: the progress bar on stderr, JSON on stdout, tables for people."""

from __future__ import annotations

import contextlib
import json
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Any

import typer

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout instead of tables.")]
Out = Annotated[
    str | None,
    typer.Option("--out", metavar="DIR", help="Folder to write report, figure, Parquet and manifest to; must be new."),
]
Seed = Annotated[int, typer.Option("--seed", min=0, max=2**32 - 1, help="Seed of all random draws.")]
Threads = Annotated[int | None, typer.Option("--threads", min=1, help="Threads; default: every core.")]
Driver = Annotated[
    str | None,
    typer.Option(
        "--driver", help="What drives the slow memory of H1 and H2: empirical, pore, pore_depolarized or tonic."
    ),
]
Model = Annotated[str, typer.Option("--model", help="Pharmacokinetic model: otto2021 or twocompartment.")]

NO_DRIVER = "note: H0 has no driver: --driver changes H1 and H2 only"


def command_line() -> str:
    """The command as it was typed, to be run again."""
    return shlex.join(["unwound", *sys.argv[1:]])


def print_json(value: Any) -> None:
    """One JSON object on stdout; NaN becomes null."""
    from unwound.reporting.manifest import plain

    sys.stdout.write(json.dumps(plain(value), indent=2, allow_nan=False) + "\n")


def note(text: str) -> None:
    """A line for people, on stderr."""
    typer.echo(text, err=True)


@contextlib.contextmanager
def progress(label: str, total: int) -> Iterator[Callable[[int], None]]:
    """A progress bar on stderr while a long computation runs; silent when stderr is no terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(label, total=total)
        yield lambda done: bar.advance(task, done)


def print_table(
    title: str, header: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = (), width: int = 150
) -> None:
    """A table on stdout; columns in `right` are right-aligned. `width` is that of a pipe; a terminal has its own."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(width=None if sys.stdout.isatty() else width)
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for place, name in enumerate(header):
        table.add_column(name, justify="right" if place in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell, style=_style(cell)) for cell in row))
    console.print(table)


def _style(cell: str) -> str:
    return {
        "MISSED": "bold red",
        "hit": "green",
        "supported": "green",
        "contested": "yellow",
        "not supported": "bold red",
    }.get(cell, "")
