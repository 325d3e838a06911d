"""The figure of a trial: pain by arm beside what was published, people, concentration, slow states.

Under one hypothesis four panels; under several, one column each, so that what they predict can be compared along a
row, and the concentration, which is the same for all, beside them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from unwound.reporting.bands import TrialBands
from unwound.reporting.figures import head_and_foot, house_style, new_figure
from unwound.reporting.panels import legend_above
from unwound.reporting.quantities import states_title
from unwound.reporting.trial_panels import View, draw_blood, draw_pain, draw_people, draw_states

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from unwound.trials import Row, TrialResult

_ROWS = ((draw_pain, "pain by arm"), (draw_people, "patients"), (draw_states, "slow states"))


def trial_figure(
    results: Mapping[str, TrialResult],
    rows: Sequence[Row],
    bands: Mapping[str, TrialBands] | None = None,
) -> Figure:
    """The figure of a trial under one or several hypotheses (short name -> result).

    `bands` shares what was computed already with the tables. Points are drawn at (week, NRS) as published.
    """
    views = [View.of(result, rows, (bands or {}).get(short)) for short, result in results.items()]
    with house_style():
        figure = new_figure()
        (_one if len(views) == 1 else _several)(figure, views)
        trial = views[0].result.trial
        what = "re-enacted" if trial.cite else "simulated"
        head_and_foot(figure, f"{trial.title or trial.name}: {what}", _foot(views))
    return figure


def _one(figure: Any, views: list[View]) -> None:
    (view,) = views
    grid = figure.add_gridspec(
        2, 2, left=0.07, right=0.985, top=0.875, bottom=0.15, wspace=0.15, hspace=0.44, width_ratios=(1.25, 1)
    )
    pain, people = figure.add_subplot(grid[0, 0]), figure.add_subplot(grid[0, 1])
    legend_above(pain, "a  Pain by arm", draw_pain(pain, view), 3)
    legend_above(people, "b  Patients of the first virtual trial, treated arm", draw_people(people, view), 1)
    lower = grid[1, 0].subgridspec(2, 1, height_ratios=(1, 4.2), hspace=0.09)
    strip = figure.add_subplot(lower[0])
    blood = figure.add_subplot(lower[1], sharex=strip)
    legend_above(strip, "c  Doses and blood", draw_blood(strip, blood, view), 2)
    states = figure.add_subplot(grid[1, 1])
    legend_above(states, f"d  {states_title(view.result.course)}, treated arm", draw_states(states, view), 4)


def _several(figure: Any, views: list[View]) -> None:
    count = len(views)
    grid = figure.add_gridspec(3, count, left=0.048, right=0.745, top=0.915, bottom=0.15, wspace=0.16, hspace=0.22)
    keys: list[list[Any]] = [[], [], []]
    for column, view in enumerate(views):
        for row, (draw, what) in enumerate(
            ((draw_pain, "pain by arm"), (draw_people, "patients"), (draw_states, "slow states"))
        ):
            axes = figure.add_subplot(grid[row, column])
            handles = draw(axes, view)
            axes.set_title(f"{'abd'[row]}{column + 1}  {view.short}: {what}")
            _only_outside(axes, row == 2, column == 0)
            known = {handle.get_label() for handle in keys[row]}
            keys[row] += [handle for handle in handles if handle.get_label() not in known]
    side = figure.add_gridspec(2, 1, left=0.828, right=0.985, top=0.915, bottom=0.64, height_ratios=(1, 3), hspace=0.12)
    strip = figure.add_subplot(side[0])
    strip.set_title("c  Doses and blood")
    blood = figure.add_subplot(side[1], sharex=strip)
    keys.insert(2, draw_blood(strip, blood, views[0]))
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


def _foot(views: list[View]) -> tuple[str, ...]:
    result = views[0].result
    failed = sum(len(view.result.course.failed()) for view in views)
    left_out = f"; {failed} failed computations left out" if failed else ""
    hypotheses = ", ".join(view.result.course.behind for view in views)
    under = result.course.under if len(views) == 1 else f"hypothesis {hypotheses}"
    turns = "" if result.course.fitted is None else ", which take the draws in turn"
    return (
        f"model {result.course.model}; {under}; seed {result.setting.seed}; "
        f"{result.replicates} replicates of {result.trial.size} patients{turns}{left_out}.",
        "Curves and bands = simulation (pain as felt, before the scatter of a diary); points and P values = published "
        "(in parentheses: virtual trials).",
        "a: mean; c, d: median and 90 % band of patients; pump: the rate if every step is tolerated; "
        "grey: the pump runs.",
    )
