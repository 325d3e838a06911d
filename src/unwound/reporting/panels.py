"""The panels of the figures: each function draws one idea into one pair of axes.

Curves are simulation; points are published. Bands are drawn from light (5-95 % of patients) to dark (90 % of trial
means), so that the spread of people is never mistaken for the uncertainty of a mean.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from unwound.reporting.bands import Band
from unwound.reporting.figures import BLACK, BLUE, FAINT, GREEN, GREY, ORANGE, PINK, VERMILLION, drawable
from unwound.reporting.observed import Point
from unwound.reporting.quantities import Quantity
from unwound.reporting.schedule import Schedule

DAY_H, WEEK_H = 24.0, 168.0
MOST_SHADES = 60  # more treatments than this are not told apart by shading

_LOOKS = {
    "synaptic_gain": (BLACK, "-"),
    "latent_memory": (GREEN, "-"),
    "protection": (PINK, "-"),
    "block": (ORANGE, "-"),
    "relief": (VERMILLION, "-"),
    "slow_concentration_uM": (BLUE, "--"),
}
_MORE_LOOKS = ((BLUE, "-."), (VERMILLION, ":"), (GREY, "--"))


def pain_axes(axes: Any, last_h: float, scale: float = WEEK_H) -> None:
    """An axis of pain from 0 to 10 against weeks (or days), with a faint grid across."""
    axes.set_ylim(-0.15, 10.0)
    axes.set_yticks(range(0, 11, 2))
    axes.set_ylabel("pain (NRS, 0-10)")
    time_axis(axes, last_h, scale)


def time_axis(axes: Any, last_h: float, scale: float) -> None:
    """Time since the start of treatment, in weeks or days."""
    last = last_h / scale
    axes.set_xlim(-0.02 * last, 1.02 * last)
    if last <= 15:
        axes.set_xticks(np.arange(0, last + 1e-9, 1 if last <= 8 else 2))
    axes.set_xlabel("weeks since start" if scale == WEEK_H else "days since start")
    axes.grid(axis="y", color=FAINT, linewidth=0.8)


def legend_above(axes: Any, title: str, handles: list[Any], columns: int) -> None:
    """The title above the axes, the legend between the two: it never covers data."""
    lines = -(-len(handles) // columns)
    axes.set_title(title, pad=10 + 14.5 * lines)
    low = axes.get_position().y1 + 0.008
    axes.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(axes.get_position().x0, low),
        bbox_transform=axes.figure.transFigure,
        ncols=columns,
        columnspacing=1.2,
        handlelength=1.5,
    )


def last_day_of_blood(schedule: Schedule | None, last_h: float) -> float:
    """Where a panel of concentration ends [d]: after a week, or some time after a longer treatment."""
    after = 0.0 if schedule is None else schedule.end_h + 2 * DAY_H
    return min(max(WEEK_H, after), last_h) / DAY_H


def shade(axes: Any, schedule: Schedule | None, scale: float) -> None:
    """Grey where the pump runs, a line where a bolus is given."""
    if schedule is None or len(spans := schedule.running()) + len(schedule.boluses) > MOST_SHADES:
        return
    for begin, end in spans:
        axes.axvspan(begin / scale, end / scale, color="#ECECEC", zorder=0, linewidth=0)
    for bolus in schedule.boluses:
        axes.axvline(bolus / scale, color="#CFCFCF", zorder=0, linewidth=1)


def draw_band(axes: Any, time: np.ndarray, band: Band, color: str, alpha: float) -> Any:
    """The span from 5 to 95 %."""
    return axes.fill_between(time, band.p05, band.p95, color=color, alpha=alpha, linewidth=0)


def draw_arm(axes: Any, time: np.ndarray, patients: Band, trial_means: Band, color: str, dashed: bool) -> Any:
    """An arm: its patients light, its trial means dark, its mean as a line (returned)."""
    draw_band(axes, time, patients, color, 0.10)
    for edge in (patients.p05, patients.p95):
        axes.plot(time, edge, color=color, linewidth=0.7, alpha=0.55, linestyle=(0, (1, 2)))
    draw_band(axes, time, trial_means, color, 0.38)
    (line,) = axes.plot(time, trial_means.mean, color=color, linewidth=2, linestyle="--" if dashed else "-")
    return line


def draw_points(axes: Any, points: Sequence[Point], colors: Mapping[str, str]) -> None:
    """Published means with their standard errors; hollow where recalled, square in the second arm."""
    shapes = dict(zip(colors, "os", strict=False))
    for point in points:
        container = axes.errorbar(
            [point.week],
            [point.value],
            yerr=None if point.error is None else [point.error],
            fmt=shapes.get(point.arm, "D"),
            color=colors[point.arm],
            markerfacecolor="none" if point.recalled else colors[point.arm],
            markeredgecolor=colors[point.arm] if point.recalled else BLACK,
            markeredgewidth=1.4 if point.recalled else 1.0,
            ecolor=BLACK,
            markersize=7,
            elinewidth=1.4,
            capsize=3.5,
            zorder=6,
            clip_on=False,
        )
        container.set_label(f"published: {point.arm}, week {point.week:g}")


def draw_people(axes: Any, time: np.ndarray, pain: np.ndarray, responds: np.ndarray) -> list[Any]:
    """One thin line per person, (times, people); those the drug cannot reach dashed. One handle per kind."""
    handles = []
    for kind, color, style, width in ((False, VERMILLION, (0, (4, 2)), 0.9), (True, BLUE, "-", 1.1)):
        count = int((responds == kind).sum())
        if count:
            own = pain[:, responds == kind]
            lines = axes.plot(time, own, color=color, linewidth=width, linestyle=style, alpha=0.75)
            lines[0].set_label(f"{'responders' if kind else 'non-responders'} ({count})")
            handles.append(lines[0])
    return handles[::-1]


def draw_concentration(axes: Any, days: np.ndarray, band: Band, color: str, label: str) -> Any:
    """The median of a concentration as a line (returned), and its 90 % band."""
    draw_band(axes, days, band, color, 0.22)
    (line,) = axes.plot(days, band.p50, color=color, linewidth=2, label=drawable(label, 40))
    return line


def draw_schedule(axes: Any, schedule: Schedule, last_day: float) -> None:
    """A strip above the concentration: the rate of the pump, if tolerated."""
    days = schedule.edges / DAY_H
    axes.stairs(schedule.rates, days, color=GREY, fill=True, alpha=0.35, linewidth=0)
    axes.stairs(schedule.rates, days, color=GREY, linewidth=1.2)
    top = float(schedule.rates.max(initial=0.0))
    axes.set_ylim(0, 1.25 * top or 1)
    axes.set_yticks([0, top] if top else [0], ["0", f"{top:.2g}"] if top else ["0"])
    for bolus in schedule.boluses[schedule.boluses <= last_day * DAY_H][:MOST_SHADES]:
        axes.axvline(bolus / DAY_H, color=BLACK, linewidth=1)
    axes.set_ylabel(f"pump\n{schedule.unit}".replace(" at 70 kg", "\nat 70 kg"), fontsize=9)
    axes.tick_params(labelbottom=False, labelsize=9)


def draw_states(axes: Any, time: np.ndarray, states: Sequence[Quantity], bands: Mapping[str, Band]) -> list[Any]:
    """Median and band of each slow state, all on one axis that starts at 0 and reaches 1 at least."""
    handles, more = [], iter(_MORE_LOOKS * 4)
    for state in states:
        color, style = _LOOKS.get(state.name) or next(more)
        draw_band(axes, time, bands[state.name], color, 0.16)
        (line,) = axes.plot(time, bands[state.name].p50, color=color, linestyle=style, linewidth=2)
        unit = "" if state.unit == "1" else f" ({state.unit.replace('uM', 'µM')})"
        line.set_label(drawable(state.label + unit, 40))
        handles.append(line)
    highest = np.array([bands[state.name].p95 for state in states])
    top = float(np.max(highest, initial=0.0, where=np.isfinite(highest)))
    axes.set_ylim(-0.015, 1.0 if top <= 1.0 else 1.05 * top)
    axes.set_ylabel("state (0-1, or as labeled)" if any(state.unit != "1" for state in states) else "state (0-1)")
    return handles
