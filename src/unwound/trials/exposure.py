"""How much ketamine a regimen gives in all, and for how long: plain arithmetic on what is planned.

    amount = sum over occasions of bolus, rate x duration, or the steps of a titration up to its ceiling
    hours  = sum over occasions of how long each takes

for a person of 70 kg where the dose is per kilogram. A titration gives at most this much: it may stop on the way.
Leaves out: rules, rounding by the pump, overlapping infusions (their hours add).
"""

from __future__ import annotations

from dataclasses import dataclass

from unwound.core.strict import Measure
from unwound.regimen import Regimen, Titration
from unwound.regimen.doses import AnyDose, Bolus, Infusion
from unwound.regimen.measures import per_kg

WEIGHT_KG = 70.0
"""The person doses per kilogram are added up for, as in mg/h/70kg."""


@dataclass(frozen=True)
class Exposure:
    """What is given in all. `at_most` when a titration decides how much of it."""

    drug: str
    route: str
    amount_mg: float
    hours: float
    occasions: int
    span_h: float
    """From the beginning of the first occasion to the end of the last."""
    at_most: bool

    def __str__(self) -> str:
        mark = "up to " if self.at_most else ""
        return f"{self.drug} {mark}{_three_digits(self.amount_mg)} mg, {self.route}"

    @property
    def time(self) -> str:
        """How long, in words: ``100 h``, ``10 x 4 h in 12 d``."""
        if self.occasions == 1:
            return _long(self.hours) if self.hours else "at once"
        each = f" x {_long(self.hours / self.occasions)}" if self.hours else " doses"
        span = f"{self.span_h / 24:.3g} d" if self.span_h >= 48.0 else _long(self.span_h)
        return f"{self.occasions}{each} in {span}"


def exposure(regimen: Regimen) -> Exposure | None:
    """What a regimen gives in all, without its rules; None when it gives nothing."""
    doses = regimen.doses
    if not doses:
        return None
    begins = min(float(dose.starts().min()) for dose in doses)
    forms = dict.fromkeys(dose.substance.replace("racemic ketamine", "ketamine") for dose in doses)
    return Exposure(
        drug=" and ".join(forms),
        route=" and ".join(dict.fromkeys(dose.route for dose in doses)),
        amount_mg=sum(amount_by(dose, dose.hours) * len(dose.starts()) for dose in doses),
        hours=sum(dose.hours * len(dose.starts()) for dose in doses),
        occasions=_occasions(regimen),
        span_h=regimen.end - begins,
        at_most=any(isinstance(dose, Titration) for dose in doses),
    )


def _occasions(regimen: Regimen) -> int:
    """Times at which something begins, a bolus and what follows it counted once."""
    pieces = sorted((float(start), float(start) + dose.hours) for dose in regimen.doses for start in dose.starts())
    count, ends = 0, -1.0
    for start, end in pieces:
        count += start > ends
        ends = max(ends, end)
    return count


def amount_by(dose: AnyDose, elapsed_h: float) -> float:
    """What one occasion has given [mg of base] `elapsed_h` after its start."""
    if isinstance(dose, Bolus):
        return _mg(dose, dose.amount)
    spent = min(max(elapsed_h, 0.0), dose.hours)
    if isinstance(dose, Infusion):
        return _mg(dose, dose.main) * (spent if dose.rate is not None else spent / dose.hours)
    levels = dose.levels() * (WEIGHT_KG if per_kg(dose.ceiling) else 1.0)
    left, given = spent, 0.0
    for level in levels[:-1]:
        step = min(dose.every.value, left)
        given, left = given + level * step, left - step
    return float(given + levels[-1] * left)


def _mg(dose: AnyDose, measure: Measure) -> float:
    return dose.in_base(measure) * (WEIGHT_KG if per_kg(measure) else 1.0)


def _three_digits(number: float) -> str:
    return f"{number:.3g}" if number < 100.0 else f"{float(f'{number:.3g}'):,.0f}"


def _long(hours: float) -> str:
    if hours < 1.0:
        return f"{60 * hours:.3g} min"
    return f"{hours:.3g} h" if hours < 240.0 else f"{hours / 24:.3g} d"
