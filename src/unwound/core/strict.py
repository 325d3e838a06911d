"""Strict records for everything people write: unknown keys, bare numbers and wrong kinds are refused.

A protocol record derives from `Strict` (Pydantic v2) and says the kind of each quantity in its type::

    class Dose(Strict):
        rate: Annotated[Measure, Quantity("mg/h or mg/kg/h", at_least="0 mg/h", example="20 mg/h")]

The value is a `Measure`: the number in the first unit whose kind fits, and the text as it was typed.
`validated(Dose, data)` reads a record from plain data and lists *all* problems at once, each with the path of
the field, the value, the rule and the remedy.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError, core_schema

from unwound.core.complaints import NOT_GIVEN, problems_of
from unwound.core.errors import InputError, Problem, ProtocolError, UnitError
from unwound.core.files import nesting_problem
from unwound.core.quantities import parse

if TYPE_CHECKING:
    from pydantic._internal._model_construction import ModelMetaclass as _ModelMetaclass
else:
    _ModelMetaclass = type(BaseModel)


class _OneFamily(_ModelMetaclass):
    """Lets ``Infusion(rate=20, ...)`` typed in Python raise our `InputError`, not Pydantic's own error."""

    def __call__(cls, *args: Any, **values: Any) -> Any:  # noqa: N805
        try:
            return super().__call__(*args, **values)
        except ValidationError as error:
            raise InputError(problems_of(error, cls), cls.__name__) from None


class Strict(BaseModel, metaclass=_OneFamily):
    """Base of every record that people write: frozen, no unknown keys, no silent conversions, no NaN."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


Record = TypeVar("Record", bound=BaseModel)
Item = TypeVar("Item")
Several = Annotated[tuple[Item, ...], Field(strict=False)]
"""A list in TOML or JSON, a tuple in the record."""


@dataclass(frozen=True)
class Measure:
    """A quantity as it was typed and as it is computed with. Two are equal when the quantities are."""

    text: str = field(compare=False)
    value: float
    unit: str

    @classmethod
    def of(cls, value: float, unit: str) -> Measure:
        """`value` in `unit`, written so that reading it back gives the same number."""
        return cls(f"{float(value)!r} {unit}".replace(".0 ", " "), float(value), unit)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, eq=False)
class Quantity:
    """Marks a `Measure` field: the canonical units, the bounds (texts with units) and an example.

    ``"mg/h or mg/kg/h"`` offers alternatives of different kind, tried in order. Bounds are read in the first
    unit; with alternatives only a bound of zero makes sense. `elsewhere` maps a unit that people confuse with
    these to what they should write instead; `remedy` is for a value out of bounds.
    """

    kinds: str
    _: KW_ONLY
    example: str = ""
    at_least: str | None = None
    above: str | None = None
    at_most: str | None = None
    remedy: str = ""
    elsewhere: Mapping[str, str] = field(default_factory=dict)

    @property
    def units(self) -> tuple[str, ...]:
        return tuple(self.kinds.split(" or "))

    def read(self, text: Any, name: str = "quantity") -> Measure:
        """The `Measure` that `text` stands for. Raises `UnitError` naming field, value, rule and remedy."""
        if isinstance(text, Measure):
            if text.unit not in self.units:
                raise UnitError(Problem(name, text, f"not in {self.kinds}", self._write(name)))
            measure = text
        else:
            measure = self._parsed(text, name)
        value, rule = measure.value, ""
        if not abs(value) < float("inf"):
            rule = "the number must be finite"
        elif self.at_least is not None and value < _bound(self.at_least, self.units[0]):
            rule = f"must be {_short(self.at_least)} or more"
        elif self.above is not None and value <= _bound(self.above, self.units[0]):
            rule = f"must be more than {_short(self.above)}"
        elif self.at_most is not None and value > _bound(self.at_most, self.units[0]):
            rule = f"must be {_short(self.at_most)} or less"
        if rule:
            raise UnitError(Problem(name, measure.text, rule, self.remedy or self._write(name)))
        return measure

    def _parsed(self, text: Any, name: str) -> Measure:
        if not isinstance(text, str):
            rule = "a quantity is a text of number and unit"
            if isinstance(text, (int, float)) and not isinstance(text, bool):
                rule = "a number without a unit"
            raise UnitError(Problem(name, text, rule, self._write(name)))
        if len(text) > 80:  # the readers below take quadratic time on hostile text
            raise UnitError(Problem(name, text, "too long for a quantity", self._write(name)))
        if text.strip().lower().lstrip("+-").startswith(("nan", "inf")):
            raise UnitError(Problem(name, text, "the number must be finite", self._write(name)))
        rules = []
        for unit in self.units:
            try:
                return Measure(" ".join(text.split()), parse(text, unit, name), unit)
            except UnitError as error:
                rules.append(error.problems[0].rule)
        for unit, remedy in self.elsewhere.items():
            try:
                parse(text, unit)
            except UnitError:
                continue
            raise UnitError(Problem(name, text, f"{unit} is not {self.kinds}", remedy))
        rule = rules[0]
        if len(self.units) > 1 and "is not of the kind" in rule:
            rule = f"{rule.split(' is not of')[0]} is not of the kind of {self.kinds}"
        raise UnitError(Problem(name, text, rule, self._write(name)))

    def _write(self, name: str) -> str:
        return f'write for example {name} = "{self.example or f"1 {self.units[0]}"}"'

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> core_schema.CoreSchema:
        def validate(text: Any, info: core_schema.ValidationInfo) -> Measure:
            try:
                return self.read(text, info.field_name or "quantity")
            except UnitError as error:
                problem = error.problems[0]
                raise refusal(problem.rule, problem.remedy) from None

        return core_schema.with_info_plain_validator_function(
            validate,
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda measure: measure.text, return_schema=core_schema.str_schema()
            ),
        )

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        bounds = {"at least": self.at_least, "more than": self.above, "at most": self.at_most}
        said = [f"{word} {_short(bound)}" for word, bound in bounds.items() if bound is not None]
        return {
            "type": "string",
            "description": ", ".join([f"a number and a unit of the kind of {self.kinds}", *said]),
            "pattern": r"^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*[A-Za-zµμ%].*$",
            "examples": [self.example or f"1 {self.units[0]}"],
        }


@functools.cache
def _bound(text: str, unit: str) -> float:
    return parse(text, unit)


def _short(bound: str) -> str:
    return "0" if bound.split()[0] == "0" else bound


def refusal(rule: str, remedy: str, *, field: str = "", value: Any = NOT_GIVEN) -> PydanticCustomError:
    """What a validator of a `Strict` record raises. `field` and `value` name a part of that record."""
    context = {"rule": rule, "remedy": remedy, "field": field, "value": value}
    return PydanticCustomError("refused", "{rule}; {remedy}", context)


def validated(model: type[Record], data: Any, source: str = "", error: type[InputError] = ProtocolError) -> Record:
    """`data` (as read from TOML or JSON) as a `model`. Raises `error` with all problems at once."""
    if (problem := nesting_problem(data, model.__name__.lower())) is not None:
        raise error(problem, source)
    try:
        return model.model_validate(data)
    except ValidationError as failure:
        raise error(problems_of(failure, model), source) from None
