"""`unwound effects`: what a person feels and a monitor shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from unwound.interfaces.given import what_is_asked
from unwound.interfaces.output import Json, Out, command_line, note, print_json, print_table

if TYPE_CHECKING:
    from unwound.patient.acute import AcuteCourse
    from unwound.patient.beside import CoMedication

SHOWN = {
    "pressure_pain_threshold": "pain\nthresh", "high": "high", "dissociation_reported": "diss.\ntold",
    "dissociation_on_scale": "diss.\nscale", "nausea": "nausea", "sedated": "sedat.",
    "mean_arterial_ratio": "MAP\nratio", "heart_rate": "heart\nrate", "co2_sensitivity": "CO2\nsens.", "ready": "ready",
}  # fmt: skip
"""Effects of the printed table, and their short names."""
WIDTH = 100


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
    age: Annotated[str | None, typer.Option("--age", help='Age, such as "45 y".')] = None,
    sex: Annotated[
        Literal["female", "male"] | None,
        typer.Option("--sex", help="For --weight-basis, and for morphine."),
    ] = None,
    ancestry: Annotated[
        Literal["asian", "japanese", "other"] | None, typer.Option("--ancestry", help="A covariate of perezruixo2021.")
    ] = None,
    setting: Annotated[
        Literal["ward", "monitored", "icu"], typer.Option("--setting", help="Where --dose is given.")
    ] = "monitored",
    midazolam: Annotated[
        list[str] | None,
        typer.Option(
            "--midazolam", help='"2 mg", "2 mg at 1 h", "1 mg/h for 4 h", or a level: "30 ng/mL"; repeatable.'
        ),
    ] = None,
    lorazepam: Annotated[
        list[str] | None, typer.Option("--lorazepam", help='The same: "2 mg by mouth 2 h before".')
    ] = None,
    opioid: Annotated[
        list[str] | None,
        typer.Option("--opioid", help='"morphine 10 mg" and the like with --opioid-c50, or "1": relative to its C50.'),
    ] = None,
    opioid_c50: Annotated[
        str | None, typer.Option("--opioid-c50", help="C50 of that opioid for the CO2 sensitivity: none is recorded.")
    ] = None,
    earlier: Annotated[int, typer.Option("--earlier", min=0, help="Earlier ketamine sessions (tachyphylaxis).")] = 0,
    until: Annotated[str, typer.Option("--until", help="How long to look.")] = "6 h",
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Show the acute effects of a dose over time: pain threshold, dissociation, nausea, sedation, circulation.

    Probabilities of reports are cumulative; ratios are relative to the drug-free value. Examples:

    unwound effects --drug "racemic ketamine" --model kamp2020 --dose "0.5 mg/kg over 40 min"

    unwound effects --drug S-ketamine --dose "20 mg over 40 min" --midazolam "2 mg at 10 min" --out felt
    """
    import numpy as np

    from unwound.core.quantities import parse
    from unwound.patient.acute import acute_course
    from unwound.reporting.publish_effects import effects_summary, publish_effects
    from unwound.reporting.store import ResultFolder

    regimen, person, others = what_is_asked(
        path, dose, drug, route, setting, weight, age, sex, ancestry, height, weight_basis
    )
    relative, given = _beside(midazolam or (), lorazepam or (), opioid or (), opioid_c50)
    c50 = None if opioid_c50 is None else parse(opioid_c50, "ng/mL", "--opioid-c50")
    folder = ResultFolder.reserve(out) if out else None
    warnings = [str(w) for w in person.limit_warnings(regimen)] + person.dosing_notes(regimen)
    until_h = parse(until, "h", "until")
    at = np.unique(np.concatenate([np.linspace(0.0, until_h, 121), [min(regimen.end, until_h)]]))
    course = acute_course(
        regimen, person, model, at=at, beside=(*others, *given), opioid=relative, opioid_c50_ng_per_ml=c50,
        earlier_sessions=earlier,
    )  # fmt: skip
    warnings = list(dict.fromkeys([*warnings, *course.warnings]))
    gives = [*regimen.describe(), *(f"beside: {one}" for one in (*others, *given))]
    title = regimen.title or "; ".join(gives)
    written: dict[str, str] = {}
    if folder is not None:
        note(f"writing {out} ...")
        written = publish_effects(folder, course, regimen, title, gives, command_line(), warnings)
    if as_json:
        print_json({**effects_summary(course, title, gives, warnings), "written": written})
        return
    _print(course, title, regimen.end, warnings, written)


def _beside(midazolam: Any, lorazepam: Any, opioid: Any, c50: str | None) -> tuple[float, list[CoMedication]]:
    """(opioid relative to its C50, drugs beside). Raises `InputError`."""
    from unwound.core.errors import InputError, Problem
    from unwound.patient.acute import NO_C50, OPIOIDS
    from unwound.patient.beside import spoken

    given = [spoken("midazolam", text) for text in midazolam] + [spoken("lorazepam", text) for text in lorazepam]
    relative = 0.0
    for text in opioid:
        name, _, rest = text.strip().partition(" ")
        try:
            relative = float(name)
        except ValueError:
            if name.lower() not in OPIOIDS or not rest:
                remedy = f'write "morphine 10 mg" ({", ".join(OPIOIDS)}), or "1" for a level relative to its C50'
                raise InputError(Problem("--opioid", text, "no opioid to be read", remedy)) from None
            if c50 is None:
                rule, _, remedy = NO_C50.partition(", so breathing is shown without it; ")
                raise InputError(Problem("--opioid", text, rule, remedy)) from None
            given.append(spoken(name.lower(), rest))
            continue
        if rest or not 0.0 <= relative < float("inf"):
            raise InputError(Problem("--opioid", text, "a relative level is one number from 0 on", 'write "1"'))
    return relative, given


def _print(course: AcuteCourse, title: str, end: float, warnings: list[str], written: dict[str, str]) -> None:
    from unwound import evidence
    from unwound.core.safety import SIMULATION_ONLY

    last = len(course.time_h) - 1
    breathes = bool((course.effects["co2_sensitivity"] < 1.0).any())  # without an opioid it is 1 throughout
    shown = {name: short for name, short in SHOWN.items() if breathes or name != "co2_sensitivity"}
    rows = []
    for n, time in enumerate(course.time_h):
        if n % 5 and n != last and abs(time - end) > 1e-9:
            continue
        levels = [f"{values[n]:.0f}" for values in course.concentration_ng_per_mL.values()]
        levels += [f"{one.ng_per_ml[n, 0]:.0f}" for one in course.beside]
        rows.append((f"{time:.2f}", *levels, *(_cell(name, course.effects[name][n]) for name in shown)))
    names = [_short(name) for name in (*course.concentration_ng_per_mL, *(one.drug for one in course.beside))]
    header = ("time\nh", *names, *shown.values())
    print_table(title, header, rows, right=tuple(range(len(header))), width=WIDTH)
    typer.echo(
        "pain thresh: pressure-pain threshold; diss. told, scale: dissociation reported, and above the cut-off of a "
        "scale, so far; nausea: reported so far; sedat.: seen now; MAP: mean arterial pressure; ready: rule for leaving"
    )
    for warning in warnings:
        typer.echo(f"warning: {warning}")
    for name, place in written.items():
        typer.echo(f"{name}: {place}")
    assumed = len(evidence.assumptions(course.keys))
    typer.echo(f"{len(course.effects)} effects in all with --json or --out; {assumed} numbers assumed.")
    typer.echo(SIMULATION_ONLY + ".")


def _short(analyte: str) -> str:
    """``S-norketamine`` -> ``S-nor``, with its unit."""
    bare = analyte.replace("ketamine", "ket").replace("norket", "nor").replace("hydroxynor", "hnk")
    return f"{bare[:6]}\nng/mL"


def _cell(name: str, value: float) -> str:
    if name == "ready":
        return "yes" if value else "no"
    return f"{value:.0f}" if name == "heart_rate" else f"{value:.2f}"
