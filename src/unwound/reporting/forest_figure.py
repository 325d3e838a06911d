"""A forest plot: estimates with their intervals, one line each, beside a line of no difference.

A margin of non-inferiority, when given, is drawn as a second, dashed line. Ratios stand on a logarithmic axis.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from unwound.core.errors import InputError, Problem
from unwound.reporting.figures import (
    BLACK,
    BLUE,
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


@dataclass(frozen=True)
class ForestRow:
    """One estimate. A row without numbers is a heading."""

    label: str
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    summary: bool = False  # a diamond instead of a square


def forest_figure(
    rows: Sequence[ForestRow],
    title: str,
    axis: str,
    left_favors: str,
    right_favors: str,
    ratio: bool = False,
    margin: float | None = None,
    foot: Sequence[str] = (),
) -> Figure:
    """Rows from top to bottom. `left_favors` and `right_favors` name who gains on each side."""
    _check(rows, ratio)
    with house_style():
        height = 300 + 46 * len(rows)
        figure = new_figure(width=1300, height=height)
        axes = figure.add_axes((0.30, 185 / height, 0.44, 1 - (185 + 85) / height))
        nothing = 1.0 if ratio else 0.0
        if ratio:
            axes.set_xscale("log")
        axes.axvline(nothing, color=GREY, linewidth=1.2, zorder=1)
        if margin is not None:
            axes.axvline(margin, color=VERMILLION, linewidth=1.2, linestyle="--", zorder=1)
            axes.text(margin, -0.85, f"margin {margin:g}", color=VERMILLION, size=9, ha="center",
                      va="center", backgroundcolor="white")  # fmt: skip
        digits = _digits(rows)
        for n, row in enumerate(rows):
            _row(axes, n, row, digits)
        _scale(axes, rows, nothing, margin, ratio)
        axes.set_ylim(len(rows) - 0.4, -1.1)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.grid(axis="x", color=FAINT, linewidth=0.8)
        axes.set_xlabel(drawable(axis))
        for x, side, text in ((0.0, "left", f"← favors {left_favors}"), (1.0, "right", f"favors {right_favors} →")):
            axes.text(
                x,
                -82 / (height - 270),
                drawable(text, 40),
                transform=axes.transAxes,
                ha=side,
                size=9.5,
                color="#404040",
            )
        head_and_foot(figure, title, tuple(foot))
    return figure


def _row(axes: Any, n: int, row: ForestRow, digits: int) -> None:
    import matplotlib.transforms

    side = matplotlib.transforms.blended_transform_factory(axes.transAxes, axes.transData)
    heading = row.estimate is None
    indent = 0.02 * (len(row.label) - len(row.label.lstrip()))
    weight = "bold" if heading else "normal"
    axes.text(-0.607 + indent, n, drawable(row.label, 42), transform=side, va="center", weight=weight)
    if row.estimate is None or row.low is None or row.high is None:
        return
    axes.plot([row.low, row.high], [n, n], color=BLUE, linewidth=1.8, solid_capstyle="butt", zorder=2)
    mark = {"marker": "D", "markersize": 9} if row.summary else {"marker": "s", "markersize": 6.5}
    axes.plot([row.estimate], [n], color=BLUE if not row.summary else BLACK, zorder=3, **mark)
    text = f"{row.estimate:.{digits}f}  ({row.low:.{digits}f} to {row.high:.{digits}f})"
    axes.text(1.04, n, text.replace("-", "\N{MINUS SIGN}"), transform=side, va="center")


def _digits(rows: Sequence[ForestRow]) -> int:
    """Digits after the point, the same for all: three that count in the largest number."""
    largest = max(abs(v) for row in rows for v in (row.estimate, row.low, row.high) if v is not None)
    return int(np.clip(2 - np.floor(np.log10(largest)) if largest > 0 else 2, 0, 4))


def _scale(axes: Any, rows: Sequence[ForestRow], nothing: float, margin: float | None, ratio: bool) -> None:
    from matplotlib.ticker import LogLocator, NullFormatter, ScalarFormatter

    ends = [v for row in rows for v in (row.low, row.high) if v is not None]
    ends += [nothing, *([] if margin is None else [margin])]
    if ratio:
        axes.set_xlim(min(ends) / 1.25, max(ends) * 1.25)
        axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axes.xaxis.set_major_formatter(ScalarFormatter())
        axes.xaxis.set_minor_formatter(NullFormatter())
        return
    around = 0.08 * (max(ends) - min(ends)) or 1.0
    axes.set_xlim(min(ends) - around, max(ends) + around)


def _check(rows: Sequence[ForestRow], ratio: bool) -> None:
    problems = []
    for row in rows:
        values = (row.estimate, row.low, row.high)
        known = [v for v in values if v is not None]
        if known and (len(known) < 3 or not np.all(np.isfinite(known))):
            problems.append(Problem(row.label, values, "needs a finite estimate, low and high", "leave the row out"))
        elif known and not known[1] <= known[0] <= known[2]:
            problems.append(Problem(row.label, values, "the estimate must lie in its interval", "swap low and high"))
        elif known and ratio and min(known) <= 0:
            problems.append(Problem(row.label, values, "a ratio must be more than 0", "write ratio=False"))
    if not any(row.estimate is not None for row in rows):
        problems.append(Problem("rows", len(rows), "no row has an estimate", "add one"))
    if problems:
        raise InputError(problems)
