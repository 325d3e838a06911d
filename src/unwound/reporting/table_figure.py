"""The figure of an event table's blood: one panel per ID and analyte, curves of models, measured samples as points."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from unwound.reporting.figures import BLACK, drawable, head_and_foot, house_style, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from unwound.patient.observed_blood import OnePerson, TableBlood

_LINES = {"venous": "-", "arterial": "--", "unstated": ":"}
_COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8C6D31", "#7F3C8D", "#999999")
MOST_PANELS = 12


def panels_of(found: TableBlood) -> list[tuple[OnePerson, str]]:
    """What is drawn: of each person the analytes that were measured, or the first one of the curves."""
    panels = []
    for person in found.people:
        computed = list(dict.fromkeys(curve.analyte for curve in person.blood.curves))
        measured = [analyte for analyte in computed if analyte in person.observed]
        panels += [(person, analyte) for analyte in measured or computed[:1]]
    return panels


def table_figure(found: TableBlood, title: str) -> Figure:
    """Concentration over time, linear, from the first dose on; lines tell sites apart, points are samples."""
    every = panels_of(found)
    panels = every[:MOST_PANELS]
    models = list(dict.fromkeys(curve.model for person in found.people for curve in person.blood.curves))
    colors = {model: _COLORS[n % len(_COLORS)] for n, model in enumerate(models)}
    columns = min(len(panels), 3) or 1
    rows = math.ceil(len(panels) / columns) or 1
    with house_style():
        height = 320 * rows + 330
        figure = new_figure(height=height)
        grid = figure.add_gridspec(
            rows, columns, left=0.06, right=0.84, top=1 - 105 / height, bottom=175 / height, wspace=0.22, hspace=0.5
        )
        handles: dict[str, Any] = {}
        for n, (person, analyte) in enumerate(panels):
            axes = figure.add_subplot(grid[n // columns, n % columns])
            handles |= _panel(axes, person, analyte, colors)
            if n % columns == 0:
                axes.set_ylabel("concentration (ng/mL)")
            if n >= len(panels) - columns:
                axes.set_xlabel("hours on the clock of the doses")
        figure.legend(
            handles.values(), handles.keys(), loc="upper left", bbox_to_anchor=(0.85, 1 - 105 / height), fontsize=9
        )
        more = (
            f" {len(every) - len(panels)} more panels are not drawn; the tables hold all."
            if every[MOST_PANELS:]
            else ""
        )
        head_and_foot(
            figure,
            title,
            (
                "Points: measured samples. Lines: simulation of the typical person of each model (solid venous, dashed"
                f" arterial, dotted unstated site).{more}",
                "A point belongs to one site; a table does not say which, unless --site does.",
            ),
        )
    return figure


def _panel(axes: Any, person: OnePerson, analyte: str, colors: dict[str, str]) -> dict[str, Any]:
    """Draws one panel; gives back the handles of its legend."""
    handles: dict[str, Any] = {}
    for curve in person.blood.curves:
        if curve.analyte != analyte:
            continue
        color = colors[curve.model]
        if curve.low_ng_per_mL is not None:
            axes.fill_between(
                curve.time_h, curve.low_ng_per_mL, curve.high_ng_per_mL, color=color, alpha=0.10, linewidth=0
            )
        (line,) = axes.plot(
            curve.time_h, curve.concentration_ng_per_mL, color=color, linestyle=_LINES[curve.site], linewidth=1.6
        )
        handles[f"{curve.model}\n({curve.site})"] = line
    if analyte in person.observed:
        at, measured = person.observed[analyte]
        (points,) = axes.plot(at, measured, "o", color=BLACK, markersize=4.5, zorder=5)
        handles["measured"] = points
        shown = max(1.3 * float(at.max(initial=0.0)), 1.1 * person.regimen.end, 1.0)
        axes.set_xlim(0, min(shown, float(person.blood.curves[0].time_h[-1])))
    axes.set_ylim(bottom=0)
    axes.set_title(drawable(f"{person.name}: {analyte}", 48), loc="left", size=10.5, weight="bold")
    return handles
