"""Fit tolerance and the spread of C50 to the control arm of Nielsen 2017: mean and standard deviation, nothing else.

Prints the two numbers for `surgical.tolerance` and `surgical.c50_spread` in src/unwound/evidence/tables/surgery.csv.
Run it again whenever a number of the table `surgery` or of morphine changes. The arms with ketamine are not looked at.
"""

import dataclasses

import numpy as np
from scipy.optimize import root

from unwound.evidence import fill, for_fitting, value
from unwound.patient.after_surgery import numbers_from_evidence
from unwound.population.surgery import SurgicalPeople, control_course
from unwound.population.surgical_trials import surgical_trial

PEOPLE, SEED = np.arange(6000), 2017


def main() -> None:
    for_fitting("NIE17")  # refuses a trial that must not be fitted
    trial, how = surgical_trial("NIE17"), fill(SurgicalPeople, "surgical")
    numbers = numbers_from_evidence()
    wanted = np.array([value("nielsen2017.control_mean", "mg"), value("nielsen2017.control_sd", "mg")])

    def missed(logs: np.ndarray) -> np.ndarray:
        tolerance, spread = np.exp(logs)
        tried = dataclasses.replace(how, tolerance=float(tolerance), c50_spread=float(spread))
        given = control_course(trial, PEOPLE, SEED, tried, numbers).morphine_mg()
        print(f"tolerance {tolerance:.4f}, spread {spread:.4f}: {given.mean():.2f} ({given.std(ddof=1):.2f}) mg")
        return np.log(np.array([given.mean(), given.std(ddof=1)]) / wanted)

    found = root(missed, np.log([2.3, 0.3]), method="broyden1", options={"fatol": 2e-3, "maxiter": 25})
    tolerance, spread = np.exp(found.x)
    print(f"{'fitted' if found.success else 'NOT fitted'}: tolerance {tolerance:.3g}, spread of log C50 {spread:.3g}")


if __name__ == "__main__":
    main()
