"""`unwound trial run` in blocks, and `trial resume | status | block | finish | verify`."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from unwound.interfaces.long_progress import long_progress
from unwound.interfaces.output import Json, Threads, command_line, note, print_json

if TYPE_CHECKING:
    from unwound.long_runs import JobFolder

INTERRUPTED = 130
AT_ONCE = 200_000
"""People whose courses are held in memory at once, at most, when a result is to be written."""

Folder = Annotated[str, typer.Argument(metavar="DIR", help="The folder of a long run (its --out).")]
Patients = Annotated[
    int | None,
    typer.Option("--patients", min=1, help="Long run: how many people, rounded up to whole copies of the trial."),
]
_EXECUTORS = "auto, threads:N, processes:N or dask:ADDRESS (tcp://host:port or a scheduler file)"
ExecutorName = Annotated[str | None, typer.Option("--executor", help=f"Long run: who computes: {_EXECUTORS}.")]
Executor = Annotated[str, typer.Option("--executor", help=f"Who computes: {_EXECUTORS}.")]
BlockSize = Annotated[
    int | None,
    typer.Option("--block-size", min=1, help="Long run: people in a block; default 4096. No number changes."),
]
Daily = Annotated[bool, typer.Option("--daily", help="Long run: keep pain and slow states of every day, too.")]
Prepare = Annotated[bool, typer.Option("--prepare", help="Long run: write the job only, for `unwound trial block`.")]
OPTIONS = ("--patients", "--executor", "--block-size", "--daily", "--prepare")
"""Any of these makes a long run."""


@dataclass(frozen=True)
class Asked:
    """The options of `trial run` that belong to a long run."""

    patients: int | None
    executor: str | None
    block_size: int | None
    daily: bool
    prepare: bool

    @property
    def is_long(self) -> bool:
        return self != Asked(None, None, None, False, False)


def register(app: typer.Typer) -> None:
    """Add the commands of long runs to `unwound trial`."""
    for name, command in (
        ("resume", resume), ("status", status), ("block", block), ("finish", finish), ("verify", verify),
    ):  # fmt: skip
        app.command(name)(command)


def too_many_at_once(name: str, replicates: int, out: str | None) -> bool:
    """Whether a run with --out holds so many people that it belongs into blocks."""
    if out is None or replicates <= AT_ONCE // 1000:  # quick: hardly a trial is larger
        return False
    from unwound.trials import Trial

    is_file = name.endswith(".toml") or pathlib.Path(name).is_file()
    trial = Trial.from_toml(name) if is_file else Trial.published(name)
    if trial.size * replicates <= AT_ONCE:
        return False
    note(f"note: more than {AT_ONCE:,} people: a long run, stored in blocks (no report, no rows beside the observed)")
    return True


def begin(
    name: str, replicates: int | None, setting: Mapping[str, Any], out: str | None, threads: int | None, asked: Asked,
    as_json: bool, strict: bool = False,
) -> None:  # fmt: skip
    """`unwound trial run` as a long run: prepare the folder, do every block, finish."""
    from unwound.core.errors import InputError, Problem
    from unwound.long_runs import Job, JobFolder, executor_of
    from unwound.patient.simulation import Setting

    if out is None:
        raise InputError(Problem("--out", "(not given)", "a long run is stored", "name a folder: --out DIR"))
    if setting["hypothesis"].lower() == "all":
        remedy = "run each hypothesis into a folder of its own"
        raise InputError(Problem("--hypothesis", "all", "a long run has one hypothesis", remedy))
    if strict:
        raise InputError(Problem("--strict", "on", "a long run judges no rows", "leave it out, or run 500 replicates"))
    executor = executor_of(asked.executor or "auto", threads)
    job = Job.of(name, Setting(**setting, metabolites=False), replicates, asked.patients, asked.daily)
    folder = JobFolder.prepare(out, job, asked.block_size, command_line())
    if not asked.prepare:
        _do(folder, executor, as_json)
    elif as_json:
        print_json(_state(folder))
    else:
        typer.echo(f"{folder.path}: prepared, blocks 0 to {folder.blocks - 1} of {folder.block_size:,} people")
        typer.echo(f"each: unwound trial block {folder.path} N    then: unwound trial finish {folder.path}")


def resume(folder: Folder, executor: Executor = "auto", threads: Threads = None, as_json: Json = False) -> None:
    """Continue a long run: do the blocks that are missing or damaged, then finish.

    Example: unwound trial resume million --executor processes:2
    """
    from unwound.long_runs import JobFolder, executor_of

    _do(JobFolder.open(folder), executor_of(executor, threads), as_json)


def status(folder: Folder, as_json: Json = False) -> None:
    """Tell how far a long run is.

    Example: unwound trial status million
    """
    from unwound.long_runs import JobFolder

    found = JobFolder.open(folder)
    if as_json:
        print_json(_state(found))
        return
    state = _state(found)
    share = 100.0 * state["people_stored"] / state["people"]
    typer.echo(f"{state['trial']}, job {state['job_sha256'][:12]}: {state['people']:,} people")
    typer.echo(f"blocks: {state['stored']} of {state['blocks']} stored ({share:.1f} % of the people)")
    if state["finished"]:
        typer.echo(f"finished: {found.result_path}")
    elif state["missing"]:
        gaps = [f"{a}" if a == b else f"{a}-{b}" for a, b in state["missing"]]
        typer.echo(f"missing: {', '.join(gaps[:20])}{' ...' if len(gaps) > 20 else ''}")
        typer.echo(f"continue with: unwound trial resume {folder}")
    else:
        typer.echo(f"nothing is missing: unwound trial finish {folder}")


def block(
    folder: Folder,
    number: Annotated[int, typer.Argument(metavar="N", min=0, help="Which block, or with --of which task; from 0.")],
    of: Annotated[int | None, typer.Option("--of", min=1, help="Deal the blocks out to this many tasks.")] = None,
    threads: Threads = None,
    as_json: Json = False,
) -> None:
    """Do one block of a prepared run, or the share of one task: for batch schedulers. What is done is not done again.

    Example: unwound trial block million $SLURM_ARRAY_TASK_ID --of 100
    """
    from unwound.core.errors import InputError, Problem
    from unwound.core.safety import SIMULATION_ONLY
    from unwound.long_runs import JobFolder, simulate_block
    from unwound.patient.lanes import thread_count

    found = JobFolder.open(folder)
    if of is not None and number >= of:
        raise InputError(Problem("N", number, f"with --of {of}, tasks are 0 to {of - 1}", "count tasks from 0"))
    share = [number] if of is None else range(number, found.blocks, of)
    total = sum(len(found.ids(which)) for which in share)
    with _told(found), long_progress(f"{len(share)} blocks", total) as heard:
        lines = [simulate_block(found, which, heard, thread_count(threads)) for which in share]
    if as_json:
        own = {"folder": str(found.path), "blocks": [line.block for line in lines], "people": total}
        print_json({"simulation_only": SIMULATION_ONLY, **own})
    else:
        typer.echo(f"{found.path}: {len(lines)} blocks stored, {total:,} people")


def finish(folder: Folder, as_json: Json = False) -> None:
    """Make one result of all blocks, every part verified; refuses gaps, strangers and alterations.

    Example: unwound trial finish million
    """
    from unwound.long_runs import JobFolder

    _finish(JobFolder.open(folder), as_json)


def verify(folder: Annotated[str, typer.Argument(help="A result folder, or the folder of a long run.")],
           as_json: Json = False) -> None:  # fmt: skip
    """Check that a result folder, or a long run, is whole and unaltered."""
    from unwound.core.errors import StoreError
    from unwound.long_runs import JobFolder
    from unwound.long_runs import verify as job_problems
    from unwound.long_runs.folder import is_job_folder
    from unwound.reporting.store import verify as result_problems

    is_job = is_job_folder(folder)
    problems = job_problems(folder) if is_job else result_problems(folder)
    if as_json:
        print_json({"folder": folder, "problems": problems})
    if problems:
        raise StoreError(f"{folder}: " + "; ".join(problems))
    if as_json:
        return
    state = _state(JobFolder.open(folder)) if is_job else {"finished": True}
    so_far = "" if state["finished"] else f" so far ({state['stored']} of {state['blocks']} blocks are stored)"
    typer.echo(f"{folder}: whole and unaltered{so_far}")


def _do(folder: JobFolder, executor: Any, as_json: bool) -> None:
    from unwound.long_runs import execute
    from unwound.long_runs.verify import status as status_of

    state = status_of(folder)
    left = state.people - state.people_stored
    if not state.finished:
        if state.stored:
            note(f"{folder.path}: {state.stored} of {state.blocks} blocks are stored, {left:,} people are left")
        with _told(folder), long_progress(state.trial, left) as heard:
            execute(folder, executor, heard)
    _finish(folder, as_json)


def _finish(folder: JobFolder, as_json: bool) -> None:
    from unwound.long_runs import finish as finish_job

    with _told(folder):
        result = finish_job(folder.path, command=command_line())
    told = result.json("result")
    if as_json:
        written = {"folder": str(result.folder), "manifest": str(result.folder / "manifest.json")}
        print_json({**told, "result_sha256": result.manifest.result_sha256, "written": written})
    else:
        typer.echo(f"{told['trial']}: {told['people']:,} people in {told['replicates']:,} copies of the trial")
        for arm in told["endpoints"]:
            relief = arm["relief_days"]["mean"]
            typer.echo(f"{arm['arm']}: {arm['people']:,} people, {relief:.1f} days of relief in the mean")
        typer.echo(f"numerical verdicts: {told['verdicts']}")
        for warning in result.manifest.warnings:
            typer.echo(f"warning: {warning}")
        typer.echo(f"result: {result.folder} (sha256 {result.manifest.result_sha256})")
        typer.echo(told["simulation_only"] + ".")
    from unwound.core.verdicts import Verdict

    if any(Verdict[name.upper()].failed for name in told["verdicts"]):
        raise typer.Exit(3)


def _state(folder: JobFolder) -> dict[str, Any]:
    from unwound.long_runs.verify import status as status_of

    return status_of(folder).as_dict()


@contextmanager
def _told(folder: JobFolder) -> Iterator[None]:
    """Ctrl-C says how to go on."""
    try:
        yield
    except KeyboardInterrupt:
        state = _state(folder)
        stored = f"{state['stored']} of {state['blocks']} blocks are stored"
        note(f"\ninterrupted: {stored}; continue with: unwound trial resume {folder.path}")
        raise typer.Exit(INTERRUPTED) from None
