"""Two studies of remifentanil with ketamine beside it, done anew: volunteers (KOP03), and people after surgery (JOL05).

    area        hyperalgesia relative to before, of the typical person (`patient.remifentanil`)
    morphine    what people without a habitual opioid ask for in 48 h, their C50 shifted by what remifentanil has left

People of JOL05 are those of the model of surgery without tolerance. Pump, length of surgery and most doses are assumed.

Source: opioid.csv. Leaves out: what volunteers feel under remifentanil, people who differ in what an opioid leaves.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from unwound.evidence import all_estimates, value
from unwound.outcomes import opioid_hyperalgesia as opioid
from unwound.outcomes.patient_controlled import Pump
from unwound.patient.after_surgery import KetaminePlan, follow, surgery_keys
from unwound.patient.given_doses import covariates_of
from unwound.patient.protocol import Person
from unwound.patient.remifentanil import OpioidCourse, opioid_course, opioid_keys
from unwound.pharmacokinetics.curves import Given
from unwound.population.populations import population
from unwound.population.surgery import sample_surgical

KOPPERT_MODEL, JOLY_MODEL = "otto2021", "kamp2020"
AFTER_H = 48.0
PEOPLE = 100
"""In each arm of JOL05, the same people in all: medians, not a trial of 25."""
ARMS = ("low", "high", "ketamine")


@dataclass(frozen=True)
class OpioidStudies:
    """What both gave."""

    koppert: dict[str, OpioidCourse]
    """"remifentanil", "ketamine"."""
    joly: dict[str, OpioidCourse]
    """Arms; time 0 is the beginning of surgery."""
    morphine_mg: dict[str, np.ndarray]
    """Arm -> mg in 48 h, (people,)."""
    keys: tuple[str, ...]

    def quantities(self) -> dict[str, float]:
        """Every number that a prediction names."""
        tested = value("koppert2003.lasts", "h") + value("koppert2003.tested", "h")
        alone, beside = (self.koppert[name].at(tested, "area") for name in ("remifentanil", "ketamine"))
        later = value("joly2005.surgery_time", "h") + value("joly2005.tested", "h")
        areas = {arm: self.joly[arm].at(later, "area") for arm in ARMS}
        asked = {arm: float(np.median(self.morphine_mg[arm])) for arm in ARMS}
        return {
            "koppert_area": alone,
            "koppert_increase_left": (beside - 1.0) / (alone - 1.0),
            "joly_area_high_over_low": areas["high"] / areas["low"],
            "joly_area_ketamine_over_low": areas["ketamine"] / areas["low"],
            "joly_morphine_high_over_low": asked["high"] / asked["low"],
            "joly_morphine_ketamine_over_high": asked["ketamine"] / asked["high"],
            **{f"joly_morphine_{arm}": asked[arm] for arm in ARMS},
        }


@functools.cache
def opioid_studies(seed: int = 1) -> OpioidStudies:
    """Both studies; some seconds, done once for a seed."""
    koppert, joly = _koppert(), _joly()
    plans = {arm: _plan(arm) for arm in ARMS}
    asked = {arm: _morphine(plans[arm], _shift_of(joly[arm]), seed) for arm in ARMS}
    own = tuple(key for key in all_estimates() if key.startswith(("koppert2003.", "joly2005.")))
    keys = (
        *opioid_keys(KOPPERT_MODEL, JOLY_MODEL), *own, *surgery_keys(plans["ketamine"]),
        *population("opioid surgery").keys,
    )  # fmt: skip
    return OpioidStudies(koppert, joly, asked, tuple(dict.fromkeys(keys)))


def _koppert() -> dict[str, OpioidCourse]:
    lasts, rate = value("koppert2003.lasts", "h"), value("koppert2003.remifentanil", "mg/kg/h")
    dose = _weight() * value("koppert2003.ketamine", "mg/kg/h") * lasts
    doses = {"remifentanil": [], "ketamine": [Given(0.0, dose, lasts, "S", "intravenous")]}
    until = lasts + value("koppert2003.tested", "h") + 3.0
    return {name: opioid_course(rate, lasts, until, given, KOPPERT_MODEL) for name, given in doses.items()}


def _joly() -> dict[str, OpioidCourse]:
    lasts = value("joly2005.surgery_time", "h")
    found = {}
    for arm in ARMS:
        plan, rate = _plan(arm), value(f"joly2005.remifentanil_{'low' if arm == 'low' else 'high'}", "mg/kg/h")
        found[arm] = opioid_course(rate, lasts, lasts + AFTER_H, _given(plan, lasts), JOLY_MODEL)
    return found


def _plan(arm: str) -> KetaminePlan:
    if arm != "ketamine":
        return KetaminePlan(enantiomer="racemic", model=JOLY_MODEL)
    rates = {name: value(f"joly2005.ketamine_{name}", "mg/kg/h") for name in ("rate", "after")}
    return KetaminePlan(
        value("joly2005.ketamine_bolus", "mg/kg"), rates["rate"], after_mg_per_kg_h=rates["after"],
        enantiomer="racemic", model=JOLY_MODEL,
    )  # fmt: skip


def _given(plan: KetaminePlan, lasts: float) -> list[Given]:
    """The plan as doses of the typical person, from the beginning of surgery on."""
    if not plan.given:
        return []
    weight = _weight()
    parts = (
        (0.0, plan.bolus_mg_per_kg, 0.0),
        (0.0, plan.rate_mg_per_kg_h * lasts, lasts),
        (lasts, plan.after_mg_per_kg_h * AFTER_H, AFTER_H),
    )
    return [Given(start, weight * size, hours, plan.enantiomer, "intravenous") for start, size, hours in parts]


def _weight() -> float:
    return float(covariates_of(Person()).weight[0])


def _shift_of(course: OpioidCourse) -> Callable[[np.ndarray], np.ndarray]:
    """The factor on the C50 of morphine over times [h] after surgery."""
    lasts = value("joly2005.surgery_time", "h")

    def shift(time_h: np.ndarray) -> np.ndarray:
        return np.asarray(opioid.shift(np.interp(time_h + lasts, course.time_h, course.tolerance)))

    return shift


def _morphine(plan: KetaminePlan, shift: Callable[[np.ndarray], np.ndarray], seed: int) -> np.ndarray:
    people, who = sample_surgical(seed, np.arange(PEOPLE), dependent=False, model=JOLY_MODEL)
    pump = Pump(
        bolus=value("joly2005.pump_bolus", "mg"),
        lockout=value("joly2005.pump_lockout", "h"),
        titration_lockout=value("joly2005.titration_lockout", "h"),
        titration_time=value("joly2005.titration_time", "h"),
    )
    course = follow(people, who, pump, plan, value("joly2005.surgery_time", "h"), AFTER_H, shift=shift)
    return course.morphine_mg(AFTER_H)
