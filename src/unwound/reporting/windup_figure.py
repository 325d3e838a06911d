"""The figure of wind-up: spikes per stimulus, the train as a raster, touch and after-discharge as bars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from unwound.dorsal_horn import OUTPUTS, POPULATIONS, places
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

    from unwound.dorsal_horn import Windup

NAMES = {
    "high_relay": "relay of pain", "low_relay": "relay of touch", "pv": "PV", "islet": "islet",
    "lamina_one": "lamina I", "wide": "deep WDR",
}  # fmt: skip
_COLORS = {
    "high_relay": ORANGE, "low_relay": GREEN, "pv": GREY, "islet": PINK, "lamina_one": VERMILLION, "wide": BLUE,
}  # fmt: skip


def windup_figure(found: Windup, title: str, lines: tuple[str, ...]) -> Figure:
    """Spikes per stimulus of both outputs, the train of the last condition, and what is left without one.

    With two conditions the first is the healthy circuit, drawn dashed and pale.
    """
    with house_style():
        figure = new_figure(height=900)
        grid = figure.add_gridspec(2, 2, left=0.1, right=0.97, top=0.88, bottom=0.19, wspace=0.2, hspace=0.55)
        _counts(figure.add_subplot(grid[0, 0]), found)
        _bars(figure.add_subplot(grid[0, 1]), found)
        _raster(figure.add_subplot(grid[1, :]), found)
        head_and_foot(figure, title, lines)
    return figure


def _counts(axes: Any, found: Windup) -> None:
    last = len(found.conditions["block"]) - 1
    for output in OUTPUTS:
        number = np.arange(1, found.c_spikes[output].shape[1] + 1)
        style = {"marker": "o", "markersize": 3.5, "color": _COLORS[output], "clip_on": False}
        axes.plot(number, found.c_spikes[output][last], label=NAMES[output], linewidth=1.6, **style)
        if last:
            healthy = found.c_spikes[output][0]
            axes.plot(number, healthy, label=f"{NAMES[output]}, healthy", linestyle="--", linewidth=0.9, **style)
    axes.set_ylim(bottom=0.0)
    axes.set_xlabel("stimulus")
    axes.set_ylabel("C spikes per cell")
    axes.set_title(f"a  Response to C fibers, {found.frequency:g} per second", loc="left", pad=10)
    axes.legend(loc="best", fontsize=9)


def _bars(axes: Any, found: Windup) -> None:
    shown = {
        "A window,\nfirst stimulus": {name: counts[:, 0] for name, counts in found.a_spikes.items()},
        "after-\ndischarge": found.after_discharge,
        "rest,\n1 s": found.rest_rate,
        "brush,\n1 s": found.brush_spikes,
    }
    conditions = len(found.conditions["block"])
    width = 0.8 / (len(OUTPUTS) * conditions)
    for n, output in enumerate(OUTPUTS):
        for k in range(conditions):
            pale = conditions > 1 and k == 0
            at = np.arange(len(shown)) - 0.4 + width * (n * conditions + k + 0.5)
            heights = [float(values[output][k]) for values in shown.values()]
            label = f"{NAMES[output]}, healthy" if pale else NAMES[output]
            axes.bar(at, heights, width=0.92 * width, color=_COLORS[output], alpha=0.4 if pale else 1.0, label=label)
            for x, height in zip(at, heights, strict=True):
                axes.text(x, height, f"{height:.1f}", ha="center", va="bottom", fontsize=8)
    axes.set_xticks(np.arange(len(shown)), list(shown))
    axes.set_ylabel("spikes per cell")
    axes.set_title("b  First stimulus, end of train, and a rested circuit", loc="left", pad=10)
    axes.set_ylim(top=1.4 * axes.get_ylim()[1])  # room for the legend above the bars
    axes.legend(loc="upper right", fontsize=9, ncols=len(OUTPUTS))


def _raster(axes: Any, found: Windup) -> None:
    assert found.raster is not None
    time, cells = np.nonzero(found.raster[:, -1])
    where = places(POPULATIONS)
    for name in POPULATIONS:
        inside = (cells >= where[name].start) & (cells < where[name].stop)
        axes.plot(time[inside] / 1000.0, cells[inside], ".", markersize=1.5, color=_COLORS[name], rasterized=True)
        middle = (where[name].start + where[name].stop - 1) / 2
        axes.text(-0.01, middle, NAMES[name], color=_COLORS[name], ha="right", va="center", fontsize=9,
                  transform=axes.get_yaxis_transform())  # fmt: skip
    axes.set_xlim(0.0, len(found.raster) / 1000.0)
    axes.set_ylim(-1, where[POPULATIONS[-1]].stop)
    axes.set_yticks([])
    axes.spines["left"].set_color(BLACK)
    axes.set_xlabel("time (s)")
    axes.set_title("c  Every spike of the train", loc="left", pad=10)
