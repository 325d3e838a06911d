"""The judged rows of trials that are not of chronic pain: mood (expected values) and surgery (replicates).

    mood       log score: log N(observed | predicted, SE of the observed number); of logarithms for ratios and times
    surgery    log score and coverage over replicates, as in trials of pain; verdict: the mean in the printed interval

Mood has no replicates, so its rows have no interval and are left out of coverage. A difference of mood is shown with 25
and 50 % of it taken away as unblinding.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from unwound.evidence import estimate, value
from unwound.patient.mood_people import mood_keys, mood_parameters
from unwound.population.surgery import run_surgery
from unwound.population.surgical_trials import surgical_trial, surgical_trials
from unwound.trials.expectancy import SHARES
from unwound.trials.mood import MoodRow, pages, rows
from unwound.trials.mood_relapse import relapse_rows
from unwound.trials.scoring import Judged, binomial, log_normal, normal
from unwound.trials.surgery_rows import FITTED, surgery_rows

_UNITS = {
    "change": "points", "sd of change": "points", "difference": "points", "response": "percent", "remission": "percent",
    "selected": "percent", "held": "percent", "median": "d", "median_off": "d",
}  # fmt: skip
_SMALLEST = 1e-9
_LOGARITHMS = ("ratio", "median", "median_off")


def surgical_shorts() -> tuple[str, ...]:
    """Short names of the surgical trials."""
    return tuple(trial.short for trial in surgical_trials())


def mood_trials() -> tuple[str, ...]:
    """Short names of the trials of mood that are simulated."""
    ids = [one["id"] for one in (*pages()["arm"], *pages()["relapse"])]
    return tuple(dict.fromkeys(name.split(".")[0].upper() for name in ids))


def mood_page(short: str) -> dict[str, Any]:
    """The rows of one trial of mood."""
    p, own = mood_parameters(), short.lower()
    studies = tuple(one["id"] for one in pages()["relapse"] if one["id"].split(".")[0] == own)
    found = rows(p, trials=(own,)) + (relapse_rows(p, studies=studies) if studies else [])
    return {
        "model": "kamp2020" if _per_kg(own) else "perezruixo2021", "sampling": "expected values, the typical person",
        "verdicts": {}, "failed": 0, "rows": [judged_mood(short, row).as_dict() for row in found],
        "not_judged": [], "notes": [], "keys": [*mood_keys("MADRS"), *(row.key for row in found)],
    }  # fmt: skip


def judged_mood(trial: str, row: MoodRow) -> Judged:
    """A row of mood with its score. A recalled one counts less and cannot fail a trial."""
    printed = estimate(row.key)
    weight = value("judgement.recalled_weight", "1") if row.recalled else 1.0
    if printed.seen == "secondary":
        weight = value("judgement.secondary_weight", "1")
    told = {}
    if row.kind in ("difference", "effect_size"):
        told = {f"{share:g}": row.predicted * (1.0 - share / 100.0) for share in SHARES}
    score, rival = _mood_score(row, row.predicted), None
    if row.kind in ("difference", "effect_size"):
        rival = _mood_score(row, 0.0)  # placebo only: no difference
    when = "" if math.isnan(row.day) else f"day {row.day:g}"
    return Judged(
        trial, row.arm, f"{row.kind} ({row.key})", when, _UNITS.get(row.kind, "1"), row.observed, f"{row.observed:g}",
        "memory" if row.recalled else "read", f"within max({row.tolerance:g}, 1.64 SE of {row.error:.3g})",
        row.predicted, None, None, row.inside, not row.inside and not row.recalled, weight, score, None, rival,
        row.fitted, told, value("judgement.standard_errors", "1") * row.error, row.kind in _LOGARITHMS,
    )  # fmt: skip


def _mood_score(row: MoodRow, predicted: float) -> float:
    if row.kind == "superior":  # predicted is the chance of finding a difference
        chance = min(max(predicted, _SMALLEST), 1.0 - _SMALLEST)
        return math.log(chance if row.observed > 0.5 else 1.0 - chance)
    if row.kind in _LOGARITHMS:
        return log_normal(math.log(row.observed), math.log(max(predicted, _SMALLEST)), row.error)
    return log_normal(row.observed, predicted, row.error)


def surgical_page(
    short: str, replicates: int, seed: int, progress: Callable[[int], None] | None = None
) -> dict[str, Any]:
    """The rows of one surgical trial."""
    trial = surgical_trial(short)
    result = run_surgery(trial, replicates, seed, extremes=False, progress=progress)
    judged = [_judged_surgery(short, row, replicates, result.patients) for row in surgery_rows(result)]
    lost = sum(int((arm.morphine_mg != arm.morphine_mg).sum()) for arm in result.arms)
    return {
        "model": trial.plan.model, "sampling": "replicates at the trial's own size", "verdicts": {}, "failed": lost,
        "rows": [row.as_dict() for row in judged if row.passed is not None], "not_judged": [],
        "notes": ["tolerance and the spread of C50 are fitted to the control arm of NIE17", *result.warnings],
        "keys": list(result.keys),
    }  # fmt: skip


def _judged_surgery(trial: str, row: dict[str, Any], replicates: int, patients: int) -> Judged:
    s, observed, printed = row["simulated"], row["observed"], row["observed_interval"]
    score = None
    if observed is not None and row["unit"] == "percent" and row["arm"] != "difference":
        score = binomial(observed, patients, s["mean"], replicates)
    elif observed is not None:
        score = normal(observed, s["mean"], s["low"], s["high"])
    recalled = bool(row["key"]) and estimate(row["key"]).basis == "assumed"
    weight = value("judgement.recalled_weight", "1") if recalled else 1.0
    rule = "simulated mean in the printed 95 % interval" if printed else "observed value in the simulated 90 % interval"
    covered = None if observed is None else bool(s["low"] <= observed <= s["high"])
    return Judged(
        trial, row["arm"], row["what"], "24 h", row["unit"], observed, "" if observed is None else f"{observed:g}",
        "memory" if recalled else "read", rule, s["mean"], s["low"], s["high"], row["agrees"],
        row["agrees"] is False and not recalled, weight, score, covered, None, row["kind"] == FITTED,
    )  # fmt: skip


def _per_kg(own: str) -> bool:
    return any("per_kg" in one for one in (*pages()["arm"], *pages()["relapse"]) if one["id"].split(".")[0] == own)
