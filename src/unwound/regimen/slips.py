"""Likelier readings of a dose that is too large: which slip of the pen would make it an ordinary one?

Each slip has a factor: per minute for per hour (60), mg for ug or g for mg (1000), a decimal place (10), per
kg for per person (70), per lb for per kg (2.2), a racemate labelled S (2), hydrochloride labelled base (1.15),
minutes for hours (60). `readings` writes the dose as it would stand without the slip.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator

from unwound.core.errors import UnitError
from unwound.core.strict import Measure
from unwound.regimen.doses import AnyDose, Infusion, Titration
from unwound.regimen.measures import AMOUNT, RATE

_UNIT_SLIPS = (
    (r"/\s*(min|minute)\b", "/h"),
    (r"\bmg\b", "ug"),
    (r"\bg\b", "mg"),
    (r"/\s*kg\b", ""),
    (r"/\s*(lb|pound)\b", "/kg"),
)
_LONGER = (("s", "min"), ("min", "h"), ("h", "d"))
_NUMBER = re.compile(r"^[-+0-9.eE]+(?=\s|[a-zA-Zµμ]|$)")


def readings(dose: AnyDose) -> Iterator[tuple[str, AnyDose]]:
    """Pairs of what to write and the dose it gives, likelier ones first."""
    for pattern, instead in _UNIT_SLIPS:
        yield from _rewritten(dose, functools.partial(re.compile(pattern).sub, instead, count=1))
