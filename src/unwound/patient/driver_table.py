"""What each driver of the slow memory implies: days of relief after three regimens, and after a racemate.

The person is the typical chronic one of H2 (latent memory full, no flares, 70 kg) behind `twocompartment`, the
illustrative kinetics with which the table was first computed. Relief counts from the end of treatment for as long as
pain stays below 70 % of its start.

The racemate (16 mg/h over 5 h on seven days; in a trial of that dose the groups differed for two weeks and no longer
in the third: AMR10) separates S from R: relief depends on f, the potency of
R-ketamine on the slow memory. `twocompartment` knows S-ketamine only, so there R is carried by S-ketamine at
8 (1 + f) mg/h, which says that both enantiomers have the same kinetics; behind `kamp2020` each has its own.

Source: amr2010 (dose and course of the trial). Leaves out: who these people were (spinal cord injury), the gabapentin
that all received.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from unwound.core.strict import Measure
from unwound.evidence import value
from unwound.patient.blood import compile_for
from unwound.patient.people import typical_person
from unwound.patient.simulation import Setting, baseline_of_typical_drive, simulate_people
from unwound.patient.wiring import DRIVERS, driver_of
from unwound.pharmacokinetics import routed_model
from unwound.regimen import Infusion, Regimen
from unwound.sensitization.drivers import Driver, Pore

FOLLOWED_D = 72
"""Days from the first dose; all relief is over by then."""
LOOKED_H = 6.0
"""How often pain is looked at: relief is known to a quarter of a day."""
R_POTENCIES = (0.0, 0.5, 1.0)


@dataclass(frozen=True)
class DriverRow:
    """One driver and what follows from it."""

    driver: str
    about: str
    half_block_ng_per_mL: float  # noqa: N815  total plasma S-equivalents
    relief_days: dict[str, float]

    def as_dict(self) -> dict[str, object]:
        """For the doors."""
        return dataclasses.asdict(self)


@dataclass(frozen=True)
class RacemateRow:
    """Relief after the racemate, behind one kinetic model, if R counts f times as much as S."""

    model: str
    r_potency: float
    relief_days: float

    def as_dict(self) -> dict[str, object]:
        """For the doors."""
        return dataclasses.asdict(self)


def _infusion(rate: float, hours: float, start: float, enantiomer: Literal["S", "racemic"] = "S") -> Infusion:
    return Infusion(
        drug="ketamine",
        enantiomer=enantiomer,
        rate=Measure.of(rate, "mg/h"),
        duration=Measure.of(hours, "h"),
        start=Measure.of(start, "h"),
    )


def regimens() -> dict[str, Regimen]:
    """The three regimens of the table, S-ketamine by vein."""
    steps = ((5.0, 24.0, 0.0), (12.0, 24.0, 24.0), (22.0, 52.8, 48.0))
    return {
        "4.2 d, titrated 5-12-22 mg/h": _of(_infusion(*step) for step in steps),
        "40 min at 52 mg/h on 14 days": _of(_infusion(52.0, 2 / 3, 24.0 * day) for day in range(14)),
        "one 4 h at 20 mg/h": _of([_infusion(20.0, 4.0, 0.0)]),
    }


def _of(doses: Iterable[Infusion]) -> Regimen:
    return Regimen(setting="icu", doses=tuple(doses))


def half_block(driver: Driver) -> float:
    """Total plasma S-equivalents at half of the largest block [ng/mL]."""
    half = float(driver.half_free() / driver.unbound) if isinstance(driver, Pore) else float(driver.half_block)  # type: ignore[attr-defined]
    return 1e6 * half * value("ketamine.molar_mass", "mg/umol") / 1e3


def relief(regimen: Regimen, setting: Setting) -> float:
    """Days of relief of the typical chronic person after the end of `regimen`."""
    model = routed_model(setting.model)
    person = typical_person(
        weight=70.0, baseline=float("nan"), effects=len(model.random_effects), age=value("crps1.age_mean", "y"),
        duration=100.0,
    )  # fmt: skip
    person = dataclasses.replace(person, baseline=baseline_of_typical_drive(person, setting))
    at = np.arange(0.0, 24.0 * FOLLOWED_D + 1.0, LOOKED_H)
    setting = dataclasses.replace(setting, flares=False, metabolites=False)
    course = simulate_people(person, np.zeros(1, int), compile_for(model, regimen), at, setting)
    return float(course.relief_days(regimen.end)[0])


def driver_table(model: str = "twocompartment") -> tuple[DriverRow, ...]:
    """Every driver beside every regimen, under H2. Raises `InputError` for a model that does not know S-ketamine."""
    rows = []
    for name, about in DRIVERS.items():
        setting = Setting(model=model, driver=name)
        days = {title: relief(regimen, setting) for title, regimen in regimens().items()}
        rows.append(DriverRow(name, about, half_block(driver_of(name)), days))
    return tuple(rows)


def racemate_table(r_potencies: tuple[float, ...] = R_POTENCIES) -> tuple[RacemateRow, ...]:
    """Relief after the racemate of Amr 2010 for several f, empirical driver, H2, behind both kinetic models."""
    rows = []
    for f in r_potencies:
        carried = _of(_infusion(8.0 * (1.0 + f), 5.0, 24.0 * day) for day in range(7))
        rows.append(RacemateRow("twocompartment", f, relief(carried, Setting(model="twocompartment"))))
    given = _of(_infusion(16.0, 5.0, 24.0 * day, "racemic") for day in range(7))
    for f in r_potencies:
        own = dataclasses.replace(driver_of("empirical"), r_potency=f)  # type: ignore[type-var]
        setting = Setting(model="kamp2020", own_driver=own)
        rows.append(RacemateRow("kamp2020", f, relief(given, setting)))
    return tuple(rows)
