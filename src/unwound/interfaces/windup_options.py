"""The options of `unwound windup`, written once, in the groups that its help shows."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

_TRAIN, _DRUG, _STATE = "The train", "Block", "The state of the circuit"
_CIRCUIT, _INSTEAD = "Which circuit", "Instead of a run"

Frequency = Annotated[float, typer.Option("--frequency", help="Stimuli per second, 0.02 to 3.", rich_help_panel=_TRAIN)]
Stimuli = Annotated[int, typer.Option("--stimuli", help="How many.", rich_help_panel=_TRAIN)]
Ectopic = Annotated[
    float, typer.Option("--ectopic", help="Spontaneous firing of every C fiber, 1/s.", rich_help_panel=_TRAIN)
]
Output = Annotated[
    Literal["lamina_one", "wide"],
    typer.Option(
        "--output", help="Whose read-outs stand on top of --json: lamina I or deep WDR cells.", rich_help_panel=_TRAIN
    ),
]
Block = Annotated[
    float | None,
    typer.Option("--block", help="Share of NMDA current that is blocked, 0 to 1.", rich_help_panel=_DRUG),
]
Drug = Annotated[
    str | None,
    typer.Option("--drug", help="Instead of --block: a drug of `unwound receptor list`.", rich_help_panel=_DRUG),
]
Concentration = Annotated[
    str | None,
    typer.Option("--concentration", help='Its free concentration, such as "1 uM".', rich_help_panel=_DRUG),
]
Voltage = Annotated[
    str | None,
    typer.Option(
        "--voltage", help="Membrane voltage at which the drug blocks; default: rest, -66 mV.", rich_help_panel=_DRUG
    ),
]
UseDependent = Annotated[
    bool,
    typer.Option(
        "--use-dependent",
        help="With --drug: it enters and leaves open receptors, so block follows use; it starts at that of rest.",
        rich_help_panel=_DRUG,
    ),
]
Nmda = Annotated[float, typer.Option("--nmda", help="NMDA receptors relative to healthy.", rich_help_panel=_STATE)]
Inhibition = Annotated[
    float, typer.Option("--inhibition", help="Inhibition relative to healthy.", rich_help_panel=_STATE)
]
Chloride = Annotated[
    str | None,
    typer.Option(
        "--chloride", help='Reversal of inhibition; healthy: "-72 mV"; KCC2 loss: "-55 mV".', rich_help_panel=_STATE
    ),
]
Opioid = Annotated[float, typer.Option("--opioid", help="Opioid tone, 0 to 1.", rich_help_panel=_STATE)]
SubstanceP = Annotated[
    float, typer.Option("--substance-p", help="NK1 conductances relative to healthy.", rich_help_panel=_STATE)
]
Circuit = Annotated[
    int | None,
    typer.Option(
        "--circuit", min=1, help="Member of the ensemble; default: the circuit of the evidence.",
        rich_help_panel=_CIRCUIT,
    ),
]  # fmt: skip
Seed = Annotated[
    int,
    typer.Option(
        "--seed", min=0, max=2**32 - 1, help="Connections, volleys and noise.", rich_help_panel=_CIRCUIT
    ),
]  # fmt: skip
Emulated = Annotated[
    bool,
    typer.Option(
        "--emulated", help="Answer at once from a fitted emulator: 16 stimuli at 1 Hz.", rich_help_panel=_INSTEAD
    ),
]
Targets = Annotated[
    bool,
    typer.Option("--targets", help="Judge the circuit by every target; about a minute.", rich_help_panel=_INSTEAD),
]
Ensemble = Annotated[
    bool,
    typer.Option(
        "--ensemble", help="List the circuits that ship, what each misses, and their spread.", rich_help_panel=_INSTEAD
    ),
]
Predictions = Annotated[
    bool,
    typer.Option(
        "--predictions", help="Compare what was predicted before it was computed; minutes.", rich_help_panel=_INSTEAD
    ),
]
