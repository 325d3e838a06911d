"""The figure of global sensitivity: Sobol indices with their intervals, and a tornado of one number at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from unwound.reporting.figures import (
    BLUE,
    FAINT,
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

    from unwound.patient.sensitivity import Index, Sensitivity

MOST = 9
"""Numbers shown for each outcome; the tables hold all of them."""
TITLES = {
    "relief_days": "Days of relief within a year",
    "week_1_relief": "Share of pain relieved after a week",
    "remission": "Relief for the whole year",
}


def sensitivity_figure(found: Sensitivity, title: str, lines: tuple[str, ...]) -> Figure:
    """One row for each outcome: what each number explains, and what it does alone at both ends of its range."""
    with house_style():
        figure = new_figure(height=1500)
        grid = figure.add_gridspec(
            len(found.outcomes), 2, left=0.155, right=0.975, top=0.915, bottom=0.118, wspace=0.1, hspace=0.38
        )
        for row, (name, index) in enumerate(found.outcomes.items()):
            order = np.argsort(-index.total)[:MOST][::-1]
            labels = [label(found.factors[n].key) for n in order]
            letter = "abcdef"[2 * row]
            _indices(figure.add_subplot(grid[row, 0]), index, order, labels, f"{letter}  {TITLES[name]}", row == 0)
            letter = "abcdef"[2 * row + 1]
            tornado = figure.add_subplot(grid[row, 1])
            _tornado(tornado, found, index, order, f"{letter}  One at a time: {TITLES[name].lower()}", row == 0)
        head_and_foot(figure, title, lines)
    return figure


def label(key: str) -> str:
    """A key in words: ``protected_switch.latent_gain`` is "latent gain", of others the room is said."""
    room, _, name = key.partition(".")
    words = name.replace("_", " ")
    return words if room in ("protected_switch", "switch", "turnover") else f"{words} ({room.split('_')[0]})"


def _indices(axes: Any, index: Index, order: np.ndarray, labels: list[str], title: str, legend: bool) -> None:
    at = np.arange(len(order))
    bars = {"all of it, with interactions (ST)": (index.total, index.total_error, BLUE, 0.19),
            "alone (S1)": (index.first, index.first_error, ORANGE, -0.19)}  # fmt: skip
    for words, (values, errors, color, shift) in bars.items():
        axes.barh(at + shift, np.maximum(values[order], 0.0), height=0.36, color=color, label=words, zorder=2)
        axes.errorbar(values[order], at + shift, xerr=errors[order], fmt="none", ecolor=GREY, elinewidth=1, zorder=3)
    axes.plot(index.pawn[order], at, "D", color=PINK, markersize=5.5, markeredgecolor="white", zorder=4,
              label="PAWN, among those in pain")  # fmt: skip
    axes.axvline(index.pawn_noise, color=PINK, linewidth=1.0, linestyle=":", zorder=1, label="PAWN of no part")
    axes.set_yticks(at, labels)
    axes.set_xlim(0.0, 1.0)
    axes.set_xlabel("share of the variance (PAWN: distance between distributions)")
    axes.grid(axis="x", color=FAINT, linewidth=0.8)
    axes.tick_params(axis="y", length=0)
    axes.set_title(title, loc="left", pad=10)
    if legend:
        axes.legend(loc="lower right", fontsize=9)


def _tornado(axes: Any, found: Sensitivity, index: Index, order: np.ndarray, title: str, legend: bool) -> None:
    at = np.arange(len(order))
    typical = index.typical
    for place, n in zip(at, order, strict=True):
        for end, color, words in ((0, BLUE, "at the lower end"), (1, VERMILLION, "at the upper end")):
            value = float(index.tornado[n, end])
            shift = -0.19 if end == 0 else 0.19
            axes.barh(place + shift, value - typical, left=typical, height=0.36, color=color, zorder=2,
                      label=words if place == 0 else None)  # fmt: skip
            factor = found.factors[n]
            bound = factor.low if end == 0 else factor.high
            right = value >= typical
            axes.annotate(
                f"{bound:.3g}", (value, place + shift), xytext=(4 if right else -4, 0), textcoords="offset points",
                va="center", ha="left" if right else "right", fontsize=8, color=GREY,
            )  # fmt: skip
    axes.axvline(typical, color=GREY, linewidth=1.2, zorder=3)
    axes.set_yticks(at, [""] * len(at))
    axes.tick_params(axis="y", length=0)
    ends = index.tornado[order]
    low, high = min(float(ends.min()), typical), max(float(ends.max()), typical)
    room = 0.1 * max(high - low, 1e-3)
    axes.set_xlim(low - room, high + room)
    axes.set_xlabel("outcome; the small number is the value of the assumption")
    axes.grid(axis="x", color=FAINT, linewidth=0.8)
    axes.set_title(title, loc="left", pad=10)
    if legend:
        axes.legend(loc="lower right", fontsize=9)
