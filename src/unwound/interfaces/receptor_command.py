"""An experiment on a channel as a command: the options of the dish are written once, and every experiment has them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from unwound.interfaces import receptor_given as given
from unwound.interfaces.asked import Asked
from unwound.interfaces.output import Json, Out
from unwound.interfaces.receptor_shown import show

DISH: dict[str, tuple[Any, Any]] = {
    "drug": (given.Drug, "ketamine"),
    "concentration": (given.Concentration, "1 uM"),
    "beside": (given.Beside, None),
    "subtype": (given.Subtype, "GluN2A"),
    "scheme": (given.Scheme, ""),
    "magnesium": (given.Magnesium, "1 mM"),
    "voltage": (given.Voltage, "-66 mV"),
    "temperature": (given.Temperature, "23 C"),
    "glutamate": (given.Glutamate, "100 uM"),
    "glycine": (given.Glycine, None),
}
"""Option -> (how it is told, default)."""

ENDS: dict[str, tuple[Any, Any]] = {"out": (Out, None), "as_json": (Json, False)}
Run = Callable[[], Any]
Command = Callable[..., Run]


def experiment(without: tuple[str, ...] = (), **defaults: Any) -> Callable[[Command], Callable[..., None]]:
    """Makes a command of a function ``(asked, patch, options of its own) -> what is to be run``.

    The command has the options of `DISH`, but those in `without`; `defaults` replace theirs. Problems of all options
    are told at once, before anything runs.
    """
    offered = {name: (kind, defaults.get(name, usual)) for name, (kind, usual) in DISH.items() if name not in without}
    fixed = {name: defaults.get(name, DISH[name][1]) for name in without}

    def wrap(command: Command) -> Callable[..., None]:
        _, _, *own = inspect.signature(command, eval_str=True).parameters.values()

        def run(**typed: Any) -> None:
            out, as_json = (typed.pop(name) for name in ENDS)
            dish = {**fixed, **{name: typed.pop(name) for name in offered}}
            asked = Asked()
            planned = command(asked, given.patch_of(asked, **dish), **typed)
            asked.done()
            show(planned, out, as_json)

        options = [_option(name, *told) for name, told in offered.items()]
        options += [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in own]
        options += [_option(name, *told) for name, told in ENDS.items()]
        run.__signature__ = inspect.Signature(options)  # type: ignore[attr-defined]  # what typer reads
        run.__annotations__ = {one.name: one.annotation for one in options}
        run.__name__, run.__doc__ = command.__name__, command.__doc__
        return run

    return wrap


def _option(name: str, kind: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
