"""The power curve: share of virtual trials that succeed, by number of patients, with its Monte-Carlo interval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from unwound.reporting.figures import BLUE, FAINT, GREY, VERMILLION, head_and_foot, house_style, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from unwound.trials.analysis import SampleSize


def power_figure(found: SampleSize, title: str, foot: Sequence[str] = (), counted: str = "patients per arm") -> Figure:
    """Every number of patients that the search tried, and where power reaches the target."""
    sizes = sorted(found.tried)
    powers = [found.tried[n] for n in sizes]
    with house_style():
        figure = new_figure(width=1200, height=800)
        axes = figure.add_axes((0.09, 0.18, 0.88, 0.72))
        low, high = [100 * p.low for p in powers], [100 * p.high for p in powers]
        axes.fill_between(sizes, low, high, color=BLUE, alpha=0.15, linewidth=0, label="95 % Monte-Carlo interval")
        axes.plot(sizes, [100 * p.share for p in powers], "o-", color=BLUE, linewidth=1.8, markersize=4, label="power")
        axes.axhline(100 * found.target, color=GREY, linewidth=1.0, linestyle=":")
        axes.axvline(found.per_arm, color=VERMILLION, linewidth=1.2)
        axes.axvspan(found.fewest, found.most or sizes[-1], color=VERMILLION, alpha=0.10, linewidth=0)
        axes.text(
            found.per_arm,
            4,
            f"  {found.per_arm} {counted.removeprefix('patients ')} ({between(found)})",
            color=VERMILLION,
            va="bottom",
            size=10,
        )
        axes.set_xlim(min(sizes), max(min(sizes) + 1, *(n for n in sizes if n <= 3 * found.per_arm)))
        axes.set_ylim(0, 100)
        axes.set_xlabel(counted)
        axes.set_ylabel("power (% of virtual trials)")
        axes.grid(axis="y", color=FAINT, linewidth=0.8)
        axes.legend(loc="upper left")
        replicates = powers[0].replicates
        line = f"{replicates:,} virtual trials per size, the same random numbers for all (seed {found.seed})."
        head_and_foot(figure, title, (*foot, line))
    return figure


def between(found: SampleSize) -> str:
    """The range of sizes that Monte-Carlo error allows, in words."""
    return f"{found.fewest} to {found.most}" if found.most is not None else f"{found.fewest} or more"
