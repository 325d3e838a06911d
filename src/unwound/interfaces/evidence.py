"""`unwound evidence` and `unwound cite`: where every number comes from."""

from __future__ import annotations

from typing import Annotated

import typer

from unwound.interfaces.output import Json, print_json, print_table


def evidence(
    key: Annotated[
        str | None, typer.Argument(help="A key (otto2021.clearance), a prefix (otto2021) or words to look for.")
    ] = None,
    room: Annotated[str | None, typer.Option("--room", help="Only this table, such as pharmacokinetics.")] = None,
    assumed: Annotated[bool, typer.Option("--assumed", help="Only what is assumed, not measured.")] = False,
    as_json: Json = False,
) -> None:
    """Show the numbers the package computes with: value, unit, spread, basis and source.

    Without an argument: every row, by room. Example: unwound evidence protected_switch
    """
    from unwound import evidence as room_of
    from unwound.core.errors import UnknownName

    rows = list(room_of.all_estimates().values()) if room is None else list(room_of.table(room))
    if key is not None:
        exact = [row for row in rows if row.key == key]
        prefixed = [row for row in rows if row.key.startswith(f"{key}.")]
        found = {row.key for row in room_of.search(key)}
        rows = exact or prefixed or [row for row in rows if row.key in found]
        if not rows:
            raise UnknownName("evidence key", key, list(room_of.all_estimates()))
    if assumed:
        rows = [row for row in rows if row.is_assumption]
    if as_json:
        print_json({"rows": [row.as_dict() for row in rows]})
        return
    if len(rows) == 1:
        for name, value in rows[0].as_dict().items():
            if value not in ("", None):
                typer.echo(f"{name:8s} {', '.join(value) if isinstance(value, list) else value}")
        for citation in room_of.citations([rows[0].key]):
            typer.echo(f"source   {citation.text()}")
        return
    cells = [
        (
            row.key,
            f"{row.value:g}",
            row.unit,
            str(row.spread) if row.spread else "",
            row.basis,
            ", ".join(row.cite),
            row.about,
        )
        for row in rows
    ]
    print_table(f"{len(rows)} numbers", ("key", "value", "unit", "spread", "basis", "cite", "about"), cells, right=(1,))


def cite(
    key: Annotated[
        str | None, typer.Argument(help="An evidence key, a prefix or a source; without one: every source.")
    ] = None,
    bibtex: Annotated[bool, typer.Option("--bibtex", help="As BibTeX.")] = False,
    as_json: Json = False,
) -> None:
    """Print the sources behind a number, a model or the whole package.

    Example: unwound cite otto2021 --bibtex
    """
    from unwound import evidence as room_of
    from unwound.core.errors import UnknownName

    sources = room_of.bibliography()
    if key is None:
        found = [source for name, source in sources.items() if name != "assumption"]
    elif key in sources:
        found = [sources[key]]
    else:
        keys = [name for name in room_of.all_estimates() if name == key or name.startswith(f"{key}.")]
        if not keys:
            raise UnknownName("source or evidence key", key, [*sources, *room_of.all_estimates()])
        found = room_of.citations(keys)
    if as_json:
        print_json({"sources": [{"key": c.key, "text": c.text(), "bibtex": c.bibtex()} for c in found]})
        return
    for citation in found:
        typer.echo(citation.bibtex() if bibtex else f"[{citation.key}] {citation.text()}")
