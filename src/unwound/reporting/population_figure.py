"""The figure of a population: how the sampled covariates are distributed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from unwound.population import Population
from unwound.population.sampled import Sampled
from unwound.reporting.figures import BLUE, GREY, ORANGE, VERMILLION, head_and_foot, house_style, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SEXES = (("women", 1.0, VERMILLION), ("men", 0.0, BLUE))


def population_figure(found: Population, drawn: Sampled, title: str) -> Figure:
    """Six panels: age, weight, height over weight, duration, baseline, placebo response (or attacks)."""
    with house_style():
        figure = new_figure(height=1050)
        grid = figure.add_gridspec(2, 3, left=0.06, right=0.985, top=0.88, bottom=0.16, wspace=0.24, hspace=0.4)
        axes = [figure.add_subplot(grid[n // 3, n % 3]) for n in range(6)]
        columns, women = drawn.columns, drawn.columns["female"]
        _histogram(axes[0], columns["age_y"], women, "a  Age", "years")
        _histogram(axes[1], columns["weight_kg"], women, "b  Weight", "kg")
        for name, code, color in SEXES:
            of = women == code
            axes[2].plot(
                columns["weight_kg"][of][:600], columns["height_cm"][of][:600], ".", color=color, markersize=3.5,
                alpha=0.6, label=name,
            )  # fmt: skip
        axes[2].set_title("c  Height over weight")
        axes[2].set_xlabel("kg")
        axes[2].set_ylabel("cm")
        _duration(axes[3], columns["duration_y"])
        _histogram(axes[4], columns["baseline_points"], None, f"e  Baseline ({found.scale.name})", "points")
        if "attacks_per_month" in columns:
            _histogram(axes[5], columns["attacks_per_month"], None, "f  Days with an attack in a month", "days")
        else:
            _histogram(axes[5], columns["placebo_change_points"], None, "f  Fall under placebo after a week", "points")
            axes[5].axvline(0.0, color=GREY, linewidth=0.8)
        handles, labels = axes[2].get_legend_handles_labels()
        if labels:
            axes[2].legend(handles, labels, loc="lower right")
        head_and_foot(figure, title, _foot(found, drawn))
    return figure


def _foot(found: Population, drawn: Sampled) -> tuple[str, str]:
    responders = 100.0 * float(np.mean(drawn.columns["responder"]))
    first = f"{len(drawn.columns['age_y'])} people; {responders:.0f} % can be reached by the drug."
    if found.caution:
        first += f" {found.caution[0].upper()}{found.caution[1:]}."
    return (
        first,
        "Weights, heights and correlations are assumed; which other numbers are, `unwound population show` tells.",
    )


def _histogram(axes: Any, values: np.ndarray, women: np.ndarray | None, title: str, label: str) -> None:
    bins = np.histogram_bin_edges(values, bins=32)
    if women is None:
        axes.hist(values, bins=bins, color=ORANGE, alpha=0.8)
    else:
        for name, code, color in SEXES:
            axes.hist(values[women == code], bins=bins, color=color, alpha=0.55, label=name)
        axes.legend(loc="upper right")
    axes.set_title(title)
    axes.set_xlabel(label)
    axes.set_ylabel("people")


def _duration(axes: Any, years: np.ndarray) -> None:
    bins = np.geomspace(max(years.min(), 1e-2), years.max(), 33)
    axes.hist(years, bins=bins, color=ORANGE, alpha=0.8)
    axes.set_xscale("log")
    axes.set_title("d  Time since the beginning")
    axes.set_xlabel("years")
    axes.set_ylabel("people")
