"""What each panel of a trial's figure shows, under one hypothesis.

Every function draws into axes and gives back the entries of their legend; where the panel and its legend stand is for
the layout to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from unwound.reporting import panels
from unwound.reporting.bands import TrialBands
from unwound.reporting.figures import BLACK, BLUE, GREEN, GREY, ORANGE, PINK, drawable
from unwound.reporting.observed import observed_points, p_sentences
from unwound.reporting.panels import DAY_H, WEEK_H
from unwound.reporting.quantities import PAIN, concentrations_of, shown_states, usable
from unwound.reporting.schedule import Schedule, schedule_of

if TYPE_CHECKING:
    from unwound.trials import Row, TrialResult

PEOPLE_DRAWN = 20
RESPONDS_BELOW = 0.5
"""The drug reaches the pain of a person whose non-NMDA share is below this (people are near 0 or 1)."""
OTHERS = (BLUE, ORANGE, GREEN, PINK)
"""Colors of the arms that receive something; the control is grey."""
P_LINE = 0.75  # points of NRS: the height of a line of text above the scale


@dataclass(frozen=True)
class View:
    """What the panels need of one hypothesis."""

    result: TrialResult
    rows: Sequence[Row]
    bands: TrialBands
    schedule: Schedule

    @classmethod
    def of(cls, result: TrialResult, rows: Sequence[Row], bands: TrialBands | None) -> View:
        """A view of `result`; `bands` when they are known already."""
        return cls(result, rows, bands or TrialBands(result), schedule_of(result.trial.shown_regimen))

    @property
    def short(self) -> str:
        """Short name of the hypothesis."""
        return self.result.course.hypothesis

    @property
    def colors(self) -> dict[str, str]:
        """Arm -> color, the treated arm first."""
        trial = self.result.trial
        names = [trial.shown_group.name, *(group.name for group in trial.groups)]
        if trial.design == "single arm":
            return {names[0]: BLUE}
        drawn = [name for name in dict.fromkeys(names) if name != trial.control.name]
        colors = {name: OTHERS[n % len(OTHERS)] for n, name in enumerate(drawn)}
        return colors if trial.crossover is not None else {**colors, trial.control.name: GREY}

    @property
    def last_h(self) -> float:
        """When the follow-up ends [h]."""
        return float(self.result.course.time_h[-1])

    @property
    def last_day(self) -> float:
        """When the panel of concentration ends [d]."""
        return panels.last_day_of_blood(self.schedule, self.last_h)


def draw_pain(axes: Any, view: View) -> list[Any]:
    """Pain by arm: patients, trial means, published points and P values."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    weeks = view.bands.time_h / WEEK_H
    panels.pain_axes(axes, view.last_h)
    panels.shade(axes, view.schedule, WEEK_H)
    handles: list[Any] = []
    for arm, color in reversed(view.colors.items()):
        line = panels.draw_arm(
            axes, weeks, view.bands.of(arm, PAIN), view.bands.trial_mean(arm), color, dashed=color == GREY
        )
        line.set_label(f"{drawable(arm, 30)}: mean")
        handles.insert(0, line)
    handles.append(Patch(color=GREY, alpha=0.45, linewidth=0, label="90 % of trial means"))
    handles.append(Patch(color=GREY, alpha=0.16, linewidth=0, label="5-95 % of patients"))
    points = observed_points(view.result.trial, view.rows)
    panels.draw_points(axes, points, view.colors)
    for recalled, label, face in ((False, "published mean ± SE", BLACK), (True, "published, but recalled", "none")):
        if any(point.recalled == recalled for point in points):
            mark = Line2D([], [], marker="o", linestyle="", markerfacecolor=face, markeredgecolor=BLACK, label=label)
            handles.append(mark)
    _say(axes, p_sentences(view.rows, view.short, view.result.replicates))
    return handles


def _say(axes: Any, sentences: Sequence[str]) -> None:
    """Published P values as sentences above the scale of pain."""
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + P_LINE * len(sentences))
    for line, sentence in enumerate(sentences):
        place = (axes.get_xlim()[1], high + P_LINE * (len(sentences) - line) - 0.1)
        axes.text(*place, drawable(sentence), size=8.5, color="#333333", ha="right", va="top")


def draw_people(axes: Any, view: View) -> list[Any]:
    """Some patients of the treated arm of the first replicate."""
    result, arm = view.result, view.result.trial.shown_group.name
    panels.pain_axes(axes, view.last_h)
    panels.shade(axes, view.schedule, WEEK_H)
    good = np.flatnonzero(result.of_arm(arm, usable(result.course))[0])[:PEOPLE_DRAWN]
    share = result.of_arm(arm, np.asarray(result.people.non_nmda_share))[0, good]
    pain = result.of_arm(arm, result.course.pain_nrs)[:, 0, good]
    return panels.draw_people(axes, view.bands.time_h / WEEK_H, pain, share < RESPONDS_BELOW)


def draw_blood(strip: Any, blood: Any, view: View) -> list[Any]:
    """The pump above, the parent's concentration in the treated arm below."""
    course, arm = view.result.course, view.result.trial.shown_group.name
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


def draw_states(axes: Any, view: View) -> list[Any]:
    """The slow states of the treated arm."""
    states, arm = shown_states(view.result.course), view.result.trial.shown_group.name
    panels.time_axis(axes, view.last_h, WEEK_H)
    panels.shade(axes, view.schedule, WEEK_H)
    bands = {state.name: view.bands.of(arm, state.name) for state in states}
    return panels.draw_states(axes, view.bands.time_h / WEEK_H, states, bands)
