"""Results as columns, one function per table of a result folder.

Each function returns ``(columns, units)`` for `ResultFolder.write_table`. Columns are equally long, every quantity
has its unit in its name as well as in `units`, numbers are float32 and counts small integers. What is missing (a
rating after dropout, a week that does not apply) is null, never NaN.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from unwound.reporting.bands import TrialBands
from unwound.reporting.quantities import quantities_of

if TYPE_CHECKING:
    from unwound.patient.course import Course
    from unwound.patient.divergence import Divergence
    from unwound.patient.observed_blood import Agreement, Sample, TableBlood
    from unwound.trials import Row, TrialResult

Columns = dict[str, np.ndarray | list[Any]]
Frame = tuple[Columns, dict[str, str]]

_PEOPLE = {
    "weight": ("weight_kg", "kg"),
    "age": ("age_y", "y"),
    "duration": ("duration_y", "y"),
    "baseline": ("baseline_nrs", "points"),
    "non_nmda_share": ("non_nmda_share", "1"),
    "input_factor": ("input_factor", "1"),
    "latent_factor": ("latent_factor", "1"),
    "placebo_size": ("placebo_size", "1"),
    "sensitivity": ("sensitivity", "1"),
}
"""Field of a person -> (column, unit)."""


def rows_columns(rows: Sequence[Row]) -> Frame:
    """The rows of a trial, observed beside simulated; numbers are in the unit that the row names."""
    columns: Columns = {
        name: [getattr(row, name) for row in rows]
        for name in ("hypothesis", "arm", "endpoint", "week", "window", "unit", "observed", "observed_text")
    }
    for name in ("mean", "sd", "low", "high"):
        columns[f"simulated_{name}"] = [None if r.simulated is None else getattr(r.simulated, name) for r in rows]
    columns |= {"rule": [row.rule for row in rows], "provenance": [row.provenance for row in rows]}
    columns["pass"] = [row.passed for row in rows]
    return columns, {"week": "week"}


def visits_columns(result: TrialResult) -> Frame:
    """What the diaries show: one line per replicate, patient and week; null once a patient is lost."""
    weeks, replicates, patients = result.ratings.shape
    order = result.ratings.transpose(1, 2, 0).ravel()
    people = replicates * patients
    columns: Columns = {
        "replicate": np.repeat(np.arange(replicates, dtype=np.int32), patients * weeks),
        "patient": np.tile(np.repeat(np.arange(patients, dtype=np.int16), weeks), replicates),
        "arm": np.repeat(_arms(result), weeks),
        "week": np.tile(_weeks(result), people),
        "rating_nrs": _with_nulls(order),
    }
    return columns, {"week": "week", "rating_nrs": "points"}


def patients_columns(result: TrialResult) -> Frame:
    """Who took part and what happened to them, one line per replicate and patient."""
    course, people = result.course, result.people
    columns: Columns = {
        "replicate": np.repeat(np.arange(result.replicates, dtype=np.int32), result.trial.size),
        "patient": np.tile(np.arange(result.trial.size, dtype=np.int16), result.replicates),
        "arm": _arms(result),
        "female": np.asarray(people.female).astype(np.int8),
    }
    if course.fitted is not None:
        columns["fitted_model"] = np.repeat(course.fitted.taken(result.replicates), result.trial.size)
    units = {"female": "1"}
    for field, (name, unit) in _PEOPLE.items():
        columns[name] = np.asarray(getattr(people, field), dtype=np.float32)
        units[name] = unit
    reached = f"rate_reached_{course.rate_unit.replace('/', '_per_')}"
    for n, (rate, back) in enumerate(zip(course.rate_reached, course.stepped_back, strict=True)):
        number = f"_{n + 1}" if len(course.rate_reached) > 1 else ""
        columns[f"{reached}{number}"] = _with_nulls(rate)
        columns[f"stepped_back{number}"] = np.asarray(back, dtype=bool)
        units[f"{reached}{number}"] = course.rate_unit
    own, own_units = _person_columns(course)
    return columns | own, units | own_units


def bands_columns(result: TrialResult, bands: TrialBands | None = None) -> Frame:
    """Mean and quantiles over patients by arm, time and quantity, and of the trial means of pain.

    `bands` shares what the figure computed already.
    """
    bands = bands or TrialBands(result)
    arms = [group.name for group in result.trial.groups]
    kept = [(arm, q.name, q.unit, bands.of(arm, q.name)) for arm in arms for q in bands.quantities.values()]
    kept += [(arm, "trial_mean_pain_nrs", "points", bands.trial_mean(arm)) for arm in arms]
    times = len(bands.time_h)
    columns: Columns = {
        "arm": np.repeat([arm for arm, *_ in kept], times),
        "quantity": np.repeat([name for _, name, *_ in kept], times),
        "unit": np.repeat([unit for _, _, unit, _ in kept], times),
        "time_h": np.tile(bands.time_h, len(kept)),
    }
    for statistic in ("mean", "p05", "p50", "p95"):
        columns[statistic] = _with_nulls(np.concatenate([getattr(band, statistic) for *_, band in kept]))
    return columns, {"time_h": "h"}


def course_columns(course: Course) -> Frame:
    """Everything over time: one line per person and time. Lines of a failed person hold what was computed."""
    times = len(course.time_h)
    columns: Columns = {
        _each(course): np.repeat(np.arange(course.people, dtype=np.int32), times),
        "time_h": np.tile(course.time_h, course.people),
    }
    units = {"time_h": "h"}
    for quantity in quantities_of(course):
        columns[quantity.name] = _with_nulls(quantity.values.T.ravel())
        units[quantity.name] = quantity.unit
    return columns, units


def people_columns(course: Course) -> Frame:
    """What happened to each person of a course: dose, peak, psychomimetic effect, verdict."""
    columns, units = _person_columns(course)
    models = {} if course.fitted is None else {"fitted_model": course.fitted.taken(course.people)}
    return {_each(course): np.arange(course.people, dtype=np.int32), **models, **columns}, units


def _each(course: Course) -> str:
    """What a number counts: people, or the draws of a posterior for one typical person."""
    return "draw" if course.of_draws else "person"


def _person_columns(course: Course) -> Frame:
    columns: Columns = {
        "dose_total_mg": _with_nulls(course.dose_total_mg),
        "peak_ng_per_mL": _with_nulls(course.peak_ng_per_mL),
        "psychomimetic": np.asarray(course.psychomimetic, dtype=bool),
        "verdict": np.asarray(course.verdicts, dtype=np.int8),
    }
    for n, firing in enumerate(course.firings):
        columns[f"rule_{n}_{firing.kind}_acts"] = firing.fired.sum(axis=0).astype(np.int16)
    return columns, {"dose_total_mg": "mg", "peak_ng_per_mL": "ng/mL"}


def _arms(result: TrialResult) -> np.ndarray:
    """The arm (or sequence) of everybody, replicate by replicate; empty for who was not randomized."""
    names = np.array([*(group.name for group in result.trial.groups), ""])
    return np.asarray(names[result.allocation.ravel()])


def _weeks(result: TrialResult) -> np.ndarray:
    """Weeks of the visits since the start of treatment: whole numbers where they are."""
    weeks = result.visits_h / 168.0
    whole = np.round(weeks)
    return whole.astype(np.int8) if np.allclose(weeks, whole) and whole[-1] < 128 else weeks.astype(np.float32)


def _with_nulls(values: np.ndarray) -> np.ndarray | list[Any]:
    """`values` as float32, or as a list with None in place of NaN when there is any."""
    if not np.isnan(values).any():
        return values.astype(np.float32)
    return [None if value != value else value for value in values.tolist()]


def divergence_columns(result: Divergence) -> Frame:
    """One line per model, analyte and time."""
    curves = result.curves
    counts = [len(curve.time_h) for curve in curves]
    columns: Columns = {
        name: np.repeat([getattr(curve, name) for curve in curves], counts) for name in ("model", "analyte", "site")
    }
    columns["time_h"] = np.concatenate([curve.time_h for curve in curves])
    columns["concentration_ng_per_mL"] = np.concatenate([curve.concentration_ng_per_mL for curve in curves])
    for name in ("low_ng_per_mL", "high_ng_per_mL"):
        bands = [getattr(curve, name) for curve in curves]
        values = [np.full(n, np.nan) if b is None else b for b, n in zip(bands, counts, strict=True)]
        columns[name] = _with_nulls(np.concatenate(values))
    units = dict.fromkeys(("concentration_ng_per_mL", "low_ng_per_mL", "high_ng_per_mL"), "ng/mL")
    return columns, {"time_h": "h", **units}


def nca_columns(result: Divergence) -> Frame:
    """One line per model and analyte: peak, its time, area and half-life."""
    names = ("cmax_ng_per_mL", "tmax_h", "auc_ng_h_per_mL", "half_life_h")
    columns: Columns = {
        name: [getattr(curve, name) for curve in result.curves] for name in ("model", "analyte", "site", *names)
    }
    return columns, dict(zip(names, ("ng/mL", "h", "ng*h/mL", "h"), strict=True))


def table_blood_columns(found: TableBlood) -> Frame:
    """The curves of everybody of an event table: one line per person, model, analyte and time."""
    parts = [(person.name, *divergence_columns(person.blood)) for person in found.people if person.blood.curves]
    columns: Columns = {"who": np.repeat([who for who, *_ in parts], [len(own["time_h"]) for _, own, _ in parts])}
    for name in parts[0][1] if parts else ():
        columns[name] = [value for _, own, _ in parts for value in own[name]]
    return columns, parts[0][2] if parts else {}


def samples_columns(samples: Sequence[Sample]) -> Frame:
    """Observed beside predicted: one line per sample and model."""
    names = ("who", "time_h", "analyte", "observed_ng_per_mL", "model", "site", "predicted_ng_per_mL", "ratio")
    units = {"time_h": "h", "observed_ng_per_mL": "ng/mL", "predicted_ng_per_mL": "ng/mL", "ratio": "1"}
    return {name: [getattr(sample, name) for sample in samples] for name in names}, units


def agreement_columns(rows: Sequence[Agreement]) -> Frame:
    """How each model agrees with the samples of each analyte."""
    names = ("model", "analyte", "site", "samples", "bias", "spread", "within_twofold")
    return {name: [getattr(row, name) for row in rows] for name in names}, dict.fromkeys(names[4:], "1")


def tables_of(
    results: Mapping[str, TrialResult], rows: Sequence[Row], bands: Mapping[str, TrialBands] | None = None
) -> dict[str, Frame]:
    """All tables of a trial by name: `rows`, then `visits`, `patients` and `bands`, one each per hypothesis."""
    tables = {"rows": rows_columns(rows)}
    for short, result in results.items():
        tables[f"visits_{short}"] = visits_columns(result)
        tables[f"patients_{short}"] = patients_columns(result)
        tables[f"bands_{short}"] = bands_columns(result, (bands or {}).get(short))
    return tables
