"""`unwound surgery`: ketamine beside patient-controlled morphine after an operation."""

from __future__ import annotations

from typing import Annotated

import typer

from unwound.interfaces.asked import Asked
from unwound.interfaces.output import Json, Out, Seed, command_line, note, print_json, print_table, progress

WIDTH = 120


def surgery(
    trial: Annotated[str, typer.Argument(help="NIE17 (opioid-dependent people) or SVE08 (people without opioids).")] = (
        "NIE17"
    ),
    replicates: Annotated[int, typer.Option("--replicates", min=1, help="How many copies of the trial.")] = 10,
    patients: Annotated[
        int | None, typer.Option("--patients", min=2, help="Patients in an arm (default: as in the trial).")
    ] = None,
    bolus: Annotated[
        str | None, typer.Option("--bolus", help='Another S-ketamine bolus of NIE17, such as "0.25 mg/kg".')
    ] = None,
    rate: Annotated[
        str | None, typer.Option("--rate", help='Another rate during surgery, such as "0.1 mg/kg/h".')
    ] = None,
    duration: Annotated[
        str | None, typer.Option("--duration", help='Another length of surgery, such as "5 h".')
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Leave out the extremes of what is assumed of ketamine.")
    ] = False,
    seed: Seed = 1,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Operate on virtual patients and count the morphine they ask for, with ketamine and without.

    Pain, demand, bolus, lockout; tolerance shifts the C50 of morphine and ketamine takes it back. Two numbers are
    fitted to the control arm of NIE17, the rest is predicted or assumed. Examples:

    unwound surgery

    unwound surgery SVE08 --json

    unwound surgery NIE17 --bolus "0.25 mg/kg" --rate "0.1 mg/kg/h" --out less
    """
    from unwound import evidence
    from unwound.core.safety import SIMULATION_ONLY
    from unwound.population.surgery import run_surgery
    from unwound.population.surgical_trials import changed, surgical_trial
    from unwound.reporting.publish_surgery import publish_surgery, surgery_notes, surgery_summary
    from unwound.reporting.store import ResultFolder
    from unwound.trials.surgery_rows import surgery_rows

    found, asked = surgical_trial(trial), Asked()
    given = {
        "bolus_mg_per_kg": (bolus, "mg/kg", "--bolus"),
        "rate_mg_per_kg_h": (rate, "mg/kg/h", "--rate"),
        "surgery_h": (duration, "h", "--duration"),
    }
    own = {name: asked.number(text, unit, option) for name, (text, unit, option) in given.items() if text is not None}
    asked.done()
    found = changed(found, **own)
    folder = ResultFolder.reserve(out) if out else None
    with progress(found.title, 2 if quick else 10) as advance:
        result = run_surgery(found, replicates, seed, patients, extremes=not quick, progress=advance)
    written: dict[str, str] = {}
    if folder is not None:
        note(f"writing {out} ...")
        written = publish_surgery(folder, result, command_line())
    if as_json:
        print_json({**surgery_summary(result), "written": written})
        return
    rows = []
    for row in surgery_rows(result):
        simulated, printed = row["simulated"], row["observed_interval"]
        verdict = {True: "hit", False: "MISSED", None: ""}[row["agrees"]]
        rows.append(
            (
                row["arm"], row["what"], row["kind"],
                "" if row["observed"] is None else f"{row['observed']:.0f}",
                "" if not printed else f"{printed[0]:.0f} to {printed[1]:.0f}",
                f"{simulated['mean']:.1f}", f"{simulated['low']:.0f} to {simulated['high']:.0f}", row["unit"],
                "" if row["kind"] == "fitted" else verdict,
            )
        )  # fmt: skip
    header = ("arm", "what", "", "printed", "its 95 %", "simulated", "90 % of replicates", "unit", "")
    title = f"{found.short}: {found.title}; {result.replicates} replicates of {result.patients} an arm"
    print_table(title, header, rows, right=(3, 4, 5, 6), width=WIDTH)
    for text in surgery_notes(result):
        typer.echo(f"note: {text}")
    for name, place in written.items():
        typer.echo(f"{name}: {place}")
    typer.echo(f"{len(evidence.assumptions(result.keys))} of {len(result.keys)} numbers assumed.")
    typer.echo(SIMULATION_ONLY + ".")
