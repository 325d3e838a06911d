"""Mood trials beside what was printed: arms simulated with typical exposure, rows judged by bands.

    arm -> exposure of the typical person -> m -> many people's ratings -> mean change, share, effect size

A row is inside its band when the prediction lies within ``observed +/- max(tolerance, 1.64 SE)``. Recalled rows are
shown and cannot decide anything. The exposure of an arm does not depend on what is fitted, so it is computed once.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import tomllib
from dataclasses import dataclass
from typing import Any

import numpy as np

from unwound.core.arrays import Array, jax, jnp
from unwound.core.random import patient_keys, root_key, streams
from unwound.evidence import estimate, value
from unwound.evidence.shipped import text_of
from unwound.outcomes import mood as latent
from unwound.outcomes import mood_scales
from unwound.outcomes.mood_control import comparator
from unwound.outcomes.mood_scales import Scale
from unwound.patient.given_doses import covariates_of
from unwound.patient.mood_course import MoodSetting
from unwound.patient.mood_exposure import HOURS, Stimulus, grid_h, stimulus_of
from unwound.patient.mood_people import MoodParameters, MoodPeople, mood_people, scale_of
from unwound.patient.mood_reading import read_mood
from unwound.patient.protocol import Person
from unwound.pharmacokinetics.curves import Given
from unwound.pharmacokinetics.register import routed_model

SEED, PEOPLE = 20260101, 2000
_MINUTES_H = 40.0 / 60.0  # every intravenous dose of these trials
_LEAST_TRUE_VARIANCE = 0.25  # of a printed baseline: a small arm may spread less than one rating scatters
_SE_OF_90 = 1.64
_SE_OF_95 = 3.92  # width of a 95 % interval in standard errors


@dataclass(frozen=True)
class MoodRow:
    """One printed row beside what the model says."""

    key: str
    arm: str
    kind: str
    day: float
    observed: float
    error: float
    """Standard error of the observed number."""
    tolerance: float
    predicted: float
    recalled: bool
    fitted: bool

    @property
    def inside(self) -> bool:
        """Whether the prediction lies in the band."""
        if self.kind == "superior":
            return (self.predicted >= 0.5) == (self.observed > 0.5)
        if self.kind in ("ratio", "median", "median_off"):
            ratio = abs(math.log(max(self.predicted, 1e-9) / self.observed))
            return ratio <= max(self.tolerance, _SE_OF_90 * self.error)
        return abs(self.predicted - self.observed) <= max(self.tolerance, _SE_OF_90 * self.error)

    @property
    def standardized(self) -> float:
        """(predicted - observed) / SE; of logarithms for ratios and times."""
        if self.kind in ("ratio", "median", "median_off"):
            return (math.log(max(self.predicted, 1e-9)) - math.log(self.observed)) / self.error
        return (self.predicted - self.observed) / self.error


@functools.cache
def pages() -> dict[str, Any]:
    """The arms as they are written down."""
    return tomllib.loads(text_of("mood/trials.toml"))


def doses(arm: dict[str, Any], weight_kg: float) -> tuple[str, list[Given]]:
    """(model, doses [mg]) of an arm."""
    days = [24.0 * day for day in arm.get("days", [0.0])]
    if "per_kg" in arm:
        amount = arm["per_kg"] * weight_kg
        return "kamp2020", [Given(h, amount, _MINUTES_H, "racemic", "intravenous") for h in days]
    return "perezruixo2021", [
        Given(h, float(mg), 0.0, "S", "nasal") for h, mg in zip(days, arm.get("nasal", ()), strict=False)
    ]


@functools.cache
def exposure(name: str) -> Stimulus:
    """The stimulus of the typical person in the arm (or relapse study) called `name`."""
    from unwound.patient.mood_people import mood_parameters

    arm = next(arm for arm in (*pages()["arm"], *pages()["relapse"]) if arm["id"] == name)
    person = Person()
    model, given = doses(arm, person.weight_kg)
    looked = [HOURS * row["day"] for row in arm.get("rows", ()) if "day" in row] or [24.0]
    until = HOURS * arm.get("until", max(looked) / HOURS)
    edges = grid_h(given, until, looked)
    return stimulus_for(model, given, person, edges, mood_parameters())


def stimulus_for(model: str, given: list[Given], person: Person, edges: np.ndarray, p: MoodParameters) -> Stimulus:
    """The stimulus of one person without random effects."""
    record = routed_model(model)
    eta = jnp.zeros((len(record.random_effects), 1))
    return stimulus_of(record, given, covariates_of(person), eta, edges, p.mood)


@functools.cache
def scale_named(arm_scale: str) -> Scale:
    """The scale of an arm, read once."""
    return scale_of(arm_scale)


@functools.cache
def rated_with(count: int) -> tuple[Array, Array]:
    """Scatter of the ratings before and after, of people who are the same in every arm."""
    keys = patient_keys(root_key(SEED), np.arange(count))
    drawn = [jax.vmap(jax.random.normal)(streams(keys, f"mood trial {when}")) for when in ("before", "after")]
    return drawn[0], drawn[1]


def people_of(arm: dict[str, Any], p: MoodParameters, count: int) -> MoodPeople:
    """The people of an arm: baselines printed, or those of the scale."""
    scale = scale_named(arm.get("scale", "MADRS"))
    people = mood_people(SEED, np.arange(count), scale, p)
    if "baseline" not in arm:
        return people
    row = estimate(arm["baseline"])
    printed = float(row.spread.amount)  # type: ignore[union-attr,arg-type]
    sd = printed * math.sqrt(max(1.0 - (float(scale.residual_sd) / printed) ** 2, _LEAST_TRUE_VARIANCE))
    z = (people.baseline - people.baseline.mean()) / people.baseline.std()
    return dataclasses.replace(people, baseline=jnp.clip(row.value + sd * z, 1.0, 0.97 * scale.most))


def ratings(arm: dict[str, Any], p: MoodParameters, day: float, count: int, improved: Array | None = None) -> Any:
    """(rating before, rating at `day`) of `count` people in an arm, with scatter."""
    scale, people = scale_named(arm.get("scale", "MADRS")), people_of(arm, p, count)
    treated = "per_kg" in arm or "nasal" in arm
    m, time = improved, exposure(arm["id"]).time_d
    place = int(np.argmin(np.abs(time - day)))
    at = m[place : place + 1] if treated and m is not None else jnp.zeros((1, 1))
    read = read_mood(time[place : place + 1], at, people, comparator(arm["comparator"]), scale, p, MoodSetting())
    before, after = rated_with(count)
    now = read.score if treated else read.control
    return mood_scales.observed(people.baseline, before, scale), mood_scales.observed(now[0], after, scale)


def improvement_of(arm: dict[str, Any], p: MoodParameters) -> Array:
    """m of the typical person over the arm's grid, (times, 1)."""
    drive = exposure(arm["id"])
    return latent.improvement(jnp.asarray(drive.lengths_d), drive.at_gauss, p.mood)


def rows(
    p: MoodParameters, count: int = PEOPLE, improve: Any = improvement_of, trials: tuple[str, ...] = ()
) -> list[MoodRow]:
    """Every printed row of every arm (or of `trials`) beside its prediction; `improve` may be another account of m."""
    arms = {arm["id"]: arm for arm in pages()["arm"]}
    found = []
    for name, arm in arms.items():
        if trials and name.split(".")[0] not in trials:
            continue
        m = improve(arm, p) if arm.get("rows") and ("per_kg" in arm or "nasal" in arm) else None
        for row in arm.get("rows", ()):
            before, after = ratings(arm, p, row["day"], count, m)
            other = ratings(arms[row["against"]], p, row["day"], count) if "against" in row else None
            found += _judged(arm, row, np.asarray(before), np.asarray(after), other)
    return found


def _judged(
    arm: dict[str, Any], row: dict[str, Any], before: np.ndarray, after: np.ndarray, other: Any
) -> list[MoodRow]:
    scale, kind, key = scale_named(arm.get("scale", "MADRS")), row["kind"], row["key"]
    change = after - before
    size = row.get("patients", arm["patients"])
    mean, sd = float(change.mean()), float(change.std(ddof=1))
    made = functools.partial(_row, arm, row, size)
    if kind == "change":
        printed = estimate(key).spread
        both = [made(predicted=mean)]
        if printed is not None and printed.kind == "sd":
            observed = float(printed.amount)  # type: ignore[arg-type]
            both.append(
                made(predicted=sd, kind="sd of change", observed=observed, error=observed / math.sqrt(2 * size))
            )
        return both
    if kind in ("response", "remission"):
        well = mood_scales.responded(before, after, scale) if kind == "response" else mood_scales.remitted(after, scale)
        return [made(predicted=100.0 * float(np.mean(well)))]
    theirs = np.asarray(other[1]) - np.asarray(other[0])
    difference, pooled = mean - float(theirs.mean()), math.sqrt((sd**2 + float(theirs.var(ddof=1))) / 2.0)
    if kind == "difference":
        return [made(predicted=difference)]
    if kind == "effect_size":
        sign = -1.0 if estimate(key).value > 0 else 1.0  # printed as a size, or with its sign
        return [made(predicted=sign * difference / pooled)]
    expected = -difference / pooled / math.sqrt(2.0 / size) - 1.96  # the normal approximation of power
    return [made(predicted=0.5 * (1.0 + math.erf(expected / math.sqrt(2.0))))]


def _row(
    arm: dict[str, Any], row: dict[str, Any], size: float, predicted: float, kind: str = "",
    observed: float | None = None, error: float | None = None,
) -> MoodRow:  # fmt: skip
    key, kind = row["key"], kind or row["kind"]
    printed = estimate(key)
    return MoodRow(
        key=key,
        arm=arm["id"],
        kind=kind,
        day=float(row.get("day", math.nan)),
        observed=printed.value if observed is None else observed,
        error=standard_error(key, kind, size) if error is None else error,
        tolerance=tolerance(kind),
        predicted=predicted,
        recalled=printed.basis == "assumed",
        fitted=bool(arm.get("fitted", True)) and printed.basis != "assumed" and "2h" not in key,
    )


def standard_error(key: str, kind: str, size: float) -> float:
    """Of a printed number: from its standard error, SD and n, interval, or binomial."""
    printed = estimate(key)
    spread = printed.spread
    if kind in ("ratio", "median", "median_off"):
        if spread is not None and spread.interval is not None:
            return math.log(spread.interval.high / spread.interval.low) / _SE_OF_95
        return value("mood_judgement.log_time_error", "1")
    if spread is not None and spread.kind == "se":
        return float(spread.amount)  # type: ignore[arg-type]
    if spread is not None and spread.kind == "sd":
        return float(spread.amount) / math.sqrt(size)  # type: ignore[arg-type]
    if spread is not None and spread.interval is not None:
        return (spread.interval.high - spread.interval.low) / _SE_OF_95
    if printed.unit == "percent":
        share = (printed.value / 100.0 * size + 1.0) / (size + 2.0)
        return 100.0 * math.sqrt(share * (1.0 - share) / size)
    return math.sqrt(2.0 / size)  # of an effect size, or of a verdict


_TOLERANCES = {
    "change": "mean",
    "sd of change": "sd",
    "difference": "difference",
    "effect_size": "effect_size",
    "ratio": "log_ratio",
    "median": "log_time",
    "median_off": "log_time",
}
"""Kind of row -> name of its tolerance; what is not here is a share of people."""


def tolerance(kind: str) -> float:
    """The tolerance of a kind of row, from the table `mood_trials`."""
    key = f"mood_judgement.{_TOLERANCES.get(kind, 'share')}"
    return value(key, estimate(key).unit)
