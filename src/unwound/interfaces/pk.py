"""`unwound pk`: the blood alone, under one model or all of them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer

from unwound.interfaces import pk_table, tables
from unwound.interfaces.given import what_is_asked
from unwound.interfaces.output import Json, Out, Seed, command_line, note, print_json, print_table


def pk(
    path: Annotated[
        str | None, typer.Argument(help="A protocol file (TOML) or an event table (CSV); or use --dose.")
    ] = None,
    dose: Annotated[
        str | None, typer.Option("--dose", help='"35 mg", "0.5 mg/kg over 40 min" or "20 mg/h for 100 h".')
    ] = None,
    drug: Annotated[str, typer.Option("--drug", help="S-ketamine (esketamine), R-ketamine or racemic ketamine.")] = "",
    route: Annotated[str, typer.Option("--route", help="intravenous, nasal, oral, sublingual, intramuscular ...")] = (
        "intravenous"
    ),
    models: Annotated[str, typer.Option("--models", "--model", help="A model, several with commas, or all.")] = "all",
    weight: Annotated[str | None, typer.Option("--weight", help='Body weight, such as "74 kg".')] = None,
    height: Annotated[
        str | None, typer.Option("--height", help='Body height, such as "170 cm"; for --weight-basis only.')
    ] = None,
    weight_basis: Annotated[
        Literal["actual", "ideal", "lean", "adjusted"],
        typer.Option("--weight-basis", help="Whose kilograms a --dose per kg means; needs --height and --sex."),
    ] = "actual",
    age: Annotated[str | None, typer.Option("--age", help='Age, such as "45 y".')] = None,
    sex: Annotated[Literal["female", "male"] | None, typer.Option("--sex", help="Sex.")] = None,
    ancestry: Annotated[
        Literal["asian", "japanese", "other"] | None, typer.Option("--ancestry", help="A covariate of perezruixo2021.")
    ] = None,
    setting: Annotated[
        Literal["ward", "monitored", "icu"], typer.Option("--setting", help="Where --dose is given.")
    ] = "monitored",
    people: Annotated[
        int, typer.Option("--people", min=0, max=5000, help="People (or replicates) drawn for the bands; 0: none.")
    ] = 200,
    bands: Annotated[
        Literal["people", "observations", "uncertainty"],
        typer.Option(
            "--bands",
            help="What the bands hold: people (between patients and occasions), observations (with the residual "
            "error), or uncertainty (of the typical curve).",
        ),
    ] = "people",
    beside: Annotated[
        list[str] | None, typer.Option("--with", help="Co-medication, such as rifampicin or tramadol; repeatable.")
    ] = None,
    until: Annotated[str | None, typer.Option("--until", help='How long to look, such as "24 h".')] = None,
    units: tables.Units = None,
    enantiomer: tables.Enantiomer = None,
    columns: tables.Columns = "auto",
    at_once: tables.AtOnce = False,
    site: Annotated[
        Literal["venous", "arterial"] | None, typer.Option("--site", help="Where the samples of a table were taken.")
    ] = None,
    analyte: Annotated[
        str | None, typer.Option("--analyte", help="What the samples of a table are of, where it does not say.")
    ] = None,
    seed: Seed = 1,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Draw the concentrations of a dose under every model that knows it, and say why the others do not.

    Good models differ two-fold for the same dose; averages are taken only within one sampling site. Examples:

    unwound pk --drug S-ketamine --dose "20 mg/h for 100 h"

    unwound pk --model perezruixo2021 --drug esketamine --route nasal --dose "84 mg" --age "45 y" --weight "74 kg"

    unwound pk --model perezruixo2021 --drug esketamine --route oral --dose "35 mg" --with rifampicin

    unwound pk --model simons2022 --drug S-ketamine --route sublingual --dose "50 mg" --bands observations

    unwound pk --drug S-ketamine --dose "0.5 mg/kg over 40 min" --weight-basis lean --height "178 cm" --sex male

    unwound pk my_protocol.toml --models otto2021,simons2022 --out blood

    unwound pk samples.csv --enantiomer S --units AMT=mg,TIME=h,DV=ng/mL --analyte S-ketamine --site venous
    """
    if path is not None and dose is None and tables.is_table(path):
        table = tables.read(path, units, enantiomer, columns, setting, at_once)
        pk_table.show(table, path, models, people, seed, until, site, analyte, beside or (), out, as_json)
        return
    from unwound.core.quantities import parse
    from unwound.patient.divergence import diverge
    from unwound.pharmacokinetics.register import ROUTED, routed_model
    from unwound.reporting.store import ResultFolder

    regimen, person, others = what_is_asked(
        path, dose, drug, route, setting, weight, age, sex, ancestry, height, weight_basis
    )
    folder = ResultFolder.reserve(out) if out else None
    warnings = [str(w) for w in person.limit_warnings(regimen)] + person.dosing_notes(regimen)
    warnings += person.assumed("pain", "in_pain_for")
    chosen = None if models.lower() == "all" else [routed_model(name).prefix for name in models.split(",")]
    until_h = parse(until, "h", "until") if until else None
    result = diverge(
        regimen,
        person,
        chosen,
        people=people,
        seed=seed,
        until_h=until_h,
        beside=[*(beside or ()), *(o.drug for o in others)],
        bands=bands,
    )
    warnings += result.cautions
    title = regimen.title or "; ".join(regimen.describe())
    written: dict[str, str] = {}
    if folder is not None:
        from unwound.reporting.publish import publish_divergence

        note(f"writing {out} ...")
        written = publish_divergence(folder, result, regimen, title, command_line(), seed, warnings)
    if as_json:
        from unwound.reporting.publish import divergence_summary

        print_json({**divergence_summary(result, title, warnings), "seed": seed, "written": written})
        return
    _print(result, title, warnings, written, len(ROUTED))


def _print(result: Any, title: str, warnings: list[str], written: dict[str, str], known: int) -> None:
    from unwound.core.safety import SIMULATION_ONLY

    cells = []
    for curve in (*result.curves, *result.averages):
        band = ""
        if curve.low_ng_per_mL is not None:
            peak = int(curve.concentration_ng_per_mL.argmax())
            band = f"{curve.low_ng_per_mL[peak]:.0f} to {curve.high_ng_per_mL[peak]:.0f}"
        half = "-" if curve.half_life_h is None else f"{curve.half_life_h:.1f}"
        numbers = (f"{curve.cmax_ng_per_mL:.1f}", band, f"{curve.tmax_h:.2f}", f"{curve.auc_ng_h_per_mL:.0f}", half)
        cells.append((curve.model, curve.analyte, curve.site, *numbers))
    header = (
        "model",
        "analyte",
        "site",
        "Cmax ng/mL",
        f"5-95 %, {result.bands}",
        "tmax h",
        "AUC ng h/mL",
        "half-life h",
    )
    print_table(f"{title} ({len(result.curves)} curves of {known} models)", header, cells, right=(3, 4, 5, 6, 7))
    for name, reason in result.not_eligible.items():
        typer.echo(f"not eligible: {name} {reason}")
    layers: dict[tuple[str, ...], list[str]] = {}
    for curve in result.curves:
        if curve.layers:
            layers.setdefault(curve.layers, []).append(f"{curve.model} {curve.analyte}")
    for held, names in layers.items():
        typer.echo(f"bands of {', '.join(dict.fromkeys(names))} hold: {', '.join(held)}")
    notes: dict[str, list[str]] = {}  # one line for all that have the same to say
    for text in dict.fromkeys(text for curve in result.curves for text in curve.notes):
        whose, _, said = text.partition(": ")
        notes.setdefault(said, []).append(whose)
    for said, names in notes.items():
        typer.echo(f"note: {said}: {'; '.join(names)}")
    for warning in dict.fromkeys([*warnings, *(w for curve in result.curves for w in curve.warnings)]):
        typer.echo(f"warning: {warning}")
    for name, place in written.items():
        typer.echo(f"{name}: {place}")
    typer.echo(SIMULATION_ONLY + ".")
