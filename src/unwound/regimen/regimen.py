"""A regimen: everything one person is given, in the order of a protocol file.

::

    title = "CRPS, one 4-hour infusion on ten weekdays"
    setting = "ward"

    [[doses]]
    kind = "infusion"
    drug = "ketamine"
    enantiomer = "racemic"
    rate = "0.35 mg/kg/h"
    duration = "4 h"
    repeat = { count = 10, days = "weekdays" }

Read with `Regimen.from_toml`; every problem of the file is listed at once (`ProtocolError`). A regimen is
frozen: `truncate` and `rounded` return another one.
"""

from __future__ import annotations

import json
import os
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from unwound.core.errors import InputError, Problem
from unwound.core.files import parse_toml, read_toml
from unwound.core.strict import Measure, Several, Strict, validated
from unwound.regimen.doses import AnyDose, Dose
from unwound.regimen.dosing_weight import Sex, restated
from unwound.regimen.measures import HEIGHT, START, WEIGHT
from unwound.regimen.pump import rounded_dose, truncated_dose
from unwound.regimen.rules import GIVING, Rule

Setting = Literal["ward", "monitored", "icu"]


class Regimen(Strict):
    """What is given, and where: the setting decides which dose limits hold (`unwound.regimen.limits`)."""

    title: Annotated[str, Field(max_length=200, examples=["one infusion"])] = ""
    setting: Setting = "ward"
    doses: Annotated[Several[Dose], Field(description="what is given; an empty list gives nothing")]
    rules: Annotated[Several[Rule], Field(description="what changes the doses while they are given")] = ()

    @classmethod
    def from_toml(cls, path: str | os.PathLike[str]) -> Self:
        """The regimen of a TOML file. Raises `ProtocolError` with all problems of the file."""
        return cls.from_dict(read_toml(path), os.fspath(path))

    @classmethod
    def from_toml_text(cls, text: str, source: str = "") -> Self:
        """The regimen of a TOML text. Raises `ProtocolError`."""
        return cls.from_dict(parse_toml(text, source), source)

    @classmethod
    def from_dict(cls, data: Any, source: str = "") -> Self:
        """The regimen of plain data, as read from TOML or JSON. Raises `ProtocolError`."""
        return validated(cls, data, source)

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """The JSON Schema of a regimen file."""
        draft = "https://json-schema.org/draft/2020-12/schema"
        return {"$schema": draft, **cls.model_json_schema()}

    def to_dict(self) -> dict[str, Any]:
        """Plain data that `from_dict` reads back."""
        data = self.model_dump(mode="json", exclude_none=True)
        return data if self.rules else {key: value for key, value in data.items() if key != "rules"}

    def to_toml(self) -> str:
        """A TOML text that `from_toml_text` reads back to an equal regimen."""
        data = self.to_dict()
        doses, rules = data.pop("doses"), data.pop("rules", [])
        lines = [f"{key} = {_toml(value)}" for key, value in data.items()]
        if not doses:
            lines.append("doses = []")
        for dose in doses:
            kind = dose.pop("kind")
            lines += ["", "[[doses]]", f"kind = {_toml(kind)}"]
            lines += [f"{key} = {_toml(value)}" for key, value in dose.items()]
        for rule in rules:
            lines += ["", "[[rules]]", f"kind = {_toml(rule.pop('kind'))}"]
            lines += [f"{key} = {_toml(value)}" for key, value in rule.items()]
        return "\n".join(lines) + "\n"

    def describe(self) -> list[str]:
        """One plain sentence per dose and per rule."""
        return [*(_sentence(dose) for dose in self.doses), *(str(rule) for rule in self.rules)]

    @property
    def possible_doses(self) -> tuple[AnyDose, ...]:
        """Planned doses, and those that rules may give."""
        return (*self.doses, *(rule.dose for rule in self.rules if isinstance(rule, GIVING)))

    def planned(self) -> Self:
        """The same doses without rules."""
        return self.model_copy(update={"rules": ()}) if self.rules else self

    def _fixed(self, verb: str) -> None:
        if self.rules:
            rule = f"what rules will give is not known before it happens, so it cannot be {verb}"
            raise InputError(Problem("rules", f"{len(self.rules)} rules", rule, "use regimen.planned()"))

    @property
    def end(self) -> float:
        """When the last planned dose ends [h]; 0 for an empty regimen."""
        return max((float(dose.starts().max()) + dose.hours for dose in self.doses), default=0.0)

    def truncate(self, at: str | Measure) -> Self:
        """What is given before `at` (hours from the first dose, such as "50 h"); a running infusion stops."""
        self._fixed("cut short")
        stop = START.read(at, "at").value
        kept = tuple(part for dose in self.doses for part in truncated_dose(dose, stop))
        return self.model_copy(update={"doses": kept})

    def rounded(
        self, rate_step: str = "0.1 mg/h", amount_step: str = "0.1 mg", weight: str | None = None,
        height: str | None = None, sex: Sex | None = None,
    ) -> Self:  # fmt: skip
        """What a pump and a syringe can do: rates and amounts rounded down, so that the dose never grows.

        Doses per kg become plain ones for a person of `weight` (such as "70 kg"). Raises `InputError` when a
        dose is per kg and no weight is given (or no height and sex, for doses per kg of another weight than the
        actual one), or when a titration step is finer than the pump's.
        """
        self._fixed("rounded")
        own = self.doses
        if weight is not None:
            tall = None if height is None else HEIGHT.read(height, "height").value
            own = restated(self.doses, WEIGHT.read(weight, "weight").value, tall, sex, self.title)
        doses = tuple(rounded_dose(dose, rate_step, amount_step, weight, f"doses[{n}]") for n, dose in enumerate(own))
        return self.model_copy(update={"doses": doses})


def _sentence(dose: AnyDose) -> str:
    when = f"at {dose.start}" if dose.repeat is None else f"from {dose.start}, {dose.repeat}"
    basis = "" if dose.weight_basis == "actual" else f", kg of {dose.weight_basis} body weight"
    return f"{dose}{basis}, {dose.route}, {when}"


def _toml(value: Any) -> str:
    """A TOML value. JSON's texts are TOML's, but for DEL."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
