"""A small trial for tests of long runs: four people receive a drug for four hours, three do not; two weeks."""

from __future__ import annotations

import pathlib

from unwound.long_runs import Job, JobFolder, execute, executor_of, finish
from unwound.patient import Setting
from unwound.trials import Trial

TOML = """
name = "small"
disorder = "CRPS-1"
weeks = 2

[[arms]]
name = "drug"
patients = 4
gives = "regimen"

[[arms]]
name = "none"
patients = 3
gives = "saline"

[regimen]
setting = "monitored"

[[regimen.doses]]
kind = "infusion"
drug = "ketamine"
enantiomer = "S"
rate = "0.2 mg/kg/h"
duration = "4 h"
"""


def trial() -> Trial:
    import tomllib

    return Trial.from_dict(tomllib.loads(TOML))


def job(replicates: int = 20, **setting) -> Job:
    daily = setting.pop("daily", False)
    return Job(trial(), Setting(**{"seed": 5, "metabolites": False, **setting}), replicates, daily)


def run(place: pathlib.Path, replicates: int = 20, block_size: int = 64, executor="threads:1", **setting):
    """The finished result of a small run in `place`."""
    folder = JobFolder.prepare(place, job(replicates, **setting), block_size)
    execute(folder, executor_of(executor) if isinstance(executor, str) else executor)
    return finish(folder.path)
