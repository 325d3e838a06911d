"""`unwound chronify`: from a healthy person and a root cause to lasting pain, or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from unwound.interfaces.asked import Asked
from unwound.interfaces.output import Json, Out, command_line, note, print_json, print_table
from unwound.interfaces.slow_states import Mechanism

if TYPE_CHECKING:
    from unwound.patient.chronification import ChronicMap, Chronification

WIDTH = 120


def chronify(
    cause: Annotated[str, typer.Argument(help="injury, inflammation, nerve_injury or opioid.")],
    strength: Annotated[
        float | None, typer.Option("--strength", help="Input that the cause adds; of opioid: occupancy, 0 to 1.")
    ] = None,
    duration: Annotated[
        str | None, typer.Option("--duration", help='How long it lasts, or heals, such as "30 d".')
    ] = None,
    mechanism: Mechanism = None,
    hypothesis: Annotated[str, typer.Option("--hypothesis", help="H1 or H2.")] = "H2",
    own_input: Annotated[
        float, typer.Option("--own-input", help="The person's own input, relative to a typical patient's.")
    ] = 1.0,
    latent: Annotated[
        float, typer.Option("--latent", help="What the latent memory counts, relative to a typical patient's.")
    ] = 1.0,
    follow: Annotated[str, typer.Option("--follow", help="How long to follow after the cause has gone.")] = "365 d",
    as_map: Annotated[bool, typer.Option("--map", help="Strength against duration, with the border.")] = False,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Hurt a healthy person and see whether pain stays, and from when no reset would last.

    The person is as prone as the typical patient (`--own-input` for others). Every number is assumed. Examples:

    unwound chronify injury

    unwound chronify inflammation --strength 0.08 --duration "20 d" --mechanism glia --out inflammation

    unwound chronify nerve_injury --own-input 0.8 --map --out map
    """
    from unwound.core.errors import Problem
    from unwound.patient.chronification import become_chronic, chronic_map
    from unwound.patient.onset import Who
    from unwound.reporting.publish_chronify import chronic_map_summary, chronify_summary, publish_chronify
    from unwound.reporting.store import ResultFolder
    from unwound.sensitization.mechanisms import mechanism_names

    asked = Asked()
    days = None if duration is None else asked.number(duration, "d", "--duration", 1.0)
    follow_d = asked.number(follow, "d", "--follow", 365.0)
    if as_map and (strength is not None or days is not None):
        rule = "the map covers every strength and duration"
        asked.problems.append(Problem("--map", True, rule, "leave --strength and --duration out"))
    asked.done()
    who = Who(hypothesis, mechanism_names(mechanism or ()), own_input, latent)
    folder = ResultFolder.reserve(out) if out else None
    found: ChronicMap | Chronification
    if as_map:
        found = chronic_map(cause, who=who, follow_d=follow_d)
    else:
        found = become_chronic(cause, strength, days, who, follow_d)
    written: dict[str, str] = {}
    if folder is not None:
        note(f"writing {out} ...")
        written = publish_chronify(folder, found, command_line())
    if as_json:
        summary = chronic_map_summary(found) if _is_map(found) else chronify_summary(found)  # type: ignore[arg-type]
        print_json({**summary, "written": written})
        return
    _print(found, written)


def _is_map(found: Any) -> bool:
    return hasattr(found, "border_d")


def _print(found: Any, written: dict[str, str]) -> None:
    from unwound import evidence
    from unwound.core.safety import SIMULATION_ONLY
    from unwound.reporting.publish_chronify import title_of

    rows: list[tuple[str, ...]]
    header: tuple[str, ...]
    if _is_map(found):
        rows = [(f"{s:.3g}", _days(d, "none on the map")) for s, d in zip(found.strength, found.border_d, strict=True)]
        header = ("strength", "shortest duration that leaves pain")
    else:
        rows = _course_rows(found)
        header = ("day", "pain (NRS 0-10)", *(name.replace("_", " ") for name in found.states))
    print_table(title_of(found), header, rows, right=tuple(range(len(header))), width=WIDTH)
    if not _is_map(found):
        stays = "pain stays" if found.chronic[0] else "back to health"
        typer.echo(f"strength {found.strength[0]:g}, {found.duration_d[0]:g} days: {stays}")
        typer.echo(f"a reset would not last from day: {_days(found.not_undone_d[0], 'never in the time followed')}")
    for text in found.warnings:
        typer.echo(f"warning: {text}")
    for name, place in written.items():
        typer.echo(f"{name}: {place}")
    typer.echo(f"{len(evidence.assumptions(found.keys))} of {len(found.keys)} numbers assumed; --json lists them.")
    typer.echo(SIMULATION_ONLY + ".")


def _days(days: float, otherwise: str) -> str:
    return f"{days:.3g} d" if days < float("inf") else otherwise


def _course_rows(found: Any) -> list[tuple[str, ...]]:
    """A dozen moments: days first, then months."""
    last = found.time_d[-1]
    wanted = [day for day in (0, 1, 3, 7, 14, 30, 60, 90, 180, 270, 365, 545, 730) if day < last] + [last]
    places = [int(abs(found.time_d - day).argmin()) for day in wanted]
    return [
        (f"{found.time_d[k]:.0f}", f"{found.pain_nrs[k, 0]:.1f}", *(f"{v[k, 0]:.2f}" for v in found.states.values()))
        for k in places
    ]
