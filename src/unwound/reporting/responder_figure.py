"""The cumulative responder curve: the share of patients who improve by at least x, for every x.

No threshold is chosen before looking, and none hides another: the usual ones are drawn as lines. A missing rating is no
response, so a curve starts below 100 % by those who are missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from unwound.core.errors import InputError, Problem
from unwound.reporting.figures import FAINT, GREY, drawable, head_and_foot, house_style, new_figure
from unwound.reporting.survival_figure import COLORS, TRIALS

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def responder_figure(
    arms: Mapping[str, np.ndarray], thresholds: np.ndarray, title: str,
    marked: Sequence[float] = (0.30, 0.50), foot: Sequence[str] = (),
) -> Figure:  # fmt: skip
    """`arms`: name -> shares (thresholds, replicates), as `responder_curve` gives them."""
    wrong = [name for name, shares in arms.items() if np.shape(shares)[0] != len(thresholds)]
    if wrong or not arms:
        rule = f"one share per threshold, {len(thresholds)} in all"
        raise InputError(Problem("arms", wrong or "{}", rule, "give what responder_curve returned"))
    many = next(iter(arms.values())).shape[1] > 1
    with house_style():
        figure = new_figure(width=1200, height=850)
        axes = figure.add_axes((0.09, 0.17, 0.88, 0.73))
        for (name, shares), color in zip(arms.items(), COLORS, strict=False):
            percent = 100.0 * np.asarray(shares)
            label = drawable(name, 40)
            axes.step(100 * thresholds, percent.mean(axis=1), where="pre", color=color, linewidth=2.0, label=label)
            if many:
                low, high = np.percentile(percent, TRIALS, axis=1)
                axes.fill_between(100 * thresholds, low, high, step="pre", color=color, alpha=0.15, linewidth=0)
        for x in marked:
            axes.axvline(100 * x, color=GREY, linewidth=1.0, linestyle=":")
            axes.text(100 * x + 0.6, 99, f"{100 * x:.0f} %", size=9.5, color="#404040", va="top")
        axes.set_xlim(round(100 * thresholds[0], 3), 100 * thresholds[-1])
        axes.set_ylim(0, 100)
        axes.set_xlabel("improvement by at least (% of the baseline)")
        axes.set_ylabel("patients (%)")
        axes.grid(axis="y", color=FAINT, linewidth=0.8)
        axes.legend(loc="upper right")
        spread = " Mean of virtual trials and the band of 90 % of them." if many else " One virtual trial."
        head_and_foot(figure, title, (*foot, f"A missing rating counts as no response.{spread}"))
    return figure
