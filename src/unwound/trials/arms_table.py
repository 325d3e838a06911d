"""The arms of published trials as one table for meta-analysis, put together from the trial folders and nothing else.

    trial folder (protocol.toml, results.csv) -> exposure planned, exposure up to the time of the row -> one row

One row per arm (or contrast, with the dose of its arm with the drug), outcome and time, of the trials of pain and mood
whose role is calibration. Doses are those of a person of 70 kg. S-equivalents are S + f R with the f of the branch, as
given: what a spray loses on its way is not taken off. A cell without a number in the trial folder stays blank. Which
endpoints count as outcomes is listed here; one that is listed nowhere is refused: nothing is left out in silence.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unwound.core.errors import EvidenceError
from unwound.evidence import TrialRow, trial_index, trial_results, value
from unwound.evidence.arms import ArmRow
from unwound.regimen import Regimen
from unwound.trials.described import Described, published_protocol
from unwound.trials.exposure import amount_by, exposure
from unwound.trials.trial import Trial

OUTCOMES = {
    "pain NRS": ("pain", "pain intensity"),
    "pain VAS": ("pain", "pain intensity"),
    "P of the difference": ("pain", "pain intensity"),
    "P of the daily differences": ("pain", "pain intensity"),
    "responders (50 % less pain)": ("pain", "response"),
    "responders": ("pain", "response"),
    "decrease in stump/phantom pain": ("pain", "response"),
    "little or no change in worst pain": ("pain", "no response"),
    "no effect": ("pain", "no response"),
    "transient (<1 h)": ("pain", "response for less than an hour"),
    "long-term (hours or more)": ("pain", "response for hours or more"),
    "MADRS": ("mood", "MADRS"),
    "MADRS change": ("mood", "MADRS"),
    "MADRS change, open label": ("mood", "MADRS, open label"),
    "HAM-D-6 against midazolam": ("mood", "HAM-D-6"),
    "effect size from baseline to day 1": ("mood", "depression, any scale"),
    "responders (50 % less MADRS)": ("mood", "response"),
    "remission (MADRS <= 12)": ("mood", "remission"),
    "responders still in response": ("mood", "response kept"),
    "relapse": ("mood", "relapse"),
    "relapsed": ("mood", "relapse"),
    "time to relapse": ("mood", "time to relapse"),
    "IES-R": ("mood", "IES-R"),
    "responders (35 % less LSAS)": ("mood", "response, LSAS"),
    "responders (50 % less VAS anxiety)": ("mood", "response, VAS anxiety"),
}
"""Endpoint as it is called in results.csv -> (branch, outcome)."""

SPREADS = {"MADRS change, standard deviation": "MADRS change"}
"""Endpoints that are the standard deviation of another row."""

SAFETY_ONLY = ("SUS2", "AEWK", "ASP", "LIV11", "ESKBP", "NIE17", "JOL05", "KOP03", "DAH11", "EID94", "AND20")
"""Trials without an outcome of an arm here: side effects, surgery, volunteers, estimates, findings in words."""

OTHER = (
    "psychomimetic effect", "dose reached", "nausea", "vomiting", "headache", "disability", "any adverse event",
    "area under the VAS of pain from hypertonic saline", "area of local and referred pain",
    "temporal summation (span single vs 5x2 Hz threshold)", "discontinued for AE", "dissociation",
    "clinically significant LFT change", "psychiatric symptoms", "nausea/vomiting", "dysgeusia", "vertigo",
    "somnolence", "dizziness", "blurred vision", "anxiety", "blood pressure increased", "sedation",
    "confusional state",
)  # fmt: skip
"""Endpoints that are not outcomes of pain or mood."""

_COMPARATORS = {
    "none": "none",
    "midazolam in the first phase": "none",
    "not in our evidence": "",
    "saline": "saline",
    "saline, both with gabapentin": "saline",
    "placebo spray": "placebo spray",
    "placebo spray and antidepressant": "placebo spray and antidepressant",
}


def arms_table() -> tuple[ArmRow, ...]:
    """Every row, trial by trial in the order of the index."""
    found: list[ArmRow] = []
    for note in trial_index().values():
        if note.role != "calibration" or note.short in SAFETY_ONLY:
            continue
        protocol = published_protocol(note.name)
        rows = trial_results(note.name)
        spreads = {(r.arm, SPREADS[r.endpoint], r.window): r.value for r in rows if r.endpoint in SPREADS}
        for row in rows:
            if row.endpoint in OUTCOMES:
                sd = spreads.get((row.arm, row.endpoint, row.window))
                found.append(_row(note.short, protocol, row, sd))
            elif row.endpoint not in OTHER and row.endpoint not in SPREADS:
                raise EvidenceError(f"{note.name}: {row.endpoint!r} is neither an outcome nor listed as something else")
    return tuple(found)


def _row(short: str, protocol: Trial | Described, row: TrialRow, sd: float | None) -> ArmRow:
    note = trial_index()[row_trial(short)]
    branch, outcome = OUTCOMES[row.endpoint]
    arm = _arm_of(protocol, row.arm)
    treated = arm or _treated_of(protocol, row.arm)
    regimen = None if treated is None else protocol.regimen_of_arm(treated)
    given = "" if treated is None else treated.gives
    if row.spread_kind == "sd":
        sd = row.spread
    share = row.statistic == "share of patients" and row.value is not None and row.n is not None
    return ArmRow(
        trial=note.name, short=short, branch=branch, disorder=note.disorder, design=protocol.design,
        level="contrast" if arm is None else "arm", arm=row.arm, gives=given,
        comparator=_comparator(note.comparator, row.arm),
        **_exposure_of(regimen, row.hours, branch), **(_NOTHING if given in ("saline", "midazolam") else {}),
        outcome=outcome, endpoint=row.endpoint, statistic=row.statistic, unit=row.unit, window=row.window,
        hours=row.hours, n=row.n, value=row.value, sd=sd, se=row.spread if row.spread_kind == "se" else None,
        low=row.low, high=row.high, interval_kind=row.interval_kind,
        responders=round(row.value * row.n / 100.0) if share else None,  # type: ignore[operator]
        printed=row.observed_text, provenance=row.provenance, confidence=row.confidence,
        source=";".join(row.source), note=row.note,
    )  # fmt: skip


def row_trial(short: str) -> str:
    """The folder of a short name."""
    return next(name for name, note in trial_index().items() if note.short == short)


def _arm_of(protocol: Trial | Described, name: str) -> Any:
    """The arm of the protocol that a row speaks of; None for a contrast. Strata are named in brackets."""
    plain = name.split(" (stable")[0]
    return next((arm for arm in protocol.arms if arm.name == plain), None)


def _treated_of(protocol: Trial | Described, contrast: str) -> Any:
    """The arm with the drug behind a contrast: the only one, or the one that the contrast names first."""
    with_drug = [arm for arm in protocol.arms if arm.gives == "regimen"]
    named = [arm for arm in with_drug if contrast.startswith(f"{arm.name} ")]
    return with_drug[0] if len(with_drug) == 1 else named[0] if named else None


def _comparator(text: str, arm: str) -> str:
    if text in _COMPARATORS:
        return _COMPARATORS[text]
    if text == "midazolam, saline":  # a pooled analysis: the contrast says which
        return arm.rsplit(" ", 1)[-1]
    if text.startswith("midazolam"):
        return "midazolam"
    raise EvidenceError(f"trials/index.toml: no kind of comparator for {text!r}")


_NOTHING: Mapping[str, Any] = {"total_dose_mg": 0.0, "s_equivalent_mg": 0.0}


def _exposure_of(regimen: Regimen | None, hours: float | None, branch: str) -> dict[str, Any]:
    """What is planned in all, and what has been received by `hours`."""
    planned = None if regimen is None else exposure(regimen)
    if regimen is None or planned is None:
        return {}
    forms = dict.fromkeys(dose.enantiomer for dose in regimen.doses)
    potency = value("mood.r_potency" if branch == "mood" else "turnover.r_potency", "1")
    per_mg = {"S": 1.0, "R": potency, "racemic": (1.0 + potency) / 2.0}
    whole = received(regimen, per_mg, regimen.end + 1.0)
    cells: dict[str, Any] = {
        "drug": "ketamine", "enantiomer": "+".join(forms), "route": planned.route, "total_dose_mg": _digits(whole[0]),
        "s_equivalent_mg": _digits(whole[1]), "duration_h": _digits(planned.hours), "sessions": planned.occasions,
        "span_d": _digits(planned.span_h / 24.0), "at_most": planned.at_most,
    }  # fmt: skip
    if hours is not None:
        amount, equivalents, spent, since = received(regimen, per_mg, hours)
        cells |= {
            "dose_by_then_mg": _digits(amount), "s_equivalent_by_then_mg": _digits(equivalents),
            "duration_by_then_h": _digits(spent), "days_since_end": None if since is None else _digits(since / 24.0),
        }  # fmt: skip
    return cells


def received(regimen: Regimen, per_mg: Mapping[str, float], hours: float) -> tuple[float, float, float, float | None]:
    """(mg, S-equivalents [mg], hours of dosing, hours since the end) of the doses begun before `hours`.

    The end is that of the last dose begun; 0 while it runs, None before any.
    """
    amount = equivalents = spent = 0.0
    ends: list[float] = []
    for dose in regimen.doses:
        for start in dose.starts():
            elapsed = hours - float(start)
            if elapsed <= 1e-9:  # rated before the dose of the same hour
                continue
            one = amount_by(dose, elapsed)
            amount, equivalents = amount + one, equivalents + one * per_mg[dose.enantiomer]
            spent += min(elapsed, dose.hours)
            ends.append(float(start) + dose.hours)
    return amount, equivalents, spent, max(hours - max(ends), 0.0) if ends else None


def _digits(number: float) -> float:
    return float(f"{number:.6g}")
