"""What the joint fit of pain is fitted to: the rows of `evidence/fits/pain.toml`, with what was printed.

A row knows how the model is asked (`kind`) and what was found: a mean with its spread, k of n people, a range, classes,
or a P value as the interval that was printed (``P<0.001`` is 0 to 0.001, ``P=0.07`` is 0.065 to 0.075). Only trials of
role calibration that share no patients can be read (`evidence.for_fitting`).
"""

from __future__ import annotations

import functools
import math
import re
import tomllib
from dataclasses import dataclass
from typing import Any, Literal

from unwound.core.errors import EvidenceError
from unwound.evidence import for_fitting, trial_note, trial_results, value
from unwound.evidence.shipped import text_of
from unwound.evidence.trial_rows import TrialRow

Kind = Literal["mean", "share", "range", "classes", "between", "within"]
PAGE = "fits/pain.toml"


@dataclass(frozen=True)
class FitRow:
    """One printed result and how the model is asked for it."""

    trial: str
    kind: Kind
    arm: str
    """Empty for a comparison between arms."""
    hours: tuple[float, ...]
    n: int
    weight: float
    text: str
    what: str
    reduction: float = 0.0
    """Share of the pain before (0..1) that somebody has lost who counts."""
    below: bool = False
    """Whether those count who have lost less."""
    mean: float = math.nan
    sd: float = math.nan
    counts: tuple[int, ...] = ()
    """k of n people; or people per class."""
    low: float = math.nan
    high: float = math.nan
    """Ends of a printed range, or of a printed P."""
    why: str = ""

    @property
    def name(self) -> str:
        """Trial, arm and result in one phrase."""
        return " ".join(part for part in (self.trial, self.arm, self.what) if part)


@functools.cache
def page() -> dict[str, Any]:
    """The page of the fit as it is written."""
    return tomllib.loads(text_of(PAGE))


@functools.cache
def fit_rows() -> tuple[FitRow, ...]:
    """Every row of the fit. Raises `EvidenceError` for a row that no trial has, `InputError` for a forbidden trial."""
    entries = page()["rows"]
    for_fitting(*dict.fromkeys(entry["trial"] for entry in entries))
    return tuple(_row(entry) for entry in entries)


@functools.cache
def fitted_trials() -> tuple[str, ...]:
    """Short names of the trials in the fit."""
    return tuple(dict.fromkeys(row.trial for row in fit_rows()))


def baseline_of(trial: str) -> float | None:
    """Mean pain before treatment [points] where it is not that of the population."""
    found = page()["baseline"].get(trial)
    return None if found is None else float(found)


def _row(entry: dict[str, Any]) -> FitRow:
    printed = [_printed(entry, name) for name in (entry["endpoint"], *entry.get("also", ()))]
    first, kind = printed[0], entry["kind"]
    n = entry.get("n") or first.n
    if n is None:
        raise EvidenceError(f"{PAGE}: {entry['trial']}, {entry['endpoint']} has no number of people")
    common = {
        "trial": entry["trial"], "kind": kind, "arm": entry.get("arm", ""), "hours": tuple(map(float, entry["hours"])),
        "n": n, "weight": _weight(entry, first), "text": first.observed_text, "why": entry.get("why", ""),
        "reduction": entry.get("reduction", 0) / 100.0, "below": entry.get("below", False),
        "what": f"{entry['endpoint']}, {_when(entry['hours'])}",
    }  # fmt: skip
    if kind == "mean":
        return FitRow(**common, mean=_number(first), sd=_number_of(first.spread, entry) * math.sqrt(n))
    if kind == "range":
        return FitRow(**common, low=_number_of(first.low, entry), high=_number_of(first.high, entry))
    if kind == "share":
        return FitRow(**common, counts=(entry.get("count", round(_number(first) * n / 100.0)),))
    if kind == "classes":
        return FitRow(**common, counts=tuple(round(_number(one) * n / 100.0) for one in printed))
    if kind == "within":
        bounds = (0.05, 1.0) if entry["finds"] == "nothing" else (0.0, 0.05)
        common["text"] = f"{entry['finds']} found"
        return FitRow(**common, low=bounds[0], high=bounds[1])
    low, high = p_interval(first.observed_text)
    return FitRow(**common, low=low, high=high)


def p_interval(text: str) -> tuple[float, float]:
    """What a printed P says: ``P<0.001`` is (0, 0.001), ``P=0.07`` is (0.065, 0.075). Raises `EvidenceError`."""
    found = re.fullmatch(r"P\s*([<=])\s*(0?\.(\d+))", text.strip())
    if found is None:
        raise EvidenceError(f"{PAGE}: {text!r} is not a P value such as P<0.001 or P=0.07")
    number, half = float(found[2]), 0.5 * 10.0 ** -len(found[3])
    return (0.0, number) if found[1] == "<" else (number - half, number + half)


def _printed(entry: dict[str, Any], endpoint: str) -> TrialRow:
    for row in trial_results(trial_note(entry["trial"]).name):
        if row.endpoint == endpoint and row.window == entry["window"] and entry.get("arm", "difference") == row.arm:
            return row
    raise EvidenceError(f"{PAGE}: {entry['trial']} has no result {endpoint!r}, {entry['window']!r}")


def _number(row: TrialRow) -> float:
    if row.value is None:
        raise EvidenceError(f"{PAGE}: {row.endpoint}, {row.window} was printed without a number")
    return row.value


def _number_of(found: float | None, entry: dict[str, Any]) -> float:
    if found is None:
        raise EvidenceError(f"{PAGE}: {entry['trial']}, {entry['window']} was printed without a spread or a range")
    return found


def _weight(entry: dict[str, Any], row: TrialRow) -> float:
    if entry.get("weight") == "secondary":
        return value("judgement.secondary_weight", "1")
    return value("judgement.recalled_weight", "1") if row.provenance == "memory" else 1.0


def _when(hours: list[float]) -> str:
    """The last time in words."""
    last = float(hours[-1])
    text = f"{last:g} h" if last < 72 else (f"day {last / 24:g}" if last < 168 else f"week {last / 168:g}")
    return text if len(hours) == 1 else f"{len(hours)} times to {text}"
