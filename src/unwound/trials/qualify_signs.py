"""Wind-up signs: what the circuit of the dorsal horn does under the dose of a study, beside what the study found.

    hit    the number lies, for every output cell, in the range that the printed finding means

The ranges were written down before the circuit was computed (`unwound.patient.horn_predictions`); only those are taken
that a published trial of the index speaks of. There is one circuit and no replicates: no interval, no log score. A
statement that overlaps a target of the circuit's calibration is marked as fitted.
"""

from __future__ import annotations

import functools
import math
from typing import Any

from unwound.evidence import trial_index, value
from unwound.evidence.prediction_rows import Prediction, predictions
from unwound.patient.horn_predictions import NAME, Outcome, outcomes
from unwound.patient.horn_runs import horn_runs
from unwound.trials.scoring import Judged

_RECALLED = "recalled"


@functools.cache
def sign_studies() -> tuple[str, ...]:
    """Folder names of the published trials whose wind-up signs can be compared."""
    found = (one.study for one in predictions(NAME) if one.comparable)
    return tuple(dict.fromkeys(study for study in found if study in trial_index()))


@functools.cache
def _found(seed: int) -> tuple[tuple[Outcome, ...], tuple[str, ...]]:
    """Every prediction compared, and the evidence keys; the circuit is run once (a minute or two)."""
    runs = horn_runs(None, seed)
    return outcomes(runs), runs.keys


def sign_page(name: str, short: str, seed: int) -> dict[str, Any]:
    """The rows of one trial."""
    found, keys = _found(seed)
    own = [one for one in found if one.prediction.study == name and one.prediction.comparable]
    return {
        "model": "kamp2020", "sampling": "one circuit of the dorsal horn, the typical person's block",
        "verdicts": {}, "failed": 0, "rows": [judged_sign(short, one).as_dict() for one in own], "not_judged": [],
        "notes": [], "keys": list(keys),
    }  # fmt: skip


def judged_sign(trial: str, outcome: Outcome) -> Judged:
    """One statement as a row: the mean over output cells is shown, each of them must lie in the range."""
    said = outcome.prediction
    recalled = said.seen == _RECALLED
    passed = outcome.study == "agrees"
    each = ", ".join(f"{name} {number:.3g}" for name, number in outcome.found.items())
    return Judged(
        trial, "dorsal horn", said.statement, "", said.unit, None, said.printed, "memory" if recalled else "read",
        f"{_range(said)} for every output: {each}", sum(outcome.found.values()) / len(outcome.found), None, None,
        passed, not passed and not recalled, value("judgement.recalled_weight", "1") if recalled else 1.0,
        fitted=bool(said.target) or said.by_construction,
    )  # fmt: skip


def _range(said: Prediction) -> str:
    if math.isinf(said.study_low):
        return f"at most {said.study_high:g}"
    return (
        f"at least {said.study_low:g}" if math.isinf(said.study_high) else f"{said.study_low:g} to {said.study_high:g}"
    )
