"""The plain words at the head of a report: what was done, what came out, and how little it proves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from unwound.core.verdicts import Verdict
from unwound.evidence import trial_names, trial_note
from unwound.reporting.fitted import cautions_of
from unwound.reporting.quantities import usable
from unwound.reporting.wording import of_so_many, simulated_text

if TYPE_CHECKING:
    from unwound.patient.acute import AcuteCourse
    from unwound.patient.course import Course
    from unwound.regimen import Regimen
    from unwound.trials import Row, TrialResult

RESET_IS_A_HYPOTHESIS = (
    "That central sensitization has two stable states, and that an infusion can reset it, is a hypothesis and not a "
    "finding. Rival hypotheses (H0, H1, H2) can agree with the same numbers for different reasons: compare them "
    "before believing one."
)
ONE_TRIAL = "One trial of this size is weak-to-moderate evidence, however well a curve follows it."


def what_was_done(results: Mapping[str, TrialResult]) -> str:
    """One sentence: the trial, its arms, how many copies, under which hypotheses."""
    result = next(iter(results.values()))
    trial = result.trial
    gives = {
        "regimen": "the drug as described below",
        "saline": "saline",
        "midazolam": "midazolam as active placebo, without effect on pain here",
    }
    sizes = {arm.name: "" if arm.patients is None else f"{arm.patients} in " for arm in trial.arms}
    arms = " and ".join(f"{sizes[arm.name]}the arm {arm.name} ({gives[arm.gives]})" for arm in trial.arms)
    if trial.design != "parallel":
        arms = f"{trial.design} design, {arms}"
    copies = "once" if result.replicates == 1 else f"{result.replicates:,} times"
    verb = "A published trial was re-enacted" if trial.cite else "A trial was simulated"
    behind = ", ".join(r.course.behind for r in results.values())
    under = result.course.under if len(results) == 1 else f"each of the hypotheses {behind}"
    return (
        f"{verb} {copies} with {trial.size} virtual patients with {trial.disorder}: {arms}, followed for "
        f"{trial.weeks} weeks, under {under}."
    )


def what_came_out(rows: Sequence[Row], short: str) -> str:
    """One sentence about the rows of one hypothesis: hits, misses, what was not judged."""
    own = [row for row in rows if row.hypothesis == short]
    judged = [row for row in own if row.passed is not None]
    if not judged:
        return f"{short}: nothing was published to compare with; the numbers below are simulation only."
    hits, silent = sum(row.passed is True for row in judged), len(own) - len(judged)
    missed = len(judged) - hits
    rest = f" {silent} published rows were not judged: this version has no such outcome." if silent else ""
    found = "none is missed" if not missed else f"{missed} {'is' if missed == 1 else 'are'} MISSED"
    return f"{short}: {hits} of {len(judged)} judged rows agree with what was published; {found}.{rest}"


def missed_rows(rows: Sequence[Row], results: Mapping[str, TrialResult]) -> list[str]:
    """Every missed row by name, with both numbers."""
    said = []
    for row in rows:
        if row.passed is False:
            value, interval = simulated_text(row, results[row.hypothesis])
            between = f", 90 % interval {interval}" if interval else ""
            said.append(f"{row.hypothesis}, {row.name}: published {row.observed_text}; simulated {value}{between}")
    return said


def cautions(results: Mapping[str, TrialResult]) -> list[str]:
    """What a reader must not conclude."""
    first = next(iter(results.values()))
    trial, fitted = first.trial, first.course.fitted
    said = [ONE_TRIAL]
    if fitted is not None:
        said += cautions_of(fitted, trial.name)
    elif _is_fitted(trial.name):
        said.append(
            "Parameters were chosen with this trial in view, so a hit shows that the model can represent the trial, "
            "not that it would predict another."
        )
    return [*said, RESET_IS_A_HYPOTHESIS]


def _is_fitted(name: str) -> bool:
    """Whether the evidence says that a trial serves calibration."""
    if name not in trial_names():
        return False
    return trial_note(name).role == "calibration"


def effects_outcome(course: AcuteCourse) -> list[str]:
    """What acute effects come to, in sentences."""
    time, effects = course.time_h, course.effects
    peaks = {name: (float(values.max()), float(time[values.argmax()])) for name, values in effects.items()}
    found = [
        f"{name} is highest at {time[values.argmax()]:.2f} h: {values.max():.0f} ng/mL ({course.sampling} plasma)."
        for name, values in course.concentration_ng_per_mL.items()
    ]
    found += [f"{one.drug} is highest at {one.ng_per_ml.max():.3g} ng/mL ({one.where})." for one in course.beside]
    ratio, at = peaks["pressure_pain_threshold"]
    found += [
        f"The pressure-pain threshold is highest at {at:.2f} h: {ratio:.2f} times the drug-free one.",
        f"The drug high reaches {peaks['high'][0]:.1f} of 10.",
        f"Dissociation: {100 * effects['dissociation_reported'][-1]:.0f} % report it, "
        f"{100 * effects['dissociation_on_scale'][-1]:.0f} % score it on a scale.",
        f"{100 * effects['nausea'][-1]:.0f} % report nausea; {100 * peaks['sedated'][0]:.0f} % are seen to be sedated.",
        f"Mean pressure rises to {peaks['mean_arterial_ratio'][0]:.2f} of the person's own.",
    ]
    ready = time[effects["ready"] > 0]
    found.append(
        f"The rule for leaving is first fulfilled at {ready[0]:.2f} h."
        if len(ready)
        else "The rule for leaving is not fulfilled in the time looked at."
    )
    return found


def effects_rows(course: AcuteCourse) -> list[dict[str, Any]]:
    """Lowest and highest value of every effect."""
    return [
        {
            "name": name.replace("_", " "),
            "unit": "" if course.units[name] == "1" else course.units[name],
            "low": float(values.min()),
            "high": float(values.max()),
            "at": float(course.time_h[values.argmax()]),
        }
        for name, values in course.effects.items()
    ]


def course_outcome(course: Course, regimen: Regimen) -> list[str]:
    """What happened in one course, a sentence each."""
    good = usable(course)
    if not good.any():
        return ["No computation succeeded: there are no numbers to report."]
    pain, end = course.pain_nrs[:, good], regimen.end
    tenth = "nine of ten draws" if course.of_draws else "nine of ten"
    spread = partial(_spread, who=tenth)
    at_end = int(np.argmin(np.abs(course.time_h - end)))
    last = course.time_h[-1]
    weeks = f"{last / 168:.3g} weeks" if last >= 168 else f"{last:.3g} h"
    said = [
        f"Pain (NRS, 0-10): {spread(pain[0])} at the start, {spread(pain[at_end])} when the last dose ends, "
        f"{spread(pain[-1])} after {weeks}."
    ]
    if last >= end + 24.0:
        relief = course.relief_days(end)[good]
        still = int((relief >= (last - end) / 24.0 - 1e-6).sum())
        text = f"Pain stays below 70 % of its start for {spread(relief)} days after the last dose"
        draws = " draws" if course.of_draws else ""
        who = "it still lasts" if len(relief) == 1 else f"it still lasts in {of_so_many(still, len(relief))}{draws}"
        cut = f", counted to the end of the follow-up, when {who}"
        said.append(text + (cut if still else "") + ".")
    said.append(
        f"Drug given: {spread(course.dose_total_mg[good])} mg in all; highest concentration "
        f"{spread(course.peak_ng_per_mL[good])} ng/mL ({course.sampling} plasma)."
    )
    return [*said, _reported(course, course.psychomimetic[good])]


def _reported(course: Course, reported: np.ndarray) -> str:
    """Psychomimetic effects: what is expected of one person, or how many people report them."""
    if len(reported) == 1 or (course.of_draws and reported.all() == reported.any()):
        return f"Psychomimetic effects are {'' if reported[0] else 'not '}expected at these concentrations."
    many = of_so_many(int(reported.sum()), len(reported))
    if course.of_draws:
        return f"Psychomimetic effects are expected in {many} draws."
    return f"Psychomimetic effects reported by {many}."


def verdict_sentences(course: Course) -> list[str]:
    """How many computations ended with which verdict, and what that means, a sentence each."""
    values, counts = np.unique(course.verdicts, return_counts=True)
    return [
        f"{int(count):,} of {course.people:,}: {Verdict(int(value)).name.lower()}. {Verdict(int(value)).message}"
        for value, count in zip(values, counts, strict=True)
    ]


def _spread(values: np.ndarray, who: str = "nine of ten") -> str:
    """One number, or the mean and where 90 % of people (or draws) lie."""
    low, high = np.percentile(values, (5, 95))
    mean, low, high = (f"{number:.1f}" for number in (values.mean(), low, high))
    return mean if low == mean == high else f"{mean} on average ({low} to {high} in {who})"
