"""The joint fit of pain in pictures: who foretells trials left out; what was printed beside what is expected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from unwound.reporting.figures import (
    BLUE,
    FAINT,
    GREY,
    ORANGE,
    VERMILLION,
    drawable,
    head_and_foot,
    house_style,
    new_figure,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ROW, _TOP, _FOOT = 34, 120, 110
_COLORS = (BLUE, ORANGE, VERMILLION, GREY)
_FAR = 12.0
"""Differences of a log score beyond are not told apart by color."""


def scores_figure(scores: Mapping[str, Mapping[str, float]], against: str, title: str, foot: Sequence[str]) -> Figure:
    """Log score of every model (rows) for every trial left out (columns), less that of `against`."""
    models = [name for name in scores if name != against]
    trials = list(scores[against])
    gaps = np.array([[scores[name][trial] - scores[against][trial] for trial in trials] for name in models])
    cells = np.concatenate([gaps, gaps.sum(axis=1, keepdims=True)], axis=1)
    with house_style():
        height = _TOP + _FOOT + _ROW * len(models)
        figure = new_figure(1200, height)
        axes = figure.add_axes((0.2, _FOOT / height, 0.78, 1.0 - (_TOP + _FOOT) / height))
        axes.imshow(cells, cmap="RdBu", vmin=-_FAR, vmax=_FAR, aspect="auto")
        for row in range(len(models)):
            for column in range(len(trials) + 1):
                number = f"{cells[row, column]:+.1f}".replace("-", "\N{MINUS SIGN}")
                color = "white" if abs(cells[row, column]) > 0.6 * _FAR else "black"
                weight = "bold" if column == len(trials) else "normal"
                axes.text(column, row, number, ha="center", va="center", size=10, color=color, weight=weight)
        axes.set_yticks(range(len(models)), [drawable(name, 30) for name in models])
        axes.set_xticks(range(len(trials) + 1), [*trials, "all"])
        axes.xaxis.tick_top()
        axes.tick_params(length=0)
        axes.axvline(len(trials) - 0.5, color="white", linewidth=3)
        head_and_foot(figure, title, tuple(foot))
    return figure


def predicted_figure(rows: Mapping[str, Sequence[Mapping[str, Any]]], title: str, foot: Sequence[str]) -> Figure:
    """What was printed (black) beside what each model expects of a trial of that size: mean and 90 % interval."""
    names = list(rows)
    first = [n for n, row in enumerate(rows[names[0]]) if row["low"] is not None]
    points = [n for n in first if rows[names[0]][n]["unit"] == "points"]
    shares = [n for n in first if rows[names[0]][n]["unit"] == "percent"]
    with house_style():
        height = _TOP + _FOOT + _ROW * (len(first) + 3)
        figure = new_figure(1200, height)
        usable = 1.0 - (_TOP + _FOOT) / height
        parts = np.array([len(points), len(shares)]) / max(len(first), 1)
        gap = 60 / height
        top = _FOOT / height + usable
        for which, part, label in ((points, parts[0], "pain (NRS 0-10)"), (shares, parts[1], "percent of patients")):
            if not which:
                continue
            size = (usable - gap) * part
            axes = figure.add_axes((0.42, top - size, 0.55, size))
            _intervals(axes, rows, which, names)
            axes.set_xlabel(label, size=10)
            axes.set_xlim(0, 10 if label.startswith("pain") else 100)
            top -= size + gap
        figure.axes[0].legend(loc="lower center", bbox_to_anchor=(0.35, 1.0), ncol=len(names) + 1)
        head_and_foot(figure, title, tuple(foot))
    return figure


def _intervals(
    axes: Any, rows: Mapping[str, Sequence[Mapping[str, Any]]], which: Sequence[int], names: list[str]
) -> None:
    spread = np.linspace(-0.28, 0.28, len(names))
    for place, n in enumerate(which):
        if place % 2 == 0:
            axes.axhspan(place - 0.5, place + 0.5, color=FAINT, zorder=0, linewidth=0)
        own = rows[names[0]][n]
        label = f"{own['trial']} {own['arm']}, {own['what']}"
        axes.text(
            -0.02, place, drawable(label, 72), ha="right", va="center", size=9, transform=axes.get_yaxis_transform()
        )
        for name, up, color in zip(names, spread, _COLORS, strict=False):
            row = rows[name][n]
            label_once = name if place == 0 else None
            axes.plot((row["low"], row["high"]), (place + up,) * 2, color=color, linewidth=2.5, alpha=0.7, zorder=2)
            axes.plot(row["mean"], place + up, "o", color=color, markersize=5, label=label_once, zorder=3)
        if own["printed"] is not None:
            axes.plot(
                own["printed"],
                place,
                "D",
                color="black",
                markersize=6,
                zorder=4,
                label="printed" if place == 0 else None,
            )
        elif own["unit"] == "points":
            low, high = (float(end) for end in own["text"].split("-"))
            axes.plot((low, high), (place, place), color="black", linewidth=5, alpha=0.35, zorder=1)
    axes.set_ylim(len(which) - 0.5, -0.5)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
