"""The figure of the predictions: wind-up over the rate of stimuli, and over plasma ketamine with the studies on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from unwound.dorsal_horn import OUTPUTS
from unwound.evidence import value
from unwound.patient.horn_predictions import dose_response, frequency_ratios
from unwound.patient.summation_studies import MODEL
from unwound.reporting.figures import BLUE, GREY, VERMILLION, head_and_foot, house_style, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from unwound.patient.horn_runs import HornRuns

COLORS = {"lamina_one": VERMILLION, "wide": BLUE}
NAMES = {"lamina_one": "lamina I", "wide": "deep WDR"}
CLEARS = 4.0
"""First concentration after 0, on the axis: the first total over this."""


def predictions_figure(runs: HornRuns, title: str) -> Figure:
    """Three panels: ratio over rate; ratio over total plasma racemate; first response over the same."""
    with house_style():
        figure = new_figure(height=820)
        grid = figure.add_gridspec(1, 3, left=0.055, right=0.985, top=0.68, bottom=0.2, wspace=0.24)
        _frequency(figure.add_subplot(grid[0, 0]), runs)
        _dose(figure.add_subplot(grid[0, 1]), runs, "ratio")
        _dose(figure.add_subplot(grid[0, 2]), runs, "first")
        lines = (
            "Spikes of a reduced circuit whose numbers are assumed; studies measured reflexes and sensation.",
            f"Doses of studies: typical adult, {MODEL} (arterial, S + R), at the time of testing (partly assumed); "
            "bars: the range of that time.",
        )
        head_and_foot(figure, title, lines)
    return figure


def _frequency(axes: Any, runs: HornRuns) -> None:
    ratios = frequency_ratios(runs)
    for k, output in enumerate(OUTPUTS):
        axes.plot(runs.frequencies, ratios[:, k], "o-", color=COLORS[output], markersize=4, label=NAMES[output])
    silent, summing = (value(f"staud2007.{name}", "1/s") for name in ("silent", "summing"))
    for rate, text, side in ((silent, "absent (people)", "right"), (summing, "present (people)", "left")):
        axes.axvline(rate, color=GREY, linewidth=0.9, linestyle=":")
        axes.text(rate * (0.95 if side == "right" else 1.05), 0.97, text, rotation=90, ha=side, va="top", fontsize=9,
                  color=GREY, transform=axes.get_xaxis_transform())  # fmt: skip
    axes.set_xscale("log")
    ticks = [rate for rate in (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 3.0) if rate >= runs.frequencies[0] * 0.99]
    axes.set_xticks(ticks, [f"{rate:g}" for rate in ticks])
    axes.minorticks_off()
    axes.axhline(1.0, color=GREY, linewidth=0.7, zorder=0)
    axes.set_ylim(bottom=0.0)
    axes.set_xlabel("stimuli per second")
    axes.set_ylabel("wind-up ratio")
    axes.set_title("a  Over the rate of stimuli", loc="left", pad=10)
    axes.legend(loc="lower right", fontsize=9)


def _dose(axes: Any, runs: HornRuns, what: str) -> None:
    at = runs.totals.copy()
    at[0] = at[1] / CLEARS
    for used, style in ((False, "o-"), (True, "s--")):
        numbers = dose_response(runs, used)[what]
        for k, output in enumerate(OUTPUTS):
            kind = "follows use" if used else "constant"
            axes.plot(at, numbers[:, k], style, color=COLORS[output], markersize=4, label=f"{NAMES[output]}, {kind}",
                      linewidth=1.0 if used else 1.8, clip_on=False)  # fmt: skip
    axes.set_xscale("log")
    ticks = [at[0], *(tick for tick in (50, 100, 200, 500, 1000, 2000, 5000) if at[0] < tick <= at[-1] * 1.05)]
    axes.set_xticks(ticks, ["0", *(f"{tick:g}" for tick in ticks[1:])])
    axes.minorticks_off()
    axes.set_ylim(bottom=0.0)
    axes.set_xlabel("total plasma ketamine, racemate (ng/mL)")
    axes.set_ylabel("wind-up ratio" if what == "ratio" else "C spikes per cell")
    letter = "b  Wind-up ratio at 1 Hz" if what == "ratio" else "c  First C response"
    axes.set_title(letter, loc="left", pad=104)
    axes.legend(loc="lower left", fontsize=8)
    _studies(axes, runs)


def _studies(axes: Any, runs: HornRuns) -> None:
    over = axes.get_xaxis_transform()
    for place, study in enumerate(sorted(runs.studies, key=lambda one: one.total_ng_per_mL)):
        height = 1.03 + 0.05 * place
        axes.plot(
            [study.least_ng_per_mL, study.most_ng_per_mL],
            [height, height],
            transform=over,
            clip_on=False,
            color=GREY,
            linewidth=2,
        )
        axes.plot([study.total_ng_per_mL], [height], "o", transform=over, clip_on=False, color="black", markersize=4)
        style = {"va": "center", "fontsize": 8, "annotation_clip": False, "textcoords": "offset points"}
        axes.annotate(study.name, (study.most_ng_per_mL, height), xycoords=over, xytext=(6, 0), **style)
    axes.set_xlim(right=float(np.max(runs.totals)))
