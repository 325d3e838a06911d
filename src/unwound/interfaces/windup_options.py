"""The options of `unwound windup`, written once: train, block, state of the circuit, which circuit, other modes."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

# ------------------------------------------------------------------------------------------- The train

Frequency = Annotated[float, typer.Option("--frequency", help="Stimuli per second, 0.02 to 3.")]
Stimuli = Annotated[int, typer.Option("--stimuli", help="How many.")]
Ectopic = Annotated[float, typer.Option("--ectopic", help="Spontaneous firing of every C fiber, 1/s.")]
Output = Annotated[
    Literal["lamina_one", "wide"],
    typer.Option("--output", help="Whose read-outs stand on top of --json: lamina I or deep WDR cells."),
]

# ----------------------------------------------------------------------------------------------- Block

Block = Annotated[
    float | None,
    typer.Option("--block", help="Share of NMDA current that is blocked, 0 to 1."),
]
Drug = Annotated[
    str | None,
    typer.Option("--drug", help="Instead of --block: a drug of `unwound receptor list`."),
]
Concentration = Annotated[
    str | None,
    typer.Option("--concentration", help='Its free concentration, such as "1 uM".'),
]
Voltage = Annotated[
    str | None,
    typer.Option("--voltage", help="Membrane voltage at which the drug blocks; default: rest, -66 mV."),
]
UseDependent = Annotated[
    bool,
    typer.Option(
        "--use-dependent",
        help="With --drug: it enters and leaves open receptors, so block follows use; it starts at that of rest.",
    ),
]

# ---------------------------------------------------------------------------- The state of the circuit

Nmda = Annotated[float, typer.Option("--nmda", help="NMDA receptors relative to healthy.")]
Inhibition = Annotated[float, typer.Option("--inhibition", help="Inhibition relative to healthy.")]
Chloride = Annotated[
    str | None,
    typer.Option("--chloride", help='Reversal of inhibition; healthy: "-72 mV"; KCC2 loss: "-55 mV".'),
]
Opioid = Annotated[float, typer.Option("--opioid", help="Opioid tone, 0 to 1.")]
SubstanceP = Annotated[float, typer.Option("--substance-p", help="NK1 conductances relative to healthy.")]
# --------------------------------------------------------------------------------------- Which circuit

Circuit = Annotated[
    int | None,
    typer.Option("--circuit", min=1, help="Member of the ensemble; default: the circuit of the evidence."),
]
Seed = Annotated[
    int,
    typer.Option("--seed", min=0, max=2**32 - 1, help="Connections, volleys and noise."),
]

# ------------------------------------------------------------------------------------ Instead of a run

Emulated = Annotated[
    bool,
    typer.Option("--emulated", help="Answer at once from a fitted emulator: 16 stimuli at 1 Hz."),
]
Targets = Annotated[
    bool,
    typer.Option("--targets", help="Judge the circuit by every target; about a minute."),
]
Ensemble = Annotated[
    bool,
    typer.Option("--ensemble", help="List the circuits that ship, what each misses, and their spread."),
]
Predictions = Annotated[
    bool,
    typer.Option("--predictions", help="Compare what was predicted before it was computed; minutes."),
]
