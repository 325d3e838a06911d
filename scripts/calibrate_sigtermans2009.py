"""Fit the four outcome parameters that only the reference trial can pin, and print their table rows.

    intolerable_concentration   so that the mean rate reached is 22.2 mg/h per 70 kg
    report_concentration        so that 76 % of the treated report a psychomimetic effect (18 % under placebo)
    placebo size, mean and sd   so that the placebo arm at week 1 has mean 5.45 and standard deviation 2.63

Nothing of the slow memory is fitted here: the treated arm at week 1 and everything after it are predictions. Only the
calibration trial is used. Common random numbers make each target a step-smooth function of its parameter, so plain
bisection and a secant solver (scipy) do. Usage: ``python scripts/calibrate_sigtermans2009.py``.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy import optimize

from unwound.evidence import for_fitting, value
from unwound.patient.simulation import Setting, outcomes_from_evidence, simulate_people
from unwound.population import sample
from unwound.regimen import compile_regimen
from unwound.trials import Trial
from unwound.trials.conduct import rate

SEED, PEOPLE = 20260101, 20_000
TARGETS = {"dose": 22.2, "report": 0.76, "placebo_mean": 5.45, "placebo_sd": 0.48 * np.sqrt(30)}


def main() -> None:
    (name,) = for_fitting("SIG09")  # refuses a trial that must not be fitted
    trial = Trial.published(name)
    ids = np.arange(PEOPLE)
    people = sample(SEED, ids, trial.disorder)
    regimen = compile_regimen(trial.shown_regimen)
    start = outcomes_from_evidence()

    def treat(intolerable: float, report: float = 1.0) -> tuple[float, float]:
        felt = dataclasses.replace(
            start.psychomimetic, intolerable_concentration=intolerable, report_concentration=report
        )
        setting = Setting(seed=SEED, metabolites=False, outcomes=start._replace(psychomimetic=felt))
        course = simulate_people(people, ids, regimen, np.array([100.0]), setting)
        return float(70 * course.rate_reached[0].mean()), float(course.psychomimetic.mean())

    intolerable = optimize.brentq(lambda c: treat(c)[0] - TARGETS["dose"], 0.6, 3.0, xtol=1e-3)
    report = optimize.brentq(lambda c: treat(intolerable, c)[1] - TARGETS["report"], 0.3, 3.0, xtol=1e-3)

    z = (np.asarray(people.placebo_size) - start.placebo.size_mean) / start.placebo.size_sd

    def placebo_arm(parameters: np.ndarray) -> np.ndarray:
        mean, sd = parameters
        changed = dataclasses.replace(people, placebo_size=mean + sd * z)
        setting = Setting(seed=SEED, metabolites=False)
        course = simulate_people(changed, ids, regimen, np.array([168.0]), setting, treated=np.zeros(PEOPLE))
        week_1 = rate(course.pain_nrs[[0, -1]], SEED, ids, trial, start.pain)[1]
        return np.array([np.nanmean(week_1) - TARGETS["placebo_mean"], np.nanstd(week_1) - TARGETS["placebo_sd"]])

    placebo = optimize.root(placebo_arm, [0.8, 1.1], method="broyden1", tol=1e-3, options={"maxiter": 40}).x
    for key, number, unit in (
        ("psychomimetic.intolerable_concentration", intolerable, "uM"),
        ("psychomimetic.report_concentration", report, "uM"),
        ("placebo.size_mean", placebo[0], "1"),
        ("placebo.size_sd", placebo[1], "1"),
    ):
        print(f"{key} = {number:.3g} {unit}   (in the table: {value(key, unit):g})")


if __name__ == "__main__":
    main()
