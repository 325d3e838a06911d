"""Fit the mood branch and its rivals to the printed rows, score them on trials left out, write what is shipped.

    posterior        NUTS for the mechanism                      -> inference/data/mood_posterior.csv and .json
    scores [NAMES]   NUTS for every account, one trial left out  -> inference/data/mood_scores.csv and .json
                     (only the table for those named: then ask for the record, once all are there)
    record           the record of the scores again, from the table
    recovery         simulated trial sets of the same size, fitted again: is the truth in the 90 % interval? (printed)

Usage: ``python scripts/fit_mood.py [posterior] [scores] [record] [recovery]``; without a word: posterior and scores.
Some three minutes of one core for the posterior and an hour for the scores of all accounts, compiling included.
"""

from __future__ import annotations

import pathlib
import sys
import time

import unwound.inference
from unwound.inference import mood_shipped
from unwound.inference.mood_accounts import ACCOUNTS
from unwound.inference.mood_fit import Fitted, Sampler, Sampling
from unwound.inference.mood_recovery import recovery, recovery_table
from unwound.inference.mood_scores import Score, Scorer

FOLDER = pathlib.Path(unwound.inference.__file__).parent / "data"
SCORED = FOLDER / f"{mood_shipped.SCORES}.csv"
DATASETS = 3
SCORING = Sampling(warmup=200, draws=500)


def said(*words: object) -> None:
    """A line with the processor time so far."""
    print(f"{time.process_time():7.0f} s  ", *words, flush=True)


def posterior(sampler: Sampler) -> Fitted:
    """Fit the mechanism and ship its draws."""
    whole = sampler.fit()
    record = mood_shipped.posterior_record(whole, sampler.how)
    mood_shipped.write(mood_shipped.POSTERIOR, mood_shipped.draws_as_csv(whole.parameters), record, FOLDER)
    for name, column in whole.parameters.items():
        told = whole.diagnostics[name]
        said(f"{name:18s} {column.mean():9.4g} sd {column.std():8.3g}   R-hat {told['r_hat']:.3f}"
             f"   effective {told['effective']:.0f}")  # fmt: skip
    said(f"{whole.divergent} divergent")
    return whole


def scored(name: str, sampler: Sampler, whole: Fitted) -> list[Score]:
    """Scores of one account, told as they come."""
    return Scorer(name, sampler).scores(
        whole, lambda s: said(f"{s.account:14s} {s.trial:6s} {s.log_score:8.2f}   k {s.k_hat:.2f}"
                              f"{'   fitted again' if s.refitted else ''}"))  # fmt: skip


def score(names: list[str], how: Sampling) -> None:
    """Score the accounts `names`, one after the other; what another process has written meanwhile is kept."""
    for name in names:
        sampler = Sampler(name, how)
        found = scored(name, sampler, sampler.fit())
        every = [one for one in kept() if one.account != name] + found
        every.sort(key=lambda one: ACCOUNTS.index(one.account))
        SCORED.write_text(mood_shipped.scores_as_csv(every), encoding="utf-8")


def kept() -> list[Score]:
    """The scores that are written."""
    return list(mood_shipped.read_scores(SCORED.read_text(encoding="utf-8"))) if SCORED.exists() else []


def write_record(how: Sampling) -> None:
    """The record of the scores, from the table."""
    record = mood_shipped.scores_record(tuple(kept()), how)
    mood_shipped.write(mood_shipped.SCORES, mood_shipped.scores_as_csv(kept()), record, FOLDER)
    print(record["verdict"])


def main(asked: list[str]) -> None:
    """Do what is asked."""
    if "posterior" in asked:
        posterior(Sampler("mechanism", Sampling()))
    if "scores" in asked:
        named = [name for name in ACCOUNTS if name in asked]
        score(named or list(ACCOUNTS), SCORING)
        if not named:
            write_record(SCORING)
    if "record" in asked:
        write_record(SCORING)
    if "recovery" in asked:
        print(recovery_table(recovery(Sampler("mechanism", SCORING), DATASETS)))


if __name__ == "__main__":
    main(sys.argv[1:] or ["posterior", "scores"])
