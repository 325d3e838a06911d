"""Likelier readings of a dose that is too large: which slip of the pen would make it an ordinary one?

Each slip has a factor: per minute for per hour (60), mg for ug or g for mg (1000), a decimal place (10), per
kg for per person (70), per lb for per kg (2.2), a racemate labelled S (2), hydrochloride labelled base
(1.15), an amount over minutes for hours (60). `readings` writes the dose as it would stand without the slip.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator

from unwound.core.errors import UnitError
from unwound.core.strict import Measure
from unwound.regimen.doses import AnyDose, Infusion, Titration
from unwound.regimen.measures import AMOUNT, DURATION, RATE

_UNIT_SLIPS = (
    (r"/\s*(min|minute)\b", "/h"),
    (r"\bmg\b", "ug"),
    (r"\bg\b", "mg"),
    (r"/\s*kg\b", ""),
    (r"/\s*(lb|pound)\b", "/kg"),
)
_LONGER = (("s", "min"), ("min", "h"), ("h", "d"))
_NUMBER = re.compile(r"^[-+]?[0-9.]+([eE][-+]?[0-9]+)?")


def readings(dose: AnyDose) -> Iterator[tuple[str, AnyDose]]:
    """Pairs of what to write and the dose it gives, likelier ones first."""
    for pattern, instead in _UNIT_SLIPS:
        yield from _rewritten(dose, functools.partial(re.compile(pattern).sub, instead, count=1))
    if dose.enantiomer == "S":
        yield 'enantiomer = "racemic"', dose.model_copy(update={"enantiomer": "racemic"})
    if dose.form == "base":
        yield 'form = "hydrochloride"', dose.model_copy(update={"form": "hydrochloride"})
    if isinstance(dose, Infusion) and dose.amount is not None:
        yield from _longer(dose)
    yield from _rewritten(dose, _tenth)


def _rewritten(dose: AnyDose, change: Callable[[str], str]) -> Iterator[tuple[str, AnyDose]]:
    """The dose with `change` made to the text of its size (all three rates of a titration)."""
    names = ("start_rate", "step", "ceiling") if isinstance(dose, Titration) else (dose.main_field,)
    kind = AMOUNT if dose.main_field == "amount" else RATE
    changed: dict[str, Measure] = {}
    for name in names:
        before = getattr(dose, name).text
        try:
            changed[name] = kind.read(change(before), name)
        except UnitError:
            return
    if changed[dose.main_field].text != dose.main.text:
        yield f'{dose.main_field} = "{changed[dose.main_field]}"', dose.model_copy(update=changed)


def _tenth(text: str) -> str:
    match = _NUMBER.match(text)
    return f"{float(match[0]) / 10:.6g}{text[match.end() :]}" if match else text


def _longer(dose: Infusion) -> Iterator[tuple[str, AnyDose]]:
    """The same amount over a longer time."""
    for unit, longer in _LONGER:
        text = re.sub(rf"(?<![A-Za-z]){unit}$", longer, dose.duration.text)
        if text != dose.duration.text:
            duration = DURATION.read(text, "duration")
            yield f'duration = "{text}"', dose.model_copy(update={"duration": duration})
