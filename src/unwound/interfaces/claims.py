"""`unwound claims`: what the articles claim, with evidence, what the model says, and a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from unwound.core.safety import SIMULATION_ONLY
from unwound.interfaces.output import Json, Seed, note, print_json, print_table, progress

if TYPE_CHECKING:
    from unwound.evidence.claims import Claim
    from unwound.trials.claim_findings import Finding

WIDTH = 150


def claims(
    name: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="One claim, such as reset; without it: all.")
    ] = None,
    compute: Annotated[
        bool, typer.Option("--compute", help="Compute what the model says of this claim now (up to a few minutes).")
    ] = False,
    seed: Seed = 1,
    out: Annotated[
        str | None, typer.Option("--out", metavar="FILE", help="Write the JSON there as well; must be new.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show what the articles claim: the evidence, what the model says with its uncertainty, and a plain verdict.

    Example: unwound claims

    Example: unwound claims reset

    Example: unwound claims series --compute
    """
    from unwound.core.errors import InputError, Problem
    from unwound.evidence.claims import claim
    from unwound.evidence.claims import claims as all_claims

    if compute and name is None:
        rule = "one claim is computed at a time"
        raise InputError(Problem("--compute", "(all)", rule, "name a claim (`unwound claims` lists them)"))
    chosen = [claim(name)] if name else list(all_claims())
    summary = _summary(chosen, compute, seed)
    if out:
        _write(out, summary)
    if as_json:
        print_json(summary)
    elif name:
        _detail(chosen[0], summary)
    else:
        _all(chosen)
    if out:
        note(f"written: {out}")


def _summary(chosen: Sequence[Claim], now: bool, seed: int) -> dict[str, Any]:
    from unwound.trials.claims import compute, shipped
    from unwound.trials.frozen import model_hash

    held = shipped()
    if now:
        one = chosen[0]
        with progress(f"computing {one.id}", len(one.computed)) as advance:
            found = {one.id: compute(one, seed, advance)}
        made = {"model_sha256": model_hash(), "seed": seed, "command": f"unwound claims {one.id} --compute"}
    else:
        found = {one.id: held.of(one) for one in chosen}
        made = {"model_sha256": held.model_sha256, "seed": held.seed, "command": held.command}
    return {
        "simulation_only": SIMULATION_ONLY,
        "made": {**made, "same_model_as_installed": made["model_sha256"] == model_hash()},
        "claims": [{**one.as_dict(), "model_says": [f.as_dict() for f in found[one.id]]} for one in chosen],
    }


def _write(path: str, summary: dict[str, Any]) -> None:
    import pathlib

    from unwound.core.errors import StoreError
    from unwound.core.files import atomic_write
    from unwound.reporting.manifest import pretty

    if pathlib.Path(path).exists():
        raise StoreError(f"--out {path}: it exists already; choose another name")
    atomic_write(path, pretty(summary))


def _all(chosen: Sequence[Claim]) -> None:
    rows = [(one.id, one.claim, one.verdict) for one in chosen]
    print_table(f"What the articles claim ({len(rows)})", ("claim", "in a sentence", "verdict"), rows, width=WIDTH)
    counted = [f"{sum(one.verdict == word for one in chosen)} {word}" for word in _WORDS]
    typer.echo("")
    typer.echo(", ".join(counted) + ". Not supported means that nothing read here says so; it need not be false.")
    typer.echo("Evidence, numbers and reasons of one: unwound claims ID")
    typer.echo(SIMULATION_ONLY + ".")


_WORDS = ("supported", "contested", "not supported")


def _detail(one: Claim, summary: dict[str, Any]) -> None:
    from unwound.trials.claim_findings import Finding

    typer.echo(f"{one.title}\n{one.claim}\n")
    print_table("", ("verdict", "why"), [(one.verdict, one.reason)], width=WIDTH)
    typer.echo("\nEvidence")
    for line in one.provenance():
        typer.echo(f"  {line}")
    if not one.provenance():
        typer.echo("  none that we have read")
    typer.echo(f"\nIn the model\n  {one.used}")
    if one.not_modelled:
        typer.echo(f"  Not modelled: {one.not_modelled}")
    typer.echo(f"\nWhat would settle it\n  {one.refuted_by}\n")
    found = [Finding.from_dict(row) for row in summary["claims"][0]["model_says"]]
    if found:
        _findings(found, summary["made"])
    typer.echo(SIMULATION_ONLY + ".")


def _findings(found: Sequence[Finding], made: dict[str, Any]) -> None:
    rows = [(f.what, f.number, f.spread) for f in found]
    print_table("What the model says", ("of what", "number (interval)", "what the interval is"), rows, right=(1,),
                width=WIDTH)  # fmt: skip
    typer.echo("")
    if not made["same_model_as_installed"]:
        typer.echo(
            f"note: computed with another model than the one installed; again with --compute, or {made['command']}"
        )
