"""One trial of pain run and judged: as it was, with nothing in the pump, and under shares of expectancy.

model    the first of `MODELS` that can give every dose of the trial
rows     those with a verdict; where none has one, the trial is conducted once and what was observed is listed
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from unwound.core.errors import InputError, Problem
from unwound.core.strict import Measure
from unwound.patient.blood import compile_for
from unwound.patient.setting import Setting
from unwound.pharmacokinetics.register import routed_model
from unwound.trials.conduct import conduct, verdict_counts
from unwound.trials.expectancy import SHARES
from unwound.trials.plan import Blinding
from unwound.trials.row import Row
from unwound.trials.scoring import Judged, judged_row
from unwound.trials.trial import Trial
from unwound.trials.verdict import rows_of

MODELS = ("otto2021", "kamp2020", "perezruixo2021", "simons2022", "domino1984", "clements1981")
"""Models of adults behind which a pain course runs, in the order in which they are tried."""

Progress = Callable[[int], None]


@dataclass(frozen=True)
class Asked:
    """How the trials are run."""

    replicates: int = 1000
    hypothesis: str = "H2"
    seed: int = 1
    threads: int | None = None

    def as_dict(self) -> dict[str, Any]:
        """What the numbers depend on."""
        return {"replicates": self.replicates, "hypothesis": self.hypothesis, "seed": self.seed}


def model_for(trial: Trial) -> str:
    """The first of `MODELS` that can give every dose of `trial`. Raises `InputError` with each model's reason."""
    problems: list[Problem] = []
    regimens = [own for group in (*trial.groups, None) if (own := trial.regimen_of(group)) is not None]
    for name in MODELS:
        try:
            for regimen in regimens:
                compile_for(routed_model(name), regimen)
        except InputError as error:
            problems.extend(error.problems)
            continue
        return name
    raise InputError(problems)


def placebo_only(trial: Trial) -> Trial:
    """`trial` with nothing in any pump; arms keep their names, and the comparison its direction."""
    control = trial.control.name
    arms = tuple(
        arm.model_copy(update={"gives": "saline" if arm.gives == "regimen" else arm.gives,
                               "control": arm.name == control and trial.design != "single arm"})
        for arm in trial.arms
    )  # fmt: skip
    run_in = trial.run_in and trial.run_in.model_copy(update={"gives": "saline"})
    return trial.model_copy(update={"arms": arms, "run_in": run_in})


def pain_page(short: str, asked: Asked, progress: Progress | None) -> dict[str, Any]:
    trial = Trial.published(short)
    setting = Setting(
        model=model_for(trial), hypothesis=asked.hypothesis, seed=asked.seed, threads=asked.threads, metabolites=False
    )
    verdicts: dict[str, int] = {}
    keys: dict[str, None] = {}
    failed = 0

    def run(one: Trial) -> tuple[Row, ...]:
        nonlocal failed
        result = conduct(one, setting, asked.replicates, progress)
        keys.update(dict.fromkeys(result.keys))
        failed += len(result.course.failed())
        for name, count in verdict_counts(result.course).items():
            verdicts[name] = verdicts.get(name, 0) + count
        return rows_of(result)

    own = run(trial)
    if not any(row.passed is not None and row.simulated is not None for row in own):
        return _page(trial, setting, verdicts, failed, own, [None] * len(own), keys)
    rival = {row.name: row for row in run(placebo_only(trial))}
    under = {"0": _means(own)} if trial.design != "single arm" else {}
    for share in SHARES[1:] if under else ():
        blinding = Blinding(expectancy=Measure.of(share, "percent"))
        under[f"{share:g}"] = _means(run(trial.model_copy(update={"blinding": blinding})))
    rows: list[Judged | None] = []
    for row in own:
        told = {share: means[row.name] for share, means in under.items() if row.name in means}
        rows.append(judged_row(short, row, asked.replicates, rival.get(row.name), told))
    return _page(trial, setting, verdicts, failed, own, rows, keys)


def _page(
    trial: Trial, setting: Setting, verdicts: dict[str, int], failed: int, own: tuple[Row, ...],
    rows: list[Judged | None], keys: dict[str, None],
) -> dict[str, Any]:  # fmt: skip
    """What was judged, and in words what was observed and could not be."""
    not_judged = [
        f"{row.name}: {row.observed_text}"
        for row, judged in zip(own, rows, strict=True)
        if judged is None and row.observed_text
    ]
    return {
        "model": setting.model, "sampling": "replicates at the trial's own size", "verdicts": verdicts,
        "failed": failed, "rows": [row.as_dict() for row in rows if row is not None], "not_judged": not_judged,
        "notes": list(trial.assumed), "keys": list(keys),
    }  # fmt: skip


def _means(rows: tuple[Row, ...]) -> dict[str, float]:
    return {row.name: row.simulated.mean for row in rows if row.simulated is not None}
