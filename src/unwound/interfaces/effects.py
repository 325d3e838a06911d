"""`unwound effects`: what a person feels and a monitor shows."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from unwound.interfaces.given import what_is_given
from unwound.interfaces.output import Json, print_json, print_table

SHOWN = (
    "pressure_pain_threshold", "high", "dissociation_reported", "dissociation_on_scale", "nausea", "sedated",
    "mean_arterial_ratio", "heart_rate", "ready",
)  # fmt: skip


def effects(
    path: Annotated[str | None, typer.Argument(help="A protocol file (TOML); or use --dose.")] = None,
    dose: Annotated[str | None, typer.Option("--dose", help='"0.5 mg/kg over 40 min" and the like.')] = None,
    drug: Annotated[str, typer.Option("--drug", help="S-ketamine (esketamine), R-ketamine, racemic ketamine.")] = "",
    route: Annotated[str, typer.Option("--route", help="intravenous, nasal, oral ...")] = "intravenous",
    model: Annotated[
        str, typer.Option("--model", help="Pharmacokinetic model; kamp2020 for the racemate.")
    ] = "otto2021",
    weight: Annotated[str | None, typer.Option("--weight", help='Body weight, such as "74 kg".')] = None,
    height: Annotated[
        str | None, typer.Option("--height", help='Body height, such as "170 cm"; for --weight-basis only.')
    ] = None,
    weight_basis: Annotated[
        Literal["actual", "ideal", "lean", "adjusted"],
        typer.Option("--weight-basis", help="Whose kilograms a --dose per kg means; needs --height and --sex."),
    ] = "actual",
    sex: Annotated[Literal["female", "male"] | None, typer.Option("--sex", help="For --weight-basis only.")] = None,
    age: Annotated[str | None, typer.Option("--age", help='Age, such as "45 y".')] = None,
    setting: Annotated[
        Literal["ward", "monitored", "icu"], typer.Option("--setting", help="Where --dose is given.")
    ] = "monitored",
    midazolam: Annotated[str, typer.Option("--midazolam", help="Constant plasma level of midazolam.")] = "0 ng/mL",
    earlier: Annotated[int, typer.Option("--earlier", min=0, help="Earlier ketamine sessions (tachyphylaxis).")] = 0,
    until: Annotated[str, typer.Option("--until", help="How long to look.")] = "6 h",
    as_json: Json = False,
) -> None:
    """Show the acute effects of a dose over time: pain threshold, dissociation, nausea, sedation, circulation.

    Probabilities of reports are cumulative; ratios are relative to the drug-free value. Example:

    unwound effects --drug "racemic ketamine" --model kamp2020 --dose "0.5 mg/kg over 40 min"
    """
    import numpy as np

    from unwound import evidence
    from unwound.core.quantities import parse
    from unwound.core.safety import SIMULATION_ONLY
    from unwound.patient.acute import acute_course

    regimen, person = what_is_given(path, dose, drug, route, setting, weight, age, sex, None, height, weight_basis)
    warnings = [str(w) for w in person.limit_warnings(regimen)] + person.dosing_notes(regimen)
    until_h = parse(until, "h", "until")
    at = np.unique(np.concatenate([np.linspace(0.0, until_h, 25), [min(regimen.end, until_h)]]))
    level = parse(midazolam, "ng/mL", "midazolam")
    course = acute_course(regimen, person, model, at=at, midazolam_ng_per_ml=level, earlier_sessions=earlier)
    warnings += list(course.warnings)
    if as_json:
        print_json(
            {
                "simulation_only": SIMULATION_ONLY,
                "model": course.model,
                "sampling": course.sampling,
                "time_h": course.time_h,
                "concentration_ng_per_mL": course.concentration_ng_per_mL,
                "effects": course.effects,
                "units": course.units,
                "warnings": warnings,
                "assumed": [f"{e.key} = {e.value:g} {e.unit}" for e in evidence.assumptions(course.keys)],
                "citations": [c.text() for c in evidence.citations(course.keys)],
            }
        )
        return
    rows = []
    for n, time in enumerate(course.time_h):
        levels = [f"{values[n]:.0f}" for values in course.concentration_ng_per_mL.values()]
        rows.append((f"{time:.2f}", *levels, *(f"{course.effects[name][n]:.2f}" for name in SHOWN)))
    names = [f"{analyte} ng/mL" for analyte in course.concentration_ng_per_mL]
    header = ("time h", *names, *(name.replace("_", " ") for name in SHOWN))
    print_table("; ".join(regimen.describe()), header, rows, right=tuple(range(len(header))))
    for warning in dict.fromkeys(warnings):
        typer.echo(f"warning: {warning}")
    typer.echo(
        f"{len(course.effects)} effects in all with --json; {len(evidence.assumptions(course.keys))} numbers assumed."
    )
    typer.echo(SIMULATION_ONLY + ".")
