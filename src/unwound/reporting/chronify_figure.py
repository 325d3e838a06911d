"""The figures of becoming chronic: the course after a cause, and strength against duration with the border."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from unwound.reporting.figures import (
    BLACK,
    BLUE,
    FAINT,
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

    from unwound.patient.chronification import ChronicMap, Chronification

NAMES = {
    "gain": "synaptic gain S", "latent": "latent memory L", "receptors": "receptor number U",
    "disinhibition": "disinhibition H", "glia": "glia G", "descending": "descending control D",
    "tolerance": "tolerance T",
}  # fmt: skip
_COLORS = dict(zip(NAMES, (BLUE, VERMILLION, GREEN, PINK, ORANGE, GREY, BLACK), strict=True))


def chronify_figure(found: Chronification, title: str, lines: tuple[str, ...]) -> Figure:
    """Cause, slow states and pain of the first person over time."""
    with house_style():
        figure = new_figure(height=1100)
        grid = figure.add_gridspec(
            3, 1, left=0.09, right=0.97, top=0.89, bottom=0.15, hspace=0.5, height_ratios=(1, 1.5, 1.5)
        )
        cause, states, pain = (figure.add_subplot(grid[n]) for n in range(3))
        parts = {"input added": (found.added_input, VERMILLION), "injury": (found.injury, ORANGE),
                 "opioid occupancy": (found.opioid, BLUE)}  # fmt: skip
        for name, (values, color) in parts.items():
            if values[:, 0].any():
                cause.plot(found.time_d, values[:, 0], color=color, linewidth=2, label=name)
        _finish(cause, "a  Cause", "share", found)
        for name, values in found.states.items():
            states.plot(found.time_d, values[:, 0], color=_COLORS[name], linewidth=2, label=NAMES[name])
        states.set_ylim(-0.015, 1.0)
        _finish(states, "b  Slow states", "state (0-1)", found)
        pain.plot(found.time_d, found.pain_nrs[:, 0], color=BLUE, linewidth=2.2)
        pain.set_ylim(-0.1, 10.0)
        if np.isfinite(found.not_undone_d[0]):
            pain.axvline(found.not_undone_d[0], color=GREY, linestyle="--", linewidth=1.2)
            pain.text(found.not_undone_d[0], 9.6, " from here no reset lasts", color=GREY, va="top")
        _finish(pain, "c  Pain", "NRS 0-10", found)
        pain.set_xlabel("days after the onset")
        head_and_foot(figure, title, lines)
    return figure


def _finish(axes: Any, title: str, label: str, found: Chronification) -> None:
    axes.set_xlim(0.0, float(found.time_d[-1]))
    axes.set_ylabel(label)
    axes.set_title(title, loc="left", pad=20)
    handles, labels = axes.get_legend_handles_labels()
    if len(handles):
        axes.legend(handles, labels, loc="lower right", bbox_to_anchor=(1.0, 1.02), ncols=4)


def chronic_map_figure(found: ChronicMap, title: str, lines: tuple[str, ...]) -> Figure:
    """Pain long after the cause over its strength and duration, and the border between health and pain."""
    with house_style():
        figure = new_figure(height=950)
        axes = figure.add_axes((0.09, 0.19, 0.76, 0.69))
        shown = axes.pcolormesh(
            found.strength, found.duration_d, found.pain_nrs, cmap="YlOrRd", vmin=0.0, vmax=10.0, shading="nearest",
            rasterized=True,
        )  # fmt: skip
        reached = np.isfinite(found.border_d)
        if reached.any():
            axes.plot(found.strength[reached], found.border_d[reached], color=BLACK, linewidth=2.4,
                      label="shortest cause that leaves pain")  # fmt: skip
            axes.legend(loc="upper right", frameon=True, facecolor=FAINT, framealpha=0.9)
        axes.set_yscale("log")
        axes.set_xlabel(
            "occupancy of mu receptors" if found.cause == "opioid" else "strength: input that the cause adds"
        )
        axes.set_ylabel("duration (days)")
        bar = figure.colorbar(shown, cax=figure.add_axes((0.88, 0.19, 0.02, 0.69)))
        bar.set_label("pain after the cause has gone (NRS 0-10)")
        head_and_foot(figure, title, lines)
    return figure
