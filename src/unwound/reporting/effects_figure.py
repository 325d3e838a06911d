"""The figure of acute effects: blood, test pain, perception, body, sedation, circulation and breathing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from unwound.reporting.figures import (
    BLACK,
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

    from unwound.patient.acute import AcuteCourse
    from unwound.regimen import Regimen

_COLORS = (BLUE, VERMILLION, GREEN, PINK, ORANGE, BLACK)
_PANELS: tuple[tuple[str, str, dict[str, str]], ...] = (
    (
        "b  Test pain",
        "ratio to drug-free, or share relieved",
        {
            "pressure_pain_threshold": "pressure-pain threshold (ratio)",
            "heat_relief": "heat relieved",
            "pressure_relief": "pressure relieved",
            "electrical_relief": "electrical relieved",
        },
    ),
    (
        "c  Perception",
        "share so far (high: of 10 points, now)",
        {"high": "drug high", "dissociation_reported": "dissociation reported",
         "dissociation_on_scale": "dissociation on a scale"},
    ),
    (
        "d  Body",
        "probability of a report so far",
        {"dizziness": "dizziness", "nausea": "nausea", "vomiting": "vomiting", "headache": "headache",
         "blurred_vision": "blurred vision", "pressure_event": "pressure as an event"},
    ),
    (
        "e  Sedation",
        "probability",
        {"sedated": "sedation seen now", "somnolence": "somnolence, reported so far", "amnesia": "amnesia so far",
         "unconscious": "unconscious now"},
    ),
    (
        "f  Circulation, breathing, EEG",
        "ratio to drug-free",
        {"mean_arterial_ratio": "mean pressure", "heart_rate": "heart rate", "cardiac_output": "cardiac output",
         "co2_sensitivity": "CO2 sensitivity", "eeg_median_frequency": "EEG median frequency"},
    ),
)  # fmt: skip
_TO_BASELINE = ("heart_rate", "cardiac_output", "eeg_median_frequency")


def effects_figure(course: AcuteCourse, title: str, regimen: Regimen) -> Figure:
    """Six panels over the hours since the first dose; grey is the time during which something is given."""
    with house_style():
        figure = new_figure(height=1150)
        grid = figure.add_gridspec(2, 3, left=0.06, right=0.985, top=0.855, bottom=0.15, wspace=0.23, hspace=0.62)
        _blood(figure.add_subplot(grid[0, 0]), course, regimen)
        for n, (name, label, lines) in enumerate(_PANELS, 1):
            axes = figure.add_subplot(grid[n // 3, n % 3])
            handles = [
                axes.plot(course.time_h, _values(course, key), color=_COLORS[k], linewidth=1.9, label=text)[0]
                for k, (key, text) in enumerate(lines.items())
            ]
            _dress(axes, course, regimen, name, label, handles)
            if label == "ratio to drug-free":
                axes.set_ylim(*_around_one(course, lines))
        head_and_foot(figure, title, _foot(course))
    return figure


def _values(course: AcuteCourse, key: str) -> np.ndarray:
    values = course.effects[key]
    if key == "high":
        return values / 10.0
    return values / values[0] if key in _TO_BASELINE else values  # time 0: nothing has arrived at the effect site


def _around_one(course: AcuteCourse, lines: dict[str, str]) -> tuple[float, float]:
    """Limits of an axis of ratios, with room for those that hardly move."""
    values = np.concatenate([_values(course, key) for key in lines])
    return min(0.75, 0.95 * float(values.min())), max(1.25, 1.05 * float(values.max()))


def _blood(axes: Any, course: AcuteCourse, regimen: Regimen) -> None:
    handles = [
        axes.plot(course.time_h, values, color=_COLORS[n], linewidth=1.9, label=name)[0]
        for n, (name, values) in enumerate(course.concentration_ng_per_mL.items())
    ]
    for n, one in enumerate(course.beside, len(handles)):
        label = f"{one.drug} ({one.where})"
        handles += axes.plot(
            course.time_h,
            one.ng_per_ml[:, 0],
            color=_COLORS[n % len(_COLORS)],
            linestyle="--",
            linewidth=1.9,
            label=label,
        )
    _dress(axes, course, regimen, "a  Concentrations", f"ng/mL ({course.sampling} plasma)", handles)


def _dress(axes: Any, course: AcuteCourse, regimen: Regimen, title: str, label: str, handles: list[Any]) -> None:
    last = float(course.time_h[-1])
    for dose in regimen.doses:
        for start in dose.starts():
            if start > last:
                continue
            if dose.hours > 0:
                axes.axvspan(float(start), min(float(start) + dose.hours, last), color=FAINT, linewidth=0, zorder=0)
            else:
                axes.axvline(float(start), color=GREY, linewidth=0.8, zorder=0)
    ready = course.time_h[course.effects["ready"] > 0]
    if len(ready):
        axes.axvline(float(ready[0]), color=GREEN, linewidth=1.0, linestyle=":", zorder=0)
    axes.set_xlim(0, last)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("hours since the first dose")
    axes.set_ylabel(label)
    axes.set_title(title, loc="left", y=1.0, pad=53)  # above three lines of a legend
    axes.legend(handles=handles, loc="lower left", bbox_to_anchor=(0.0, 1.005), ncol=2, fontsize=8, columnspacing=0.9)


def _foot(course: AcuteCourse) -> tuple[str, ...]:
    return (
        f"Model {course.model}; one typical person. Grey: ketamine is given; green dots: the rule for leaving is first "
        "fulfilled.",
        "Reports are cumulative and include those under placebo; many of these numbers are assumed (see the report).",
    )
