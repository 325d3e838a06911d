"""`unwound mood`: the course of depression, trauma or anxiety, with the comparator beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from unwound.interfaces.given import what_is_given
from unwound.interfaces.output import Json, Out, Seed, command_line, note, print_json, print_table

if TYPE_CHECKING:
    from unwound.patient.mood_course import MoodCourse
    from unwound.regimen import Regimen

WIDTH = 110


def mood(
    path: Annotated[str | None, typer.Argument(help="A protocol file (TOML); or use --dose.")] = None,
    dose: Annotated[str | None, typer.Option("--dose", help='"0.5 mg/kg over 40 min", "84 mg" and the like.')] = None,
    drug: Annotated[str, typer.Option("--drug", help="racemic ketamine, S-ketamine (esketamine), R-ketamine.")] = "",
    route: Annotated[str, typer.Option("--route", help="intravenous, nasal ...")] = "intravenous",
    days: Annotated[
        str, typer.Option("--days", help='Days of the dose, the first is 0: "0 3 7 10" is twice weekly for 2 weeks.')
    ] = "0",
    comparator: Annotated[
        str,
        typer.Option(
            "--comparator",
            help='saline, midazolam, "placebo spray", "placebo spray and new antidepressant", nothing.',
        ),
    ] = "saline",
    scale: Annotated[
        str, typer.Option("--scale", help="MADRS (fitted); CAPS, IES-R, LSAS, VAS anxiety, HAM-A, HAM-D-6 (assumed).")
    ] = "MADRS",
    model: Annotated[
        str,
        typer.Option("--model", help="Pharmacokinetic model; default: kamp2020 for the racemate, else perezruixo2021."),
    ] = "",
    patients: Annotated[int, typer.Option("--patients", min=1, max=100_000, help="How many people.")] = 200,
    weight: Annotated[str | None, typer.Option("--weight", help='Body weight, such as "74 kg".')] = None,
    age: Annotated[str | None, typer.Option("--age", help='Age, such as "45 y".')] = None,
    until: Annotated[str, typer.Option("--until", help="How long to look.")] = "28 d",
    landmark: Annotated[
        str, typer.Option("--landmark", help="When response is judged; default: a day after the last dose.")
    ] = "",
    lorazepam: Annotated[
        float, typer.Option("--lorazepam", min=0.0, max=20.0, help="Benzodiazepine, mg of lorazepam a day.")
    ] = 0.0,
    naltrexone: Annotated[
        bool, typer.Option("--naltrexone", help="Switch the opioid-dependent share off (assumed size).")
    ] = False,
    seed: Seed = 1,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Follow mood under a regimen: the score with placebo beside it, response, remission, relapse.

    One latent improvement, driven by exposure, seen on the scale you choose. Placebo is a component of both arms, and
    part of the difference may be unblinding: it is shown for 0, 25 and 50 %. Examples:

    unwound mood --drug "racemic ketamine" --dose "0.5 mg/kg over 40 min" --comparator midazolam

    unwound mood --drug esketamine --route nasal --dose "84 mg" --days "0 3 7 10" --comparator "placebo spray"
    """
    from unwound.core.safety import SIMULATION_ONLY
    from unwound.patient.mood import simulate_mood
    from unwound.patient.mood_course import MoodSetting
    from unwound.reporting.publish_mood import mood_summary, publish_mood
    from unwound.reporting.store import ResultFolder

    regimen, person = what_is_given(path, dose, drug, route, "monitored", weight, age, None, None)
    if path is None:
        regimen = on_days(regimen, days)
    setting = MoodSetting(
        comparator=comparator, scale=scale, model=model, until=until, landmark=landmark, seed=seed,
        benzodiazepine_mg=lorazepam, naltrexone=naltrexone,
    )  # fmt: skip
    folder = ResultFolder.reserve(out) if out else None
    course = simulate_mood(regimen, person, patients, setting)
    title = regimen.title or "; ".join(regimen.describe())
    written: dict[str, str] = {}
    if folder is not None:
        note(f"writing {out} ...")
        written = publish_mood(folder, course, regimen, setting, title, command_line())
    if as_json:
        print_json({**mood_summary(course, regimen, title), "written": written})
        return
    _print(course, title)
    for name, place in written.items():
        typer.echo(f"{name}: {place}")
    typer.echo(SIMULATION_ONLY + ".")


def on_days(regimen: Regimen, days: str) -> Regimen:
    """`regimen` of one dose, given again on each of `days`. Raises `InputError`."""
    from unwound.core.errors import InputError, Problem
    from unwound.core.strict import Measure

    try:
        numbers = sorted({float(day) for day in days.replace(",", " ").split()})
        if not numbers or numbers[0] < 0.0 or numbers[-1] > 3660.0:
            raise ValueError
    except ValueError:
        rule = "days are numbers from 0 to 3660, the first dose at day 0"
        raise InputError(Problem("--days", days, rule, 'write for example "0 3 7 10"')) from None
    only = regimen.doses[0]
    doses = tuple(only.model_copy(update={"start": Measure.of(24.0 * day, "h")}) for day in numbers)
    said = regimen.describe()[0].removesuffix(", at 0 h")
    title = f"{said}, on days {', '.join(f'{day:g}' for day in numbers)}" if len(numbers) > 1 else said
    return regimen.model_copy(update={"doses": doses, "title": title})


def _print(course: MoodCourse, title: str) -> None:
    import numpy as np

    from unwound import evidence
    from unwound.patient.mood_course import UNBLINDING

    shown = _places(course)
    rows = []
    for n in shown:
        rows.append(
            (
                f"{course.time_d[n]:.2g}",
                f"{course.improvement[n].mean():.2f}",
                f"{course.score[n].mean():.1f}",
                f"{course.control_score[n].mean():.1f}",
                *(f"{course.own_difference(w)[n]:+.1f}" for w in UNBLINDING),
            )
        )
    header = (
        "day", "improve-\nment 0..1", f"{course.scale}\ndrug", f"{course.scale}\n{course.comparator[:13]}",
        "difference\n0 % unbl.", "difference\n25 % unbl.", "difference\n50 % unbl.",
    )  # fmt: skip
    print_table(title, header, rows, right=tuple(range(len(header))), width=WIDTH)
    typer.echo(
        f"Day {course.landmark_d:.3g}: response {100 * course.responded.mean():.0f} % (comparator "
        f"{100 * course.control_responded.mean():.0f} %), remission {100 * course.remitted.mean():.0f} % "
        f"({100 * course.control_remitted.mean():.0f} %)."
    )
    relapse = course.relapse_d[~np.isnan(course.relapse_d)]
    if relapse.size:
        held = 100 * np.mean(np.isinf(relapse))
        typer.echo(f"Of {relapse.size} who responded, {held:.0f} % had no relapse by day {course.time_d[-1]:.3g}.")
    typer.echo("unbl.: if that share of the difference from the comparator is unblinding, this is the drug's own part.")
    for warning in course.warnings:
        typer.echo(f"warning: {warning}")
    typer.echo(f"{len(evidence.assumptions(course.keys))} of {len(course.keys)} numbers assumed.")


def _places(course: MoodCourse) -> list[int]:
    """Places of the times of the printed table: some hours, some days, the landmark, the end."""
    import numpy as np

    last = float(course.time_d[-1])
    wanted = [0.0, 0.25, *(day for day in (1, 2, 3, 5, 7, 10, 14, 21, 28, 42, 56, 84, 112, 180, 365) if day < last)]
    wanted += [course.landmark_d, last]
    return sorted({int(np.argmin(np.abs(course.time_d - day))) for day in wanted})
