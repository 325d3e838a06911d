"""One dose in one line, as people say it at a command line.

    AMOUNT                  "35 mg", "0.5 mg/kg"            at once
    AMOUNT over DURATION    "0.5 mg/kg over 40 min"         an infusion stated by its whole amount
    RATE for DURATION       "20 mg/h for 100 h"             an infusion stated by its rate

Nothing else is read. What comes out is a `Bolus` or an `Infusion` of `unwound.regimen.doses`, the text as it was
typed inside, so that `check_limits` judges it and names its likelier readings. Raises `InputError` with one problem.
"""

from __future__ import annotations

import re
from typing import Any

from unwound.core.errors import InputError, Problem, UnitError
from unwound.core.strict import Measure, Quantity
from unwound.regimen.doses import Bolus, Infusion
from unwound.regimen.drugs import OTHER_NAMES, drug_problem
from unwound.regimen.measures import AMOUNT, DURATION, RATE

PUMPED = ("intravenous", "subcutaneous")
"""Routes by which a dose can run over a duration."""

_SHORT = re.compile(r"\s*(?P<size>.*?)(?:\s+(?P<word>over|for)\s+(?P<lasts>.*?))?\s*")
_GRAMMAR = 'write "35 mg", "0.5 mg/kg over 40 min" or "20 mg/h for 100 h"'
_LONGEST = 120  # characters; two quantities and a word need a third of it


def parse_short_dose(
    text: str, drug: str, enantiomer: str, route: str = "intravenous", *, form: str = "base", start: str = "0 h",
    weight_basis: str = "actual",
) -> Bolus | Infusion:  # fmt: skip
    """The dose that `text` says, of this drug by this route. Raises `InputError`."""
    if not isinstance(text, str) or len(text) > _LONGEST or "\n" in text:
        raise _refused(text, "not a short dose", _GRAMMAR)
    match = _SHORT.fullmatch(text)
    size, word, lasts = (match[name] or "" for name in ("size", "word", "lasts")) if match else ("", "", "")
    if not size:
        raise _refused(text, "no dose to be read", _GRAMMAR)
    what: dict[str, Any] = {"drug": drug, "enantiomer": enantiomer, "route": route, "form": form, "start": start}
    what["weight_basis"] = weight_basis
    if not word:
        if _reads(RATE, size) and not _reads(AMOUNT, size):
            raise _refused(text, "a rate without an end", f'write "{size} for DURATION", such as "{size} for 4 h"')
        return Bolus(amount=_measure(AMOUNT, size, text), **what)
    if route not in PUMPED:
        probe = Bolus(amount=_measure(AMOUNT, "1 mg/kg", text), **what)  # a route that does not exist is said first
        rule = f"{word!r} needs a pump, and the route is {probe.route}"
        raise _refused(text, rule, f'give it at once, such as "{size}", or by {" or ".join(PUMPED)}')
    duration = _measure(DURATION, lasts, text)
    if word == "over":
        if _reads(RATE, size):
            raise _refused(text, "a rate goes on for a time", f'write "{size} for {lasts}"')
        return Infusion(amount=_measure(AMOUNT, size, text), duration=duration, **what)
    if _reads(AMOUNT, size):
        raise _refused(text, "an amount is given over a time", f'write "{size} over {lasts}"')
    return Infusion(rate=_measure(RATE, size, text), duration=duration, **what)


def spoken_drug(name: str) -> tuple[str, str]:
    """(drug, enantiomer) of a name people use: "esketamine", "S-ketamine", "racemic ketamine". Raises `InputError`.

    Plain "ketamine" is refused: a racemate taken for S-ketamine is a two-fold slip.
    """
    key = " ".join(name.split()).lower()
    if key in OTHER_NAMES:
        return "ketamine", OTHER_NAMES[key]
    remedy = 'write "racemic ketamine", "S-ketamine" (or esketamine) or "R-ketamine"'
    if key == "ketamine":
        raise InputError(Problem("drug", name, "the name does not say which enantiomer", remedy))
    problem = drug_problem(name)
    raise InputError(Problem("drug", name, problem.rule if problem else "no such drug", remedy))


def _reads(kind: Quantity, text: str) -> bool:
    try:
        kind.read(text)
    except UnitError:
        return False
    return True


def _measure(kind: Quantity, part: str, text: str) -> Measure:
    """`part` of the short dose `text` as a quantity of this kind."""
    try:
        return kind.read(part, "dose")
    except UnitError as error:
        problem = error.problems[0]
        remedy = _GRAMMAR if problem.remedy.startswith("write for example") else problem.remedy
        rule = problem.rule if part == text.strip() else f"{part!r}: {problem.rule}"
        raise _refused(text, rule, remedy) from None


def _refused(text: Any, rule: str, remedy: str) -> InputError:
    return InputError(Problem("dose", text, rule, remedy))
