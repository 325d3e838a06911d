"""Kaplan-Meier curves with numbers at risk below.

The curves of one virtual trial, with 95 % limits; over many replicates their mean and the band of 90 % of trials.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from unwound.core.errors import InputError, Problem
from unwound.reporting.figures import (
    BLUE,
    FAINT,
    GREEN,
    GREY,
    ORANGE,
    PINK,
    VERMILLION,
    drawable,
    head_and_foot,
    house_style,
    new_figure,
)  # fmt: skip

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from unwound.trials.analysis import Survival

COLORS = (BLUE, GREY, VERMILLION, GREEN, PINK, ORANGE)
TRIALS = (5.0, 95.0)  # percent of virtual trials


def survival_figure(
    arms: Mapping[str, Survival], title: str, event: str, unit: str = "weeks", foot: Sequence[str] = (), test: str = ""
) -> Figure:
    """`arms`: name -> curve at common times (from 0). `event` is what has not happened yet; `test` a sentence."""
    curves = list(arms.values())
    if not curves or any(not np.array_equal(c.times, curves[0].times) for c in curves) or curves[0].times[0] != 0:
        rule = "every arm needs a curve at the same times, beginning with 0"
        raise InputError(Problem("arms", list(arms), rule, "call kaplan_meier with one `at` for all"))
    many = curves[0].share.shape[1] > 1
    with house_style():
        height = 740 + 28 * len(arms) + 22 * len(foot)
        figure = new_figure(width=1300, height=height)
        below = 85 + 28 * len(arms) + 22 * len(foot)
        axes = figure.add_axes((0.13, (below + 90) / height, 0.83, 1 - (below + 90 + 75) / height))
        for (name, curve), color in zip(arms.items(), COLORS, strict=False):
            _curve(axes, name, curve, color, many)
        axes.set_ylim(0, 1.02)
        axes.set_xlim(0, curves[0].times[-1])
        axes.set_ylabel(drawable(f"share without {event}", 60))
        axes.set_xlabel(f"{unit} since the start")
        axes.grid(axis="y", color=FAINT, linewidth=0.8)
        axes.legend(loc="upper right")
        if test:
            axes.text(0.02, 0.04, drawable(test, 100), transform=axes.transAxes, size=9.5, color="#333333")
        _at_risk(figure, axes, arms, height, below)
        spread = "mean of virtual trials and the band of 90 % of them" if many else "one virtual trial, 95 % limits"
        risk = "; numbers at risk are means" if many else ""
        head_and_foot(figure, title, (*foot, f"Kaplan-Meier: {spread}{risk}."))
    return figure


def _curve(axes: Any, name: str, curve: Survival, color: str, many: bool) -> None:
    share = curve.share.mean(axis=1)
    low, high = np.percentile(curve.share, TRIALS, axis=1) if many else (curve.low[:, 0], curve.high[:, 0])
    axes.step(curve.times, share, where="post", color=color, linewidth=2.0, label=drawable(name, 40))
    axes.fill_between(curve.times, low, high, step="post", color=color, alpha=0.15, linewidth=0)


def _at_risk(figure: Any, axes: Any, arms: Mapping[str, Survival], height: int, below: int) -> None:
    """A small table under the axis, at its ticks."""
    last = axes.get_xlim()[1]
    ticks = [t for t in axes.get_xticks() if 0 <= t <= last + 1e-9]
    box = axes.get_position()
    figure.text(0.02, (below + 22) / height, "at risk", weight="bold", size=9.5)
    for line, ((name, curve), color) in enumerate(zip(arms.items(), COLORS, strict=False)):
        y = (below - 8 - 28 * line) / height
        figure.text(0.02, y, drawable(name, 16), size=9.5, color=color)
        for tick in ticks:
            at = min(int(np.searchsorted(curve.times, tick - 1e-9)), len(curve.times) - 1)
            x = box.x0 + box.width * tick / last
            figure.text(x, y, f"{curve.at_risk[at].mean():.0f}", size=9.5, ha="center", color=color)
