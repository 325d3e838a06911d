"""When a dose is given again: at equal intervals, daily, on weekdays, weekly.

``{count = 10, every = "24 h"}`` or ``{count = 10, days = "weekdays"}``. The first occasion is the dose's
``start``; for weekdays that day is a Monday, so ten of them are Monday to Friday of two weeks.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from unwound.core.quantities import convert
from unwound.core.strict import Measure, Quantity, Strict, refusal

Days = Literal["daily", "weekdays", "weekly"]

_WEEK, _WORKDAYS = 7, 5  # days


class Repeat(Strict):
    """A series of `count` occasions, the first one included; either `every` so long or on named `days`."""

    count: Annotated[int, Field(ge=1, le=1000, description="how often, the first time included")]
    every: Annotated[Measure, Quantity("h", at_least="1 min", example="24 h")] | None = None
    days: Days | None = None

    @model_validator(mode="after")
    def _one_rhythm(self) -> Self:
        if self.every is not None and self.days is not None:
            raise refusal("state every or days, not both", "leave one out", field="days", value=self.days)
        if self.every is None and self.days is None:
            remedy = 'write for example every = "24 h" or days = "weekdays"'
            raise refusal("required: a series has a rhythm", remedy, field="every")
        return self

    def offsets(self) -> np.ndarray:
        """Hours from the first occasion, shape (count,)."""
        number = np.arange(self.count)
        if self.every is not None:
            return number * self.every.value
        if self.days == "weekdays":
            number = number // _WORKDAYS * _WEEK + number % _WORKDAYS
        elif self.days == "weekly":
            number = number * _WEEK
        return number * convert(1.0, "day", "h")

    def __str__(self) -> str:
        rhythm = f"every {self.every}" if self.every is not None else f"{self.days}"
        return f"{rhythm}, {self.count} times"
