"""What is in the dish, as it is typed: options that the commands of `unwound receptor` share, and the patch they make.

Every problem of every option is told at once.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from unwound.interfaces.asked import Asked

if TYPE_CHECKING:
    from unwound.receptor.experiments import Patch

Drug = Annotated[str, typer.Option("--drug", help="ketamine, S-ketamine, memantine, MK-801 ...; see `list`.")]
Concentration = Annotated[str, typer.Option("--concentration", help='Free concentration, such as "1 uM".')]
Beside = Annotated[list[str] | None, typer.Option("--with", help='A drug beside it: "norketamine 0.5 uM"; repeatable.')]
Subtype = Annotated[str, typer.Option("--subtype", help="GluN2A, GluN2B, GluN2C, GluN2D or native.")]
Scheme = Annotated[str, typer.Option("--scheme", help="Gating scheme; default: that of the subtype; see `list`.")]
Magnesium = Annotated[str, typer.Option("--magnesium", help="Magnesium outside.")]
Voltage = Annotated[str, typer.Option("--voltage", help="Membrane voltage.")]
Temperature = Annotated[str, typer.Option("--temperature", help='Such as "37 C"; rates of the gate follow a Q10.')]
Glutamate = Annotated[str, typer.Option("--glutamate", help="Steady glutamate.")]
Glycine = Annotated[str | None, typer.Option("--glycine", help='Such as "1 uM"; default: saturating.')]
Pulse = Annotated[str, typer.Option("--pulse", help="Length of a pulse of glutamate.")]
Peak = Annotated[str, typer.Option("--peak", help="Glutamate during a pulse.")]
Duration = Annotated[str | None, typer.Option("--duration", help="How long to look; default: until it is over.")]

_CELSIUS = re.compile(r"\s*([-+]?\d+(?:\.\d+)?)\s*(?:°\s*C|C|deg\s*C|celsius)\s*")
_SPOKEN = re.compile(r"\s*(.+?)\s+([-+.\d][-+.\deE]*\s*[A-Za-zµμ/ ]*?)\s*")


def celsius(text: str) -> float:
    """ "37 C" -> 37. Raises `UnitError`."""
    from unwound.core.errors import Problem, UnitError

    match = _CELSIUS.fullmatch(text)
    if not match:
        raise UnitError(Problem("--temperature", text, "no temperature in degrees Celsius", 'write for example "37 C"'))
    return float(match[1])


def spoken_drug(text: str) -> tuple[str, float]:
    """ "norketamine 0.5 uM" -> its name and 0.5. Raises `InputError`."""
    from unwound.core.errors import InputError, Problem
    from unwound.core.quantities import parse

    match = _SPOKEN.fullmatch(text)
    if not match:
        raise InputError(Problem("--with", text, "no drug to be read", 'write for example "norketamine 0.5 uM"'))
    return match[1], parse(match[2], "uM", f"--with {match[1]}")


def patch_of(
    asked: Asked, drug: str, concentration: str, beside: Sequence[str] | None, subtype: str, scheme: str,
    magnesium: str, voltage: str, temperature: str, glutamate: str = "100 uM", glycine: str | None = None,
) -> Patch:  # fmt: skip
    """The patch that was typed; what is wrong with it is kept in `asked`, and then a patch of defaults comes back."""
    from unwound.receptor.experiments import Patch

    others = [asked.held(spoken_drug, None, text) for text in beside or ()]
    amount = asked.number(concentration, "uM", "--concentration")
    given = {
        "subtype": subtype,
        "scheme": scheme,
        "drugs": ((drug, amount), *(other for other in others if other is not None)),
        "magnesium": asked.number(magnesium, "mM", "--magnesium"),
        "voltage": asked.number(voltage, "mV", "--voltage"),
        "temperature": asked.held(celsius, 23.0, temperature),
        "glutamate": asked.number(glutamate, "uM", "--glutamate"),
        "glycine": None if glycine is None else asked.number(glycine, "uM", "--glycine"),
    }
    patch: Patch = asked.held(lambda: Patch(**given), Patch())
    return patch


def spoken_share(text: str) -> tuple[str, float]:
    """ "GluN2A 0.35" -> the subtype and 0.35. Raises `InputError`."""
    from unwound.core.errors import InputError, Problem

    name, _, share = text.strip().replace("=", " ").rpartition(" ")
    try:
        return name.strip(), float(share)
    except ValueError:
        raise InputError(Problem("--share", text, "no share to be read", 'write for example "GluN2A 0.35"')) from None


def duration_of(asked: Asked, text: str | None) -> float | None:
    """The seconds of ``--duration``, which must be more than 0."""
    from unwound.core.errors import Problem

    if text is None:
        return None
    seconds = asked.number(text, "s", "--duration")
    if seconds <= 0:
        asked.problems.append(Problem("--duration", text, "must be more than 0", 'give for example "10 s"'))
    return seconds
