"""What is given beside ketamine: doses or levels of other drugs, and the concentrations they come to.

::

    [[co_medication]]
    drug = "midazolam"
    dose = "2 mg"                # or "2 mg over 30 min", "1 mg/h for 4 h"; or level = "30 ng/mL"
    start = "-15 min"            # on the clock of ketamine: below 0 is before its first dose
    route = "intravenous"        # or "oral"

    [[co_medication]]
    drug = "rifampicin"          # a name alone: cautions and interactions (`unwound pk`), no concentration

A dose needs kinetics of its own (`partners`): midazolam, lorazepam, morphine, fentanyl, oxycodone and others. Where the
source of the kinetics gives an effect site, what acts is the concentration there, which is plasma's at steady state.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import BeforeValidator, Field, model_validator

from unwound.core.errors import InputError, Problem
from unwound.core.strict import Measure, Quantity, Strict, refusal
from unwound.evidence import all_estimates, value
from unwound.pharmacokinetics.cautions import cautions_for
from unwound.pharmacokinetics.model import Covariates
from unwound.pharmacokinetics.partners import PARTNERS, PartnerDose, partner_concentrations, partner_models
from unwound.regimen.measures import AMOUNT, DURATION, RATE, per_kg

LEVEL = Quantity("ng/mL", at_least="0 ng/mL", example="30 ng/mL")
WHEN = Quantity("h", at_least="-30 d", at_most="400 d", example="-2 h")
TEN = 10.0
"""So many times the largest usual dose is taken for a slip of the unit."""

_DOSE = re.compile(r"\s*(?P<size>.*?)(?:\s+(?P<word>over|for)\s+(?P<lasts>.*?))?\s*")
_SPOKEN = re.compile(
    r"\s*(?P<dose>.*?)(?:\s+(?P<mouth>by mouth|orally|oral|po))?"
    r"(?:\s+at\s+(?P<at>\S.*?)|\s+(?P<early>\S+\s*\S+)\s+before)?\s*"
)
_GRAMMAR = 'write "2 mg", "2 mg over 30 min", "1 mg/h for 4 h", each with "by mouth", "at 1 h" or "2 h before"'
_LONGEST = 120  # characters


def _known(name: Any) -> Any:
    if not isinstance(name, str):
        return name
    folded = " ".join(name.split()).lower()
    if folded in PARTNERS:
        return folded
    try:
        cautions_for([name])
    except InputError as error:
        raise refusal(error.problems[0].rule, error.problems[0].remedy) from None
    return folded


class CoMedication(Strict):
    """One drug beside ketamine: a dose of it, a constant level, or its name alone."""

    drug: Annotated[str, BeforeValidator(_known), Field(examples=["midazolam"])]
    dose: Annotated[
        str | None, Field(max_length=_LONGEST, examples=["2 mg"], description="a dose, as at the command line")
    ] = None
    level: Annotated[Measure, LEVEL] | None = None
    route: Literal["intravenous", "oral"] = "intravenous"
    start: Annotated[Measure, WHEN] = Field(default="0 h", validate_default=True)

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.dose is not None and self.level is not None:
            raise refusal("both dose and level are given", "leave one of them out")
        if self.dose is not None and self.drug not in PARTNERS:
            raise refusal(
                f"no kinetics of {self.drug} are recorded", "leave dose out, or choose of " + ", ".join(PARTNERS)
            )
        if self.dose is not None:
            _read(self.dose, 1.0)
            if self.route not in (routes := partner_models(self.drug)[0].routes):
                raise refusal(f"{self.drug} has no {self.route} input here", "choose " + " or ".join(routes))
        return self

    def __str__(self) -> str:
        if self.level is not None:
            return f"{self.drug} at a constant {self.level}"
        how = "" if self.route == "intravenous" else f", {self.route}"
        return self.drug if self.dose is None else f"{self.drug} {self.dose}{how}, at {self.start}"

    def given(self, weight_kg: float) -> PartnerDose:
        """The dose as an amount [mg] for a person. Raises `InputError` without a dose, or for one that is a slip."""
        if self.dose is None:
            raise InputError(Problem("dose", None, f"no dose of {self.drug} is given", 'write for example "2 mg"'))
        amount, hours = _read(self.dose, weight_kg)
        if (most := _most(self.drug)) is not None and amount / max(hours, 1.0) > TEN * most:
            rule = f"{amount:g} mg is more than ten times the largest usual dose of {self.drug}, {most:g} mg (assumed)"
            raise InputError(Problem(f"{self.drug}.dose", self.dose, rule, "look at the unit: mg or ug"))
        return PartnerDose(self.start.value, amount, hours, self.route)

    def warnings(self, weight_kg: float) -> list[str]:
        """A dose above the largest usual one."""
        if self.dose is None or (most := _most(self.drug)) is None:
            return []
        amount, hours = _read(self.dose, weight_kg)
        if amount / max(hours, 1.0) <= most:
            return []
        return [f"{self.drug}: {self.dose} is above the largest usual dose, {most:g} mg (assumed)"]


def spoken(drug: str, text: str) -> CoMedication:
    """`text` of a command line, such as ``2 mg by mouth 2 h before`` or ``30 ng/mL``. Raises `InputError`."""
    if len(text) <= _LONGEST and _fits(LEVEL, text):
        return CoMedication(drug=drug, level=text)  # type: ignore[arg-type]
    match = _SPOKEN.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None or not match["dose"]:
        raise InputError(Problem(drug, text, "no dose and no level to be read", _GRAMMAR))
    start = match["at"] or (f"-{match['early'].lstrip('-')}" if match["early"] else "0 h")
    route = "oral" if match["mouth"] else "intravenous"
    return CoMedication(drug=drug, dose=match["dose"], route=route, start=start)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Exposure:
    """What acts of one drug over time [ng/mL], shape (times, 1), and where it is."""

    drug: str
    ng_per_ml: np.ndarray
    where: Literal["effect site", "plasma", "constant level"]
    warnings: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()


def exposures(given: Sequence[CoMedication], who: Covariates, weight_kg: float, at: np.ndarray) -> list[Exposure]:
    """The concentration of every drug of `given` that has a dose or a level, at times `at` [h]. Raises `InputError`."""
    at = np.asarray(at, float)
    found = []
    for drug in dict.fromkeys(one.drug for one in given if one.dose is not None or one.level is not None):
        mine = [one for one in given if one.drug == drug]
        levels = [one.level.value for one in mine if one.level is not None]
        doses = [one.given(weight_kg) for one in mine if one.dose is not None]
        if levels and (doses or len(levels) > 1):
            rule = "a constant level stands beside another level or a dose"
            raise InputError(Problem(drug, f"{len(mine)} entries", rule, "give doses, or one level"))
        if levels:
            found.append(Exposure(drug, np.full((len(at), 1), levels[0]), "constant level"))
            continue
        notes = [note for one in mine for note in one.warnings(weight_kg)]
        lead = max(0.0, *(-dose.start for dose in doses))
        shifted = [PartnerDose(dose.start + lead, dose.amount, dose.duration, dose.route) for dose in doses]
        course = partner_concentrations(drug, shifted, who, at + lead)
        acting, where = (course.plasma, "plasma") if course.effect is None else (course.effect, "effect site")
        found.append(
            Exposure(drug, np.maximum(acting, 0.0), where, (*notes, *course.warnings), course.keys)  # type: ignore[arg-type]
        )
    return found


def _most(drug: str) -> float | None:
    key = f"beside.{drug}_most"
    return value(key, "mg") if key in all_estimates() else None


def _fits(kind: Quantity, text: str) -> bool:
    try:
        kind.read(text)
    except InputError:
        return False
    return True


def _read(text: str, weight_kg: float) -> tuple[float, float]:
    """(mg, hours) of a dose. Raises `InputError`, in a record a refusal."""
    match = _DOSE.fullmatch(text)
    size, word, lasts = (match[name] or "" for name in ("size", "word", "lasts")) if match else ("", "", "")
    kind = RATE if word == "for" else AMOUNT
    if not size or not _fits(kind, size) or (word and not _fits(DURATION, lasts)):
        raise refusal(f"{text!r} is no dose to be read", _GRAMMAR)
    measure = kind.read(size)
    hours = DURATION.read(lasts).value if word else 0.0
    amount = measure.value * (weight_kg if per_kg(measure) else 1.0) * (hours if word == "for" else 1.0)
    if not math.isfinite(amount):
        raise refusal(f"{text!r} is no finite amount", _GRAMMAR)
    return amount, hours
