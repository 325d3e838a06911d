"""`unwound cortex`: what block of NMDA does to cortical glutamate, from the surge to its loss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from unwound.interfaces import receptor_given as given
from unwound.interfaces.asked import Asked
from unwound.interfaces.output import Json, Out, command_line, note, print_json, print_table

if TYPE_CHECKING:
    from unwound.patient.cortical import CorticalPoint

WIDTH = 110


def cortex(
    drug: given.Drug = "ketamine",
    concentration: Annotated[
        list[str] | None,
        typer.Option(
            "--concentration", help='Free concentration, such as "1 uM"; repeatable; default: 0.01 to 100 uM.'
        ),
    ] = None,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Follow cortical glutamate over concentration: up where interneurons lose more, down at anesthetic block.

    A small circuit of pyramidal cells and interneurons at rest; signs, not sizes. Examples:

    unwound cortex

    unwound cortex --concentration "0.4 uM" --concentration "5 uM" --json

    unwound cortex --drug memantine --out surge
    """
    from unwound import evidence
    from unwound.core.safety import SIMULATION_ONLY
    from unwound.patient.cortical import GRID, cortical_finding, glutamate_curve, glutamate_in_people
    from unwound.reporting.publish_cortex import cortex_summary, publish_cortex
    from unwound.reporting.store import ResultFolder

    asked = Asked()
    amounts = [asked.number(text, "uM", "--concentration") for text in concentration or ()]
    asked.done()
    found = glutamate_curve(sorted(set(amounts)) or GRID, drug)
    folder = ResultFolder.reserve(out) if out else None
    written: dict[str, str] = {}
    if folder is not None:
        note(f"writing {out} ...")
        written = publish_cortex(folder, found, command_line())
    if as_json:
        print_json({**cortex_summary(found), "written": written})
        return
    shown = found.points if concentration else found.points[::4]
    header = ("free uM", "block, pyramidal %", "block, interneuron %", "interneurons %", "glutamate %")
    right = (0, 1, 2, 3, 4)
    print_table(
        f"Cortical circuit under {found.drug}; rates and glutamate: change from drug-free", header,
        [_cells(point) for point in shown], right=right, width=WIDTH,
    )  # fmt: skip
    if found.drug == "ketamine":
        rows = [(f"{reached}, {end}", *_cells(one)) for reached, ends in glutamate_in_people().items()
                for end, one in zip(("low", "high"), ends, strict=True)]  # fmt: skip
        print_table(
            "At plasma concentrations of people", ("reached", *header), rows, right=(1, 2, 3, 4, 5), width=WIDTH
        )
    typer.echo(cortical_finding(found))
    for name, place in written.items():
        typer.echo(f"{name}: {place}")
    typer.echo(f"{len(evidence.assumptions(found.keys))} of {len(found.keys)} numbers assumed.")
    typer.echo(SIMULATION_ONLY + ".")


def _cells(point: CorticalPoint) -> tuple[str, ...]:
    block = (f"{100 * point.block_pyramidal:.1f}", f"{100 * point.block_interneuron:.1f}")
    change = (f"{100 * (point.interneuron_rate - 1):+.1f}", f"{100 * (point.glutamate - 1):+.1f}")
    return (f"{point.concentration_uM:.3g}", *block, *change)
