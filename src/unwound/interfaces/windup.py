"""`unwound windup`: the circuit of the dorsal horn under repeated stimuli."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from unwound.interfaces import windup_options as options
from unwound.interfaces.asked import Asked
from unwound.interfaces.output import Json, Out, command_line, note, print_json, print_table
from unwound.interfaces.windup_asked import Told, drug_of, member_of, mode_of

if TYPE_CHECKING:
    from unwound.dorsal_horn import Windup

WIDTH = 110
SHOWN = {
    "windup_ratio": "wind-up ratio, last to first", "windup_slope": "slope over the first 8, spikes per stimulus",
    "absolute_windup": "absolute wind-up, spikes", "after_discharge_spikes": "after-discharge in 1 s, spikes",
    "rest_rate_per_s": "rate at rest, 1/s", "brush_spikes": "brush for 1 s after rest, spikes",
}  # fmt: skip
"""Read-outs of the printed table."""


def windup(
    frequency: options.Frequency = 1.0,
    stimuli: options.Stimuli = 16,
    ectopic: options.Ectopic = 0.0,
    output: options.Output = "wide",
    block: options.Block = None,
    drug: options.Drug = None,
    concentration: options.Concentration = None,
    voltage: options.Voltage = None,
    use_dependent: options.UseDependent = False,
    nmda: options.Nmda = 1.0,
    inhibition: options.Inhibition = 1.0,
    chloride: options.Chloride = None,
    opioid: options.Opioid = 0.0,
    substance_p: options.SubstanceP = 1.0,
    circuit: options.Circuit = None,
    seed: options.Seed = 0,
    emulated: options.Emulated = False,
    targets: options.Targets = False,
    ensemble: options.Ensemble = False,
    predictions: options.Predictions = False,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Stimulate the dorsal horn repeatedly, count spikes, then brush a rested one.

    Counts are spikes per cell. Anything that differs from healthy is shown beside the healthy circuit. Examples:

    unwound windup --frequency 1 --stimuli 16 --drug ketamine --concentration "1 uM" --use-dependent

    unwound windup --inhibition 0.3 --chloride "-55 mV" --out allodynia

    unwound windup --block 0.2 --nmda 1.5 --emulated

    unwound windup --targets --circuit 2

    unwound windup --predictions --out predictions
    """
    asked = Asked()
    mode = mode_of(
        asked, {"--emulated": emulated, "--targets": targets, "--ensemble": ensemble, "--predictions": predictions}, out
    )
    member = member_of(asked, circuit)
    mixed = drug_of(asked, block, drug, concentration, voltage, use_dependent)
    reversal = None if chloride is None else asked.number(chloride, "mV", "--chloride", -72.0)
    states = {"nmda": nmda, "block": mixed.block if mixed else block or 0.0, "inhibition": inhibition,
              "opioid": opioid, "substance_p": substance_p}  # fmt: skip
    told = Told(frequency, stimuli, ectopic, output, mixed, use_dependent, states, reversal, circuit, member, seed)
    if mode:
        from unwound.interfaces import windup_modes

        windup_modes.run(mode, asked, told, out, as_json)
        return
    asked.done()
    _run(told, out, as_json)


def _run(told: Told, out: str | None, as_json: bool) -> None:
    from unwound.dorsal_horn import windup as run
    from unwound.reporting.publish_windup import How, publish_windup, windup_summary
    from unwound.reporting.store import ResultFolder

    folder = ResultFolder.reserve(out) if out else None
    found = run(
        told.frequency, told.stimuli, **told.side_by_side(), ectopic=told.ectopic, seed=told.seed,
        raster=folder is not None, given=told.given,
    )  # fmt: skip
    title, how = _title(found, told), How(told.drug, told.use_dependent, told.circuit, told.given)
    written: dict[str, str] = {}
    if folder is not None:
        note(f"writing {out} ...")
        written = publish_windup(folder, found, told.output, how, title, command_line())
    summary = windup_summary(found, told.output, how)
    if as_json:
        print_json({**summary, "written": written})
        return
    _print(summary, title, written)


def _title(found: Windup, told: Told) -> str:
    """What was done, in a line."""
    last = found.condition(len(found.conditions["block"]) - 1)
    words = [f"{found.c_spikes['wide'].shape[1]} stimuli at {found.frequency:g} per second"]
    if told.drug:
        blocked = f"{100 * told.drug.block:.0f} % of NMDA current blocked"
        blocked += " at rest, following use" if told.use_dependent else ""
        words.append(f"{told.drug.drug} {told.drug.concentration_uM:g} uM: {blocked}")
    elif last["block"]:
        words.append(f"{100 * last['block']:.0f} % of NMDA current blocked")
    usual = {"nmda": 1.0, "inhibition": 1.0, "opioid": 0.0, "substance_p": 1.0}
    words += [f"{name.replace('_', ' ')} {last[name]:g}" for name, one in usual.items() if last[name] != one]
    if len(found.conditions["block"]) > 1 and last["chloride"] != found.conditions["chloride"][0]:
        words.append(f"chloride {last['chloride']:g} mV")
    if found.ectopic:
        words.append(f"ectopic {found.ectopic:g} per second")
    if told.circuit:
        words.append(f"circuit {told.circuit} of the ensemble")
    return "Wind-up: " + ", ".join(words)


def _print(summary: dict[str, Any], title: str, written: dict[str, str]) -> None:
    from unwound.core.safety import SIMULATION_ONLY

    sides = {"": summary["outputs"], "\nhealthy": summary["healthy"]}
    columns = {
        f"{'lamina I' if name == 'lamina_one' else 'deep WDR'}{side}": told[name]
        for name in summary["outputs"] for side, told in sides.items() if told
    }  # fmt: skip
    rows = [
        (f"C spikes, stimulus {n + 1}", *(f"{one['c_spikes'][n]:.1f}" for one in columns.values()))
        for n in _few(summary["stimuli"])
    ]
    rows.append(("A spikes, first stimulus", *(f"{one['a_spikes'][0]:.1f}" for one in columns.values())))
    rows += [(words, *(f"{one[name]:.2f}" for one in columns.values())) for name, words in SHOWN.items()]
    print_table(title, ("spikes per cell", *columns), rows, right=tuple(range(1, len(columns) + 1)), width=WIDTH)
    for line in summary["notes"]:
        typer.echo(f"note: {line}")
    for name, place in written.items():
        typer.echo(f"{name}: {place}")
    typer.echo(f"{len(summary['assumed'])} numbers assumed; --json lists them, the sources, and every stimulus.")
    typer.echo(SIMULATION_ONLY + ".")


def _few(count: int) -> list[int]:
    """The stimuli that are printed: first, eighth, last."""
    return sorted({0, min(7, count - 1), count - 1})
