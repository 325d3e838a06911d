"""Fit the two hazards of the liver to what was counted: none of 101 at one infusion, three of six at a second one.

Prints the values of `liver.first_hazard` and `liver.sensitized_hazard` in
src/unwound/evidence/tables/outcomes_repeated.csv, with the ends of their profile likelihood (95 %). Binomial
likelihood; the infusions of LIV11 are those of its protocol, that of colinavargas2023, whose dose is not known, is
taken as 15 mg/h of the racemate over 120 h. The single stop of correll2004 (context, never fitted) is printed beside
what is then expected. Run it again when a number of that table or of the kinetics changes.
"""

import dataclasses

import numpy as np
from scipy.optimize import brentq, minimize, minimize_scalar

from unwound.core.arrays import jnp
from unwound.evidence import fill, for_fitting
from unwound.outcomes.hazards import LiverHazard
from unwound.patient.given_doses import covariates_of, doses_of
from unwound.patient.protocol import Person
from unwound.patient.safety_over_time import PARENTS, liver_counts, liver_risk
from unwound.pharmacokinetics.curves import Given, curves
from unwound.pharmacokinetics.register import routed_model
from unwound.trials.described import published_protocol

LIKELIHOOD_DROP = 1.920729  # half of the 95th percentile of chi-squared with one degree of freedom
WEIGHT_KG = 70.0
RATE = 15.0  # mg/h


def plasma(model: str, doses: list[Given], at_h: np.ndarray) -> np.ndarray:
    record = routed_model(model)
    found = curves(record, doses, covariates_of(Person()), jnp.zeros((len(record.random_effects), 1)), at_h)
    return np.sum([found.concentration[name] for name in PARENTS if name in found.concentration], axis=0)


def integrals(time_h: np.ndarray, level: np.ndarray, since_h: float) -> tuple[float, float]:
    """Exposure, and sensitized exposure, from `since_h` on [h]: the hazards are these times l_0 and l_1."""
    p = fill(LiverHazard, "liver")
    found = []
    for first, later in ((1e-6, 0.0), (0.0, 1e-6)):  # small, so that a probability is a hazard
        risk = liver_risk(time_h, level, dataclasses.replace(p, first_hazard=first, sensitized_hazard=later))
        hazard = -np.log1p(-risk.probability[:, 0]) / 1e-6
        found.append(float(hazard[-1] - np.interp(since_h, time_h, hazard)))
    return found[0], found[1]


def observed() -> list[tuple[float, int, int, float, float]]:
    """(weight, events, people, exposure, sensitized exposure) of each count."""
    # two infusions, as the published protocol has them
    regimen = published_protocol("LIV11").regimen
    doses = doses_of(regimen, WEIGHT_KG)
    time = np.arange(0.0, regimen.end + 72.0, 2.0)
    second = integrals(time, plasma("otto2021", doses, time), 16 * 24.0)
    rows = []
    for count, hours in zip(liver_counts(), (120.0, None, 72.0), strict=True):
        if hours is None:
            exposed = second
        else:
            time = np.arange(0.0, hours + 72.0, 2.0)
            given = [Given(0.0, RATE * hours, hours, "racemic", "intravenous")]
            exposed = integrals(time, plasma("kamp2020", given, time), 0.0)
        weight = 0.0 if count.key.startswith("liver_stopped") else 1.0  # context is shown, never fitted
        rows.append((weight, count.events, count.people, *exposed))
        print(f"{count.what}: {count.told()}; exposure {exposed[0]:.1f} h, sensitized {exposed[1]:.1f} h")
    return rows


def main() -> None:
    for name in ("LIV11", "COL23"):
        for_fitting(name)  # refuses a trial that must not be fitted
    rows = observed()

    def missed(logs: np.ndarray) -> float:
        first, later = np.exp(logs)
        total = 0.0
        for weight, events, people, exposed, sensitized in rows:
            hazard = first * exposed + later * sensitized
            total += weight * (events * np.log(-np.expm1(-hazard)) - (people - events) * hazard)
        return -float(total)

    best = minimize(missed, np.log([1e-4, 1e-2]), method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-9})
    for place, name in enumerate(("first_hazard", "sensitized_hazard")):

        def profile(x: float, place: int = place) -> float:
            other = minimize_scalar(lambda y: missed(np.array([x, y] if place == 0 else [y, x])), bounds=(-30.0, 0.0),
                                    method="bounded")  # fmt: skip
            return float(other.fun) - float(best.fun) - LIKELIHOOD_DROP

        middle = float(best.x[place])
        ends = []
        for far in (-25.0, 0.0):
            ends.append(float(np.exp(brentq(profile, middle, far))) if profile(far) > 0.0 else float("nan"))
        print(f"liver.{name} = {np.exp(middle):.3g} per h, 95 % {ends[0]:.3g} to {ends[1]:.3g}")
    for _, events, people, exposed, sensitized in rows:
        hazard = float(np.exp(best.x[0]) * exposed + np.exp(best.x[1]) * sensitized)
        print(f"{events} of {people}: {100.0 * -np.expm1(-hazard):.3g} % expected")


if __name__ == "__main__":
    main()
