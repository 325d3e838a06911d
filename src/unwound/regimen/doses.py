"""What can be given, as people write it: a bolus, an infusion, a titration; each once or as a series.

Every dose says its drug, enantiomer (racemic, S or R; there is no default, because a racemate taken for
S-ketamine is a two-fold slip), salt form, route and start. Amounts are ``mg`` or ``mg/kg``, rates ``mg/h`` or
``mg/kg/h`` (``ug/kg/min`` and ``mg/h/70kg`` are read too); inside the package they are mg and h of base.
Wrong words, units and signs raise `InputError` with the field, the value, the rule and the remedy.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import BeforeValidator, Field, model_validator

from unwound import evidence
from unwound.core.signals import Enantiomer
from unwound.core.strict import Measure, Strict, refusal
from unwound.regimen.drugs import Drug, known_drug, known_enantiomer
from unwound.regimen.measures import Amount, Duration, Interval, Rate, Start, per_kg
from unwound.regimen.series import Repeat

Route = Literal["intravenous", "intramuscular", "subcutaneous", "nasal", "oral", "sublingual"]
Form = Literal["base", "hydrochloride"]
WeightBasis = Literal["actual", "ideal", "lean", "adjusted"]

_MOST_STEPS = 200  # a person titrates in some ten steps; thousands are a slip of the unit


class _Dose(Strict):
    """What every dose says."""

    drug: Annotated[Drug, BeforeValidator(known_drug), Field(examples=["ketamine"])]
    enantiomer: Annotated[
        Enantiomer,
        BeforeValidator(known_enantiomer),
        Field(description='"racemic", "S" or "R": half of a racemic dose is S', examples=["S"]),
    ]
    form: Form = "base"
    route: Route = "intravenous"
    start: Start = Field(default="0 h", validate_default=True)
    repeat: Repeat | None = None
    weight_basis: Annotated[
        WeightBasis, Field(description="whose kilograms a dose per kg means; other than actual needs height and sex")
    ] = "actual"

    @model_validator(mode="after")
    def _has_kilograms(self) -> Self:
        main: Measure | None = getattr(self, "main", None)
        if self.weight_basis != "actual" and main is not None and not per_kg(main):
            remedy = f"leave weight_basis out, or write the dose per kg of {self.weight_basis} weight"
            raise refusal("the dose is not per kg", remedy, field="weight_basis", value=self.weight_basis)
        return self

    def starts(self) -> np.ndarray:
        """When it is given [h], one time per occasion."""
        offsets = np.zeros(1) if self.repeat is None else self.repeat.offsets()
        return self.start.value + offsets

    def in_base(self, measure: Measure) -> float:
        """`measure` as base: the number times 0.867 when the dose is stated as hydrochloride."""
        if self.form == "base":
            return measure.value
        return measure.value * evidence.value("ketamine.base_per_hydrochloride", "1")

    def daily(self, count: int) -> Self:
        """The same dose once a day, `count` times."""
        return self._again(count, "daily")

    def weekdays(self, count: int) -> Self:
        """The same dose `count` times from Monday to Friday; the first day is a Monday."""
        return self._again(count, "weekdays")

    def weekly(self, count: int) -> Self:
        """The same dose once a week, `count` times."""
        return self._again(count, "weekly")

    def _again(self, count: int, days: Any) -> Self:
        return self.model_copy(update={"repeat": Repeat(count=count, days=days)})

    @property
    def substance(self) -> str:
        """Drug, enantiomer and form in words."""
        prefix = {"S": "S-", "R": "R-", "racemic": "racemic "}[self.enantiomer]
        return f"{prefix}{self.drug}" + (" hydrochloride" if self.form == "hydrochloride" else "")


class Bolus(_Dose):
    """An amount given at once."""

    kind: Literal["bolus"] = "bolus"
    amount: Amount

    @property
    def hours(self) -> float:
        """How long one occasion takes [h]."""
        return 0.0

    @property
    def main_field(self) -> str:
        """Which field says how large the dose is."""
        return "amount"

    @property
    def main(self) -> Measure:
        """How large the dose is."""
        return self.amount

    def __str__(self) -> str:
        return f"{self.substance} {self.amount} at once"


class Infusion(_Dose):
    """A constant rate for a duration, stated by its rate or by its whole amount."""

    kind: Literal["infusion"] = "infusion"
    rate: Rate | None = None
    amount: Amount | None = None
    duration: Annotated[Duration, Field(description="an infusion must end")]

    @model_validator(mode="after")
    def _rate_or_amount(self) -> Self:
        if self.rate is not None and self.amount is not None:
            remedy = "leave one of them out"
            raise refusal("state rate or amount, not both", remedy, field="amount", value=self.amount)
        if self.rate is None and self.amount is None:
            remedy = 'write for example rate = "20 mg/h", or amount = "35 mg" with the duration'
            raise refusal("required: an infusion has a rate or an amount", remedy, field="rate")
        return self

    @property
    def hours(self) -> float:
        """How long one occasion takes [h]."""
        return self.duration.value

    @property
    def main_field(self) -> str:
        """Which field says how large the dose is."""
        return "amount" if self.amount is not None else "rate"

    @property
    def main(self) -> Measure:
        """How large the dose is: its rate or its whole amount."""
        measure: Measure = getattr(self, self.main_field)
        return measure

    def __str__(self) -> str:
        return f"{self.substance} {self.main} over {self.duration}"


class Titration(_Dose):
    """A rate raised step by step until the ceiling or a side effect; what is reached is an outcome.

    It begins with `start_rate`. At each assessment, `every` so long, it goes one `step` up, to the `ceiling`;
    after a side effect the patient does not tolerate it goes `step_back` steps down and stays there.
    """

    kind: Literal["titration"] = "titration"
    start_rate: Rate
    step: Rate
    ceiling: Rate
    every: Interval
    duration: Annotated[Duration, Field(description="a titration must end")]
    step_back: Annotated[int, Field(ge=0, le=100)] = 1

    @model_validator(mode="after")
    def _climbs(self) -> Self:
        for name in ("step", "ceiling"):
            measure = getattr(self, name)
            if measure.unit != self.start_rate.unit:
                rule = f"start_rate is in {self.start_rate.unit} and {name} in {measure.unit}"
                raise refusal(rule, "write all three in one kind of unit", field=name, value=measure)
        if self.step.value <= 0:
            raise refusal("must be more than 0", 'write for example "5 mg/h"', field="step", value=self.step)
        if self.ceiling.value < self.start_rate.value:
            remedy = "a titration climbs: raise the ceiling or lower start_rate"
            raise refusal("below start_rate", remedy, field="ceiling", value=self.ceiling)
        if self.ceiling.value - self.start_rate.value > _MOST_STEPS * self.step.value:
            remedy = "check the unit of step"
            raise refusal(f"more than {_MOST_STEPS} steps to the ceiling", remedy, field="step", value=self.step)
        if self.every.value >= self.duration.value:
            remedy = "check the unit; without assessment it is an infusion"
            raise refusal("no assessment before the end", remedy, field="every", value=self.every)
        return self

    @property
    def hours(self) -> float:
        """How long one occasion takes [h]."""
        return self.duration.value

    @property
    def main_field(self) -> str:
        """Which field says how large the dose is."""
        return "ceiling"

    @property
    def main(self) -> Measure:
        """How large the dose can become."""
        return self.ceiling

    def levels(self) -> np.ndarray:
        """The rates on the way up as base, from `start_rate` to `ceiling`, in mg/h or mg/kg/h as stated."""
        start, step, top = (self.in_base(m) for m in (self.start_rate, self.step, self.ceiling))
        below = int(np.ceil((top - start) / step - 1e-9))
        return np.append(start + step * np.arange(below), top)

    def __str__(self) -> str:
        return (
            f"{self.substance} titrated from {self.start_rate} by {self.step} every {self.every} up to "
            f"{self.ceiling} over {self.duration} (after a side effect {self.step_back} down and no further)"
        )


AnyDose = Bolus | Infusion | Titration
Dose = Annotated[AnyDose, Field(discriminator="kind")]
"""Any dose; `kind` says which."""
