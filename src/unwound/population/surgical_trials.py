"""Two published comparisons of morphine on demand, with ketamine and without: who, the pump, the ketamine."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from unwound.core.errors import InputError, Problem, UnknownName
from unwound.evidence import value
from unwound.outcomes.patient_controlled import Pump
from unwound.patient.after_surgery import KetaminePlan
from unwound.population.populations import population
from unwound.regimen import Regimen, check_limits
from unwound.regimen.short import parse_short_dose


@dataclass(frozen=True)
class SurgicalTrial:
    """A published comparison: who, the pump, the ketamine."""

    key: str
    short: str
    title: str
    plan: KetaminePlan
    dependent: bool
    """Whether its people take opioids (tolerance) or not (tolerance of 1)."""
    arms: tuple[str, str]
    surgery_h: float
    own: tuple[str, ...] = ()
    """What the user changed, in words."""

    def pump(self) -> Pump:
        """What the button of the trial does."""
        times = {
            "lockout": "pump_lockout",
            "titration_lockout": "titration_lockout",
            "titration_time": "titration_time",
        }
        named = {name: value(f"{self.key}.{row}", "h") for name, row in times.items()}
        return Pump(bolus=value(f"{self.key}.pump_bolus", "mg"), **named)


def surgical_trials() -> tuple[SurgicalTrial, ...]:
    """The two trials, with the doses that were printed."""
    during = KetaminePlan(value("nielsen2017.ketamine_bolus", "mg/kg"), value("nielsen2017.ketamine_rate", "mg/kg/h"))
    beside = KetaminePlan(
        with_morphine_mg=value("sveticic2008.ketamine_beside", "mg"), enantiomer="racemic", model="kamp2020"
    )
    return (
        SurgicalTrial(
            "nielsen2017", "NIE17", "S-ketamine during spinal fusion in opioid-dependent people", during, True,
            ("placebo", "S-ketamine"), value("nielsen2017.surgery_time", "h"),
        ),
        SurgicalTrial(
            "sveticic2008", "SVE08", "Racemic ketamine with every press after orthopedic surgery", beside, False,
            ("morphine", "morphine and ketamine"), value("sveticic2008.surgery_time", "h"),
        ),
    )  # fmt: skip


def surgical_trial(name: str) -> SurgicalTrial:
    """A trial by key or short name. Raises `UnknownName`."""
    for trial in surgical_trials():
        if name.lower() in (trial.key, trial.short.lower()):
            return trial
    raise UnknownName("trial", name, [name for trial in surgical_trials() for name in (trial.short, trial.key)])


def changed(trial: SurgicalTrial, **numbers: float) -> SurgicalTrial:
    """`trial` with another `bolus_mg_per_kg`, `rate_mg_per_kg_h` or `surgery_h`. Raises `InputError`."""
    if not numbers:
        return trial
    if not trial.dependent:
        rule = f"{trial.short} gives ketamine with every press, not during surgery"
        raise InputError(Problem("trial", trial.short, rule, "change NIE17, or leave --bolus, --rate, --duration out"))
    limits = {"bolus_mg_per_kg": (0.0, 5.0), "rate_mg_per_kg_h": (0.0, 5.0), "surgery_h": (0.25, 12.0)}
    problems = [
        Problem(name, number, f"must lie between {limits[name][0]:g} and {limits[name][1]:g}", "look at the unit")
        for name, number in numbers.items()
        if not limits[name][0] <= number <= limits[name][1]
    ]
    if problems:
        raise InputError(problems)
    hours = numbers.pop("surgery_h", trial.surgery_h)
    own = tuple(f"{name} = {number:g}" for name, number in {**numbers, "surgery_h": hours}.items())
    plan = dataclasses.replace(
        trial.plan,
        bolus_mg_per_kg=numbers.get("bolus_mg_per_kg", trial.plan.bolus_mg_per_kg),
        rate_mg_per_kg_h=numbers.get("rate_mg_per_kg_h", trial.plan.rate_mg_per_kg_h),
    )
    return dataclasses.replace(trial, plan=plan, surgery_h=hours, own=own)


def dose_warnings(trial: SurgicalTrial) -> tuple[str, ...]:
    """Soft limits that the ketamine of surgery exceeds. Raises `UnsafeDose` beyond a hard one."""
    plan, doses = trial.plan, []
    if plan.bolus_mg_per_kg > 0:
        doses.append(parse_short_dose(f"{plan.bolus_mg_per_kg} mg/kg", "ketamine", plan.enantiomer, "intravenous"))
    if plan.rate_mg_per_kg_h > 0:
        said = f"{plan.rate_mg_per_kg_h} mg/kg/h for {trial.surgery_h} h"
        doses.append(parse_short_dose(said, "ketamine", plan.enantiomer, "intravenous"))
    # under anesthesia, with everything at hand that intensive care has
    regimen = Regimen(title=trial.title, setting="icu", doses=tuple(doses))
    who = population("opioid surgery").who
    return tuple(str(w) for w in check_limits(regimen, float(who.weight_women), float(who.age_mean)))
