"""The figure of the day after an operation: what was asked for, how pain went, what ketamine did, one patient."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from unwound.population.surgery import SurgeryResult
from unwound.reporting.figures import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    VERMILLION,
    head_and_foot,
    house_style,
    new_figure,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLORS = (BLUE, VERMILLION)


def surgery_figure(result: SurgeryResult, title: str, rows: list[dict[str, Any]]) -> Figure:
    """Four panels: rows beside what was printed, pain by arm, ketamine and tolerance, one patient's button."""
    with house_style():
        figure = new_figure(height=1150)
        grid = figure.add_gridspec(2, 2, left=0.115, right=0.95, top=0.88, bottom=0.14, wspace=0.28, hspace=0.36)
        beside, pain, drug, one = (figure.add_subplot(grid[n // 2, n % 2]) for n in range(4))
        _beside(beside, result, rows)
        _pain(pain, result)
        _drug(drug, result)
        _one(one, result)
        head_and_foot(figure, title, _foot(result))
    return figure


def _foot(result: SurgeryResult) -> tuple[str, str]:
    return (
        f"{result.replicates} replicates of {result.patients} patients an arm. Tolerance and the spread of C50 are "
        "fitted to the control arm of NIE17; what ketamine does is predicted.",
        "Pump, pain after surgery, thresholds and every number of ketamine's action on tolerance are assumed.",
    )


def _beside(axes: Any, result: SurgeryResult, rows: list[dict[str, Any]]) -> None:
    shown = [row for row in rows if row["what"] == "morphine in 24 h" or row["observed"] is not None]
    unit = shown[0]["unit"]
    shown = [row for row in shown if row["unit"] == unit][::-1]
    for place, row in enumerate(shown):
        simulated = row["simulated"]
        axes.plot([simulated["low"], simulated["high"]], [place, place], color=BLUE, linewidth=3)
        axes.plot(simulated["mean"], place, "o", color=BLUE, markersize=7, label="simulated" if place == 0 else None)
        if row["observed"] is not None:
            if row["observed_interval"]:
                axes.plot(row["observed_interval"], [place + 0.22] * 2, color=BLACK, linewidth=1.2)
            label = "printed" if place == len(shown) - 1 or (place == 0 and len(shown) == 1) else None
            axes.plot(row["observed"], place + 0.22, "D", color=BLACK, markersize=5, label=label)
    if len({row["what"] for row in shown}) > 1:
        names = [f"{row['arm']}\n{row['what']}" for row in shown]
    else:
        names = [row["arm"].replace(" and ", "\nand ") for row in shown]
    axes.set_yticks(range(len(shown)), names, fontsize=9)
    axes.set_ylim(-0.5, len(shown) - 0.2)
    axes.axvline(0.0, color=GREY, linewidth=0.7)
    axes.set_xlabel("mg of morphine in 24 h" if unit == "mg" else "percent")
    axes.set_title("a  Beside what was printed (90 % over replicates)")
    axes.legend(loc="best")


def _pain(axes: Any, result: SurgeryResult) -> None:
    for arm, color in zip(result.arms, COLORS, strict=True):
        time, values = arm.course.time_h, arm.course.pain
        after = time >= 0
        axes.plot(time[after], values[after].mean(axis=1), color=color, linewidth=2, label=arm.name)
        low, high = np.percentile(values[after], (5, 95), axis=1)
        axes.fill_between(time[after], low, high, color=color, alpha=0.15, linewidth=0)
    axes.set_ylim(0, 10)
    axes.set_xlabel("hours after surgery")
    axes.set_ylabel("pain (NRS)")
    axes.set_title("b  Pain: mean, and 5 to 95 % of people")
    axes.legend(loc="upper right")


def _drug(axes: Any, result: SurgeryResult) -> None:
    course = result.arms[1].course
    axes.plot(course.time_h, course.ketamine_um.mean(axis=1), color=VERMILLION, linewidth=2)
    axes.set_xlabel("hours after surgery")
    axes.set_ylabel("ketamine in plasma (uM of S-equivalents)", color=VERMILLION)
    axes.axvline(0.0, color=GREY, linewidth=0.7)
    axes.set_ylim(bottom=0)
    if result.trial.dependent:
        other = axes.twinx()
        for arm, style in zip(result.arms, ("--", "-"), strict=True):
            other.plot(
                arm.course.time_h, arm.course.tolerance.mean(axis=1), color=GREEN, linestyle=style, label=arm.name
            )
        other.set_ylim(1.0, None)
        other.spines["right"].set_visible(True)
        other.set_ylabel("tolerance (factor on the C50 of morphine)", color=GREEN)
        other.legend(loc="center right")
        axes.set_title("c  Ketamine, and the tolerance it takes back")
    else:
        axes.set_title("c  Ketamine (no tolerance in these people)")


def _one(axes: Any, result: SurgeryResult) -> None:
    """Somebody of the control arm who asked for about the mean."""
    arm = result.arms[0]
    amounts = arm.morphine_mg.ravel()
    who = int(np.argmin(np.abs(amounts - amounts.mean())))
    course = arm.course
    after = course.time_h >= 0
    axes.plot(course.time_h[after], course.pain[after, who], color=BLUE, linewidth=1.8, label="pain")
    given = course.minute_h[course.boluses[:, who]]
    axes.plot(given, np.full(len(given), 0.15), "|", color=ORANGE, markersize=11, label="bolus")
    axes.set_ylim(0, 10)
    axes.set_xlabel("hours after surgery")
    axes.set_ylabel("pain (NRS)")
    axes.set_title(f"d  One patient of the {arm.name} arm: {amounts[who]:.0f} mg")
    axes.legend(loc="upper right")
