"""`unwound pk TABLE`: everybody of an event table, under every model, beside what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import typer

from unwound.interfaces.output import command_line, note, print_json, print_table

if TYPE_CHECKING:
    from unwound.regimen import EventTable

MOST_ROWS = 60
"""Rows of observed beside predicted that are printed; the folder holds all of them."""


def show(
    table: EventTable, path: str, models: str, people: int, seed: int, until: str | None, site: Any,
    analyte: str | None, beside: Sequence[str], out: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Compute, write, print."""
    from unwound.core.quantities import parse
    from unwound.patient.observed_blood import blood_of_table
    from unwound.pharmacokinetics.register import routed_model
    from unwound.regimen import limits_of_table
    from unwound.reporting.publish_blood import publish_table, table_summary
    from unwound.reporting.store import ResultFolder

    folder = ResultFolder.reserve(out) if out else None
    warnings = limits_of_table(table)
    chosen = None if models.lower() == "all" else [routed_model(name).prefix for name in models.split(",")]
    until_h = parse(until, "h", "until") if until else None
    found = blood_of_table(
        table, chosen, people=people, seed=seed, until_h=until_h, site=site, analyte=analyte, beside=beside
    )
    written: dict[str, str] = {}
    if folder is not None:
        note(f"writing {out} ...")
        written = publish_table(folder, found, path, command_line(), seed, warnings)
    if as_json:
        print_json({**table_summary(found, path, warnings), "seed": seed, "written": written})
        return
    _print(found, warnings, written)


def _print(found: Any, warnings: list[str], written: dict[str, str]) -> None:
    from unwound.core.safety import SIMULATION_ONLY

    rows = [
        (p.name, c.model, c.analyte, c.site, f"{c.cmax_ng_per_mL:.1f}", f"{c.tmax_h:.2f}", f"{c.auc_ng_h_per_mL:.0f}")
        for p in found.people
        for c in p.blood.curves
    ]
    header: tuple[str, ...] = ("who", "model", "analyte", "site", "Cmax ng/mL", "tmax h", "AUC ng h/mL")
    print_table("Typical person of each model", header, rows[:MOST_ROWS], right=(4, 5, 6))
    if rows[MOST_ROWS:]:
        typer.echo(f"... and {len(rows) - MOST_ROWS} more; --out DIR or --json gives all of them")
    if found.samples:
        pairs = [
            (s.who, f"{s.time_h:.2f}", s.analyte, f"{s.observed_ng_per_mL:.1f}", s.model, s.site,
             f"{s.predicted_ng_per_mL:.1f}", "-" if s.ratio is None else f"{s.ratio:.2f}")
            for s in found.samples
        ]  # fmt: skip
        header = ("who", "h", "analyte", "observed ng/mL", "model", "site", "predicted", "ratio")
        print_table("Observed beside predicted", header, pairs[:MOST_ROWS], right=(1, 3, 6, 7))
        if pairs[MOST_ROWS:]:
            typer.echo(f"... and {len(pairs) - MOST_ROWS} more; --out DIR or --json gives all of them")
        agreed = [
            (r.analyte, r.model, r.site, str(r.samples), f"{r.bias:.2f}",
             "-" if r.spread is None else f"{r.spread:.2f}", f"{100 * r.within_twofold:.0f} %")
            for r in found.agreement
        ]  # fmt: skip
        header = ("analyte", "model", "site", "samples", "predicted/observed", "spread (fold)", "within two-fold")
        print_table("Agreement, best first", header, agreed, right=(3, 4, 5, 6))
    for reason in dict.fromkeys(f"{n} {r}" for p in found.people for n, r in p.blood.not_eligible.items()):
        typer.echo(f"not eligible: {reason}")
    said = [*warnings, *found.warnings, *(w for p in found.people for w in p.blood.cautions)]
    for warning in dict.fromkeys(said):
        typer.echo(f"warning: {warning}")
    for name, place in written.items():
        typer.echo(f"{name}: {place}")
    typer.echo(SIMULATION_ONLY + ".")
