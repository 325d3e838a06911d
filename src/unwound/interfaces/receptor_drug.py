"""`unwound receptor compare | plasma | drivers`: antagonists side by side, block in people, what drives the memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

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

if TYPE_CHECKING:
    from unwound.receptor.antagonists import Antagonist, Statement
    from unwound.trials import DriverVerdict

WIDTH = 110
SHORT = {"GluN2A": "2A", "GluN2B": "2B", "GluN2C": "2C", "GluN2D": "2D", "native": "native"}


def compare(
    drug: Annotated[
        list[str] | None, typer.Option("--drug", help="Repeatable; default: every antagonist on record.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Lay NMDA antagonists side by side: binding, magnesium, trapping, block under treatment, clinical record.

    Where the evidence disagrees, both readings are shown. Examples:

    unwound receptor compare

    unwound receptor compare --drug ketamine --drug memantine --json
    """
    from unwound import evidence
    from unwound.core.safety import SIMULATION_ONLY
    from unwound.receptor.antagonists import COMPARED, conflicts, keys_of_comparison
    from unwound.receptor.antagonists import compare as side_by_side
    from unwound.reporting.publish import assumed_in_words

    found = side_by_side(drug or COMPARED)
    keys = keys_of_comparison(found)
    if as_json:
        print_json(
            {
                "simulation_only": SIMULATION_ONLY,
                "antagonists": [one.as_dict() for one in found],
                "conflicts": [
                    {"question": c.question, "readings": [reading.__dict__ for reading in c.readings]}
                    for c in conflicts()
                ],
                "assumed": assumed_in_words(keys),
                "citations": [citation.text() for citation in evidence.citations(keys)],
            }
        )
        return
    header = (
        "drug",
        "IC50, no Mg (uM)",
        "IC50, 1 mM Mg (uM)",
        "open off-rate\n(1/s)",
        "trapped",
        "block under treatment",
    )
    print_table("NMDA antagonists at rest (-66 mV)", header, [_cells(one) for one in found], width=WIDTH)
    typer.echo(
        "By subtype. trapped: share of the block left after 120 s without agonist. Off-rates marked ~ rest on an "
        "on-rate that all drugs are assumed to share. <: all drug in plasma counted as free. -: no number on record."
    )
    for one in found:
        for fact in one.facts:
            typer.echo(f"{one.drug}, {fact.topic}: {_said(fact)}")
    for conflict in conflicts():
        typer.echo(f"conflict: {conflict.question}")
        for reading in conflict.readings:
            typer.echo(f"  - {_said(reading)}")
    typer.echo(f"{len(evidence.assumptions(keys))} of {len(keys)} numbers assumed (most constants are recalled).")
    typer.echo(SIMULATION_ONLY + ".")


def plasma(
    draws: Annotated[int, typer.Option("--draws", min=1, max=1_000_000, help="Draws of fu and brain entry.")] = 2000,
    seed: Seed = 1,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Predict the pore block by racemic ketamine at analgesic to anesthetic plasma concentrations, with uncertainty.

    Example: unwound receptor plasma --out block
    """
    from unwound import evidence
    from unwound.core.safety import SIMULATION_ONLY
    from unwound.receptor.plasma import finding, plasma_keys, predicted_block
    from unwound.reporting.publish_plasma import plasma_summary, publish_plasma
    from unwound.reporting.store import ResultFolder

    folder = ResultFolder.reserve(out) if out else None
    rows = predicted_block(draws, seed)
    written: dict[str, str] = {}
    if folder is not None:
        note(f"writing {out} ...")
        written = publish_plasma(folder, rows, draws, seed, command_line())
    if as_json:
        print_json({**plasma_summary(rows, draws, seed), "written": written})
        return
    cells = [
        (
            row.reached, _between(row.low_ng_per_mL, row.high_ng_per_mL), row.subtype,
            f"{row.membrane} ({row.voltage_mV:g} mV)", _between(100 * row.at_low, 100 * row.at_high),
            _between(100 * row.band_low, 100 * row.band_high),
        )
        for row in rows
    ]  # fmt: skip
    header = ("reached", "plasma ng/mL", "subtype", "membrane", "block %", "5-95 % of draws")
    print_table("Pore block by racemic ketamine, 1 mM Mg, steady state", header, cells, right=(1, 4, 5), width=WIDTH)
    typer.echo(finding(rows))
    typer.echo("No human curve of occupancy against concentration exists; the constants are recalled and not drawn.")
    for name, place in written.items():
        typer.echo(f"{name}: {place}")
    typer.echo(f"{len(evidence.assumptions(plasma_keys()))} numbers assumed.")
    typer.echo(SIMULATION_ONLY + ".")


def drivers(
    trial: Annotated[
        str | None, typer.Option("--trial", help="Conduct this published trial (SIG09) under every driver, too.")
    ] = None,
    replicates: Annotated[int, typer.Option("--replicates", min=1, help="Copies of the trial per driver.")] = 200,
    seed: Seed = 1,
    threads: Threads = None,
    as_json: Json = False,
) -> None:
    """Show what each driver of the slow memory implies: relief after three regimens, after a racemate, in a trial.

    One typical person long in pain, H2, without flares; the trial has people with flares. Examples:

    unwound receptor drivers

    unwound receptor drivers --trial SIG09 --replicates 200 --json
    """
    from unwound.core.safety import SIMULATION_ONLY
    from unwound.patient.driver_table import driver_table, racemate_table
    from unwound.patient.simulation import Setting
    from unwound.patient.wiring import DRIVERS
    from unwound.trials import Trial, driver_verdicts

    size = Trial.published(trial).size if trial else 0
    rows, racemate = driver_table(), racemate_table()
    verdicts: tuple[DriverVerdict, ...] = ()
    if trial:
        setting = Setting(seed=seed, threads=threads, metabolites=False)
        with progress(f"{trial} under {len(DRIVERS)} drivers", len(DRIVERS) * replicates * size) as advance:
            verdicts = driver_verdicts(trial, replicates, setting, progress=advance)
    if as_json:
        print_json(
            {
                "simulation_only": SIMULATION_ONLY,
                "drivers": [row.as_dict() for row in rows],
                "racemate": [row.as_dict() for row in racemate],
                "trial": trial,
                "replicates": replicates if trial else None,
                "seed": seed,
                "verdicts": [verdict.as_dict() for verdict in verdicts],
            }
        )
        return
    regimens = list(rows[0].relief_days)
    cells = [
        (row.driver, f"{row.half_block_ng_per_mL:.0f}", *(f"{row.relief_days[r]:.1f}" for r in regimens), row.about)
        for row in rows
    ]
    header = ("driver", "half block\nng/mL", *regimens, "what it is")
    print_table("Days of relief after the end, by driver (H2)", header, cells, right=(1, 2, 3, 4), width=WIDTH)
    again = [(row.model, f"{row.r_potency:g}", f"{row.relief_days:.1f}") for row in racemate]
    title = "Racemate, 16 mg/h for 5 h on 7 days, empirical driver"
    print_table(title, ("model", "f of R-ketamine", "days of relief"), again, right=(1, 2), width=WIDTH)
    typer.echo("A trial of that dose saw a difference for two weeks and none in the third (AMR10).")
    if verdicts:
        _print_verdicts(trial or "", replicates, verdicts)
    typer.echo("Which driver is right is a hypothesis; the evidence for each of them is weak.")
    typer.echo(SIMULATION_ONLY + ".")


def _print_verdicts(trial: str, replicates: int, verdicts: tuple[DriverVerdict, ...]) -> None:
    named = [row.name for row in verdicts[0].rows]
    cells = []
    for place, name in enumerate(named):
        own = [verdict.rows[place] for verdict in verdicts]
        seen = [
            f"{row.simulated.mean if row.simulated else float('nan'):.2f} {'hit' if row.passed else 'MISSED'}"
            for row in own
        ]
        cells.append((name, own[0].observed_text, *seen))
    header = ("row", "observed", *(verdict.driver for verdict in verdicts))
    print_table(f"{trial} under each driver, H2, {replicates} replicates", header, cells, width=WIDTH + 30)


def _cells(one: Antagonist) -> tuple[str, ...]:
    rough = "~" if one.kinetics == "prior" else ""
    most = "<" if one.at_most else ""
    block = {subtype: 100 * share for subtype, share in one.block_at_treatment.items()}
    return (
        one.drug,
        _by_subtype(one.half_without_magnesium),
        _by_subtype(one.half_in_magnesium) if one.site == "pore" else ("the same" if one.half_in_magnesium else "-"),
        _by_subtype(one.open_off_rate, rough),
        "-" if one.trapped is None else f"{100 * one.trapped:.0f} %",
        f"at {one.free_uM:.2g} uM free: {_by_subtype(block, most)} %" if block else "-",
    )


def _by_subtype(values: dict[str, float], mark: str = "") -> str:
    return ", ".join(f"{SHORT[subtype]} {mark}{float(f'{number:.2g}'):g}" for subtype, number in values.items()) or "-"


def _between(low: float, high: float) -> str:
    return f"{low:.0f}" if round(low) == round(high) else f"{low:.0f} to {high:.0f}"


def _said(statement: Statement) -> str:
    return f"{statement.text} [{', '.join(statement.cite) or statement.basis}]"


def register(app: typer.Typer) -> None:
    """Add the three commands to `unwound receptor`."""
    app.command("compare")(compare)
    app.command("plasma")(plasma)
    app.command("drivers")(drivers)
