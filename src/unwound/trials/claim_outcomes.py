"""What the model, and plain counting, say about claims of outcome: opioids, mood, harm, certainty.

a printed share of n people    exact 95 % interval (Clopper and Pearson); none of n: an upper bound, never 0 %
opioids                        the pump of NIE17, conducted again: 90 % of virtual trials
mood                           expected values beside what was printed with 1.64 standard errors
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from unwound.evidence import trial_index, trial_results
from unwound.population.surgery import run_surgery
from unwound.population.surgical_trials import surgical_trial
from unwound.trials.analysis.distributions import exact_interval
from unwound.trials.claim_findings import Finding, finding, over
from unwound.trials.expectancy import SHARES
from unwound.trials.mood_mechanism import shared_or_separate
from unwound.trials.qualify_other import mood_page

_EXACT = "exact 95 % interval of what was printed"
_MOOD_PEOPLE = 500


def opioids(seed: int) -> list[Finding]:
    """Morphine by the pump after surgery in opioid-dependent people, S-ketamine minus placebo."""
    result = run_surgery(surgical_trial("NIE17"), 20, seed)
    found = [over("morphine in 24 h, S-ketamine minus placebo", result.difference_mg, "mg")]
    return [*found, *_printed([("nielsen2017", "difference", "morphine")])]


def esketamine(seed: int) -> list[Finding]:
    """Response at day 28 of TRANSFORM-2, and the difference, of which a share may be unblinding."""
    del seed  # expected values
    rows = {row["endpoint"]: row for row in mood_page("TRF2")["rows"]}
    named = {arm: rows[f"change (trf2.{arm}_change)"] for arm in ("esk", "placebo")}
    found = []
    for arm, row in named.items():
        found.append(finding(f"TRF2, {arm}: change of MADRS by day 28, foretold", row["mean"], "points", spread=_NONE))
        half = row["half"]
        found.append(finding(f"TRF2, {arm}: the same, printed", row["observed"], "points", row["observed"] - half,
                             row["observed"] + half, "1.64 standard errors"))  # fmt: skip
    gap = named["esk"]["mean"] - named["placebo"]["mean"]
    for share in SHARES:
        what = f"TRF2: difference of MADRS foretold, {share:g} % of it unblinding"
        found.append(finding(what, gap * (1.0 - share / 100.0), "points", spread=_NONE))
    return found


def mood_boosters(seed: int) -> list[Finding]:
    """Responders still in response after four weekly infusions more."""
    del seed
    row = next(row for row in mood_page("PHI19")["rows"] if "held" in row["endpoint"])
    return [
        finding("PHI19: responders still in response after boosters, foretold", row["mean"], "percent", spread=_NONE),
        finding("PHI19: the same, recalled", row["observed"], "percent", row["observed"] - row["half"],
                min(row["observed"] + row["half"], 100.0), "1.64 standard errors"),
    ]  # fmt: skip


def one_mechanism(seed: int) -> list[Finding]:
    """Mood with kinetics of its own, or with the slow memory of pain."""
    del seed
    found = shared_or_separate(people=_MOOD_PEOPLE)
    what = "log units by which the rows of mood favor kinetics of their own, two fitted rates counted"
    return [
        finding(what, found.penalized, "1", spread="in sample; no interval"),
        *(finding(f"rows of mood missed, {one.name} kinetics", float(len(one.missed)), "1",
                  spread=f"of {sum(row.fitted for row in one.rows)} that may be fitted")
          for one in (found.separate, found.shared)),
    ]  # fmt: skip


def stopping(seed: int) -> list[Finding]:
    """Who stopped for side effects, as printed."""
    del seed
    return _printed([("wajs2020", "", "discontinued for AE"), ("popova2019", "", "discontinued for AE")])


def organs(seed: int) -> list[Finding]:
    """Liver and bladder, as printed."""
    del seed
    return _printed([
        ("noppers2011_liver", "", "hepatotoxicity"), ("colinavargas2023", "", "LFT"),
        ("correll2004", "", "liver enzyme"), ("winstock2012", "", "urinary"),
    ])  # fmt: skip


def deaths(seed: int) -> list[Finding]:
    """Deaths and loss of consciousness, as printed."""
    del seed
    return _printed([("wajs2020", "", "death"), ("wajs2020", "", "serious AE"),
                     ("esketamine_information", "", "loss of consciousness")])  # fmt: skip


def null_trials(seed: int) -> list[Finding]:
    """What the index of trials holds: how many have a control, how many results somebody here has read."""
    del seed
    notes = list(trial_index().values())
    controlled = [note for note in notes if note.comparator.lower() not in ("none", "not in our evidence")]
    rows = [row for note in notes for row in trial_results(note.name)]
    read = [row for row in rows if row.provenance != "memory"]
    counts = "counted in the package"
    return [
        finding("published trials and reviews in the package", float(len(notes)), "1", spread=counts),
        finding("of them with a comparator", float(len(controlled)), "1", spread=counts),
        finding("results that were read, not recalled", 100.0 * len(read) / len(rows), "percent", spread=counts),
        *_printed([("kiefer2008", "", "any response")]),
    ]


_NONE = "expected value, the typical person's exposure"


def _printed(wanted: Iterable[tuple[str, str, str]]) -> list[Finding]:
    """Printed numbers (trial, arm or "" for any, beginning of the endpoint's words), with the interval they allow."""
    found = []
    for trial, arm, words in wanted:
        short = trial_index()[trial].short
        for row in trial_results(trial):
            if words not in row.endpoint or (arm and row.arm != arm):
                continue
            what = f"{short}, {row.arm}: {row.endpoint} ({row.provenance})"
            if row.unit == "percent" and row.value is not None and row.n:
                found.append(_share(what, row.value, row.n))
            elif row.value is not None:
                found.append(finding(what, row.value, row.unit, row.low, row.high, row.interval_kind or "as printed"))
    return found


def _share(what: str, percent: float, n: int) -> Finding:
    events = np.array([round(percent * n / 100.0)])
    low, high = exact_interval(events, np.array([n]))
    if not events[0]:
        return finding(f"{what}: none of {n}, at most", 100.0 * float(high[0]), "percent", spread="exact 95 % bound")
    return finding(f"{what}, of {n}", percent, "percent", 100.0 * float(low[0]), 100.0 * float(high[0]), _EXACT)
