"""The posterior and the scores of mood that travel with the package, with the record of what they rest on.

    data/mood_posterior.csv     draws of the mechanism: one column a parameter       data/mood_posterior.json   record
    data/mood_scores.csv        account, trial, log score, k-hat, refitted or not    data/mood_scores.json      record

All four are written by ``python scripts/fit_mood.py``. The record holds a hash of the rows that were fitted, so that a
posterior of other rows is noticed (tests/drift).
"""

from __future__ import annotations

import csv
import dataclasses
import functools
import hashlib
import importlib.metadata
import io
import json
import pathlib
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

import numpy as np

from unwound.core.errors import EvidenceError
from unwound.inference.held_out import Difference, difference, weights
from unwound.inference.mood_accounts import priors_for
from unwound.inference.mood_data import mood_data
from unwound.inference.mood_fit import Fitted, Sampling
from unwound.inference.mood_observe import control_of
from unwound.inference.mood_scores import Score, by_account, verdict
from unwound.patient.mood_people import MoodParameters, mood_parameters

COMMAND = "python scripts/fit_mood.py"
POSTERIOR, SCORES = "mood_posterior", "mood_scores"
DROPPED = {
    "mood_control.spread": "one variation for both parts of the control arm: spread = variation x session",
    "mood_control.antidepressant_spread": "the same variation: antidepressant_spread = variation x antidepressant",
    "mood.half_effect": "never fitted: doses identify the rate or the half effect and not both",
}
"""What `scripts/calibrate_mood.py` or the equations have and this fit has not, and why."""


def rows_hash() -> str:
    """The sha256 of the rows that are fitted: what was observed, its error, weight, and where it is read."""
    rows = [[*dataclasses.astuple(row)] for row in mood_data().rows]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


def versions() -> dict[str, str]:
    """The libraries that shape the draws."""
    return {name: importlib.metadata.version(name) for name in ("jax", "numpyro", "arviz")}


def posterior_record(fitted: Fitted, how: Sampling) -> dict[str, Any]:
    """What was fitted, on what, how, and whether the sampler is to be trusted."""
    data = mood_data()
    return {
        "fitted": {name: prior.key for name, prior in priors_for(fitted.account).items()},
        "dropped": DROPPED,
        "trials": list(data.trials),
        "rows": [f"{row.key} ({row.kind})" for row in data.rows],
        "weights": {row.key: row.weight for row in data.rows if row.weight < 1.0},
        "rows_sha256": rows_hash(),
        "sampler": {"name": "NUTS", **dataclasses.asdict(how)},
        "diagnostics": fitted.diagnostics,
        "divergent": fitted.divergent,
        "versions": versions(),
        "command": COMMAND,
    }


def scores_record(scores: Sequence[Score], how: Sampling) -> dict[str, Any]:
    """Totals, weights and differences, and how they came about."""
    pages = by_account(scores)
    gaps = [difference(pages, "mechanism", rival) for rival in pages if rival != "mechanism"]
    first = next(gap for gap in gaps if gap.rival == "meta-analysis")
    return {
        "verdict": verdict(first),
        "totals": {name: float(one.sum()) for name, one in pages.items()},
        "weights": weights(pages),
        "differences": [dataclasses.asdict(gap) for gap in gaps],
        "refitted": {name: [s.trial for s in scores if s.account == name and s.refitted] for name in pages},
        "rows_sha256": rows_hash(),
        "sampler": {"name": "NUTS", **dataclasses.asdict(how)},
        "versions": versions(),
        "command": COMMAND,
    }


# --- as text


def draws_as_csv(parameters: Mapping[str, np.ndarray]) -> str:
    """Draws, one column a parameter, six digits."""
    return _csv(list(parameters), zip(*parameters.values(), strict=True))


def scores_as_csv(scores: Sequence[Score]) -> str:
    """Scores, one row an account and trial, to the hundredth: sampling leaves more unsure."""
    names = [field.name for field in dataclasses.fields(Score)]
    rounded = (dataclasses.replace(s, log_score=round(s.log_score, 2), k_hat=round(s.k_hat, 2)) for s in scores)
    return _csv(names, (dataclasses.astuple(score) for score in rounded))


def _csv(header: Sequence[str], rows: Any) -> str:
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([f"{cell:.6g}" if isinstance(cell, float) else cell for cell in row] for row in rows)
    return written.getvalue()


def read_scores(text: str) -> tuple[Score, ...]:
    """Scores from the text of their table."""
    rows = csv.DictReader(io.StringIO(text))
    return tuple(
        Score(r["account"], r["trial"], float(r["log_score"]), float(r["k_hat"]), r["refitted"] == "True") for r in rows
    )


def write(name: str, table: str, record: Mapping[str, Any], folder: pathlib.Path) -> None:
    """A table and its record."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.csv").write_text(table, encoding="utf-8")
    (folder / f"{name}.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


# --- read


@functools.cache
def mood_draws() -> Mapping[str, np.ndarray]:
    """The shipped draws of the mechanism, by parameter."""
    rows = list(csv.reader(io.StringIO(_text(f"{POSTERIOR}.csv"))))
    columns = np.array(rows[1:], float).T
    return dict(zip(rows[0], columns, strict=True))


@functools.cache
def mood_scores() -> tuple[Score, ...]:
    """The shipped scores of every account and trial."""
    return read_scores(_text(f"{SCORES}.csv"))


@functools.cache
def record_of(name: str) -> Mapping[str, Any]:
    """The record beside `POSTERIOR` or `SCORES`."""
    found: Mapping[str, Any] = json.loads(_text(f"{name}.json"))
    return found


def _text(name: str) -> str:
    try:
        return files("unwound.inference").joinpath("data", name).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise EvidenceError(f"inference/data/{name}: this file is not part of the package; run {COMMAND}") from error


def parameters_of(draw: Mapping[str, float]) -> MoodParameters:
    """The parameters of `simulate_mood` for one draw; what is not fitted stays that of the evidence table."""
    fixed = mood_parameters()
    return MoodParameters(
        dataclasses.replace(
            fixed.mood, gain=draw["gain"], on_rate=draw["on_rate"], half_life=draw["half_life"]
        ),
        control_of(dict(draw)),
        dataclasses.replace(fixed.relapse, rate=draw["relapse_rate"], steepness=draw["relapse_steepness"]),
    )  # fmt: skip


def gap_of(rival: str, account: str = "mechanism") -> Difference:
    """The shipped difference of `account` from `rival`."""
    return difference(by_account(mood_scores()), account, rival)
