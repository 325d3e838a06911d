"""Options of the slow states beside the switch, shared by the commands that can switch them on."""

from __future__ import annotations

from typing import Annotated, Any

import typer

Mechanism = Annotated[
    list[str] | None,
    typer.Option(
        "--mechanism",
        help="Switch on a slow state beside the switch of H1 and H2; repeatable: receptors, rebound, disinhibition, "
        "glia, anti_inflammatory, descending, opioid. All are off unless named; every number of theirs is assumed.",
    ),
]
OpioidTone = Annotated[
    float,
    typer.Option("--opioid-tone", help="Occupancy of mu receptors by an opioid taken all along, 0 to 1; with opioid."),
]


Response = Annotated[
    str,
    typer.Option("--response", help="How slow states act: hill, or horn (read from the emulated dorsal horn)."),
]


def asked(mechanism: list[str] | None, opioid_tone: float, response: str = "hill") -> dict[str, Any]:
    """The fields of a `Setting`, names checked. Raises `UnknownName`."""
    if not mechanism and not opioid_tone and response == "hill":
        return {}
    from unwound.sensitization.mechanisms import mechanism_names

    return {"mechanisms": mechanism_names(mechanism or ()), "opioid_tone": opioid_tone, "response": response}
