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
        head_and_foot(figure, f"{trial.title or trial.name}: {'re-enacted' if trial.cite else 'simulated'}", _foot(views))
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
        return panels.last_day_of_blood(self.schedule, self.last_h)


def _one(figure: Any, views: list[_View]) -> None:
    (view,) = views
    grid = figure.add_gridspec(
        2, 2, left=0.07, right=0.985, top=0.875, bottom=0.15, wspace=0.15, hspace=0.44, width_ratios=(1.25, 1)
    )
    pain, people = figure.add_subplot(grid[0, 0]), figure.add_subplot(grid[0, 1])
    panels.legend_above(pain, "a  Pain by arm", _pain(pain, view), 3)
    panels.legend_above(people, "b  Patients of the first virtual trial, treated arm", _people(people, view), 1)
    lower = grid[1, 0].subgridspec(2, 1, height_ratios=(1, 4.2), hspace=0.09)
    strip = figure.add_subplot(lower[0])
    blood = figure.add_subplot(lower[1], sharex=strip)
    panels.legend_above(strip, "c  Pump and blood", _blood(strip, blood, view), 2)
    states = figure.add_subplot(grid[1, 1])
    panels.legend_above(states, f"d  Slow states under {view.short}, treated arm", _states(states, view), 4)


def _several(figure: Any, views: list[_View]) -> None:
    count = len(views)
    grid = figure.add_gridspec(3, count, left=0.048, right=0.745, top=0.915, bottom=0.15, wspace=0.16, hspace=0.22)
    keys: list[list[Any]] = [[], [], []]
    for column, view in enumerate(views):
        for row, (draw, what) in enumerate(((_pain, "pain by arm"), (_people, "patients"), (_states, "slow states"))):
            axes = figure.add_subplot(grid[row, column])
            handles = draw(axes, view)
            axes.set_title(f"{'abd'[row]}{column + 1}  {view.short}: {what}")
            _only_outside(axes, row == 2, column == 0)
            known = {handle.get_label() for handle in keys[row]}
            keys[row] += [handle for handle in handles if handle.get_label() not in known]
    side = figure.add_gridspec(2, 1, left=0.828, right=0.985, top=0.915, bottom=0.64, height_ratios=(1, 3), hspace=0.12)
    strip = figure.add_subplot(side[0])
    strip.set_title("c  Pump and blood")
    blood = figure.add_subplot(side[1], sharex=strip)
    keys.insert(2, _blood(strip, blood, views[0]))
    _key(figure, keys)


def _only_outside(axes: Any, lowest: bool, first: bool) -> None:
    """Words and numbers on the outer axes only: all panels of a row share their scale."""
    if not lowest:
        axes.set_xlabel("")
        axes.tick_params(labelbottom=False)
    if not first:
        axes.set_ylabel("")
        axes.tick_params(labelleft=False)


def _key(figure: Any, keys: list[list[Any]]) -> None:
    """All legends in a column of their own."""
    titles = ("a  pain by arm", "b  first virtual trial, treated", "c  treated arm", "d  treated arm")
    top = 0.575
    for title, handles in zip(titles, keys, strict=True):
        figure.text(0.77, top, title, weight="bold", size=10, va="top")
        figure.legend(handles=handles, loc="upper left", bbox_to_anchor=(0.772, top - 0.019))
        top -= 0.043 + 0.0178 * len(handles)


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
    marks |= {"published, but recalled": "none"} if any(p.recalled for p in points) else {}
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
        axes.text(*place, drawable(sentence), size=8.5, color="#333333", ha="right", va="top")


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
    cut = view.bands.of(arm, parent.name).at(shown)
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
        "Curves and bands = simulation (pain as felt, before the scatter of a diary); points and P values = published "
        "(in parentheses: virtual trials).",
        "a: mean; c, d: median and 90 % band of patients; pump: the rate if every step is tolerated; grey: the pump runs.",
    )
