"""The options `--fitted` and `--draws`, shared by the commands that can predict under fitted models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from unwound.patient.fitted import Fitted

FittedModel = Annotated[
    str | None,
    typer.Option(
        "--fitted",
        metavar="MODEL",
        help="Predict under models fitted to seven trials (unwound fit pain) instead of the values of the tables: "
        '"average", all of them by weight, or one, such as "H2 tonic".',
    ),
]
Draws = Annotated[
    int | None,
    typer.Option("--draws", min=1, max=100, help="With --fitted: draws of the posterior that take turns; default 40."),
]


def asked(
    context: typer.Context, fitted: str | None, draws: int | None, instead: Sequence[str], blocks: Sequence[str] = ()
) -> tuple[str, int] | None:
    """(the fitted model, how many draws), or None for the values of the tables.

    Raises `UnknownName`, and `InputError` naming every option that was given beside --fitted and contradicts it: those
    of `instead` choose what the fit settles, those of `blocks` make a long run.
    """
    from unwound.core.errors import InputError, Problem

    if fitted is None:
        if draws is not None:
            rule = "draws are those of fitted models, and none was asked for"
            raise InputError(Problem("--draws", draws, rule, "add --fitted average, or leave it out"))
        return None
    against = [option for option in (*instead, *blocks) if _given(context, option)]
    if against:
        reasons = [
            *(["the fit settles the hypothesis and its numbers"] if set(against) & set(instead) else []),
            *(["a fitted run is no long run"] if set(against) & set(blocks) else []),
        ]
        rule = f"does not go with {', '.join(against)}: {', and '.join(reasons)}"
        remedy = f"leave {'it' if len(against) == 1 else 'those'} out, or leave out --fitted"
        raise InputError(Problem("--fitted", fitted, rule, remedy))
    from unwound.inference.averaged import DRAWS, model_called

    return model_called(fitted), draws or DRAWS


def _given(context: typer.Context, option: str) -> bool:
    source = context.get_parameter_source(option.removeprefix("--").replace("-", "_"))
    return source is not None and source.name == "COMMANDLINE"


def say(found: Fitted, trial: str = "") -> None:
    """What a printed result under fitted models closes with: whose numbers, and how they do out of sample."""
    from unwound.reporting.fitted import cautions_of, fitted_sentences

    for sentence in (*fitted_sentences(found), *cautions_of(found, trial)):
        typer.echo(sentence)
