"""`unwound simulate`: any protocol file, or a NONMEM-style event table, for one person or many."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any, Literal

import typer

from unwound.interfaces.output import (
    Json,
    Out,
    Seed,
    Threads,
    command_line,
    note,
    print_json,
    print_table,
    progress,
)


def simulate(
    path: Annotated[str, typer.Argument(help="A protocol file (.toml), or an event table (.csv).")],
    patients: Annotated[
        int | None, typer.Option("--patients", min=1, max=1_000_000, help="Draw this many people with the disorder.")
    ] = None,
    disorder: Annotated[str, typer.Option("--disorder", help="Whom --patients draws.")] = "CRPS-1",
    hypothesis: Annotated[str | None, typer.Option("--hypothesis", help="H0, H1 or H2 (default: the file's).")] = None,
    model: Annotated[str | None, typer.Option("--model", help="Pharmacokinetic model (default: the file's).")] = None,
    until: Annotated[str | None, typer.Option("--until", help='How long to follow, such as "12 weeks".')] = None,
    units: Annotated[
        str | None, typer.Option("--units", help="Units of an event table: AMT=mg,TIME=h,DV=ng/mL,WT=kg.")
    ] = None,
    enantiomer: Annotated[
        Literal["S", "R", "racemic"] | None, typer.Option("--enantiomer", help="What an event table gives.")
    ] = None,
    setting: Annotated[
        Literal["ward", "monitored", "icu"], typer.Option("--setting", help="Where an event table is given.")
    ] = "ward",
    seed: Seed = 1,
    out: Out = None,
    threads: Threads = None,
    as_json: Json = False,
) -> None:
    """Follow a protocol from the dose to the pain course.

    One typical person (the file's [patient]) without chance, or --patients N people with a disorder. An event table
    (ID TIME AMT RATE EVID ...) gives one course per ID. Examples:

    unwound simulate my_protocol.toml --out first

    unwound simulate my_protocol.toml --patients 200 --hypothesis H0 --json

    unwound simulate doses.csv --units AMT=mg,TIME=h,WT=kg --enantiomer S
    """
    from unwound.reporting.store import ResultFolder

    folder = ResultFolder.reserve(out) if out else None
    if path.lower().endswith((".csv", ".txt", ".dat")):
        job = _event_job(path, units, enantiomer, setting, patients, hypothesis, model, until, seed, threads)
    else:
        job = _protocol_job(path, patients, disorder, hypothesis, model, until, seed, threads)
    written: dict[str, str] = {}
    if folder is not None:
        from unwound.reporting.publish import publish_courses

        note(f"writing {out} ...")
        written = publish_courses(folder, job["courses"], job["title"], job["regimens"], command_line(), seed)
    if as_json:
        from unwound.reporting.publish import courses_summary

        print_json({**courses_summary(job["courses"], job["title"]), "seed": seed, "written": written})
    else:
        _print(job, written)
    if any(len(course.failed()) for course in job["courses"].values()):
        raise typer.Exit(3)


def _protocol_job(
    path: str, patients: int | None, disorder: str, hypothesis: str | None, model: str | None, until: str | None,
    seed: int, threads: int | None,
) -> dict[str, Any]:  # fmt: skip
    from unwound.patient.protocol import Protocol
    from unwound.patient.simulation import Setting
    from unwound.patient.simulation import simulate as simulate_one
    from unwound.population import simulate_cohort

    protocol = Protocol.from_toml(path)
    options = Setting(
        model=model or protocol.models.pharmacokinetics,
        hypothesis=hypothesis or protocol.models.hypothesis,
        seed=seed,
        threads=threads,
    )
    until = until or protocol.follow_up.duration.text
    title = protocol.title or path
    if patients is None:
        person = protocol.patient
        limits = [str(warning) for warning in protocol.warnings()]
        regimen = person.dosed(protocol.regimen)
        course = simulate_one(person, regimen, until, options)
        if notes := person.dosing_notes(protocol.regimen):  # limits are told of the doses as they are written
            course = dataclasses.replace(course, warnings=(*limits, *person.assumed(), *notes))
    else:
        regimen = protocol.regimen
        with progress(title, patients) as advance:
            course = simulate_cohort(disorder, patients, protocol.regimen, until, options, advance)
    return {"title": title, "courses": {title: course}, "regimens": {title: regimen}}


def _event_job(
    path: str, units: str | None, enantiomer: Any, setting: Any, patients: int | None, hypothesis: str | None,
    model: str | None, until: str | None, seed: int, threads: int | None,
) -> dict[str, Any]:  # fmt: skip
    from unwound.core.errors import InputError, Problem
    from unwound.patient.simulation import Setting, simulate_events
    from unwound.regimen import parse_units, read_events

    problems = []
    if enantiomer is None:
        remedy = "add --enantiomer S (or R, or racemic): a racemate taken for S-ketamine is a two-fold slip"
        problems.append(Problem("--enantiomer", "(not given)", "an event table does not say what is given", remedy))
    if patients is not None:
        remedy = "leave --patients out, or write the doses as a protocol file"
        problems.append(Problem("--patients", patients, "an event table has its own people", remedy))
    if problems:
        raise InputError(problems, path)
    said = parse_units(units) if units else None
    table = read_events(path, drug="ketamine", enantiomer=enantiomer, units=said, setting=setting)
    for warning in table.warnings:
        note(f"warning: {warning}")
    options = Setting(model=model or "otto2021", hypothesis=hypothesis or "H2", seed=seed, threads=threads)
    with progress(path, len(table)) as advance:
        courses = simulate_events(table, until, options, advance)
    regimens = {f"ID {person.id}": person.regimen for person in table}
    return {"title": path, "courses": courses, "regimens": regimens}


def _print(job: dict[str, Any], written: dict[str, str]) -> None:
    from unwound.core.safety import SIMULATION_ONLY

    for name, course in job["courses"].items():
        regimen = job["regimens"][name]
        typer.echo("; ".join(regimen.describe()) or "nothing is given")
        rows = course.milestones(regimen.end)
        people = "one typical person" if course.people == 1 else f"{course.people} people, mean (5 % to 95 %)"
        print_table(f"{name}: {people}, {course.hypothesis}, {course.model} ({course.sampling})", *rows)
        for warning in dict.fromkeys(course.warnings):
            typer.echo(f"warning: {warning}")
    course = next(iter(job["courses"].values()))
    assumed = [f"{e.key} = {e.value:g} {e.unit}" for e in course.assumptions()]
    typer.echo(f"assumed ({len(assumed)} numbers; `unwound evidence KEY` tells why): {'; '.join(assumed)}")
    typer.echo("Reset is a hypothesis: compare --hypothesis H0, H1 and H2 before believing a number.")
    for name, path in written.items():
        typer.echo(f"{name}: {path}")
    typer.echo(SIMULATION_ONLY + ".")
