"""Relapse in mood trials: a series that ends, boosters that go on, and randomized withdrawal.

People are treated up to the landmark of their study, those whom the study selects there are followed under each way of
going on, and relapse falls by the hazard of `outcomes.mood_relapse`. A hazard ratio is that of events per person-day; a
median is read where half of those selected have relapsed. Expected values: the hazard is integrated, not drawn.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from unwound.core.arrays import Array, jnp
from unwound.evidence import estimate
from unwound.outcomes import mood as latent
from unwound.outcomes import mood_relapse, mood_scales
from unwound.outcomes.mood_control import comparator
from unwound.patient.mood_course import MoodSetting
from unwound.patient.mood_exposure import HOURS, Stimulus, grid_h
from unwound.patient.mood_people import MoodParameters, mood_parameters, mood_people
from unwound.patient.mood_reading import read_mood
from unwound.patient.protocol import Person
from unwound.pharmacokinetics.curves import Given
from unwound.trials.mood import (
    PEOPLE,
    SEED,
    MoodRow,
    doses,
    pages,
    rated_with,
    scale_named,
    standard_error,
    stimulus_for,
    tolerance,
)

RUN_IN_DAYS = (*(0, 3, 7, 10, 14, 17, 21, 24), *range(28, 112, 7))
"""Days of doses of the open phases before a randomized withdrawal: twice weekly for 4 weeks, weekly to week 16."""


@dataclass(frozen=True)
class Followed:
    """What happens to those selected under one way of going on."""

    time_d: np.ndarray
    """Days since the landmark."""
    well: np.ndarray
    """Share without relapse."""
    hazard_per_d: float
    """Events per person-day over the follow-up."""

    @property
    def median_d(self) -> float:
        """When half have relapsed; beyond the follow-up, by its last hazard."""
        if self.well[-1] <= 0.5:
            return float(np.interp(-0.5, -self.well, self.time_d))
        return float(self.time_d[-1] + math.log(self.well[-1] / 0.5) / max(self.hazard_per_d, 1e-9))


@functools.cache
def stimulus_of_study(name: str, withdrawn: bool) -> Stimulus:
    """The stimulus of the typical person in a relapse study, with or without doses after the landmark."""
    study = next(one for one in pages()["relapse"] if one["id"] == name)
    person = Person()
    if "nasal_mg" in study:
        on = [] if withdrawn else list(range(study["landmark"], study["until"], study["every"]))
        days = (*RUN_IN_DAYS, *on)
        model, given = "perezruixo2021", [Given(24.0 * d, float(study["nasal_mg"]), 0.0, "S", "nasal") for d in days]
    else:
        model, given = doses(study, person.weight_kg)
    until = HOURS * study["until"]
    edges = grid_h(given, until, [*np.arange(0.0, until, HOURS), HOURS * study["landmark"]])
    return stimulus_for(model, given, person, edges, mood_parameters())


def followed(study: dict[str, Any], p: MoodParameters, count: int, withdrawn: bool, improve: Any = None) -> Any:
    """(share selected at the landmark, `Followed`) of a relapse study."""
    drive, scale = stimulus_of_study(study["id"], withdrawn), scale_named("MADRS")
    m: Array = (improve or _turned_over)(drive, p)
    arm = comparator("placebo spray and new antidepressant" if study["antidepressant"] else "placebo spray")
    people = mood_people(SEED, np.arange(count), scale, p)
    read = read_mood(drive.time_d, m, people, arm, scale, p, MoodSetting())
    mark = int(np.argmin(np.abs(drive.time_d - study["landmark"])))
    before, after = rated_with(count)
    rated = mood_scales.observed(read.score[mark], after, scale)
    responded = mood_scales.responded(mood_scales.observed(people.baseline, before, scale), rated, scale)
    remitted = mood_scales.remitted(rated, scale)
    select = study["select"]
    chosen = {"responders": responded, "remitters": remitted}.get(select, responded & ~remitted)
    time = jnp.asarray(drive.time_d)[mark:]
    hazards = mood_relapse.hazard(read.score[mark:], people.baseline, scale.most, people.frailty, p.relapse)
    survival = np.asarray(jnp.exp(-mood_relapse.accumulated(time, hazards)))[:, np.asarray(chosen)]
    well = survival.mean(axis=1)
    since = np.asarray(time - time[0])
    person_days = float(np.trapezoid(well, since))
    return float(np.mean(np.asarray(chosen))), Followed(since, well, (1.0 - float(well[-1])) / person_days)


def _turned_over(drive: Stimulus, p: MoodParameters) -> Array:
    return latent.improvement(jnp.asarray(drive.lengths_d), drive.at_gauss, p.mood)


def relapse_rows(
    p: MoodParameters, count: int = PEOPLE, improve: Any = None, studies: tuple[str, ...] = ()
) -> list[MoodRow]:
    """Every printed row about relapse (or of `studies`) beside its prediction."""
    found = []
    for study in pages()["relapse"]:
        if studies and study["id"] not in studies:
            continue
        selected, on = followed(study, p, count, False, improve)
        off = followed(study, p, count, True, improve)[1] if "nasal_mg" in study else on
        said = {
            "median": on.median_d,
            "median_off": off.median_d,
            "ratio": on.hazard_per_d / off.hazard_per_d,
            "selected": 100.0 * selected,
            "held": 100.0 * float(on.well[-1]),
        }
        for row in study["rows"]:
            key, kind = row["key"], row["kind"]
            printed = estimate(key)
            found.append(
                MoodRow(
                    key=key, arm=study["id"], kind=kind, day=float(study["landmark"]), observed=printed.value,
                    error=standard_error(key, kind, PEOPLE_OF_STUDY), tolerance=tolerance(kind),
                    predicted=said[kind], recalled=printed.basis == "assumed",
                    fitted=printed.basis != "assumed" or key == "mrb13.median",
                )
            )  # fmt: skip
    return found


PEOPLE_OF_STUDY = 24.0  # those of mrb13; only recalled shares, which decide nothing, use it
