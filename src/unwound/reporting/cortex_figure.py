"""The figure of the cortical circuit: block of each class of cells, their rates, and glutamate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from unwound.patient.cortical import CorticalCurve, CorticalPoint, glutamate_curve, glutamate_in_people
from unwound.reporting.figures import BLACK, BLUE, GREY, ORANGE, VERMILLION, head_and_foot, house_style, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def cortex_figure(found: CorticalCurve, title: str) -> Figure:
    """Three panels over free concentration; for ketamine with bars at the concentrations of people."""
    top = found.lost_uM or found.peak.concentration_uM or found.points[-1].concentration_uM or 1.0
    smooth = glutamate_curve(np.geomspace(top / 100.0, 10.0 * top, 181).tolist(), found.drug).points
    with house_style():
        figure = new_figure(height=800)
        grid = figure.add_gridspec(
            1, 3, left=0.055, right=0.985, top=0.74 if found.drug == "ketamine" else 0.87, bottom=0.21, wspace=0.26
        )
        block, rates, glutamate = (figure.add_subplot(grid[0, n]) for n in range(3))
        _line(block, smooth, "block_interneuron", VERMILLION, "interneurons")
        _line(block, smooth, "block_pyramidal", BLUE, "pyramidal cells")
        _dress(block, "a  Block of the NMDA current", "share of the current that is blocked", found.drug)
        block.set_ylim(0.0, 1.0)
        _line(rates, smooth, "interneuron_rate", VERMILLION, "interneurons")
        _line(rates, smooth, "pyramidal_rate", BLUE, "pyramidal cells")
        _dress(rates, "b  Rates", "rate relative to drug-free", found.drug)
        rates.set_ylim(bottom=0.0)
        for axes in (block, rates):
            axes.legend(loc="upper left" if axes is block else "lower left")
        _line(glutamate, smooth, "glutamate", BLACK, "glutamate")
        _dress(glutamate, "c  Glutamate (panel b, enlarged)", "release relative to drug-free", found.drug)
        if found.lost_uM is not None:
            glutamate.axvline(found.lost_uM, color=GREY, linewidth=0.9, linestyle=":")
            text = f"back at drug-free: {found.lost_uM:.2g} uM"
            glutamate.text(found.lost_uM * 0.92, 0.04, text, transform=glutamate.get_xaxis_transform(), rotation=90,
                           fontsize=9, color=GREY, ha="right", va="bottom")  # fmt: skip
        for axes in (rates, glutamate):
            axes.axhline(1.0, color=GREY, linewidth=0.7, zorder=0)
        head_and_foot(figure, title, _foot(found.drug))
    return figure


def _foot(drug: str) -> tuple[str, str]:
    assumed = "Subtypes and voltage of interneurons and all weights are assumed; affinities are recalled."
    if drug != "ketamine":
        return "At rest, 1 mM Mg. Signs, not sizes: weights were chosen for the signs of ketamine.", assumed
    return (
        "At rest, 1 mM Mg. Signs, not sizes: weights are such that the antidepressant dose lies above drug-free and "
        "the upper end of anesthesia below.",
        f"Bars: plasma ranges of people, typical free share and brain entry. {assumed}",
    )


def _line(axes: Any, points: tuple[CorticalPoint, ...], name: str, color: str, label: str) -> None:
    x = [point.concentration_uM for point in points]
    axes.plot(x, [getattr(point, name) for point in points], color=color, linewidth=2.0, label=label)
    axes.set_xlim(x[0], x[-1])


def _dress(axes: Any, title: str, label: str, drug: str) -> None:
    axes.set_xscale("log")
    axes.set_xlabel(f"free {drug} (uM)")
    axes.set_ylabel(label)
    axes.set_title(title, loc="left", pad=62 if drug == "ketamine" else 10)
    if drug != "ketamine":
        return
    over = axes.get_xaxis_transform()
    for place, (reached, (low, high)) in enumerate(glutamate_in_people().items()):
        height, ends = 1.025 + 0.05 * place, (low.concentration_uM, high.concentration_uM)
        axes.plot(ends, [height, height], transform=over, clip_on=False, color=ORANGE, linewidth=4)
        if ends[0] == ends[1]:
            axes.plot(ends[:1], [height], transform=over, clip_on=False, color=ORANGE, marker="o", markersize=6)
        right = reached != "anesthetic"
        axes.annotate(
            reached, (ends[1] if right else ends[0], height), xycoords=over, xytext=(8 if right else -8, 0),
            textcoords="offset points", fontsize=9, va="center", ha="left" if right else "right", color=GREY,
            annotation_clip=False,
        )  # fmt: skip
