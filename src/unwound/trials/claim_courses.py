"""What the slow memory says about claims of relief: one infusion, a series, boosters, a reset, the latent memory.

Virtual trials of CRPS type 1 that were never held, each hypothesis in turn, against an empty pump. A difference is that
of mean pain between arms; below 0 there is less pain. Intervals are those of virtual trials of 60 people an arm; how
far hypotheses lie apart is the larger doubt.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from unwound.evidence import value
from unwound.patient.protocol import Person
from unwound.patient.setting import Setting
from unwound.patient.simulation import simulate
from unwound.trials.claim_findings import Finding, finding, over
from unwound.trials.conduct import conduct
from unwound.trials.qualify_pain import model_for
from unwound.trials.result import TrialResult
from unwound.trials.trial import Trial
from unwound.trials.verdict import rows_of

HYPOTHESES = ("H0", "H1", "H2")
SIZE, REPLICATES = 60, 20
RESPONSE = 0.3
DAY_H, WEEK_H = 24.0, 168.0
_SESSION = {"kind": "infusion", "drug": "ketamine", "enantiomer": "racemic", "rate": "0.35 mg/kg/h", "duration": "4 h"}
_TEN = {**_SESSION, "repeat": {"count": 10, "days": "weekdays"}}


def relief(seed: int) -> list[Finding]:
    """The 100-hour infusion of Sigtermans 2009 against saline: pain a week and twelve weeks later."""
    return [one for one in _year(seed) if one.unit == "points" and one.what.endswith((" 1", " 12"))]


def reset(seed: int) -> list[Finding]:
    """The same, half a year and a year later, and the share that a reset would keep well."""
    near = relief(seed)
    return [one for one in _year(seed) if one not in near]


@functools.cache
def _year(seed: int) -> tuple[Finding, ...]:
    """The infusion followed for a year under each hypothesis."""
    weeks = (1, 12, 26, 52)
    trial = _trial({"four days": _reference()}, [WEEK_H * week for week in weeks])
    found = []
    for name in HYPOTHESES:
        result = _conducted(trial, name, seed)
        found += [
            _difference(f"{name}: pain, four days minus saline, week {week}", result, "four days", WEEK_H * week)
            for week in weeks
        ]
        found.append(_responders(f"{name}: 30 % less pain a year later, four days minus saline", result, "four days"))
    return tuple(found)


def series(seed: int) -> list[Finding]:
    """One session of four hours, ten on weekdays, four days at once: relief a week and four weeks after the end."""
    arms = {
        "one session": ({"title": "0.35 mg/kg/h for 4 h", "doses": [_SESSION]}, 4.0),
        "ten sessions": ({"title": "ten weekdays", "doses": [_TEN]}, 11.0 * DAY_H + 4.0),
        "four days": (_reference(), 100.0),
    }
    after = {"a week": WEEK_H, "four weeks": 4.0 * WEEK_H}
    trial = _trial({name: regimen for name, (regimen, _) in arms.items()}, sorted(
        {round(end + gap, 6) for _, end in arms.values() for gap in after.values()}
    ))  # fmt: skip
    found = [one for name in HYPOTHESES for one in _relief_days(name, {n: r for n, (r, _) in arms.items()})]
    for name in HYPOTHESES:
        result = _conducted(trial, name, seed)
        for arm, (_, end) in arms.items():
            found += [
                _difference(f"{name}: pain, {arm} minus saline, {when} after the end", result, arm,
                            round(end + gap, 6))
                for when, gap in after.items()
            ]  # fmt: skip
    return found


def boosters(seed: int) -> list[Finding]:
    """Ten sessions, alone or with one more every four weeks: pain after half a year."""
    more = {**_SESSION, "start": "6 weeks", "repeat": {"count": 5, "every": "4 weeks"}}
    trial = _trial(
        {
            "ten sessions": {"title": "ten weekdays", "doses": [_TEN]},
            "ten and boosters": {"title": "ten weekdays, then one session every four weeks", "doses": [_TEN, more]},
        },
        [WEEK_H * week for week in (6, 14, 26)],
    )  # fmt: skip
    found = []
    for name in HYPOTHESES:
        result = _conducted(trial, name, seed)
        for week in (14, 26):
            what = f"{name}: pain, with boosters minus without, week {week}"
            gap = _mean(result, "ten and boosters", WEEK_H * week) - _mean(result, "ten sessions", WEEK_H * week)
            found.append(over(what, gap, "points"))
    return found


def pain_memory(seed: int) -> list[Finding]:
    """The latent memory of a typical person after the 100-hour infusion, in percent of what it was before."""
    del seed  # one typical person, without chance
    found = []
    for name in ("H1", "H2"):
        course = simulate(Person(), Trial.published("SIG09").shown_regimen, "26 weeks", _setting(name))
        memory = course.states["latent_memory"][:, 0]
        for label, at in (("end of the infusion", 100.0), ("4 weeks later", 100.0 + 4 * WEEK_H), ("week 26", np.inf)):
            place = min(int(np.searchsorted(course.time_h, at)), len(memory) - 1)
            left = 100.0 * memory[place] / memory[0]
            found.append(finding(f"{name}: latent memory left, {label}", left, "percent", spread=_TYPICAL))
    return found


def reference(seed: int) -> list[Finding]:
    """Sigtermans 2009 conducted: significance, who felt something, who could not bear it, relief of either."""
    found = []
    for name in HYPOTHESES:
        result = conduct(Trial.published("SIG09"), _setting(name, seed), 50)
        for row in rows_of(result):
            if row.endpoint.startswith("probability of") and row.simulated is not None:
                s, what = row.simulated, f"{name}: share of virtual trials that find {row.endpoint[15:]}, {row.window}"
                interval = "Monte-Carlo error"
                found.append(finding(what, 100 * s.mean, "percent", 100 * s.low, 100 * s.high, interval))
    felt = result.of_arm("S-ketamine", result.events["psychomimetic effect"].ravel().astype(float))
    found.append(over("who felt a psychomimetic effect under S-ketamine", 100.0 * felt.mean(axis=-1), "percent"))
    held = result.of_arm("S-ketamine", result.course.stepped_back[0].astype(float))
    found.append(over("whose rate was taken back because of it", 100.0 * held.mean(axis=-1), "percent"))
    ratings = result.rated("S-ketamine")
    change = ratings[1] - ratings[0]
    for word, inside in (("did", felt > 0.5), ("did not", felt < 0.5)):
        with np.errstate(invalid="ignore"):
            own = np.nanmean(np.where(inside, change, np.nan), axis=-1)
        found.append(over(f"H2: change of pain at week 1 in those who {word} feel it", own, "points"))
    peak = result.of_arm("S-ketamine", result.course.peak_ng_per_mL)
    lost = 1000.0 * value("consciousness.loss_concentration", "uM") * value("ketamine.molar_mass", "mg/umol")
    share = 100.0 * peak / lost
    low, high = np.percentile(share, (5, 95))
    found.append(finding("peak plasma S-ketamine, of the level at which the median person loses consciousness",
                         float(np.median(share)), "percent", float(low), float(high), "90 % of people"))  # fmt: skip
    return found


def _reference() -> dict[str, Any]:
    """The infusion of Sigtermans 2009, as a file would say it."""
    regimen = Trial.published("SIG09").shown_regimen
    return {"title": "S-ketamine over 100 hours", "doses": regimen.model_dump(mode="json", exclude_none=True)["doses"]}


_TYPICAL = "one typical person, without chance"


def _trial(arms: dict[str, dict[str, Any]], visits_h: list[float]) -> Trial:
    """A parallel trial of these regimens against saline."""
    treated = [
        {"name": name, "patients": SIZE, "gives": "regimen", "regimen": {"setting": "monitored", **regimen}}
        for name, regimen in arms.items()
    ]
    return Trial.from_dict({
        "name": "claim", "disorder": "CRPS-1", "weeks": max(1, int(np.ceil(max(visits_h) / WEEK_H))),
        "visits": [f"{hours!r} h" for hours in (0.0, *visits_h)],
        "arms": [*treated, {"name": "saline", "patients": SIZE, "gives": "saline", "control": True}],
    })  # fmt: skip


def _setting(name: str, seed: int = 1, model: str = "otto2021") -> Setting:
    return Setting(model=model, hypothesis=name, seed=seed, metabolites=False)


def _conducted(trial: Trial, name: str, seed: int) -> TrialResult:
    return conduct(trial, _setting(name, seed, model_for(trial)), REPLICATES)


def _mean(result: TrialResult, arm: str, hours: float) -> np.ndarray:
    return np.asarray(np.nanmean(result.rated(arm)[result.visit(hours)], axis=-1))


def _difference(what: str, result: TrialResult, arm: str, hours: float) -> Finding:
    return over(what, _mean(result, arm, hours) - _mean(result, "saline", hours), "points")


def _responders(what: str, result: TrialResult, arm: str) -> Finding:
    shares = []
    for name in (arm, "saline"):
        ratings = result.rated(name)
        with np.errstate(invalid="ignore"):
            less = np.where(np.isnan(ratings[-1]), np.nan, ratings[-1] <= (1.0 - RESPONSE) * ratings[0])
        shares.append(100.0 * np.nanmean(less, axis=-1))
    return over(what, shares[0] - shares[1], "percent")


def _relief_days(name: str, regimens: dict[str, dict[str, Any]]) -> list[Finding]:
    """Days with 30 % less pain after the end, in one typical person whose pain the drug can reach in full."""
    found = []
    for arm, regimen in regimens.items():
        trial = _trial({arm: regimen}, [WEEK_H])
        given = trial.shown_regimen
        course = simulate(Person(), given, "26 weeks", _setting(name, model=model_for(trial)))
        days = float(course.relief_days(given.end)[0])
        found.append(finding(f"{name}: days with 30 % less pain after {arm}", days, "d", spread=_TYPICAL))
    return found
