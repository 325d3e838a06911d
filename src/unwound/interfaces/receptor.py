"""`unwound receptor`: what a drug does at the channel; experiments on one receptor subtype."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from unwound.interfaces import receptor_given as given
from unwound.interfaces.asked import Asked
from unwound.interfaces.output import Json, Out, print_json, print_table
from unwound.interfaces.receptor_command import Run, experiment
from unwound.interfaces.receptor_shown import WIDTH, number, show

app = typer.Typer(help="What a drug does at the NMDA receptor.", add_completion=False, rich_markup_mode=None)


@app.callback(invoke_without_command=True)
def receptor(
    context: typer.Context,
    drug: given.Drug = "ketamine",
    concentration: given.Concentration = "1 uM",
    beside: given.Beside = None,
    subtype: given.Subtype = "GluN2A",
    scheme: given.Scheme = "",
    magnesium: given.Magnesium = "1 mM",
    voltage: given.Voltage = "-66 mV",
    temperature: given.Temperature = "23 C",
    glutamate: given.Glutamate = "100 uM",
    glycine: given.Glycine = None,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Tell the steady-state block of one receptor subtype, with what sits in the pore; or do an experiment (below).

    Concentrations are free ones, not those of total plasma. Examples:

    unwound receptor --drug ketamine --concentration "1 uM" --magnesium "1 mM" --voltage "-66 mV" --subtype GluN2A

    unwound receptor --drug S-ketamine --concentration "0.5 uM" --with "S-norketamine 0.3 uM" --subtype GluN2B

    unwound receptor curve --drug memantine --out curve
    """
    if context.invoked_subcommand is not None:
        _nothing_before(context)
        return
    asked = Asked()
    patch = given.patch_of(
        asked, drug, concentration, beside, subtype, scheme, magnesium, voltage, temperature, glutamate, glycine
    )
    asked.done()
    from unwound.receptor.experiments import block

    show(lambda: block(patch), out, as_json)


@app.command("curve")
def curve(
    drug: given.Drug = "ketamine",
    subtype: Annotated[
        list[str] | None, typer.Option("--subtype", help="Repeatable; default: every one its affinity is known for.")
    ] = None,
    magnesium: Annotated[
        list[str] | None, typer.Option("--magnesium", help='Repeatable; default: "0 mM" and "1 mM".')
    ] = None,
    voltage: Annotated[list[str] | None, typer.Option("--voltage", help='Repeatable; default: "-66 mV".')] = None,
    temperature: given.Temperature = "23 C",
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Draw inhibition over concentration, by subtype, magnesium and voltage, and tell every IC50.

    Example: unwound receptor curve --subtype GluN2A --subtype GluN2C --voltage "-66 mV" --voltage "-40 mV"
    """
    from unwound.receptor.experiments import concentration_inhibition
    from unwound.receptor.experiments.patch import known_subtypes

    asked = Asked()
    mg = [asked.number(text, "mM", "--magnesium") for text in magnesium or ("0 mM", "1 mM")]
    mv = [asked.number(text, "mV", "--voltage") for text in voltage or ("-66 mV",)]
    celsius = asked.held(given.celsius, 23.0, temperature)
    chosen = subtype or asked.held(known_subtypes, (), drug)
    asked.done()
    show(lambda: concentration_inhibition(drug, chosen, mg, mv, celsius), out, as_json)


@app.command("onset")
@experiment(magnesium="0 mM", voltage="-70 mV")
def onset(
    asked: Asked,
    patch: Any,
    duration: given.Duration = None,
) -> Run:
    """Add the drug to a steady current and watch the block come.

    Example: unwound receptor onset --drug ketamine --concentration "10 uM" --subtype GluN2B
    """
    from unwound.receptor.experiments import onset as done

    seconds = given.duration_of(asked, duration)
    return lambda: done(patch, seconds)


@app.command("recovery")
@experiment(magnesium="0 mM", voltage="-70 mV")
def recovery(
    asked: Asked,
    patch: Any,
    duration: given.Duration = None,
) -> Run:
    """Wash the drug out while glutamate stays, and watch the current come back.

    Example: unwound receptor recovery --drug MK-801 --concentration "0.1 uM"
    """
    from unwound.receptor.experiments import recovery as done

    seconds = given.duration_of(asked, duration)
    return lambda: done(patch, seconds)


@app.command("trapping")
@experiment(concentration="10 uM", subtype="GluN2B", magnesium="0 mM", voltage="-60 mV")
def trapping(
    asked: Asked,
    patch: Any,
    applied: Annotated[str, typer.Option("--applied", help="How long drug and glutamate are there.")] = "30 s",
    wash: Annotated[str, typer.Option("--wash", help="How long neither is there.")] = "120 s",
    escape_time: Annotated[
        str | None, typer.Option("--escape-time", help="Time constant of a leak without the gate; default: none.")
    ] = None,
) -> Run:
    """Take drug and glutamate away together, and tell how much drug stays behind closed gates.

    Example: unwound receptor trapping --drug memantine --concentration "10 uM" --subtype GluN2B
    """
    from unwound.core.errors import Problem
    from unwound.receptor.experiments import trapping as done

    loading, washing = asked.number(applied, "s", "--applied"), asked.number(wash, "s", "--wash")
    leak = None if escape_time is None else asked.number(escape_time, "s", "--escape-time")
    if leak is not None and leak <= 0:
        asked.problems.append(Problem("--escape-time", escape_time, "must be more than 0", 'give for example "800 s"'))
    return lambda: done(patch, loading, washing, 0.0 if leak is None else 1.0 / leak)


@app.command("train")
@experiment(without=("glutamate",))
def train(
    asked: Asked,
    patch: Any,
    pulses: Annotated[int, typer.Option("--pulses", help="How many.")] = 60,
    period: Annotated[str, typer.Option("--period", help="From one pulse to the next.")] = "1 s",
    pulse: given.Pulse = "1 ms",
    peak: given.Peak = "1 mM",
) -> Run:
    """Give a train of pulses of glutamate with the drug in the bath: block that needs use.

    Example: unwound receptor train --drug ketamine --concentration "1 uM" --pulses 120 --period "1 s"
    """
    from unwound.receptor.experiments import use_dependence

    cycle, length = asked.number(period, "s", "--period"), asked.number(pulse, "s", "--pulse")
    top = asked.number(peak, "uM", "--peak")
    return lambda: use_dependence(patch, pulses, cycle, length, top)


@app.command("epsc")
@experiment(without=("glutamate",))
def epsc(
    asked: Asked,
    patch: Any,
    pulse: given.Pulse = "1 ms",
    peak: given.Peak = "1 mM",
    duration: given.Duration = None,
) -> Run:
    """Draw one synaptic current: without drug, at first contact with it, at equilibrium with it.

    Example: unwound receptor epsc --drug ketamine --concentration "1 uM" --subtype GluN2B --temperature "37 C"
    """
    from unwound.receptor.experiments import epsc as done

    length, top = asked.number(pulse, "s", "--pulse"), asked.number(peak, "uM", "--peak")
    seconds = given.duration_of(asked, duration)
    return lambda: done(patch, length, top, seconds)


@app.command("iv")
@experiment(without=("voltage",))
def iv(
    asked: Asked,
    patch: Any,
    lowest: Annotated[str, typer.Option("--from", help="Lowest voltage.")] = "-100 mV",
    highest: Annotated[str, typer.Option("--to", help="Highest voltage.")] = "60 mV",
    ramp: Annotated[
        str | None, typer.Option("--ramp", help='Also a ramp of this length, such as "1 s" (needs diffrax).')
    ] = None,
) -> Run:
    """Draw current against voltage: magnesium, drug, and the fit of Jahr and Stevens.

    Example: unwound receptor iv --drug ketamine --concentration "5 uM" --magnesium "1 mM" --ramp "1 s"
    """
    from unwound.receptor.experiments import current_voltage

    low, high = asked.number(lowest, "mV", "--from"), asked.number(highest, "mV", "--to")
    seconds = None if ramp is None else asked.number(ramp, "s", "--ramp")
    return lambda: current_voltage(patch, low, high, seconds)


@app.command("unblock")
@experiment(voltage="-70 mV", glutamate="30 uM")
def unblock(
    asked: Asked,
    patch: Any,
    to: Annotated[str, typer.Option("--to", help="Voltage after the jump.")] = "40 mV",
    duration: Annotated[str, typer.Option("--duration", help="How long to look.")] = "1 s",
) -> Run:
    """Jump to another voltage and watch magnesium leave, with gates that do not feel it and gates that do.

    Example: unwound receptor unblock --subtype GluN2A --voltage "-70 mV" --to "40 mV"
    """
    from unwound.receptor.experiments import unblock as done

    after, seconds = asked.number(to, "mV", "--to"), asked.number(duration, "s", "--duration")
    return lambda: done(patch, after, seconds)


@app.command("attribution")
@experiment(without=("subtype", "scheme"), subtype="GluN2B")
def attribution(
    asked: Asked,
    patch: Any,
    share: Annotated[
        list[str] | None,
        typer.Option("--share", help='"GluN2A 0.35"; repeatable. Default: lamina I, our judgement.'),
    ] = None,
) -> Run:
    """Take one subtype out of a mixture and tell how much of the effect goes with it.

    Example: unwound receptor attribution --share "GluN2A 0.5" --share "GluN2B 0.5" --voltage "-40 mV"
    """
    from unwound.receptor.experiments import attribution as done

    shares: Any = "lamina1"
    if share:
        found = [asked.held(given.spoken_share, None, text) for text in share]
        shares = dict(one for one in found if one is not None)
    return lambda: done(patch, shares)


@app.command("list")
def listed(as_json: Json = False) -> None:
    """List the drugs with their affinities, and the gating schemes."""
    from unwound.receptor.experiments.catalogue import drugs, schemes

    known, gates = drugs(), schemes()
    if as_json:
        from unwound.core.safety import SIMULATION_ONLY

        print_json({"simulation_only": SIMULATION_ONLY, "drugs": known, "schemes": gates})
        return
    columns = ("GluN2A", "GluN2B", "GluN2C", "GluN2D", "native")
    rows = [
        (one["name"], one["acts"], *(number(one["k_uM"].get(name)) for name in columns), number(one["k_at_mV"]))
        for one in known
    ]
    header = ("drug", "acts", *(f"{name}\nuM" for name in columns), "at\nmV")
    print_table(f"{len(known)} drugs, dissociation constants", header, rows, right=tuple(range(2, 8)), width=WIDTH)
    lines = [(one["name"], one["title"], one["subtype"], str(one["states"]), one["default"]) for one in gates]
    print_table(
        f"\n{len(gates)} gating schemes", ("scheme", "source", "subtype", "states", "default of"), lines,
        right=(3,), width=WIDTH,
    )  # fmt: skip


def _nothing_before(context: typer.Context) -> None:
    """Options before the name of an experiment would be lost."""
    from unwound.core.errors import InputError, Problem

    lost = [name for name in context.params if getattr(context.get_parameter_source(name), "name", "") == "COMMANDLINE"]
    if lost:
        told = ", ".join(f"--{'with' if name == 'beside' else name.removeprefix('as_')}" for name in lost)
        rule = f"options stand after the experiment, `unwound receptor {context.invoked_subcommand} {told} ...`"
        raise InputError(Problem(told, "(given before it)", rule, "move them behind its name"))
