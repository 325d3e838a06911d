"""What `unwound windup` does instead of a run: judge, list the ensemble, emulate, compare predictions."""

from __future__ import annotations

from typing import Any

import typer

from unwound.interfaces.asked import Asked
from unwound.interfaces.output import command_line, note, print_json, print_table
from unwound.interfaces.windup_asked import Told, ensemble

WIDTH = 130
CELLS = {"lamina_one": "lamina I", "wide": "deep WDR"}


def run(mode: str, asked: Asked, told: Told, out: str | None, as_json: bool) -> None:
    """What `mode` asks for. Raises `InputError` with everything that is wrong."""
    if mode == "--emulated":
        _only_the_usual_train(asked, told)
    asked.done()
    if mode == "--predictions":
        _predictions(told, out, as_json)
        return
    {"--targets": _targets, "--ensemble": _ensemble, "--emulated": _emulated}[mode](told, as_json)


def _targets(told: Told, as_json: bool) -> None:
    from unwound.dorsal_horn import judge
    from unwound.reporting.horn_summaries import targets_summary

    note("running the circuit at four frequencies, under blocks, touch and opioid tone ...")
    summary = targets_summary(judge(told.seed, given=told.given), told.circuit, told.seed)
    if as_json:
        print_json(summary)
        return
    lines = [
        (t["about"], CELLS[t["output"]], t["wanted"], f"{t['found']:.2f}", "hit" if t["met"] else "MISSED")
        for t in summary["targets"]
    ]
    header = ("target", "output", "wanted", "found", "")
    print_table(f"What the circuit should do: {_which(told)}", header, lines, right=(3,), width=WIDTH)
    missed = summary["missed"]
    typer.echo(f"Missed: {'; '.join(missed) if missed else 'none'}.")
    typer.echo(summary["simulation_only"] + ".")


def _which(told: Told) -> str:
    name = f"circuit {told.circuit} of the ensemble" if told.circuit else "the circuit of the evidence"
    return f"{name}, seed {told.seed}"


def _ensemble(told: Told, as_json: bool) -> None:
    from unwound.reporting.horn_summaries import ensemble_summary

    summary = ensemble_summary(ensemble("--ensemble", "on"))
    if as_json:
        print_json(summary)
        return
    rows = [(str(m["member"]), f"{m['loss']:.3f}", "; ".join(m["missed"]) or "none") for m in summary["members"]]
    print_table("Circuits of the ensemble", ("circuit", "loss", "misses"), rows, right=(0, 1), width=WIDTH)
    spread = [(s["about"], f"{s['low']:.3g}", f"{s['high']:.3g}", f"{s['high'] / s['low']:.1f}", s["unit"],
               f"{s['allowed'][0]:.3g} to {s['allowed'][1]:.3g}") for s in summary["spread"]]  # fmt: skip
    header = ("number", "least", "greatest", "x", "unit", "range searched")
    print_table("Spread of their numbers", header, spread, right=(1, 2, 3), width=WIDTH)
    typer.echo("All of them are assumed. --circuit N runs one.")
    typer.echo(summary["simulation_only"] + ".")


def _only_the_usual_train(asked: Asked, told: Told) -> None:
    """The emulator knows one train of one circuit."""
    from unwound.core.errors import Problem

    usual = {
        "--frequency": (told.frequency, 1.0), "--stimuli": (told.stimuli, 16), "--ectopic": (told.ectopic, 0.0),
        "--circuit": (told.circuit, None), "--seed": (told.seed, 0),
        "--use-dependent": (told.use_dependent, False),
    }  # fmt: skip
    for option, (given, known) in usual.items():
        if given != known:
            rule = "the emulator knows 16 stimuli at 1 per second of the circuit of the evidence, constant block"
            asked.problems.append(Problem(option, given, rule, f"leave out {option} or --emulated"))


def _emulated(told: Told, as_json: bool) -> None:
    from unwound.core.errors import InputError, Problem
    from unwound.reporting.horn_summaries import emulated_summary

    try:
        summary = emulated_summary(told.states, told.chloride, told.drug, told.output)
    except FileNotFoundError:
        rule = "this installation has no emulator (data/emulator.json is missing)"
        raise InputError(Problem("--emulated", "on", rule, "leave it out: the circuit itself takes seconds")) from None
    if as_json:
        print_json(summary)
        return
    rows = [
        (about, *(text for name in CELLS for text in _with_error(summary["outputs"][name][key])))
        for key, about in summary["about"].items()
    ]
    header = ("emulated, 16 stimuli at 1 Hz", *(word for name in CELLS.values() for word in (name, "error")))
    print_table("Emulated, not run: fitted functions of the circuit", header, rows, right=(1, 2, 3, 4), width=WIDTH)
    for line in summary["notes"]:
        typer.echo(f"note: {line}")
    typer.echo(summary["simulation_only"] + ".")


def _with_error(one: dict[str, float]) -> tuple[str, str]:
    return f"{one['value']:.2f}", f"{one['error']:.2f}"


def _predictions(told: Told, out: str | None, as_json: bool) -> None:
    from unwound.patient.horn_predictions import outcomes
    from unwound.patient.horn_runs import horn_runs
    from unwound.reporting.publish_predictions import predictions_summary, publish_predictions
    from unwound.reporting.store import ResultFolder

    folder = ResultFolder.reserve(out) if out else None
    note("running trains at twelve rates and under thirty conditions; this takes minutes ...")
    runs = horn_runs(told.given, told.seed)
    found = outcomes(runs)
    summary = predictions_summary(found, runs, told.circuit, told.seed)
    written: dict[str, str] = {}
    if folder is not None:
        note(f"writing {out} ...")
        written = publish_predictions(folder, found, runs, summary, command_line())
    if as_json:
        print_json({**summary, "written": written})
        return
    _print_predictions(summary, written)


def _printed(p: dict[str, Any]) -> str:
    """What the study printed; where nothing can be compared, why."""
    return str(p["why_not"]) or f"{p['name']}: {p['printed']} ({p['seen']})"


def _print_predictions(summary: dict[str, Any], written: dict[str, str]) -> None:
    rows = [
        (p["statement"], p["expected"], p["shown"], _printed(p),
         "MISSED" if p["verdict"] == "missed" else p["verdict"], p["study"])
        for p in summary["predictions"]
    ]  # fmt: skip
    header = ("prediction", "expected", "found", "study", "verdict", "and the study")
    print_table(summary["title"], header, rows, width=170)
    for line in summary["notes"]:
        typer.echo(f"note: {line}")
    for name, place in written.items():
        typer.echo(f"{name}: {place}")
    typer.echo(summary["simulation_only"] + ".")
