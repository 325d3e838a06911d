"""What `unwound mood` leaves behind: figure, table, JSON and manifest, and what its JSON says."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from unwound import evidence
from unwound.core.safety import SIMULATION_ONLY
from unwound.reporting.figures import png_bytes, svg_text
from unwound.reporting.mood_figure import mood_figure
from unwound.reporting.publish import assumed_in_words, values_of

if TYPE_CHECKING:
    from unwound.patient.mood_course import MoodCourse, MoodSetting
    from unwound.regimen import Regimen
    from unwound.reporting.store import ResultFolder

_Z95 = 1.96


def mood_summary(course: MoodCourse, regimen: Regimen, title: str) -> dict[str, Any]:
    """What every JSON door gives of a mood course."""
    relapse = course.relapse_d[~np.isnan(course.relapse_d)]
    return {
        "simulation_only": SIMULATION_ONLY,
        "title": title,
        "gives": regimen.describe(),
        "scale": course.scale,
        "comparator": course.comparator,
        "model": course.model,
        "sampling": course.sampling,
        "people": course.score.shape[1],
        "time_d": course.time_d,
        "improvement": course.improvement.mean(axis=1),
        "score_points": _band(course.score),
        "comparator_score_points": _band(course.control_score),
        "difference_points": course.difference,
        "difference_points_if_unblinding": {
            f"{100 * share:.0f} %": course.own_difference(share) for share in course.unblinded_score
        },
        "landmark_d": course.landmark_d,
        "response": {"drug": _share(course.responded), "comparator": _share(course.control_responded)},
        "remission": {"drug": _share(course.remitted), "comparator": _share(course.control_remitted)},
        "responders": int(relapse.size),
        "responders_without_relapse": course.still_well(),
        "warnings": list(course.warnings),
        "assumed": assumed_in_words(course.keys),
        "citations": [citation.text() for citation in evidence.citations(course.keys)],
    }


def _band(values: np.ndarray) -> dict[str, np.ndarray]:
    low, high = np.percentile(values, (10.0, 90.0), axis=1)
    return {"mean": values.mean(axis=1), "low_10": low, "high_90": high}


def _share(who: np.ndarray) -> dict[str, float]:
    """A share with Wilson's interval: nobody of many is an upper bound, never 0."""
    n, hits = len(who), float(np.sum(who))
    middle = (hits + _Z95**2 / 2.0) / (n + _Z95**2)
    half = _Z95 / (n + _Z95**2) * float(np.sqrt(hits * (n - hits) / n + _Z95**2 / 4.0))
    return {"share": hits / n, "low_95": max(middle - half, 0.0), "high_95": min(middle + half, 1.0)}


def publish_mood(
    folder: ResultFolder, course: MoodCourse, regimen: Regimen, setting: MoodSetting, title: str, command: str
) -> dict[str, str]:
    """Write figure, table, JSON and manifest; gives back what lies where."""
    summary = mood_summary(course, regimen, title)
    figure = mood_figure(course, regimen, title)
    columns = {
        "time_d": course.time_d,
        "improvement": course.improvement.mean(axis=1),
        **{f"score_{name}": values for name, values in _band(course.score).items()},
        **{f"comparator_{name}": values for name, values in _band(course.control_score).items()},
        "difference": course.difference,
        "responders_without_relapse": course.still_well(),
    }
    one = {"improvement", "responders_without_relapse"}
    units = {name: "d" if name == "time_d" else "1" if name in one else "points" for name in columns}
    asked = {k: v for k, v in dataclasses.asdict(setting).items() if k != "parameters"}
    with folder:
        folder.write_bytes("figure.svg", svg_text(figure, title).encode())
        folder.write_bytes("figure.png", png_bytes(figure, title))
        folder.write_json("result", summary)
        folder.write_table("course", columns, units)
        folder.describe(
            command=command,
            seed=setting.seed,
            specification={
                "regimen": regimen.to_dict(), "setting": asked, "people": course.score.shape[1],
                "evidence": values_of(course.keys),
            },
            assumed=summary["assumed"],
            citations=summary["citations"],
            warnings=summary["warnings"],
        )  # fmt: skip
    names = {"figure": "figure.png", "result": "result.json", "manifest": "manifest.json"}
    return {"folder": str(folder.path), **{what: str(folder.path / name) for what, name in names.items()}}
