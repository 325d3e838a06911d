"""Numbers of one's own for a disorder: a TOML table, strict, with units.

::

    [population]
    disorder = "cancer pain"          # a new name needs the first eleven numbers; a known one may change any
    age_mean = "62 y"
    age_sd = "11 y"
    female_share = "50 %"
    duration_median = "1 y"
    duration_gsd = 2.5                # a ratio has no unit
    baseline_mean = "6 points"
    baseline_sd = "1.8 points"
    responder_share = "50 %"
    placebo_change = "1 points"
    placebo_sd = "1.9 points"
    dropout_12_weeks = "30 %"

What is given stands in the result as the user's; what is not is taken from the evidence rows of the disorder, and for a
new one from those of `adults`. Every problem of a table is listed at once.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from unwound.core.errors import InputError, Problem, ProtocolError
from unwound.core.files import read_toml
from unwound.core.strict import Measure, Quantity, Strict, validated
from unwound.population.disorder import Disorder
from unwound.population.populations import (
    NEEDED,
    UNTOLD,
    Population,
    assembled,
    disorder_name,
    untold,
)
from unwound.population.populations import population as registered

YEARS = Annotated[Measure, Quantity("y", at_least="0 y", at_most="120 y", example="45 y")] | None
KILOGRAMS = Annotated[Measure, Quantity("kg", at_least="30 kg", at_most="250 kg", example="70 kg")] | None
LENGTH = Annotated[Measure, Quantity("cm", at_least="100 cm", at_most="230 cm", example="164 cm")] | None
HEIGHT_SD = Annotated[Measure, Quantity("cm", above="0 cm", at_most="20 cm", example="6.5 cm")] | None
SHARE = Annotated[Measure, Quantity("1", at_least="0 %", at_most="100 %", example="80 %")] | None
SPREAD = Annotated[Measure, Quantity("1", at_least="0 %", at_most="150 %", example="20 %")] | None
SCORE = Annotated[Measure, Quantity("points", at_least="0 points", at_most="200 points", example="7 points")] | None
CHANGE = Annotated[Measure, Quantity("points", at_least="-50 points", at_most="100 points", example="1 points")] | None
DAYS = Annotated[Measure, Quantity("d", above="0 d", at_most="1 y", example="7 d")] | None
RATIO = Annotated[float, Field(ge=1.0, le=10.0, strict=False)] | None
CORRELATION = Annotated[float, Field(gt=-1.0, lt=1.0, strict=False)] | None


class Numbers(Strict):
    """What a [population] table may say."""

    disorder: Annotated[str, Field(min_length=2, max_length=60, examples=["cancer pain"])]
    scale: Annotated[
        Literal["NRS", "MADRS", "CAPS", "LSAS"] | None, Field(description="of a new disorder; a known one has its own")
    ] = None
    age_mean: YEARS = None
    age_sd: YEARS = None
    female_share: SHARE = None
    duration_median: YEARS = None
    duration_gsd: RATIO = None
    baseline_mean: SCORE = None
    baseline_sd: SCORE = None
    responder_share: SHARE = None
    placebo_change: CHANGE = None
    placebo_sd: SCORE = None
    dropout_12_weeks: SHARE = None
    age_least: YEARS = None
    age_most: YEARS = None
    baseline_men: SCORE = None
    baseline_men_sd: SCORE = None
    baseline_least: SCORE = None
    baseline_most: SCORE = None
    residual_sd: SCORE = None
    placebo_at: DAYS = None
    weight_women: KILOGRAMS = None
    weight_women_cv: SPREAD = None
    weight_men: KILOGRAMS = None
    weight_men_cv: SPREAD = None
    height_women: LENGTH = None
    height_women_sd: HEIGHT_SD = None
    height_men: LENGTH = None
    height_men_sd: HEIGHT_SD = None
    weight_height_correlation: CORRELATION = None
    weight_age_correlation: CORRELATION = None
    height_age_correlation: CORRELATION = None
    age_duration_correlation: CORRELATION = None
    responder_non_nmda_share: SHARE = None
    non_responder_non_nmda_share: SHARE = None
    input_cv: SPREAD = None
    latent_cv: SPREAD = None
    attacks_per_month: Annotated[float, Field(ge=0.0, le=31.0, strict=False)] | None = None
    attacks_cv: SPREAD = None

    def numbers(self) -> dict[str, float]:
        """What is given, in the units of the record."""
        given = {name: getattr(self, name) for name in type(self).model_fields if name not in ("disorder", "scale")}
        return {n: v.value if isinstance(v, Measure) else float(v) for n, v in given.items() if v is not None}


class OwnPopulation(Strict):
    """A file with a [population] table."""

    population: Numbers

    def build(self, source: str = "") -> Population:
        """The population it describes. Raises `InputError` with every problem."""
        asked, own = self.population, self.population.numbers()
        if (known := _known(asked.disorder)) is None:
            if missing := tuple(name for name in NEEDED if name not in own):
                raise untold(asked.disorder, missing)
            found = assembled(asked.disorder, own, asked.scale or "NRS")
        else:
            if asked.scale not in (None, registered(known).scale.name):
                rule = f"{known} is rated on the {registered(known).scale.name}"
                raise ProtocolError(Problem("population.scale", asked.scale, rule, "leave scale out"), source)
            found = assembled(known, own)
        if problems := contradictions(found):
            raise ProtocolError(problems, source)
        return found

    @classmethod
    def from_dict(cls, data: Any, source: str = "") -> Self:
        """A table from plain data. Raises `ProtocolError` with all problems at once."""
        return validated(cls, data, source)

    @classmethod
    def from_toml(cls, path: str | os.PathLike[str]) -> Self:
        """A table from a file. Raises `ProtocolError`."""
        return cls.from_dict(read_toml(path), os.fspath(path))

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """The JSON Schema of such a file."""
        return {"$schema": "https://json-schema.org/draft/2020-12/schema", **cls.model_json_schema()}


def population_of(name: str) -> Population:
    """A disorder by name, or a file with a [population] table (its name ends in .toml). Raises `InputError`."""
    if name.endswith(".toml"):
        return OwnPopulation.from_toml(name).build(name)
    return registered(name)


def contradictions(found: Population) -> list[Problem]:
    """Numbers of a population that cannot stand together."""
    who, most = found.who, found.scale.most
    rules = {
        "age_mean": (who.age_least < who.age_mean < who.age_most, "must lie between age_least and age_most"),
        "age_sd": (who.age_sd > 0, "must be more than 0"),
        "baseline_mean": (
            who.baseline_least < who.baseline_mean < who.baseline_most,
            f"must lie between baseline_least ({who.baseline_least:g}) and baseline_most ({who.baseline_most:g})",
        ),
        "baseline_men": (
            who.baseline_least < who.baseline_men < who.baseline_most,
            "must lie between baseline_least and baseline_most",
        ),
        "baseline_most": (who.baseline_most < most, f"must be below the highest score of the {found.scale.name}"),
        "baseline_least": (who.baseline_least > 0, "must be more than 0"),
        "baseline_sd": (
            min(who.baseline_sd, who.baseline_men_sd) > who.residual_sd,
            f"must be more than the scatter of a rating (residual_sd, {who.residual_sd:g} points)",
        ),
        "duration_median": (who.duration_median > 0, "must be more than 0"),
        "dropout_12_weeks": (who.dropout_12_weeks < 1, "must be less than 100 %"),
        "height_age_correlation": (_possible(who), "the three correlations of weight, height and age cannot all hold"),
    }
    numbers: Mapping[str, Any] = {name: getattr(who, name) for name in rules}
    return [
        Problem(f"population.{name}", f"{numbers[name]:g}", rule, "change one of these numbers")
        for name, (holds, rule) in rules.items()
        if not bool(holds)
    ]


def _possible(who: Disorder) -> bool:
    """Whether the matrix of the three correlations is positive definite."""
    a, b, c = who.weight_height_correlation, who.weight_age_correlation, who.height_age_correlation
    return bool(1.0 + 2.0 * a * b * c - a * a - b * b - c * c > 0)


def _known(name: str) -> str | None:
    if name.lower() in UNTOLD:
        return None
    try:
        return disorder_name(name)
    except InputError:
        return None
