"""The figure of a trial: pain by arm beside what was published, people, concentration, slow states.

Under one hypothesis four panels; under several, one column each, so that what they predict can be compared along a
row, and the concentration, which is the same for all, beside them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from unwound.reporting import panels
from unwound.reporting.bands import TrialBands
from unwound.reporting.figures import BLACK, BLUE, GREY, drawable, head_and_foot, house_style, new_figure
from unwound.reporting.observed import observed_points, p_sentences
from unwound.reporting.panels import DAY_H, WEEK_H
from unwound.reporting.quantities import concentrations_of, states_of, usable
from unwound.reporting.schedule import Schedule, schedule_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from unwound.trials import Row, TrialResult

PEOPLE_DRAWN = 20
RESPONDS_BELOW = 0.5
"""The drug reaches the pain of a person whose non-NMDA share is below this (people are near 0 or 1)."""


def trial_figure(
    results: Mapping[str, TrialResult],
    rows: Sequence[Row],
    bands: Mapping[str, TrialBands] | None = None,
) -> Figure:
    """The figure of a trial under one or several hypotheses (short name -> result).

    `bands` shares what was computed already with the tables. Points are drawn at (week, NRS) as published.
    """
    views = [_View.of(result, rows, (bands or {}).get(short)) for short, result in results.items()]
    with house_style():
        figure = new_figure()
        (_one if len(views) == 1 else _several)(figure, views)
        trial = views[0].result.trial
        head_and_foot(figure, f"{trial.title or trial.name}: {len(trial.arms)} arms, re-enacted", _foot(views))
    return figure


@dataclass(frozen=True)
class _View:
    """What the panels need of one hypothesis."""

    result: TrialResult
    rows: Sequence[Row]
    bands: TrialBands
    schedule: Schedule

    @classmethod
    def of(cls, result: TrialResult, rows: Sequence[Row], bands: TrialBands | None) -> _View:
        return cls(result, rows, bands or TrialBands(result), schedule_of(result.trial.regimen))

    @property
    def short(self) -> str:
        return self.result.course.hypothesis

    @property
    def colors(self) -> dict[str, str]:
        """Arm -> color, the treated arm first."""
        return {self.result.trial.treated.name: BLUE, self.result.trial.control.name: GREY}

    @property
    def last_h(self) -> float:
        return float(self.result.course.time_h[-1])

    @property
    def last_day(self) -> float:
        """Where the panel of concentration ends: a week, or some time after a longer treatment."""
        after = self.schedule.end_h + 2 * DAY_H
        return min(max(WEEK_H, after), self.last_h) / DAY_H


def _one(figure: Any, views: list[_View]) -> None:
    (view,) = views
    grid = figure.add_gridspec(
        2, 2, left=0.052, right=0.985, top=0.875, bottom=0.15, wspace=0.17, hspace=0.42, width_ratios=(1.25, 1)
    )
    pain, people = figure.add_subplot(grid[0, 0]), figure.add_subplot(grid[0, 1])
    _above(pain, "a  Pain by arm", _pain(pain, view), 3)
    _above(people, "b  Patients of the first virtual trial", _people(people, view), 2)
    lower = grid[1, 0].subgridspec(2, 1, height_ratios=(1, 4.2), hspace=0.09)
    strip = figure.add_subplot(lower[0])
    blood = figure.add_subplot(lower[1], sharex=strip)
    strip.set_title("c  Dose and concentration", pad=8)
    handles = _blood(strip, blood, view)
    blood.legend(handles=handles, loc="upper right")
    states = figure.add_subplot(grid[1, 1])
    _above(states, f"d  Slow states under {view.short}, treated arm", _states(states, view), 4)


def _several(figure: Any, views: list[_View]) -> None:
    count = len(views)
    grid = figure.add_gridspec(
        3, count + 1, left=0.045, right=0.985, top=0.915, bottom=0.135, wspace=0.27, hspace=0.36,
        width_ratios=[*[1.0] * count, 0.95],
    )  # fmt: skip
    keys: list[list[Any]] = [[], [], []]
    for column, view in enumerate(views):
        for row, (draw, what) in enumerate(((_pain, "pain"), (_people, "patients"), (_states, "slow states"))):
            axes = figure.add_subplot(grid[row, column])
            handles = draw(axes, view)
            axes.set_title(f"{'abd'[row]}{column + 1}  {view.short}: {what}")
            known = {handle.get_label() for handle in keys[row]}
            keys[row] += [handle for handle in handles if handle.get_label() not in known]
    side = grid[0, count].subgridspec(2, 1, height_ratios=(1, 3), hspace=0.12)
    strip = figure.add_subplot(side[0])
    strip.set_title("c  Dose and concentration")
    blood = figure.add_subplot(side[1], sharex=strip)
    keys[0] += _blood(strip, blood, views[0])
    _key(figure.add_subplot(grid[1:, count]), keys)


def _above(axes: Any, title: str, handles: list[Any], columns: int) -> None:
    """The title above the axes, the legend between the two: it never covers data."""
    lines = -(-len(handles) // columns)
    axes.set_title(title, pad=10 + 14.5 * lines)
    axes.legend(handles=handles, loc="lower left", bbox_to_anchor=(0.0, 1.02), ncols=columns, columnspacing=1.4)


def _key(axes: Any, keys: list[list[Any]]) -> None:
    """All legends in a column of their own."""
    axes.set_axis_off()
    top = 1.0
    for title, handles in zip(("a, c", "b  first virtual trial", "d  treated arm, median and 90 % band"), keys, strict=True):
        legend = axes.legend(
            handles=handles, loc="upper left", bbox_to_anchor=(-0.06, top), title=title, alignment="left"
        )
        legend.get_title().set_fontweight("bold")
        axes.add_artist(legend)
        top -= 0.075 + 0.0395 * sum(1 + handle.get_label().count("\n") for handle in handles)


def _pain(axes: Any, view: _View) -> list[Any]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    weeks = view.bands.time_h / WEEK_H
    panels.pain_axes(axes, view.last_h)
    panels.shade(axes, view.schedule, WEEK_H)
    handles = []
    for arm, color in reversed(view.colors.items()):
        mean = view.bands.trial_mean(arm)
        line = panels.draw_arm(axes, weeks, view.bands.of(arm, "pain_nrs"), mean, color, color == GREY)
        line.set_label(f"{drawable(arm, 30)}: mean")
        handles.insert(0, line)
    handles.append(Patch(color=GREY, alpha=0.45, linewidth=0, label="90 % of trial means"))
    handles.append(Patch(color=GREY, alpha=0.16, linewidth=0, label="5-95 % of patients"))
    points = observed_points(view.result.trial, view.rows)
    panels.draw_points(axes, points, view.colors)
    marks = {"published mean ± SE": BLACK} if any(not p.recalled for p in points) else {}
    marks |= {"published, recalled": "white"} if any(p.recalled for p in points) else {}
    for label, face in marks.items():
        look = {"marker": "o", "linestyle": "", "markerfacecolor": face, "markeredgecolor": BLACK}
        handles.append(Line2D([], [], label=label, **look))
    _say(axes, p_sentences(view.rows, view.short))
    return handles


def _say(axes: Any, sentences: Sequence[str]) -> None:
    """Published P values as sentences above the scale of pain."""
    axes.set_ylim(-0.15, 10.0 + 0.75 * len(sentences))
    for line, sentence in enumerate(sentences):
        place = (axes.get_xlim()[1], 10.0 + 0.75 * (len(sentences) - line) - 0.1)
        axes.text(*place, drawable(sentence), size=9, color="#333333", ha="right", va="top")


def _people(axes: Any, view: _View) -> list[Any]:
    result, arm = view.result, view.result.trial.treated.name
    panels.pain_axes(axes, view.last_h)
    panels.shade(axes, view.schedule, WEEK_H)
    good = np.flatnonzero(result.of_arm(arm, usable(result.course))[0])[:PEOPLE_DRAWN]
    share = result.of_arm(arm, np.asarray(result.people.non_nmda_share))[0, good]
    pain = result.of_arm(arm, result.course.pain_nrs)[:, 0, good]
    return panels.draw_people(axes, view.bands.time_h / WEEK_H, pain, share < RESPONDS_BELOW)


def _blood(strip: Any, blood: Any, view: _View) -> list[Any]:
    course, arm = view.result.course, view.result.trial.treated.name
    parent = concentrations_of(course)[0]
    shown = view.bands.time_h <= view.last_day * DAY_H + 1e-6
    band = view.bands.of(arm, parent.name)
    cut = type(band)(*(getattr(band, name)[shown] for name in ("mean", "p05", "p50", "p95")))
    panels.draw_schedule(strip, view.schedule, view.last_day)
    line = panels.draw_concentration(blood, view.bands.time_h[shown] / DAY_H, cut, BLUE, parent.label)
    line.set_label(f"{parent.label}: median, 90 % band")
    panels.time_axis(blood, view.last_day * DAY_H, DAY_H)
    blood.set_ylim(bottom=0)
    blood.set_ylabel(f"{parent.label} ({parent.unit})\n{course.sampling} plasma")
    return [line]


def _states(axes: Any, view: _View) -> list[Any]:
    states, arm = states_of(view.result.course), view.result.trial.treated.name
    panels.time_axis(axes, view.last_h, WEEK_H)
    panels.shade(axes, view.schedule, WEEK_H)
    bands = {state.name: view.bands.of(arm, state.name) for state in states}
    return panels.draw_states(axes, view.bands.time_h / WEEK_H, states, bands)


def _foot(views: list[_View]) -> tuple[str, ...]:
    result = views[0].result
    failed = sum(len(view.result.course.failed()) for view in views)
    left_out = f"; {failed} failed computations left out" if failed else ""
    return (
        f"model {result.course.model}; hypothesis {', '.join(view.short for view in views)}; seed {result.setting.seed}; "
        f"{result.replicates} replicates of {result.trial.size} patients{left_out}.",
        "Curves and bands = simulation (pain as felt, before the scatter of a diary); points = published. "
        "Grey: the pump runs.",
    )
