"""`unwound windup`: the circuit of the dorsal horn under repeated stimuli."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from unwound.interfaces.asked import Asked
from unwound.interfaces.output import Json, Out, command_line, note, print_json, print_table

if TYPE_CHECKING:
    from unwound.dorsal_horn import Windup
    from unwound.patient.synaptic_block import SynapticBlock

WIDTH = 110
SHOWN = {
    "windup_ratio": "wind-up ratio, last to first", "windup_slope": "slope over the first 8, spikes per stimulus",
    "absolute_windup": "absolute wind-up, spikes", "after_discharge_spikes": "after-discharge in 1 s, spikes",
    "rest_rate_per_s": "rate at rest, 1/s", "brush_spikes": "brush for 1 s after rest, spikes",
}  # fmt: skip
"""Read-outs of the printed table."""


def windup(
    frequency: Annotated[float, typer.Option("--frequency", help="Stimuli per second, 0.02 to 3.")] = 1.0,
    stimuli: Annotated[int, typer.Option("--stimuli", help="How many.")] = 16,
    block: Annotated[
        float | None, typer.Option("--block", help="Share of NMDA current that is blocked, 0 to 1.")
    ] = None,
    drug: Annotated[
        str | None, typer.Option("--drug", help="Instead of --block: a drug of `unwound receptor list`.")
    ] = None,
    concentration: Annotated[
        str | None, typer.Option("--concentration", help='Its free concentration, such as "1 uM".')
    ] = None,
    voltage: Annotated[
        str | None, typer.Option("--voltage", help="Membrane voltage at which the drug blocks; default: rest, -66 mV.")
    ] = None,
    nmda: Annotated[float, typer.Option("--nmda", help="NMDA receptors relative to healthy.")] = 1.0,
    inhibition: Annotated[float, typer.Option("--inhibition", help="Inhibition relative to healthy.")] = 1.0,
    chloride: Annotated[
        str | None, typer.Option("--chloride", help='Reversal of inhibition; healthy: "-72 mV"; KCC2 loss: "-55 mV".')
    ] = None,
    opioid: Annotated[float, typer.Option("--opioid", help="Opioid tone, 0 to 1.")] = 0.0,
    substance_p: Annotated[float, typer.Option("--substance-p", help="NK1 conductances relative to healthy.")] = 1.0,
    ectopic: Annotated[float, typer.Option("--ectopic", help="Spontaneous firing of every C fiber, 1/s.")] = 0.0,
    output: Annotated[
        Literal["lamina_one", "wide"],
        typer.Option("--output", help="Whose read-outs stand on top of --json: lamina I or deep WDR cells."),
    ] = "wide",
    targets: Annotated[
        bool, typer.Option("--targets", help="Judge the healthy circuit by every target instead; about a minute.")
    ] = False,
    seed: Annotated[int, typer.Option("--seed", min=0, max=2**32 - 1, help="Connections, volleys and noise.")] = 0,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Stimulate the dorsal horn repeatedly, count spikes, then brush a rested one.

    Counts are spikes per cell. Anything that differs from healthy is shown beside the healthy circuit. Examples:

    unwound windup --frequency 1 --stimuli 16 --drug ketamine --concentration "1 uM"

    unwound windup --inhibition 0.3 --chloride "-55 mV" --out allodynia

    unwound windup --targets
    """
    if targets:
        _targets(seed, output, as_json)
        return
    asked = Asked()
    mixed = _drug(asked, block, drug, concentration, voltage)
    reversal = None if chloride is None else asked.number(chloride, "mV", "--chloride", -72.0)
    asked.done()
    from unwound.dorsal_horn import windup as run
    from unwound.evidence import value
    from unwound.reporting.publish_windup import publish_windup, windup_summary
    from unwound.reporting.store import ResultFolder

    given: dict[str, Any] = {
        "nmda": nmda, "block": mixed.block if mixed else block or 0.0, "inhibition": inhibition, "opioid": opioid,
        "substance_p": substance_p, "chloride": value("condition.chloride", "mV") if reversal is None else reversal,
    }  # fmt: skip
    healthy = {
        "nmda": 1.0, "block": 0.0, "inhibition": 1.0, "opioid": 0.0, "substance_p": 1.0,
        "chloride": value("condition.chloride", "mV"),
    }  # fmt: skip
    folder = ResultFolder.reserve(out) if out else None
    both: dict[str, Any] = {name: [healthy[name], one] if given != healthy else one for name, one in given.items()}
    found = run(frequency, stimuli, **both, ectopic=ectopic, seed=seed, raster=folder is not None)
    title = _title(found, mixed)
    written: dict[str, str] = {}
    if folder is not None:
        note(f"writing {out} ...")
        written = publish_windup(folder, found, output, mixed, title, command_line())
    summary = windup_summary(found, output, mixed)
    if as_json:
        print_json({**summary, "written": written})
        return
    _print(summary, title, written)


def _drug(
    asked: Asked, block: float | None, drug: str | None, concentration: str | None, voltage: str | None
) -> SynapticBlock | None:
    """The block of the drug that was asked for; what is wrong is kept."""
    from unwound.core.errors import Problem

    if drug is None:
        for option, text in (("--concentration", concentration), ("--voltage", voltage)):
            if text is not None:
                asked.problems.append(Problem(option, text, "belongs to a drug", "add --drug ketamine, for example"))
        return None
    if block is not None:
        asked.problems.append(Problem("--block", block, "stands for what --drug computes", "give one of the two"))
    if concentration is None:
        rule = "a drug needs its free concentration"
        asked.problems.append(Problem("--concentration", "(none)", rule, 'add --concentration "1 uM"'))
    amount = asked.number(concentration or "1 uM", "uM", "--concentration")
    mv = None if voltage is None else asked.number(voltage, "mV", "--voltage", -66.0)
    from unwound.patient.synaptic_block import synaptic_block

    found: SynapticBlock | None = asked.held(synaptic_block, None, drug, amount, mv)
    return found


def _title(found: Windup, drug: SynapticBlock | None) -> str:
    """What was done, in a line."""
    told = found.condition(len(found.conditions["block"]) - 1)
    words = [f"{found.c_spikes['wide'].shape[1]} stimuli at {found.frequency:g} per second"]
    if drug:
        words.append(f"{drug.drug} {drug.concentration_uM:g} uM: {100 * drug.block:.0f} % of NMDA current blocked")
    elif told["block"]:
        words.append(f"{100 * told['block']:.0f} % of NMDA current blocked")
    usual = {"nmda": 1.0, "inhibition": 1.0, "opioid": 0.0, "substance_p": 1.0}
    words += [f"{name.replace('_', ' ')} {told[name]:g}" for name, one in usual.items() if told[name] != one]
    if len(found.conditions["block"]) > 1 and told["chloride"] != found.conditions["chloride"][0]:
        words.append(f"chloride {told['chloride']:g} mV")
    if found.ectopic:
        words.append(f"ectopic {found.ectopic:g} per second")
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


def _targets(seed: int, output: str, as_json: bool) -> None:
    from unwound.core.safety import SIMULATION_ONLY
    from unwound.dorsal_horn import judge

    note("running the healthy circuit at four frequencies and eight blocks ...")
    found = judge(seed, output)
    if as_json:
        rows = [{"about": t.about, "wanted": t.wanted, "found": t.found, "met": t.met} for t in found]
        print_json({"simulation_only": SIMULATION_ONLY, "output": output, "seed": seed, "targets": rows})
        return
    lines = [(t.about, t.wanted, f"{t.found:.2f}", "hit" if t.met else "MISSED") for t in found]
    print_table("What the circuit should do", ("target", "wanted", "found", ""), lines, right=(2,), width=WIDTH)
    typer.echo(SIMULATION_ONLY + ".")
