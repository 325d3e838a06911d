"""Everything a run leaves behind, in one call: figure, report, tables and manifest in a result folder.

report.html     one self-contained page           figure.svg, figure.png    the picture alone
flow, forest..., survival..., responders            of a trial: patients, differences, times, responders (SVG, PNG)
rows.parquet    observed beside simulated         visits_H2.parquet ...     ratings, patients, bands
result.json     what `--json` prints              manifest.json             specification, seed, versions, sha256
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from unwound import evidence
from unwound.core.safety import SIMULATION_ONLY
from unwound.pharmacokinetics.flow_limited import EXTRACTION
from unwound.pharmacokinetics.interactions import INTERACTIONS
from unwound.pharmacokinetics.register import model_keys, routed_model
from unwound.reporting import frames
from unwound.reporting.bands import TrialBands
from unwound.reporting.course_figure import course_figure
from unwound.reporting.divergence_figure import divergence_figure
from unwound.reporting.figures import png_bytes, svg_text
from unwound.reporting.fitted import fitted_dict, only_if_fitted, sources_of
from unwound.reporting.report import Told, courses_report, trial_report
from unwound.reporting.store import ResultFolder
from unwound.reporting.trial_figure import trial_figure
from unwound.reporting.trial_figures import trial_figures
from unwound.reporting.wording import of_so_many
from unwound.trials.conduct import verdict_counts

if TYPE_CHECKING:
    from unwound.patient import Course
    from unwound.patient.divergence import Divergence
    from unwound.regimen import Regimen
    from unwound.trials import Row, TrialResult

MOST_SHOWN = 12
"""Courses of an event table that get a figure in the report; the tables hold all of them."""


def trial_summary(results: Mapping[str, TrialResult], rows: Sequence[Row]) -> dict[str, Any]:
    """What every JSON door gives of a trial run."""
    first = next(iter(results.values()))
    trial = first.trial
    keys = dict.fromkeys(key for result in results.values() for key in result.keys)
    courses = [result.course for result in results.values()]
    return {
        "simulation_only": SIMULATION_ONLY,
        "trial": trial.name,
        "title": trial.title,
        "hypotheses": list(results),
        "driver": next((result.course.driver for result in results.values() if result.course.driver), ""),
        "fitted": fitted_dict(courses),
        "model": first.course.model,
        "sampling": first.course.sampling,
        "replicates": first.replicates,
        "patients_per_replicate": trial.size,
        "seed": first.setting.seed,
        "rows": [row.as_dict() for row in rows],
        "rules": {short: rules_told(result.course) for short, result in results.items()},
        "missed": [f"{row.hypothesis} {row.name}" for row in rows if row.passed is False],
        "assumed": [*trial.assumed, *trial.choices(), *assumed_in_words(keys)],
        "citations": [citation.text() for citation in sources_of(keys, courses)],
        "warnings": list(dict.fromkeys(str(w) for result in results.values() for w in result.limit_warnings)),
        "verdicts": {short: verdict_counts(result.course) for short, result in results.items()},
    }


def courses_summary(courses: Mapping[str, Course], title: str) -> dict[str, Any]:
    """What every JSON door gives of simulated courses: arrays for one person, mean and percentiles for many."""
    first = next(iter(courses.values()))
    keys = dict.fromkeys(key for course in courses.values() for key in course.keys)
    return {
        "simulation_only": SIMULATION_ONLY,
        "title": title,
        "model": first.model,
        "sampling": first.sampling,
        "hypothesis": first.hypothesis,
        "driver": first.driver,
        "fitted": fitted_dict(courses.values()),
        "courses": [_course_dict(name, course) for name, course in courses.items()],
        "assumed": assumed_in_words(keys),
        "citations": [citation.text() for citation in sources_of(keys, courses.values())],
    }


def publish_trial(
    folder: ResultFolder, results: Mapping[str, TrialResult], rows: Sequence[Row], command: str
) -> dict[str, str]:
    """Write figure, report, tables and manifest of a trial run; gives back what lies where."""
    first = next(iter(results.values()))
    bands = {short: TrialBands(result) for short, result in results.items()}
    figure = trial_figure(results, rows, bands)
    title = first.trial.title or first.trial.name
    svg = svg_text(figure, title)
    summary = trial_summary(results, rows)
    more = trial_figures(results, rows)
    shown = {name: (told, svg_text(drawn, told)) for name, (told, drawn) in more.items()}
    with folder:
        page = trial_report(results, rows, svg, command=command, more=list(shown.values()))
        folder.write_bytes("report.html", page.encode())
        for name, (told, drawn) in more.items():
            folder.write_bytes(f"{name}.svg", shown[name][1].encode())
            folder.write_bytes(f"{name}.png", png_bytes(drawn, told))
        folder.write_bytes("figure.svg", svg.encode())
        folder.write_bytes("figure.png", png_bytes(figure, title))
        folder.write_json("result", summary)
        for name, (columns, units) in frames.tables_of(results, rows, bands).items():
            folder.write_table(name, columns, units)
        folder.describe(
            command=command,
            seed=first.setting.seed,
            specification={
                "trial": first.trial.model_dump(mode="json", exclude_none=True),
                "hypotheses": list(results),
                "driver": summary["driver"],
                "model": first.course.model,
                "replicates": first.replicates,
                "accuracy": first.setting.accuracy.__dict__,
                "evidence": values_of(key for result in results.values() for key in result.keys),
                **only_if_fitted(result.course for result in results.values()),
            },
            assumed=summary["assumed"],
            citations=summary["citations"],
            verdicts=summary["verdicts"],
            warnings=summary["warnings"],
        )
    return _written(folder)


def publish_courses(
    folder: ResultFolder,
    courses: Mapping[str, Course],
    title: str,
    regimens: Mapping[str, Regimen],
    command: str,
    seed: int,
) -> dict[str, str]:
    """Write figure, report, tables and manifest of simulated courses; gives back what lies where."""
    summary = courses_summary(courses, title)
    figures = {
        name: course_figure(course, name, regimens[name], seed) for name, course in list(courses.items())[:MOST_SHOWN]
    }
    pictures = {name: svg_text(figure, name) for name, figure in figures.items()}
    told = [Told(name, course, regimens[name], pictures.get(name, "")) for name, course in courses.items()]
    numbered = len(courses) > 1
    with folder:
        folder.write_bytes("report.html", courses_report(told, title=title, command=command, seed=seed).encode())
        for place, (name, figure) in enumerate(figures.items(), 1):
            number = f"_{place}" if numbered else ""
            folder.write_bytes(f"figure{number}.svg", pictures[name].encode())
            folder.write_bytes(f"figure{number}.png", png_bytes(figure, name))
        folder.write_json("result", summary)
        for place, course in enumerate(courses.values(), 1):
            number = f"_{place}" if numbered else ""
            folder.write_table(f"course{number}", *frames.course_columns(course))
            folder.write_table(f"people{number}", *frames.people_columns(course))
        folder.describe(
            command=command,
            seed=seed,
            specification={
                "regimens": {name: regimen.to_dict() for name, regimen in regimens.items()},
                "people": {name: _people(course) for name, course in courses.items()},
                "hypothesis": summary["hypothesis"],
                "driver": summary["driver"],
                "model": summary["model"],
                "evidence": values_of(key for course in courses.values() for key in course.keys),
                **only_if_fitted(courses.values()),
            },
            assumed=summary["assumed"],
            citations=summary["citations"],
            verdicts={name: verdict_counts(course) for name, course in courses.items()},
            warnings=[warning for course in courses.values() for warning in course.warnings],
        )
    return _written(folder)


def divergence_summary(result: Divergence, title: str, warnings: Sequence[str]) -> dict[str, Any]:
    """What every JSON door gives of a comparison of models."""
    keys = keys_of_divergence(result)
    return {
        "simulation_only": SIMULATION_ONLY,
        "title": title,
        "curves": [curve.as_dict() for curve in result.curves],
        "averages": [curve.as_dict() for curve in result.averages],
        "bands": result.bands,
        "not_eligible": result.not_eligible,
        "warnings": list(warnings),
        "assumed": assumed_in_words(keys),
        "citations": [citation.text() for citation in evidence.citations(keys)],
    }


def publish_divergence(
    folder: ResultFolder,
    result: Divergence,
    regimen: Regimen,
    title: str,
    command: str,
    seed: int,
    warnings: Sequence[str],
) -> dict[str, str]:
    """Write figure, tables and manifest of a comparison of models; gives back what lies where."""
    figure = divergence_figure(result, title)
    summary = divergence_summary(result, title, warnings)
    with folder:
        folder.write_bytes("figure.svg", svg_text(figure, title).encode())
        folder.write_bytes("figure.png", png_bytes(figure, title))
        folder.write_json("result", summary)
        folder.write_table("curves", *frames.divergence_columns(result))
        folder.write_table("nca", *frames.nca_columns(result))
        folder.describe(
            command=command,
            seed=seed,
            specification={"regimen": regimen.to_dict(), "evidence": values_of(keys_of_divergence(result))},
            assumed=summary["assumed"],
            citations=summary["citations"],
            warnings=[*warnings, *(w for curve in result.curves for w in curve.warnings)],
        )
    return {"folder": str(folder.path), "figure": str(folder.path / "figure.png")}


def keys_of_divergence(result: Divergence) -> list[str]:
    """The evidence keys of a comparison of models."""
    models = dict.fromkeys(curve.model.split(" + ")[0] for curve in result.curves)
    readings = dict.fromkeys(curve.model.split(" + ")[1] for curve in result.curves if " + " in curve.model)
    keys = [key for name in models for key in model_keys(routed_model(name))]
    liver = [EXTRACTION] if any("perezruixo2021" not in c.model for c in result.curves if " + " in c.model) else []
    return [*keys, *liver, *(key for name in readings for key in INTERACTIONS[name].keys)]


def _course_dict(name: str, course: Course) -> dict[str, Any]:
    def shown(values: np.ndarray) -> Any:
        if course.people == 1:
            return values[:, 0]
        has = values[:, ~np.isnan(values[0])]  # a draw of another hypothesis has no such state
        low, high = np.percentile(has, (5, 95), axis=1)
        return {"mean": has.mean(axis=1), "p05": low, "p95": high}

    return {
        "name": name,
        "people": _people(course),
        **({"draws": course.people} if course.of_draws else {}),
        "time_h": course.time_h,
        "pain_nrs": shown(course.pain_nrs),
        "concentration_ng_per_mL": {a: shown(v) for a, v in course.concentration_ng_per_mL.items()},
        "states": {state: shown(values) for state, values in course.states.items()},
        "peak_ng_per_mL": float(course.peak_ng_per_mL.mean()),
        "dose_total_mg": float(course.dose_total_mg.mean()),
        "psychomimetic": {
            "draws" if course.of_draws else "people": int(course.psychomimetic.sum()),
            "of": course.people,
            "text": of_so_many(int(course.psychomimetic.sum()), course.people),
        },
        "verdicts": verdict_counts(course),
        "rules": rules_told(course),
        "warnings": list(course.warnings),
    }


def _people(course: Course) -> int:
    """How many people; draws of a posterior are none."""
    return 1 if course.of_draws else course.people


def rules_told(course: Course) -> list[dict[str, Any]]:
    """The rules of a regimen: how often each acted, for how many people, and when (of one person)."""
    return [
        {
            "rule": firing.rule,
            "kind": firing.kind,
            "acts": int(firing.fired.sum()),
            "draws" if course.of_draws else "people": int(firing.fired.any(axis=0).sum()),
            "acts_h": firing.acts_h[firing.fired[:, 0]] if course.people == 1 else None,
        }
        for firing in course.firings
    ]


def assumed_in_words(keys: Any) -> list[str]:
    """What was assumed among `keys`, with its numbers."""
    return [f"{row.key} = {row.value:g} {row.unit}" for row in evidence.assumptions(keys)]


def values_of(keys: Any) -> dict[str, str]:
    """The very numbers a result rests on, so that a later table does not change what an old result meant."""
    return {key: f"{row.value!r} {row.unit}" for key in dict.fromkeys(keys) if (row := evidence.estimate(key))}


def _written(folder: ResultFolder) -> dict[str, str]:
    names = {"report": "report.html", "manifest": "manifest.json"}
    return {"folder": str(folder.path), **{what: str(folder.path / name) for what, name in names.items()}}
