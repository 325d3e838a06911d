"""The figure of the reset map: relief over rate and duration, phase portrait, flow of the gain, depth and duration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from unwound.reporting.figures import BLACK, GREY, VERMILLION, head_and_foot, house_style, new_figure
from unwound.reporting.memory_panels import depth_and_duration, flow_of_gain, phase_portrait

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from unwound.patient.reset_map import ResetMap

_COLORS = "cividis"


def reset_figure(found: ResetMap, title: str, lines: tuple[str, ...]) -> Figure:
    """Four panels; under H0, which has no switch, the map alone."""
    with house_style():
        if found.switch is None:
            figure = new_figure(height=900)
            grid = figure.add_gridspec(1, 1, left=0.08, right=0.92, top=0.89, bottom=0.19)
            _map(figure, figure.add_subplot(grid[0, 0]), found, "Days of relief")
        else:
            figure = new_figure(height=1250)
            grid = figure.add_gridspec(2, 2, left=0.07, right=0.965, top=0.91, bottom=0.135, wspace=0.2, hspace=0.34,
                                       width_ratios=(1.22, 1.0))  # fmt: skip
            _map(figure, figure.add_subplot(grid[0, 0]), found, "a  Days of relief, simulated")
            phase_portrait(figure.add_subplot(grid[0, 1]), found)
            flow_of_gain(figure.add_subplot(grid[1, 0]), found)
            depth_and_duration(figure.add_subplot(grid[1, 1]), found)
        head_and_foot(figure, title, lines)
    return figure


def _edges(values: np.ndarray) -> np.ndarray:
    """Borders of cells around values in equal ratios."""
    if len(values) == 1:
        return np.array([values[0] / 1.2, values[0] * 1.2])
    logs = np.log(values)
    middle = 0.5 * (logs[1:] + logs[:-1])
    borders = np.concatenate([[2 * logs[0] - middle[0]], middle, [2 * logs[-1] - middle[-1]]])
    return np.asarray(np.exp(borders))


def _map(figure: Any, axes: Any, found: ResetMap, title: str) -> None:
    relief = np.ma.masked_less_equal(found.relief_days, 0.0)
    top = max(float(found.relief_days.max()), 1.0)
    axes.set_facecolor("#F2F2F2")
    mesh = axes.pcolormesh(
        _edges(found.days), _edges(found.rates_mg_h), relief, cmap=_COLORS, vmin=0.0, vmax=top, rasterized=True
    )
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(_edges(found.days)[[0, -1]])
    axes.set_ylim(_edges(found.rates_mg_h)[[0, -1]])
    _numbers(axes, found, top)
    _theory(axes, found)
    axes.set_xticks(found.asked.days, [f"{day:g}" for day in found.asked.days], fontsize=9.5)
    axes.set_yticks(found.asked.rates_mg_h, [f"{rate:g}" for rate in found.asked.rates_mg_h])
    axes.minorticks_off()
    form = {"S": "S-ketamine", "R": "R-ketamine", "racemic": "racemic ketamine"}[found.asked.enantiomer]
    axes.set_xlabel("duration of the infusion (days)")
    axes.set_ylabel(f"rate of {form} (mg/h)")
    axes.set_title(title, loc="left", pad=10)
    bar = figure.colorbar(mesh, ax=axes, pad=0.02, fraction=0.05)
    bar.set_label("days below 70 % of the pain before, after the end", labelpad=10)
    bar.outline.set_visible(False)


def _numbers(axes: Any, found: ResetMap, top: float) -> None:
    """The table of the asked values, written into the map."""
    relief, lasts = found.on_grid(found.relief_days), found.on_grid(found.lasts)
    for row, rate in enumerate(found.asked.rates_mg_h):
        for column, days in enumerate(found.asked.days):
            value = relief[row, column]
            text = f">{found.asked.followed_d:g}" if lasts[row, column] and value > 0 else f"{value:.0f}"
            color = GREY if value <= 0 else ("white" if value < 0.55 * top else BLACK)
            axes.text(days, rate, text, ha="center", va="center", fontsize=7.5, color=color)


def _name_the_line(axes: Any, found: ResetMap, x: np.ndarray, y: np.ndarray) -> None:
    """Beside the line, between two rows of numbers."""
    left, right = axes.get_xlim()
    rates = np.array(found.asked.rates_mg_h)
    middles = np.sqrt(rates[1:] * rates[:-1])
    for rate in middles[1:] if len(middles) > 1 else middles:
        place = int(np.argmin(np.abs(np.log(y / rate))))
        if left * 3.0 < x[place] < right:
            axes.annotate(
                "reset, by theory", (x[place], y[place]), xytext=(-10, 0), textcoords="offset points", ha="right",
                va="center", color=VERMILLION, weight="bold", fontsize=10, zorder=6,
            )  # fmt: skip
            return


def _theory(axes: Any, found: ResetMap) -> None:
    if found.theory_days is not None and np.isfinite(found.theory_days).any():
        known = np.isfinite(found.theory_days)
        x, y = found.theory_days[known], found.rates_mg_h[known]
        axes.plot(x, y, color="white", linewidth=4.5, zorder=4)
        axes.plot(x, y, color=VERMILLION, linewidth=2.2, marker="o" if len(x) == 1 else None, zorder=5)
        _name_the_line(axes, found, x, y)
    relief = found.theory_relief_days
    if relief is not None:
        levels = [level for level in (7.0, 14.0, 21.0, 28.0, 42.0, 56.0) if relief.min() < level < relief.max()]
        if levels and min(relief.shape) > 1:
            drawn = axes.contour(found.days, found.rates_mg_h, relief, levels=levels, colors=VERMILLION, linewidths=1.6)
            axes.clabel(drawn, fmt=lambda level: f"{level:.0f} d by theory", fontsize=9)
