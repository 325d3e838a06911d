"""The overview of a qualification: every judged row as the distance of what was observed from what was simulated.

    distance = (observed - simulated mean) / (that end of the simulated 90 % interval - simulated mean, as a size)

Between -1 and 1 the observed value lies in the interval. Mood has no interval: there 1.64 standard errors of the
observed value take its place. Rows without an observed number (bounds, ranges) are not drawn.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from unwound.reporting.figures import (
    BLUE,
    DPI,
    FAINT,
    GREY,
    VERMILLION,
    drawable,
    head_and_foot,
    house_style,
    new_figure,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST = 4.0
"""Distances beyond are drawn at the edge, as arrows."""
ROW_PX, TOP_PX, FOOT_PX, WIDTH_PX = 22, 90, 150, 1400


def distance(row: dict[str, Any]) -> float | None:
    """Of a row, in sides of its interval; None where there is nothing to measure by."""
    if row["observed"] is None or row["mean"] is None:
        return None
    gap = row["observed"] - row["mean"]
    if row["low"] is not None:
        half = (row["high"] - row["mean"]) if gap > 0 else (row["mean"] - row["low"])
        if half <= 0.0 and row["high"] > row["low"]:
            return math.copysign(math.inf, gap) if gap else 0.0
    else:
        half = float(row["half"] or 0.0)
        if row["logarithm"]:
            gap = math.log(max(row["observed"], 1e-9) / max(row["mean"], 1e-9))
    return None if half <= 0.0 else gap / half


def overview_figure(pages: Sequence[dict[str, Any]], title: str) -> Figure:
    """One line for each row that has a distance, trial by trial; misses in vermillion."""
    lines: list[tuple[str, float | None, bool]] = []
    for page in pages:
        drawn = [(row, at) for row in page["rows"] if (at := distance(row)) is not None]
        if drawn:
            lines.append((f"{page['id']} ({page['role']})", None, True))
            lines += [(f"   {row['name']}", at, bool(row["passed"])) for row, at in drawn]
    with house_style():
        height = TOP_PX + FOOT_PX + ROW_PX * max(len(lines), 3)
        figure = new_figure(WIDTH_PX, height)
        axes = figure.add_axes((0.42, FOOT_PX / height, 0.55, 1.0 - (TOP_PX + FOOT_PX) / height))
        axes.axvspan(-1.0, 1.0, color=FAINT, zorder=0)
        axes.axvline(0.0, color=GREY, linewidth=1.0, zorder=1)
        for place, (label, at, passed) in enumerate(lines):
            bold = "bold" if at is None else "normal"
            axes.text(-1.02 * MOST - 0.2, place, drawable(label, 74), ha="right", va="center", size=8, weight=bold)
            if at is None:
                continue
            mark = "o" if abs(at) <= MOST else (">" if at > 0 else "<")
            axes.plot(max(-MOST, min(MOST, at)), place, mark, color=BLUE if passed else VERMILLION, markersize=5)
        axes.set_xlim(-1.05 * MOST, 1.05 * MOST)
        axes.set_ylim(max(len(lines), 3) - 0.4, -0.8)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.set_xlabel("observed minus simulated, in sides of the 90 % interval", size=9)
        foot = (
            "Gray: the 90 % interval over virtual trials (mood: 1.64 standard errors of the observed value). "
            "Blue: hit; vermillion: missed by its rule.",
            "Arrows lie beyond the edge. Bounds and printed ranges have no distance and are in the tables only.",
        )
        head_and_foot(figure, title, foot)
    assert figure.dpi == DPI
    return figure
