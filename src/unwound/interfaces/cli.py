"""The command line: parse, call one public function, write. Deletable without touching the rest of the package.

Results go to stdout (one JSON object with ``--json``), progress and notes to stderr. Exit codes: 0 fine, 1 a
defect of ours, 2 invalid input, 3 computed but a numerical verdict failed (or a row missed under ``--strict``), 130
interrupted.
"""

from __future__ import annotations

import json
import sys

import typer

from unwound.interfaces import (
    arms,
    chronify,
    claims,
    cortex,
    demo,
    effects,
    evidence,
    export,
    fit,
    mood,
    outlook,
    pk,
    population,
    predict,
    qualify,
    receptor,
    receptor_drug,
    reset_map,
    sensitivity,
    simulate,
    surgery,
    trial,
    validate,
    windup,
)

app = typer.Typer(
    name="unwound",
    help=(
        "From the dose in the syringe to the pain score three months later: a simulator of central sensitization "
        "and ketamine infusions. Research and education, not for clinical use.\n\n"
        "Start with:  unwound demo --out my-first-run"
    ),
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command("demo")(demo.demo)
app.command("simulate")(simulate.simulate)
app.command("pk")(pk.pk)
app.command("effects")(effects.effects)
app.command("mood")(mood.mood)
app.command("outlook")(outlook.outlook)
receptor_drug.register(receptor.app)
app.add_typer(receptor.app, name="receptor")
app.command("cortex")(cortex.cortex)
app.add_typer(population.app, name="population")
app.command("surgery")(surgery.surgery)
app.command("chronify")(chronify.chronify)
app.command("windup")(windup.windup)
app.command("reset-map")(reset_map.reset_map)
app.command("sensitivity")(sensitivity.sensitivity)
app.add_typer(export.app, name="export")
app.add_typer(trial.app, name="trial")
app.command("qualify")(qualify.qualify)
app.add_typer(fit.app, name="fit")
app.add_typer(predict.app, name="predict")
app.command("claims")(claims.claims)
app.command("evidence")(evidence.evidence)
app.command("arms")(arms.arms)
app.command("cite")(evidence.cite)
app.command("validate")(validate.validate)
app.command("schema")(validate.schema)


@app.callback(invoke_without_command=True)
def _version(version: bool = typer.Option(False, "--version", help="Print the version and leave.")) -> None:
    if version:
        from importlib.metadata import version as installed

        typer.echo(installed("unwound"))
        raise typer.Exit


INTERRUPTED = 130


def main() -> None:
    """Entry point: turns our errors into one clear message and an exit code, never a traceback."""
    from unwound.core.errors import InputError, NumericalError, StoreError, UnwoundError

    try:
        app()
    except (InputError, StoreError) as error:
        _complain(error, 2)
    except NumericalError as error:
        _complain(error, 3)
    except UnwoundError as error:
        _complain(error, 1)
    except KeyboardInterrupt:
        sys.stderr.write("\ninterrupted: nothing half-written is left\n")
        sys.exit(INTERRUPTED)
    except SystemExit as end:  # typer turns Ctrl-C into a silent exit of its own
        if end.code == INTERRUPTED:
            sys.stderr.write("\ninterrupted: nothing half-written is left\n")
        raise
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)


def _complain(error: Exception, code: int) -> None:
    sys.stderr.write(f"error: {error}\n")
    if "--json" in sys.argv:
        problems = [problem.as_dict() for problem in getattr(error, "problems", ())]
        sys.stdout.write(json.dumps({"error": str(error), "problems": problems}, indent=2) + "\n")
    sys.exit(code)
