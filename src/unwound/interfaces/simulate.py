"""`unwound simulate`: any protocol file, or a NONMEM-style event table, for one person or many."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer

from unwound.interfaces import fitted as fitted_models
from unwound.interfaces import slow_states, tables
from unwound.interfaces.output import (
    NO_DRIVER,
    Driver,
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

_SETTLED = ("--hypothesis", "--driver", "--mechanism", "--response", "--opioid-tone")


def simulate(
    context: typer.Context,
    path: Annotated[str, typer.Argument(help="A protocol file (.toml), or an event table (.csv).")],
    patients: Annotated[
        int | None, typer.Option("--patients", min=1, max=1_000_000, help="Draw this many people with the disorder.")
    ] = None,
    disorder: Annotated[
        str, typer.Option("--disorder", help="Whom --patients draws: a name, or a population file (.toml).")
    ] = "CRPS-1",
    hypothesis: Annotated[str | None, typer.Option("--hypothesis", help="H0, H1 or H2 (default: the file's).")] = None,
    driver: Driver = None,
    mechanism: slow_states.Mechanism = None,
    opioid_tone: slow_states.OpioidTone = 0.0,
    response: slow_states.Response = "hill",
    fitted: fitted_models.FittedModel = None,
    draws: fitted_models.Draws = None,
    model: Annotated[str | None, typer.Option("--model", help="Pharmacokinetic model (default: the file's).")] = None,
    until: Annotated[str | None, typer.Option("--until", help='How long to follow, such as "12 weeks".')] = None,
    units: tables.Units = None,
    enantiomer: tables.Enantiomer = None,
    columns: tables.Columns = "auto",
    at_once: tables.AtOnce = False,
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
    (ID TIME AMT RATE EVID ..., or the columns of CDISC ADPPK) gives one course per ID. Examples:

    unwound simulate my_protocol.toml --out first

    unwound simulate my_protocol.toml --patients 200 --hypothesis H0 --json

    unwound simulate doses.csv --units AMT=mg,TIME=h,WT=kg --enantiomer S

    unwound simulate my_protocol.toml --mechanism receptors --mechanism opioid --opioid-tone 0.3

    unwound simulate my_protocol.toml --fitted average --out foretold

    Under --fitted one typical person takes every draw of the posterior, and bands are its uncertainty; with --patients
    people take the draws in turn.
    """
    from unwound.reporting.store import ResultFolder

    under = fitted_models.asked(context, fitted, draws, _SETTLED)
    states = slow_states.asked(mechanism, opioid_tone, response)
    folder = ResultFolder.reserve(out) if out else None
    if tables.is_table(path):
        if patients is not None:
            tables.refuse_patients(patients, path)
        table = tables.read(path, units, enantiomer, columns, setting, at_once)
        job = _event_job(path, table, hypothesis, driver, model, until, seed, threads, states, under)
    else:
        job = _protocol_job(path, patients, disorder, hypothesis, driver, model, until, seed, threads, states, under)
    if driver and any(not course.driver for course in job["courses"].values()):
        note(NO_DRIVER)
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
    path: str, patients: int | None, disorder: str, hypothesis: str | None, driver: str | None, model: str | None,
    until: str | None, seed: int, threads: int | None, states: dict[str, Any], under: tuple[str, int] | None,
) -> dict[str, Any]:  # fmt: skip
    from unwound.patient.protocol import Protocol
    from unwound.patient.simulation import Setting
    from unwound.patient.simulation import simulate as simulate_one
    from unwound.population import simulate_cohort

    protocol = Protocol.from_toml(path)
    options = Setting(
        model=model or protocol.models.pharmacokinetics,
        hypothesis=hypothesis or protocol.models.hypothesis,
        driver=driver or protocol.models.driver,
        seed=seed,
        threads=threads,
        **states,
    )
    until = until or protocol.follow_up.duration.text
    title = protocol.title or path
    if protocol.co_medication:
        note("note: co_medication changes nothing in the pain course; unwound effects and unwound pk use it")
    if under is not None:
        regimen, course = _fitted_job(protocol, patients, disorder, until, options, under)
    elif patients is None:
        regimen = protocol.patient.dosed(protocol.regimen)
        course = simulate_one(protocol.patient, protocol.regimen, until, options)
    else:
        regimen = protocol.regimen
        with progress(title, patients) as advance:
            course = simulate_cohort(disorder, patients, protocol.regimen, until, options, advance)
    return {"title": title, "courses": {title: course}, "regimens": {title: regimen}}


def _fitted_job(
    protocol: Any, patients: int | None, disorder: str, until: str, options: Any, under: tuple[str, int]
) -> tuple[Any, Any]:
    """(what is given, the course) under fitted models."""
    from unwound.inference.averaged import cohort_fitted, simulate_fitted

    model, draws = under
    if protocol.models.model_fields_set & {"hypothesis", "driver"}:
        note("note: the hypothesis and driver of the file do not count under --fitted")
    if patients is None:
        with progress(f"{model}, draws", draws) as advance:
            course = simulate_fitted(protocol.patient, protocol.regimen, until, model, options, draws, advance)
        return protocol.patient.dosed(protocol.regimen), course
    with progress(f"{model}, people", patients) as advance:
        course = cohort_fitted(disorder, patients, protocol.regimen, until, model, options, draws, advance)
    return protocol.regimen, course


def _event_job(
    path: str, table: Any, hypothesis: str | None, driver: str | None, model: str | None, until: str | None, seed: int,
    threads: int | None, states: dict[str, Any], under: tuple[str, int] | None,
) -> dict[str, Any]:  # fmt: skip
    from unwound.inference.averaged import events_fitted
    from unwound.patient.simulation import Setting, simulate_events

    options = Setting(
        model=model or "otto2021",
        hypothesis=hypothesis or "H2",
        driver=driver or "empirical",
        seed=seed,
        threads=threads,
        **states,
    )
    with progress(path, len(table) * (1 if under is None else under[1])) as advance:
        if under is None:
            courses = simulate_events(table, until, options, advance)
        else:
            courses = events_fitted(table, until, under[0], options, under[1], advance)
    regimens = {name: occasion.regimen for person in table for name, occasion in person.named_occasions()}
    return {"title": path, "courses": courses, "regimens": regimens}


def _told(firing: Any, each: str) -> str:
    """When a rule acted for the one person, or for how many people (or in how many draws)."""
    people = firing.fired.shape[1]
    if people == 1:
        return f"{firing.rule}: " + ("; ".join(firing.told()) or "never acted")
    count, acts = int(firing.fired.any(axis=0).sum()), int(firing.fired.sum())
    return f"{firing.rule}: acted {acts} times, {each.split()[0]} {count} of {people} {each.split()[1]}"


def _print(job: dict[str, Any], written: dict[str, str]) -> None:
    from unwound.core.safety import SIMULATION_ONLY
    from unwound.patient.course import spread_text

    for name, course in job["courses"].items():
        regimen = job["regimens"][name]
        typer.echo("; ".join(regimen.describe()) or "nothing is given")
        rows = course.milestones(regimen.end)
        people = course.who + (", mean (5 % to 95 %)" if course.people > 1 else "")
        print_table(f"{name}: {people}, {course.behind}, {course.model} ({course.sampling})", *rows)
        typer.echo(f"highest concentration of ketamine: {spread_text(course.peak_ng_per_mL)} ng/mL")
        for firing in course.firings:
            typer.echo(_told(firing, "in draws" if course.of_draws else "for people"))
        for warning in dict.fromkeys(course.warnings):
            typer.echo(f"warning: {warning}")
    course = next(iter(job["courses"].values()))
    assumed = [f"{e.key} = {e.value:g} {e.unit}" for e in course.assumptions()]
    typer.echo(f"assumed ({len(assumed)} numbers; `unwound evidence KEY` tells why): {'; '.join(assumed)}")
    typer.echo("Reset is a hypothesis: compare --hypothesis H0, H1 and H2 before believing a number.")
    if course.fitted is not None:
        fitted_models.say(course.fitted)
    for name, path in written.items():
        typer.echo(f"{name}: {path}")
    typer.echo(SIMULATION_ONLY + ".")
