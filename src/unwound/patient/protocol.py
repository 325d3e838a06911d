"""A protocol file: one person, what they are given, how long they are followed, with which models.

::

    title = "One outpatient infusion"
    setting = "monitored"

    [patient]
    weight = "74 kg"
    age = "51 y"
    sex = "female"
    pain = "7 points"
    in_pain_for = "6 y"

    [[doses]]
    kind = "infusion"
    drug = "ketamine"
    enantiomer = "S"
    amount = "0.5 mg/kg"
    duration = "30 min"

    [follow_up]
    duration = "12 weeks"

    [models]
    pharmacokinetics = "otto2021"
    hypothesis = "H2"

Only `doses` is required. What is left out of `[patient]` is a typical person of the evidence tables, and the result
says so. Every quantity is a text with a unit; every problem of a file is listed at once.
"""

from __future__ import annotations

import os
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from unwound.core.errors import InputError
from unwound.core.files import read_toml
from unwound.core.strict import Measure, Quantity, Several, Strict, refusal, validated
from unwound.evidence import value
from unwound.patient.beside import CoMedication
from unwound.regimen import Dose, LimitWarning, Regimen, Setting, check_limits, for_person
from unwound.regimen.dosing_weight import unknown_of
from unwound.regimen.rules import Rule
from unwound.regimen.weight_basis import dosing_notes

PAIN = Quantity("points", above="0 points", at_most="9.9 points", example="7 points")


class Person(Strict):
    """One person as people write them; what is not written is typical."""

    weight: Annotated[Measure, Quantity("kg", above="0 kg", example="70 kg")] | None = None
    age: Annotated[Measure, Quantity("y", at_least="0 y", example="45 y")] | None = None
    height: Annotated[
        Annotated[Measure, Quantity("cm", at_least="30 cm", at_most="250 cm", example="170 cm")] | None,
        Field(description="only for doses per kg of ideal, lean or adjusted body weight"),
    ] = None
    sex: Literal["female", "male"] | None = None
    ancestry: Annotated[
        Literal["asian", "japanese", "other"] | None, Field(description="a covariate of perezruixo2021 only")
    ] = None
    pain: Annotated[Measure, Quantity("points", above="0 points", at_most="9.9 points", example="7 points")] | None = (
        None
    )
    in_pain_for: Annotated[Measure, Quantity("y", at_least="0 y", example="6 y")] | None = None

    @property
    def weight_kg(self) -> float:
        """Body weight [kg]; the reference person's when not written."""
        return self.weight.value if self.weight else value("otto2021.reference_weight", "kg")

    @property
    def height_cm(self) -> float | None:
        """Body height [cm]; nobody's is assumed."""
        return self.height.value if self.height else None

    def dosed(self, regimen: Regimen) -> Regimen:
        """`regimen` per kg of this person's actual weight. Raises `InputError` when height or sex are needed."""
        return for_person(regimen, self.weight_kg, self.height_cm, self.sex)

    def limit_warnings(self, regimen: Regimen) -> list[LimitWarning]:
        """Soft limits that `regimen` exceeds. Raises `UnsafeDose` beyond a hard one."""
        age = self.age_y if self.age else None
        return check_limits(regimen, self.weight_kg, age, self.height_cm, self.sex)

    def dosing_notes(self, regimen: Regimen) -> list[str]:
        """Which other weights than the actual one the doses go by, in sentences."""
        return dosing_notes(regimen, self.weight_kg, self.height_cm, self.sex)

    @property
    def age_y(self) -> float:
        """Age [years]."""
        return self.age.value if self.age else value("crps1.age_mean", "y")

    @property
    def duration_y(self) -> float:
        """Years in pain."""
        return self.in_pain_for.value if self.in_pain_for else value("crps1.duration_median", "y")

    def assumed(self, *without: str) -> tuple[str, ...]:
        """What was not written, in words; `without` names fields that do not matter here."""
        said = {
            "weight": f"weight {self.weight_kg:g} kg",
            "age": f"age {self.age_y:g} y",
            "pain": "baseline pain of the typical drive",
            "in_pain_for": f"in pain for {self.duration_y:g} y",
        }
        return tuple(
            f"patient.{name} not given: {text}"
            for name, text in said.items()
            if name not in without and getattr(self, name) is None
        )


class FollowUp(Strict):
    """How long the person is followed, from the first dose."""

    duration: Annotated[Measure, Quantity("h", at_least="1 h", at_most="10 y", example="12 weeks")] = Field(
        default="12 weeks", validate_default=True
    )


def _known(kind: str) -> Any:
    def check(name: Any) -> Any:
        if not isinstance(name, str):
            return name
        from unwound.patient.wiring import driver_name, hypothesis_name
        from unwound.pharmacokinetics import routed_model

        spelled = {"hypothesis": hypothesis_name, "driver": driver_name}
        try:
            return spelled[kind](name) if kind in spelled else routed_model(name).prefix
        except InputError as error:
            problem = error.problems[0]
            raise refusal(problem.rule, problem.remedy) from None

    return BeforeValidator(check)


class Models(Strict):
    """Which models are used; names as `unwound evidence` and the docs list them."""

    pharmacokinetics: Annotated[str, _known("pharmacokinetics"), Field(examples=["otto2021"])] = "otto2021"
    hypothesis: Annotated[str, _known("hypothesis"), Field(examples=["H2"])] = "H2"
    driver: Annotated[
        str, _known("driver"), Field(examples=["empirical"], description="what drives the slow memory of H1 and H2")
    ] = "empirical"


class Protocol(Strict):
    """Everything `unwound simulate` needs."""

    title: Annotated[str, Field(max_length=200, examples=["One outpatient infusion"])] = ""
    setting: Setting = "ward"
    patient: Person = Person()
    doses: Annotated[Several[Dose], Field(description="what is given; an empty list gives nothing")]
    rules: Annotated[Several[Rule], Field(description="what changes the doses while they are given")] = ()
    co_medication: Annotated[
        Several[CoMedication], Field(description="drugs beside ketamine: `unwound effects` and `unwound pk` use them")
    ] = ()
    follow_up: FollowUp = FollowUp()
    models: Models = Models()

    @model_validator(mode="after")
    def _weights_are_known(self) -> Self:
        bases = dict.fromkeys(dose.weight_basis for dose in self.doses)
        problems = [p for basis in bases for p in unknown_of(basis, self.patient.height_cm, self.patient.sex)]
        if problems:
            remedies = dict.fromkeys(problem.remedy for problem in problems)
            raise refusal(problems[0].rule, " and ".join(remedies), field=problems[0].field, value=problems[0].value)
        return self

    @property
    def regimen(self) -> Regimen:
        """What is given."""
        return Regimen(title=self.title, setting=self.setting, doses=self.doses, rules=self.rules)

    def warnings(self) -> list[LimitWarning]:
        """Soft limits that are exceeded. Raises `UnsafeDose` beyond a hard one."""
        return self.patient.limit_warnings(self.regimen)

    @classmethod
    def from_dict(cls, data: Any, source: str = "") -> Self:
        """A protocol from plain data. Raises `ProtocolError` with all problems at once."""
        return validated(cls, data, source)

    @classmethod
    def from_toml(cls, path: str | os.PathLike[str]) -> Self:
        """A protocol file. Raises `ProtocolError` with all problems at once."""
        return cls.from_dict(read_toml(path), os.fspath(path))

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """The JSON Schema of a protocol file."""
        return {"$schema": "https://json-schema.org/draft/2020-12/schema", **cls.model_json_schema()}

    def to_dict(self) -> dict[str, Any]:
        """Plain data that `from_dict` reads back."""
        return self.model_dump(mode="json", exclude_none=True)
