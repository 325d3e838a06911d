"""The figure of a mood course: latent improvement, the score beside its comparator, responders who stay well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from unwound.reporting.figures import (
    BLUE,
    FAINT,
    GREEN,
    GREY,
    ORANGE,
    VERMILLION,
    head_and_foot,
    house_style,
    new_figure,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from unwound.patient.mood_course import MoodCourse
    from unwound.regimen import Regimen

_BAND = (10.0, 90.0)


def mood_figure(course: MoodCourse, regimen: Regimen, title: str) -> Figure:
    """Three panels over days since the first dose; ticks below mark doses."""
    with house_style():
        figure = new_figure(height=800)
        grid = figure.add_gridspec(1, 3, left=0.055, right=0.985, top=0.82, bottom=0.19, wspace=0.24)
        improved, score, well = (figure.add_subplot(grid[0, n]) for n in range(3))
        _band(improved, course.time_d, course.improvement, GREEN, "improvement")
        improved.set_ylim(0.0, 1.0)
        _dress(improved, course, regimen, "a  Latent improvement m", "0 none, 1 full")
        _band(score, course.time_d, course.score, BLUE, "drug")
        _band(score, course.time_d, course.control_score, VERMILLION, course.comparator)
        own = course.unblinded_score[0.5].mean(axis=1)
        score.plot(course.time_d, own, color=BLUE, linewidth=1.3, linestyle=":", label="drug, if 50 % is unblinding")
        score.set_ylim(bottom=0.0)
        _dress(score, course, regimen, f"b  {course.scale}", "points")
        held = course.still_well()
        if np.isfinite(held).any():
            well.step(course.time_d, 100.0 * held, color=ORANGE, linewidth=2.0, where="post", label="responders")
        well.axvline(course.landmark_d, color=GREY, linewidth=0.9, linestyle="--", label="response judged")
        well.set_ylim(0.0, 102.0)
        _dress(well, course, regimen, "c  Responders without relapse", "% of responders")
        head_and_foot(figure, title, _foot(course))
    return figure


def _band(axes: Any, time: np.ndarray, values: np.ndarray, color: str, label: str) -> None:
    low, high = np.percentile(values, _BAND, axis=1)
    axes.fill_between(time, low, high, color=color, alpha=0.12, linewidth=0)
    axes.plot(time, values.mean(axis=1), color=color, linewidth=2.0, label=label)


def _dress(axes: Any, course: MoodCourse, regimen: Regimen, title: str, label: str) -> None:
    last = float(course.time_d[-1])
    starts = np.unique([float(start) / 24.0 for dose in regimen.doses for start in dose.starts()])
    for start in starts[starts <= last]:
        axes.axvline(start, ymax=0.02, color=GREY, linewidth=1.2)
    axes.set_xlim(0.0, last)
    axes.set_xlabel("days since the first dose")
    axes.set_ylabel(label)
    axes.set_title(title, loc="left", pad=48)
    axes.grid(axis="y", color=FAINT, linewidth=0.7)
    axes.legend(loc="lower left", bbox_to_anchor=(0.0, 1.005), ncol=1 if title.startswith("b") else 2)


def _foot(course: MoodCourse) -> tuple[str, str]:
    people = course.score.shape[1]
    responded, control = 100 * course.responded.mean(), 100 * course.control_responded.mean()
    return (
        f"{people} virtual people; mean and 10 to 90 % of people, without the scatter of a rating. Ticks: doses. "
        f"Blood: {course.model} ({course.sampling}).",
        f"Day {course.landmark_d:.3g}: response {responded:.0f} %, under {course.comparator} {control:.0f} %. The same "
        "people in both arms.",
    )
