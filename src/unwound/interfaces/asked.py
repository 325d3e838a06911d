"""Options that are read one by one, so that every problem of every option is told at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Asked:
    """Reads options one by one and keeps what is wrong with them."""

    def __init__(self) -> None:
        self.problems: list[Any] = []

    def number(self, text: str | None, unit: str, option: str, default: float = 1.0) -> float:
        """The number in `unit`; `default` where there is a problem, which is kept."""
        from unwound.core.quantities import parse

        return float(self.held(parse, default, text, unit, option))

    def held(self, what: Callable[..., Any], default: Any, *arguments: Any) -> Any:
        """What `what` makes of `arguments`, or `default` where it refuses: the problems are kept."""
        from unwound.core.errors import InputError

        try:
            return what(*arguments)
        except InputError as error:
            self.problems += error.problems
            return default

    def done(self) -> None:
        """Raises `InputError` with everything that was wrong."""
        from unwound.core.errors import InputError

        if self.problems:
            raise InputError(self.problems)
