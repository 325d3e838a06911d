"""The printed rows of the mood trials as arrays, once: visits, relapse paths, exposures, what was observed.

Which rows: those of the MADRS and HAM-D-6 in `mood/trials.toml` and its relapse studies. Left out: ratings at 2 hours
(the onset of what sessions do is not fitted), anxiety and trauma (their scales are assumed). A recalled row counts
half, one from a secondary source three quarters (table `judgement`). Trials pass `evidence.for_fitting` first. Nothing
here depends on what is fitted: the exposure of the typical person is computed once.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from unwound.evidence import estimate, for_fitting, value
from unwound.inference.meta_analysis import Arms
from unwound.outcomes.mood_control import comparator
from unwound.patient.mood_exposure import HOURS, Stimulus
from unwound.patient.protocol import Person
from unwound.pharmacokinetics.curves import Given
from unwound.trials.mood import doses, exposure, pages, scale_named, standard_error
from unwound.trials.mood_relapse import PEOPLE_OF_STUDY, RUN_IN_DAYS, stimulus_of_study

TRIALS = ("MUR13", "SIN16", "DAL18", "TRF1", "TRF2", "FAV18", "WIL19", "SUS1", "MRB13", "PHI19")
"""What is fitted and left out in turn."""
PATH_POINTS = 101
"""Times at which a relapse path is followed."""
BLOCK = 32
"""Grids are padded to a multiple of this many steps."""
NORMAL, LOGARITHM, BINOMIAL, VERDICT = 0, 1, 2, 3
_LOGARITHMS = ("ratio", "median", "median_off")
_SHARES = ("response", "remission", "selected", "held")
_NO_DOSE_D = 1e4


@dataclass(frozen=True)
class Visit:
    """One arm at one time."""

    arm: str
    trial: str
    day: float
    treated: bool


@dataclass(frozen=True)
class Path:
    """One way of going on after the landmark of a relapse study."""

    study: str
    trial: str
    select: str
    antidepressant: bool
    time_d: np.ndarray
    """From the landmark on, days since the first dose."""


@dataclass(frozen=True)
class PrintedRow:
    """One printed number: where its prediction is read, and how it is compared."""

    key: str
    trial: str
    kind: str
    visit: int  # of `visits`, or of `paths` for relapse
    other: int  # the visit it is compared with, the path of withdrawal; or the same
    observed: float
    error: float
    patients: float
    weight: float

    @property
    def family(self) -> int:
        """The distribution of the number around its prediction."""
        if self.kind == "superior":
            return VERDICT
        return LOGARITHM if self.kind in _LOGARITHMS else BINOMIAL if self.kind in _SHARES else NORMAL


@dataclass(frozen=True)
class Latent:
    """Stimuli of several courses on grids padded to one length, and where each is read."""

    lengths_d: np.ndarray  # (courses, steps)
    at_gauss: np.ndarray  # (courses, steps, 2)
    course: np.ndarray  # (places,)
    step: np.ndarray  # (places, ...) the edge before
    part: np.ndarray  # (places, ...) how far on to the next edge, 0 to 1


@dataclass(frozen=True)
class MoodData:
    """Everything a fit needs, computed once."""

    trials: tuple[str, ...]
    visits: tuple[Visit, ...]
    paths: tuple[Path, ...]
    rows: tuple[PrintedRow, ...]
    visit_latent: Latent
    path_latent: Latent
    visit_arms: Arms
    path_arms: Arms

    def rows_of(self, trial: str) -> np.ndarray:
        """Which rows are of `trial`."""
        return np.array([row.trial == trial for row in self.rows])


@functools.cache
def mood_data() -> MoodData:
    """The rows of all `TRIALS`. Raises `InputError` if one must not be fitted."""
    for_fitting(*TRIALS)
    names = {alias.lower(): alias for alias in TRIALS}
    arms = {arm["id"]: arm for arm in pages()["arm"] if arm["id"].split(".")[0] in names}
    visits: list[Visit] = []
    rows: list[PrintedRow] = []

    def place(arm: dict[str, Any], day: float) -> int:
        treated = "per_kg" in arm or "nasal" in arm
        wanted = Visit(arm["id"], names[arm["id"].split(".")[0]], day, treated)
        if wanted not in visits:
            visits.append(wanted)
        return visits.index(wanted)

    for arm in arms.values():
        for row in arm.get("rows", ()):
            if "2h" in row["key"]:
                continue
            here = place(arm, float(row["day"]))
            other = place(arms[row["against"]], float(row["day"])) if "against" in row else here
            rows += _printed(arm, row, visits[here].trial, here, other)
    paths: list[Path] = []
    for study in pages()["relapse"]:
        on, off = _paths_of(study, paths, names[study["id"].split(".")[0]])
        for row in study["rows"]:
            size = PEOPLE_OF_STUDY
            rows.append(_row(row["key"], names[study["id"].split(".")[0]], row["kind"], on, off, size))
    return MoodData(
        TRIALS, tuple(visits), tuple(paths), tuple(rows),
        _latent_of_visits(visits), _latent_of_paths(paths), _covariates(visits), _covariates_of(paths),
    )  # fmt: skip


def _printed(arm: dict[str, Any], row: dict[str, Any], trial: str, here: int, other: int) -> list[PrintedRow]:
    size = float(row.get("patients", arm["patients"]))
    found = [_row(row["key"], trial, row["kind"], here, other, size)]
    spread = estimate(row["key"]).spread
    if row["kind"] == "change" and spread is not None and spread.kind == "sd":
        sd = float(spread.amount)  # type: ignore[arg-type]
        weight, error = weight_of(row["key"]), sd / math.sqrt(2.0 * size)
        found.append(PrintedRow(row["key"], trial, "sd of change", here, here, sd, error, size, weight))
    return found


def _row(key: str, trial: str, kind: str, here: int, other: int, size: float) -> PrintedRow:
    printed = estimate(key)
    observed = printed.value / 100.0 if kind in _SHARES else printed.value
    error = standard_error(key, kind, size)
    if kind == "effect_size" and printed.value < 0.0:  # printed with its sign: the drug's advantage is positive here
        observed = -observed
    return PrintedRow(key, trial, kind, here, other, observed, error, size, weight_of(key))


def weight_of(key: str) -> float:
    """What a row counts: recalled a half, read in a secondary source three quarters."""
    printed = estimate(key)
    if printed.basis == "assumed":
        return value("judgement.recalled_weight", "1")
    return value("judgement.secondary_weight", "1") if printed.seen == "secondary" else 1.0


def _paths_of(study: dict[str, Any], paths: list[Path], trial: str) -> tuple[int, int]:
    time = np.linspace(float(study["landmark"]), float(study["until"]), PATH_POINTS)
    common = (trial, study["select"], bool(study["antidepressant"]), time)
    paths.append(Path(study["id"], *common))
    if "nasal_mg" not in study:
        return len(paths) - 1, len(paths) - 1
    paths.append(Path(f"{study['id']} withdrawn", *common))
    return len(paths) - 2, len(paths) - 1


# --- exposures, padded


def _latent_of_visits(visits: list[Visit]) -> Latent:
    treated = list(dict.fromkeys(visit.arm for visit in visits if visit.treated))
    drives = [exposure(name) for name in treated]
    course = np.array([treated.index(visit.arm) if visit.treated else 0 for visit in visits])
    step, part = _places([drives[n].time_d for n in course], [np.array(visit.day) for visit in visits])
    return Latent(*_padded(drives), course, step, part)


def _latent_of_paths(paths: list[Path]) -> Latent:
    drives = [stimulus_of_study(path.study.split(" ")[0], path.study.endswith("withdrawn")) for path in paths]
    step, part = _places([drive.time_d for drive in drives], [path.time_d for path in paths])
    return Latent(*_padded(drives), np.arange(len(paths)), step, part)


def _padded(drives: list[Stimulus]) -> tuple[np.ndarray, np.ndarray]:
    most = -(-max(len(drive.lengths_d) for drive in drives) // BLOCK) * BLOCK
    lengths, gauss = np.zeros((len(drives), most)), np.zeros((len(drives), most, 2))
    for n, drive in enumerate(drives):
        steps = len(drive.lengths_d)
        lengths[n, :steps], gauss[n, :steps] = drive.lengths_d, np.asarray(drive.at_gauss)[:, :, 0]
    return lengths, gauss


def _places(grids: list[np.ndarray], times: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    steps, parts = [], []
    for grid, time in zip(grids, times, strict=True):
        before = np.clip(np.searchsorted(grid, time + 1e-6, side="right") - 1, 0, len(grid) - 2)
        steps.append(before)
        parts.append(np.clip((time - grid[before]) / (grid[before + 1] - grid[before]), 0.0, 1.0))
    return np.array(steps), np.array(parts)


# --- covariates of the rivals


def _covariates(visits: list[Visit]) -> Arms:
    arms = {arm["id"]: arm for arm in pages()["arm"]}
    found = []
    for visit in visits:
        given = doses(arms[visit.arm], Person().weight_kg)[1] if visit.treated else []
        beside = comparator(arms[visit.arm]["comparator"]).antidepressant
        found.append((*received(given, HOURS * visit.day), beside))
    return Arms(*(np.array(column) for column in zip(*found, strict=True)))


def _covariates_of(paths: list[Path]) -> Arms:
    studies = {study["id"]: study for study in pages()["relapse"]}
    found = []
    for path in paths:
        study, withdrawn = studies[path.study.split(" ")[0]], path.study.endswith("withdrawn")
        given = _given(study, withdrawn)
        found.append([(*received(given, HOURS * day), float(path.antidepressant)) for day in path.time_d])
    return Arms(*np.moveaxis(np.array(found), -1, 0))


def _given(study: dict[str, Any], withdrawn: bool) -> list[Given]:
    if "nasal_mg" not in study:
        return doses(study, Person().weight_kg)[1]
    on = [] if withdrawn else list(range(study["landmark"], study["until"], study["every"]))
    return [Given(HOURS * day, float(study["nasal_mg"]), 0.0, "S", "nasal") for day in (*RUN_IN_DAYS, *on)]


def received(given: list[Given], time_h: float) -> tuple[float, float, float]:
    """(S-equivalents [mg], hours, days since the end) of the doses that began before `time_h`."""
    before = [dose for dose in given if dose.start < time_h - 1e-9]
    if not before:
        return 0.0, 0.0, _NO_DOSE_D
    per_mg = {"S": 1.0, "R": value("mood.r_potency", "1")}
    per_mg["racemic"] = (per_mg["S"] + per_mg["R"]) / 2.0
    taken = [min(1.0, (time_h - dose.start) / dose.duration) if dose.duration else 1.0 for dose in before]
    amount = sum(
        share * float(dose.amount) * per_mg[dose.enantiomer] for share, dose in zip(taken, before, strict=True)
    )
    hours = sum(share * dose.duration for share, dose in zip(taken, before, strict=True))
    ended = max(dose.start + dose.duration for dose in before)
    return amount, hours, max(time_h - ended, 0.0) / HOURS


def scale_table(visits: tuple[Visit, ...]) -> dict[str, np.ndarray]:
    """The fields of the scale of every visit."""
    arms = {arm["id"]: arm for arm in pages()["arm"]}
    scales = [scale_named(arms[visit.arm].get("scale", "MADRS")) for visit in visits]
    fields = ("most", "residual_sd", "drug_share", "control_share", "response_fall", "remission")
    return {name: np.array([float(getattr(scale, name)) for scale in scales]) for name in fields}
