"""The figure of an experiment on a channel: its panels side by side, or bars by subtype or state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from unwound.reporting.figures import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PINK,
    VERMILLION,
    head_and_foot,
    house_style,
    new_figure,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from unwound.receptor.experiments import Experiment, Panel

_COLORS = (BLUE, VERMILLION, GREEN, PINK, ORANGE, BLACK)
_DASHES = ("-", "--", ":", "-.")
_AXES = {
    "concentration_uM": "free concentration (uM)",
    "time_s": "time (s)",
    "voltage_mV": "voltage (mV)",
    "pulse": "pulse",
    "inhibition": "inhibition (share of the current)",
    "block": "block (share of the current)",
    "relative_current": "current relative to drug-free",
    "share_of_channels": "share of all channels",
    "ratio": "peak relative to drug-free",
    "current_mV": "current / open probability (mV of driving force)",
    "fraction": "part of the final current",
}


def receptor_figure(found: Experiment) -> Figure:
    """Panels of curves, or bars where the experiment has numbers only."""
    with house_style():
        figure = new_figure(height=820)
        count = len(found.panels) or len(found.bars) or 1
        grid = figure.add_gridspec(1, count, left=0.075, right=0.97, top=0.86, bottom=0.25, wspace=0.28)
        for n, panel in enumerate(found.panels):
            _curves(figure.add_subplot(grid[0, n]), panel, f"{'abcdef'[n]}  {panel.title}")
        if not found.panels:
            for n, name in enumerate(found.bars):
                values = found.numbers[name]
                if isinstance(values, Mapping):
                    _bars(figure.add_subplot(grid[0, n]), values, f"{'abcdef'[n]}  {_heading(name)}")
        head_and_foot(figure, found.title, (*found.conditions, *(f"Note: {line}." for line in found.notes[:2])))
    return figure


def _heading(name: str) -> str:
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:]


def _curves(axes: Any, panel: Panel, title: str) -> None:
    colors = {label: _COLORS[n % len(_COLORS)] for n, label in enumerate(dict.fromkeys(map(_first, panel.curves)))}
    rest = list(dict.fromkeys(curve.label.partition(", ")[2] for curve in panel.curves))
    for n, curve in enumerate(panel.curves):  # dashes tell conditions apart, or curves that may lie on each other
        dash = _DASHES[(rest.index(curve.label.partition(", ")[2]) if len(rest) > 1 else n) % len(_DASHES)]
        style = (
            {"marker": "o", "markersize": 3.5, "linewidth": 0.8, "clip_on": False}
            if panel.points
            else {"linewidth": 1.9}
        )
        axes.plot(curve.x, curve.y, color=colors[_first(curve)], linestyle=dash, label=curve.label, **style)
    if panel.logarithmic:
        axes.set_xscale("log")
    lowest = min(float(np.nanmin(curve.y)) for curve in panel.curves)
    if lowest < 0.0:
        axes.axhline(0.0, color=GREY, linewidth=0.7, zorder=0)
        axes.axvline(0.0, color=GREY, linewidth=0.7, zorder=0)
    else:
        axes.set_ylim(bottom=0.0)
    if not panel.logarithmic:
        axes.set_xlim(min(float(c.x[0]) for c in panel.curves), _end(panel))
    axes.set_xlabel(_AXES.get(panel.x, panel.x))
    axes.set_ylabel(_AXES.get(panel.y, panel.y))
    axes.set_title(title, loc="left", pad=10)
    if len(panel.curves) > 1:
        axes.legend(loc="best", fontsize=9)


def _first(curve: Any) -> str:
    """What a color stands for: the label up to its first comma, so that conditions of one subtype share one."""
    return str(curve.label.partition(", ")[0])


def _end(panel: Panel) -> float:
    """Where the axis ends: with time, once less than a hundredth of the largest value is left to see."""
    last = max(float(curve.x[-1]) for curve in panel.curves)
    if panel.name != "current" or panel.x != "time_s":
        return last
    seen = [float(c.x[np.flatnonzero(c.y > 0.01 * c.y.max())[-1]]) for c in panel.curves if c.y.max() > 0]
    return min(last, max(seen, default=last))


def _bars(axes: Any, values: Mapping[str, float], title: str) -> None:
    names = list(values)
    axes.bar(names, [values[name] for name in names], color=BLUE, width=0.6)
    for n, name in enumerate(names):
        axes.text(n, values[name], f"{values[name]:.2f}", ha="center", va="bottom", fontsize=9.5)
    axes.set_ylim(0.0, max(1.0, *values.values()))
    axes.set_ylabel("share")
    axes.set_title(title, loc="left", pad=10)
