"""Signs and sizes of what remifentanil leaves behind, with ketamine and without, beside what two studies found.

    hit    the number lies in the range that the printed result means

The ranges were written down before anything was computed (``evidence/predictions/opioid.toml``). Areas are those of
the typical person and morphine is a median over people: no replicates, so no interval and no log score. A row whose
number was set to the study is marked as fitted.
"""

from __future__ import annotations

import math
from typing import Any

from unwound.evidence import trial_note, value
from unwound.evidence.prediction_rows import Prediction, predictions
from unwound.population.opioid_studies import opioid_studies
from unwound.trials.scoring import Judged

NAME = "opioid"


def opioid_trials() -> tuple[str, ...]:
    """Folder names of the trials that are judged here."""
    return tuple(dict.fromkeys(one.study for one in predictions(NAME)))


def opioid_page(name: str, seed: int) -> dict[str, Any]:
    """The rows of one trial."""
    studies = opioid_studies(seed)
    found, short = studies.quantities(), trial_note(name).short
    rows = [judged_opioid(short, one, found[one.quantity]) for one in predictions(NAME) if one.study == name]
    return {
        "model": "otto2021" if name == "koppert2003" else "kamp2020", "sampling": "the typical person, medians",
        "verdicts": {}, "failed": 0, "rows": [row.as_dict() for row in rows], "not_judged": [],
        "notes": ["the gain of hyperalgesia is set to the arm of koppert2003 without ketamine; the rest is assumed"],
        "keys": list(studies.keys),
    }  # fmt: skip


def judged_opioid(trial: str, said: Prediction, found: float) -> Judged:
    """One statement as a row."""
    recalled = said.seen == "recalled"
    passed = said.study_low <= found <= said.study_high
    return Judged(
        trial, "remifentanil and ketamine", said.statement, "", said.unit, None, said.printed,
        "memory" if recalled else "read", told_range(said), found, None, None, passed, not passed and not recalled,
        value("judgement.recalled_weight", "1") if recalled else 1.0, fitted=bool(said.target) or said.by_construction,
    )  # fmt: skip


def told_range(said: Prediction) -> str:
    """What the printed result means for the number, in words."""
    if math.isinf(said.study_low):
        return f"at most {said.study_high:g}"
    if math.isinf(said.study_high):
        return f"at least {said.study_low:g}"
    return f"{said.study_low:g} to {said.study_high:g}"
