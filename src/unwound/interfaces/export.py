"""`unwound export sbml | mrgsolve | nonmem`: models and doses in the formats of the field."""

from __future__ import annotations

import pathlib
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from unwound.interfaces import tables
from unwound.interfaces.output import Json, note, print_json

if TYPE_CHECKING:
    from unwound.regimen import NonmemFiles
    from unwound.reporting.exchange import Exported

app = typer.Typer(help="Write in a format of the field: SBML, mrgsolve, NONMEM.", no_args_is_help=True)

Model = Annotated[str, typer.Option("--model", help="Pharmacokinetic model, such as otto2021.")]
File = Annotated[str | None, typer.Option("--out", metavar="FILE", help="File to write; default: stdout.")]
Force = Annotated[bool, typer.Option("--force", help="Replace the file if it exists.")]
Weight = Annotated[str | None, typer.Option("--weight", help='Body weight, such as "74 kg".')]
Age = Annotated[str | None, typer.Option("--age", help='Age, such as "45 y".')]
Sex = Annotated[Literal["female", "male"] | None, typer.Option("--sex", help="Sex.")]
Ancestry = Annotated[
    Literal["asian", "japanese", "other"] | None, typer.Option("--ancestry", help="A covariate of perezruixo2021.")
]


@app.command("sbml")
def sbml(
    path: Annotated[str | None, typer.Argument(help="A protocol file (TOML); or use --dose.")] = None,
    model: Model = "otto2021",
    dose: Annotated[
        str | None, typer.Option("--dose", help='"35 mg", "0.5 mg/kg over 40 min" or "20 mg/h for 100 h".')
    ] = None,
    drug: Annotated[str, typer.Option("--drug", help="S-ketamine (esketamine), R-ketamine or racemic ketamine.")] = "",
    route: Annotated[str, typer.Option("--route", help="intravenous, nasal, oral, sublingual, intramuscular ...")] = (
        "intravenous"
    ),
    with_memory: Annotated[
        str | None, typer.Option("--with-memory", help="Add the slow memory and pain: H0, H1 or H2.")
    ] = None,
    weight: Weight = None,
    age: Age = None,
    sex: Sex = None,
    ancestry: Ancestry = None,
    setting: Annotated[
        Literal["ward", "monitored", "icu"], typer.Option("--setting", help="Where --dose is given.")
    ] = "monitored",
    out: File = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Write a regimen in one typical person as SBML Level 3 Version 2, every number with its unit.

    Examples:

    unwound export sbml --model otto2021 --drug S-ketamine --dose "20 mg/h for 100 h" --out otto.xml

    unwound export sbml my_protocol.toml --model otto2021 --with-memory H2 --out course.xml
    """
    from unwound.interfaces.given import what_is_given
    from unwound.reporting.exchange import to_sbml

    _require_new(out, force)
    regimen, person = what_is_given(path, dose, drug, route, setting, weight, age, sex, ancestry)
    _write(to_sbml(model, regimen, person, with_memory), out, model, as_json)


@app.command("mrgsolve")
def mrgsolve(
    model: Model = "otto2021",
    routes: Annotated[
        str, typer.Option("--routes", "--route", help="One or several with commas; default: as estimated.")
    ] = "",
    dose: Annotated[
        str, typer.Option("--dose", help="The dose whose bioavailability is written, where it depends on the dose.")
    ] = "28 mg",
    weight: Weight = None,
    age: Age = None,
    sex: Sex = None,
    ancestry: Ancestry = None,
    out: File = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Write a pharmacokinetic model as mrgsolve text (R): its published parameters, variability and flows.

    Example: unwound export mrgsolve --model perezruixo2021 --route nasal --dose "84 mg" --out nasal.cpp
    """
    from unwound.core.quantities import parse
    from unwound.patient.protocol import Person
    from unwound.reporting.exchange import to_mrgsolve

    _require_new(out, force)
    given = {"weight": weight, "age": age, "sex": sex, "ancestry": ancestry}
    person = Person(**{key: value for key, value in given.items() if value is not None})  # type: ignore[arg-type]
    chosen = [name.strip() for name in routes.split(",") if name.strip()]
    _write(to_mrgsolve(model, person, chosen, parse(dose, "mg", "dose")), out, model, as_json)


@app.command("nonmem")
def nonmem(
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
    weight: Weight = None,
    age: Age = None,
    sex: Sex = None,
    setting: Annotated[
        Literal["ward", "monitored", "icu"], typer.Option("--setting", help="Where --dose or a table is given.")
    ] = "monitored",
    units: tables.Units = None,
    enantiomer: tables.Enantiomer = None,
    columns: tables.Columns = "auto",
    at_once: tables.AtOnce = False,
    out: File = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Write doses and samples as a NONMEM-ready CSV, with the sidecar FILE.units.toml of units and codes.

    An event table may be of NONMEM or ADPPK columns; what is written reads back to equal doses. Examples:

    unwound export nonmem my_protocol.toml --out doses.csv

    unwound export nonmem adppk.csv --enantiomer S --out doses.csv
    """
    from unwound.interfaces.given import what_is_given
    from unwound.regimen import as_person, check_limits, limits_of_table, to_nonmem
    from unwound.regimen.event_sidecar import sidecar_path

    for file in (out, str(sidecar_path(out)) if out else None):
        _require_new(file, force)
    if path is not None and dose is None and tables.is_table(path):
        table = tables.read(path, units, enantiomer, columns, setting, at_once)
        warnings = limits_of_table(table)
        files = to_nonmem(table)
    else:
        regimen, person = what_is_given(path, dose, drug, route, setting, weight, age, sex, None)
        weight_kg = person.weight.value if person.weight else None
        age_y = person.age.value if person.age else None
        warnings = [str(w) for w in check_limits(regimen, weight_kg, age_y)]
        files = to_nonmem(as_person(regimen, weight_kg=weight_kg, age_y=age_y, sex=person.sex))
    if out is not None:
        files.write(out)
    _say_tables(files, warnings, out, as_json)


def _say_tables(files: NonmemFiles, warnings: list[str], out: str | None, as_json: bool) -> None:
    from unwound.core.safety import SIMULATION_ONLY
    from unwound.regimen.event_sidecar import sidecar_path

    beside = str(sidecar_path(out)) if out else None
    if as_json:
        texts = {"text": None, "sidecar": None} if out else {"text": files.csv, "sidecar": files.sidecar}
        found = {"written": out, "units": beside, **texts, "warnings": warnings}
        print_json({**found, "simulation_only": SIMULATION_ONLY})
        return
    for warning in warnings:
        note(f"warning: {warning}")
    if out is None:
        typer.echo(files.csv, nl=False)
        note(f"the sidecar, which --out FILE writes to FILE.units.toml:\n{files.sidecar}")
    else:
        typer.echo(f"written: {out}\nunits and codes: {beside}\n{SIMULATION_ONLY}.")


def _require_new(out: str | None, force: bool) -> None:
    """Refuse before anything is computed. Raises `InputError`."""
    from unwound.core.errors import InputError, Problem

    if out is None:
        return
    if pathlib.Path(out).is_dir():
        raise InputError(Problem("--out", out, "this is a folder", "name a file in it"))
    if pathlib.Path(out).exists() and not force:
        raise InputError(Problem("--out", out, "the file exists", "choose another name, or add --force"))


def _write(exported: Exported, out: str | None, model: str, as_json: bool) -> None:
    from unwound.core.files import atomic_write
    from unwound.core.safety import SIMULATION_ONLY

    if out is not None:
        atomic_write(out, exported.text)
    if as_json:
        text = exported.text if out is None else None
        warnings = list(exported.warnings)
        found = {"model": model, "written": out, "text": text, "warnings": warnings}
        print_json({**found, "simulation_only": SIMULATION_ONLY})
        return
    for warning in exported.warnings:
        note(f"warning: {warning}")
    if out is None:
        typer.echo(exported.text, nl=False)
    else:
        typer.echo(f"written: {out}")
        typer.echo(SIMULATION_ONLY + ".")
