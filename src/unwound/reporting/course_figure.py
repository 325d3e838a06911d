"""The figure of a course: pain, blood and slow states, for one person or for many.

One person is a line; up to twenty people are thin lines with their median; more are a median with the span from
5 to 95 %.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from unwound.reporting import panels
from unwound.reporting.bands import Band, band_over
from unwound.reporting.figures import BLUE, GREEN, PINK, head_and_foot, house_style, new_figure
from unwound.reporting.panels import DAY_H, WEEK_H
from unwound.reporting.quantities import (
    PAIN,
    Quantity,
    concentrations_of,
    quantities_of,
    shown_states,
    states_title,
    usable,
)
from unwound.reporting.schedule import Schedule, schedule_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from unwound.patient.course import Course
    from unwound.regimen import Regimen

MOST_LINES = 20
_COLORS = (BLUE, PINK, GREEN)


def course_figure(course: Course, title: str = "", regimen: Regimen | None = None, seed: int | None = None) -> Figure:
    """The figure of `course`; with `regimen` the pump is drawn too. `title` may be any text."""
    schedule = None if regimen is None else schedule_of(regimen)
    good = usable(course)
    bands = {} if not good.any() else {q.name: band_over(q.values[:, good]) for q in quantities_of(course)}
    with house_style():
        figure = new_figure()
        grid = figure.add_gridspec(
            2, 2, left=0.07, right=0.985, top=0.875, bottom=0.15, wspace=0.15, hspace=0.44, width_ratios=(1.25, 1)
        )
        if bands:
            _pain(figure.add_subplot(grid[0, :]), course, good, bands, schedule)
            _blood(figure, grid[1, 0], course, bands, schedule)
            _states(figure.add_subplot(grid[1, 1]), course, bands, schedule)
        else:
            figure.text(0.5, 0.5, "No computation succeeded: there is nothing to draw.", ha="center")
        head_and_foot(figure, title or "Simulated course", _foot(course, seed))
    return figure


def _scale(last_h: float) -> float:
    """Weeks for a long course, days for one of a fortnight or less."""
    return WEEK_H if last_h > 2 * WEEK_H else DAY_H


def _pain(axes: Any, course: Course, good: np.ndarray, bands: dict[str, Band], schedule: Schedule | None) -> None:
    last = float(course.time_h[-1])
    time = course.time_h / _scale(last)
    panels.pain_axes(axes, last, _scale(last))
    panels.shade(axes, schedule, _scale(last))
    count = int(good.sum())
    handles = []
    if 1 < count <= MOST_LINES:
        thin = axes.plot(
            time,
            course.pain_nrs[:, good],
            color=BLUE,
            linewidth=0.8,
            alpha=0.5,
            label=f"one {'draw' if course.of_draws else 'person'} each",
        )
        handles.append(thin[0])
    elif count > 1:
        handles.append(panels.draw_band(axes, time, bands[PAIN], BLUE, 0.2))
        handles[-1].set_label(f"5-95 % of {course.spread_of}")
    label = "median" if count > 1 else "pain"
    handles += axes.plot(time, bands[PAIN].p50, color=BLUE, linewidth=2.2, label=label)
    panels.legend_above(axes, "a  Pain", handles if count > 1 else [], 3)


def _blood(figure: Any, place: Any, course: Course, bands: dict[str, Band], schedule: Schedule | None) -> None:
    lower = place.subgridspec(2, 1, height_ratios=(1, 4.2), hspace=0.09)
    blood = figure.add_subplot(lower[1] if schedule else place)
    last_day = panels.last_day_of_blood(schedule, float(course.time_h[-1]))
    shown = course.time_h <= last_day * DAY_H + 1e-6
    handles = []
    for n, analyte in enumerate(concentrations_of(course)):
        band = bands[analyte.name].at(shown)
        handles.append(
            panels.draw_concentration(blood, course.time_h[shown] / DAY_H, band, _COLORS[n % 3], analyte.label)
        )
    panels.time_axis(blood, last_day * DAY_H, DAY_H)
    blood.set_ylim(bottom=0)
    blood.set_ylabel(f"concentration (ng/mL)\n{course.sampling} plasma")
    top = blood
    if schedule:
        top = figure.add_subplot(lower[0], sharex=blood)
        panels.draw_schedule(top, schedule, last_day)
    panels.legend_above(top, "b  Doses and blood" if schedule else "b  Blood", handles, 3)


def _states(axes: Any, course: Course, bands: dict[str, Band], schedule: Schedule | None) -> None:
    last = float(course.time_h[-1])
    panels.time_axis(axes, last, _scale(last))
    panels.shade(axes, schedule, _scale(last))
    states: tuple[Quantity, ...] = shown_states(course)
    handles = panels.draw_states(axes, course.time_h / _scale(last), states, bands)
    panels.legend_above(axes, f"c  {states_title(course)}", handles, 4)


def _foot(course: Course, seed: int | None) -> tuple[str, ...]:
    failed = len(course.failed())
    people = "one person" if course.people == 1 and not course.of_draws else course.who
    said = [f"model {course.model}", course.under]
    said += [] if seed is None else [f"seed {seed}"]
    said += [people, *([f"{failed} failed computations left out"] if failed else [])]
    bands = "" if course.people == 1 else f" Lines: median; bands: 5-95 % of {course.spread_of}."
    return "; ".join(said) + ".", f"Everything drawn is simulation.{bands} Grey: a dose or the pump."
