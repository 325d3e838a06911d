"""The figure of `unwound trial power`: power over sizes, and over visits and shares of expectancy where asked for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from unwound.reporting.figures import FAINT, GREY, drawable, head_and_foot, house_style, new_figure
from unwound.reporting.survival_figure import COLORS
from unwound.trials.power import told

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from unwound.trials import TrialPower
    from unwound.trials.analysis import Power

LINES = (COLORS[0], COLORS[2], COLORS[3], COLORS[4], COLORS[5], COLORS[1])  # grey is the line of the target


def trial_power_figure(found: TrialPower, title: str) -> Figure:
    """One panel, or up to three beside one another; every point with its 95 % Monte-Carlo interval."""
    panels: list[tuple[Any, float]] = [(_sizes, 1.6)]
    panels += [(_visits, 1.2)] if found.visits else []
    panels += [(_expectancy, 0.8)] if found.expectancy else []
    with house_style():
        height = 820 + 24 * len(found.curves)
        figure = new_figure(width=1150 if len(panels) == 1 else 1600, height=height)
        ratios = [width for _, width in panels]
        grid = figure.add_gridspec(
            1, len(panels), width_ratios=ratios, left=0.06 if len(panels) > 1 else 0.09, right=0.98,
            top=1 - 105 / height, bottom=(215 + 24 * len(found.curves)) / height, wspace=0.14,
        )  # fmt: skip
        for n, (draw, _) in enumerate(panels):
            axes = figure.add_subplot(grid[0, n])
            axes.axhline(100 * found.target, color=GREY, linewidth=1.0, linestyle=":")
            axes.set_ylim(0, 102)
            axes.grid(axis="y", color=FAINT, linewidth=0.8)
            draw(axes, found)
            if n == 0:
                axes.set_ylabel("power (% of virtual trials)")
                handles, labels = axes.get_legend_handles_labels()
        figure.legend(
            handles, labels, loc="lower left", bbox_to_anchor=(0.06 if len(panels) > 1 else 0.09, 118 / height)
        )
        head_and_foot(figure, title, _foot(found))
    return figure


def _foot(found: TrialPower) -> tuple[str, ...]:
    panels = {2: "b and c", 1: "b"}.get(bool(found.visits) + bool(found.expectancy), "")
    at = f"{panels}: with {found.at_size} {found.counted}. " if panels else ""
    return (
        f"{drawable(told(found.endpoint), 60)}, {found.endpoint.analyzed}, level {100 * found.level:g} %. "
        f"{found.replicates:,} virtual trials, the same random numbers for every point (seed {found.setting.seed}). "
        "Bars and bands: 95 % Monte-Carlo interval.",
        f"{at}That the assumed effect is uncertain is not in these intervals, and weighs more.",
    )


def _sizes(axes: Any, found: TrialPower) -> None:
    for curve, color in zip(found.curves, LINES, strict=False):
        powers = {size: point.power for size, point in curve.points.items()}
        powers |= curve.found.tried if curve.found else {}
        sizes = sorted(powers)
        label = f"{curve.arm} against {curve.control}"
        if curve.found is not None:
            label += f": {curve.found.per_arm} {found.counted} for {100 * found.target:g} %"
            axes.axvline(curve.found.per_arm, color=color, linewidth=1.0, linestyle="--")
        else:
            label += f": {100 * found.target:g} % not reached"
        _line(axes, sizes, [powers[size] for size in sizes], color, drawable(label, 100))
    axes.set_xlabel(found.counted)
    axes.set_title("a  Over sizes")
    axes.set_xlim(left=0)


def _visits(axes: Any, found: TrialPower) -> None:
    weeks = list(found.visits)
    for curve, color in zip(found.curves, LINES, strict=False):
        _line(axes, weeks, [found.visits[week][curve.label].power for week in weeks], color, "")
    axes.set_xlim(0, 1.03 * weeks[-1])
    axes.set_xlabel("weeks of follow-up")
    axes.set_title("b  Over follow-up")


def _expectancy(axes: Any, found: TrialPower) -> None:
    count = len(found.curves)
    for n, (curve, color) in enumerate(zip(found.curves, LINES, strict=False)):
        powers = [under.points[curve.label].power for under in found.expectancy]
        places = [place + 0.12 * (n - (count - 1) / 2) for place in range(len(powers))]
        low = [100 * (p.share - p.low) for p in powers]
        high = [100 * (p.high - p.share) for p in powers]
        axes.errorbar(places, [100 * p.share for p in powers], yerr=[low, high], fmt="o", color=color, capsize=3)
    axes.set_xticks(range(len(found.expectancy)), [f"{under.share_percent:g} %" for under in found.expectancy])
    axes.set_xlim(-0.5, len(found.expectancy) - 0.5)
    axes.set_xlabel("expectancy of who feels something")
    axes.set_title("c  Over expectancy" if found.visits else "b  Over expectancy")


def _line(axes: Any, places: list[Any], powers: Iterable[Power], color: str, label: str) -> None:
    powers = list(powers)
    axes.fill_between(places, [100 * p.low for p in powers], [100 * p.high for p in powers], color=color, alpha=0.15,
                      linewidth=0)  # fmt: skip
    axes.plot(places, [100 * p.share for p in powers], "o-", color=color, linewidth=1.8, markersize=4, label=label)
