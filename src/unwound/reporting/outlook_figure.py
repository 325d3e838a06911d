"""The figure of an outlook: pain and affect, attacks, temporal summation, painful touch, side effects, the liver."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from unwound.population.outlook import DAY_H, Outlook
from unwound.reporting.figures import (
    BLUE,
    FAINT,
    GREEN,
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

WEEK_H = 168.0
_BAND = (10.0, 90.0)
SHOWN = {"dizziness": BLUE, "dissociation": VERMILLION, "nausea": GREEN, "vertigo": PINK, "sedation": GREY,
         "pressure": ORANGE}  # fmt: skip


def outlook_figure(found: Outlook, title: str, foot: tuple[str, str]) -> Figure:
    """Six panels; ticks below mark sessions."""
    with house_style():
        figure = new_figure(height=1150)
        grid = figure.add_gridspec(2, 3, left=0.055, right=0.985, top=0.89, bottom=0.135, wspace=0.24, hspace=0.42)
        pain, attacks, summation, touch, events, liver = (figure.add_subplot(grid[n // 3, n % 3]) for n in range(6))
        _pain(pain, found)
        _attacks(attacks, found)
        _sensory(summation, touch, found)
        _events(events, found)
        _liver(liver, found)
        head_and_foot(figure, title, foot)
    return figure


def _weeks(axes: Any, found: Outlook) -> None:
    last = float(found.course.time_h[-1]) / WEEK_H
    for one in found.sessions:
        axes.axvline(one.start_h / WEEK_H, ymax=0.02, color=GREY, linewidth=1.0)
    axes.set_xlim(0.0, last)
    axes.set_xlabel("weeks since the first dose")
    axes.grid(axis="y", color=FAINT, linewidth=0.7)


def _pain(axes: Any, found: Outlook) -> None:
    time = found.course.time_h / WEEK_H
    axes.plot(time, found.affect.unpleasantness.mean(axis=1), color=PINK, linewidth=1.0, label="unpleasantness")
    axes.plot(time, found.course.pain_nrs.mean(axis=1), color=BLUE, linewidth=1.8, label="pain")
    axes.plot(time, found.untreated.pain_nrs.mean(axis=1), color=GREY, linewidth=1.4, linestyle="--", label="saline")
    axes.set_ylim(0.0, 10.0)
    axes.set_ylabel("0 to 10, mean")
    axes.set_title("a  Pain and how unpleasant it is")
    _weeks(axes, found)
    axes.legend(loc="upper right", ncol=3)


def _attacks(axes: Any, found: Outlook) -> None:
    axes.set_title("b  Attack days in 28 days")
    if found.attacks is None:
        axes.text(0.5, 0.5, "not counted", ha="center", transform=axes.transAxes, color=GREY)
        axes.set_axis_off()
        return
    windows = np.arange(len(found.attacks.start_d))
    looks = {"before": (GREY, "before treatment"), "saline": (ORANGE, "under saline"), "treated": (BLUE, "treated")}
    for place, (name, (color, label)) in enumerate(looks.items()):
        axes.bar(windows + 0.27 * (place - 1), found.attacks.days[name], 0.25, color=color, label=label)
    axes.set_xticks(windows, [f"day {start:.0f} to {start + 27:.0f}" for start in found.attacks.start_d])
    axes.set_ylim(0.0, 1.25 * max(float(each.max()) for each in found.attacks.days.values()) + 1.0)
    axes.set_ylabel("days, mean over people")
    axes.grid(axis="y", color=FAINT, linewidth=0.7)
    axes.legend(loc="upper right", ncol=3, fontsize=8, columnspacing=0.8, handlelength=1.2)


def _sensory(summation: Any, touch: Any, found: Outlook) -> None:
    summation.set_title("c  Temporal summation")
    touch.set_title("d  Painful touch")
    if found.sensory is None:
        for axes in (summation, touch):
            axes.text(0.5, 0.5, "not computed", ha="center", transform=axes.transAxes, color=GREY)
            axes.set_axis_off()
        return
    time = found.sensory.time_h / WEEK_H
    low, high = np.percentile(found.sensory.summation_z, _BAND, axis=1)
    summation.fill_between(time, low, high, color=BLUE, alpha=0.15, linewidth=0)
    summation.plot(time, found.sensory.summation_z.mean(axis=1), color=BLUE, linewidth=1.8)
    summation.axhline(0.0, color=GREY, linewidth=0.9, linestyle="--")
    summation.set_ylabel("z against healthy people (10 to 90 %)")
    _weeks(summation, found)
    touch.plot(time, 100.0 * found.sensory.allodynic.mean(axis=1), color=VERMILLION, linewidth=1.8)
    touch.set_ylim(0.0, 102.0)
    touch.set_ylabel("% of people")
    _weeks(touch, found)


def _events(axes: Any, found: Outlook) -> None:
    axes.set_title("e  Side effects by session")
    for name, color in SHOWN.items():
        shares = 100.0 * found.side_effects.in_session[name]
        axes.plot(np.arange(1, len(shares) + 1), shares, "o-", color=color, markersize=3.5, label=name)
    axes.set_ylim(bottom=0.0)
    axes.set_xlabel("session")
    axes.set_ylabel("% of people")
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.grid(axis="y", color=FAINT, linewidth=0.7)
    if found.sessions:
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 0.98), ncol=3, fontsize=8)
        axes.set_title(axes.get_title(loc="left"), pad=30)


def _liver(axes: Any, found: Outlook) -> None:
    risk, time = found.safety.liver, found.course.time_h / WEEK_H
    low, middle, high = (100.0 * each.mean(axis=1) for each in (risk.low, risk.probability, risk.high))
    axes.fill_between(time, low, high, color=ORANGE, alpha=0.2, linewidth=0, label="hazards at their ends")
    axes.plot(time, middle, color=ORANGE, linewidth=1.8, label="enzymes of 3 x upper limit")
    axes.set_ylim(0.0, max(1.15 * float(high[-1]), 1.0))
    axes.set_ylabel("% of people so far")
    axes.set_title("f  The liver")
    _weeks(axes, found)
    axes.legend(loc="upper left")


def foot_of(found: Outlook) -> tuple[str, str]:
    """What stands below the panels."""
    costs, course = found.costs, found.course
    beds = "" if costs.counted_in_full else f" and {costs.inpatient_days} days in bed not counted"
    return (
        f"{course.people} virtual people with {found.disorder}, {course.behind}, {course.model}, followed "
        f"{course.time_h[-1] / DAY_H:.0f} days. Outpatient sessions: {costs.outpatient_sessions}, chair time "
        f"{costs.chair_h:.0f} h, {costs.total}{beds}.",
        "Affect, attacks, sensory tests and the shape of the liver's hazard are assumed. Bladder: unknown at clinical "
        "doses. Function is not computed.",
    )
