"""The figure of predicted pore block against plasma ketamine, by subtype and voltage, with its uncertainty."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from unwound.evidence import value
from unwound.receptor.averages import MEMBRANES
from unwound.receptor.plasma import BAND, RANGES, Entry, block, draw_entry, free_concentration
from unwound.receptor.register import SUBTYPES
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

_COLORS = dict(zip(SUBTYPES, (BLUE, VERMILLION, GREEN, BLACK), strict=True))
_LOW, _HIGH = 20.0, 5000.0
_LETTERS = "ab"


def plasma_figure(draws: int, seed: int, title: str) -> Figure:
    """One panel per state of the membrane; bars above show which concentrations are reached when."""
    entry, total = draw_entry(draws, seed), np.geomspace(_LOW, _HIGH, 121)
    with house_style():
        figure = new_figure(height=800)
        grid = figure.add_gridspec(1, 2, left=0.06, right=0.985, top=0.72, bottom=0.21, wspace=0.16)
        for n, (membrane, key) in enumerate(MEMBRANES.items()):
            axes = figure.add_subplot(grid[0, n])
            handles = [_curve(axes, subtype, value(key, "mV"), total, entry) for subtype in SUBTYPES]
            _dress(axes, f"{_LETTERS[n]}  {membrane} ({value(key, 'mV'):g} mV)")
        figure.legend(handles=handles, loc="upper left", bbox_to_anchor=(0.06, 0.93), ncol=4)
        head_and_foot(
            figure,
            title,
            (
                f"Lines: typical; bands: 5-95 % of {draws:,} draws of free fraction and brain entry (seed {seed}). "
                "Racemic ketamine, 1 mM Mg, steady state.",
                "Dissociation constants are recalled and not drawn; no human curve of occupancy against concentration "
                "exists. The pore only: no tonic site.",
            ),
        )
    return figure


def _curve(axes: Any, subtype: str, voltage: float, total: np.ndarray, entry: Entry) -> Any:
    drawn = block(subtype, voltage, free_concentration(total, entry))
    low, high = np.percentile(drawn, BAND, axis=-1)
    axes.fill_between(total, low, high, color=_COLORS[subtype], alpha=0.12, linewidth=0)
    typical = block(subtype, voltage, free_concentration(total))
    return axes.plot(total, typical, color=_COLORS[subtype], linewidth=2.0, label=subtype)[0]


def _dress(axes: Any, title: str) -> None:
    axes.set_xscale("log")
    axes.set_xlim(_LOW, _HIGH)
    axes.set_ylim(0.0, 1.0)
    ticks = [20, 50, 100, 200, 500, 1000, 2000, 5000]
    axes.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
    axes.minorticks_off()
    axes.set_xlabel("total plasma ketamine (ng/mL)")
    axes.set_ylabel("share of the NMDA current that is blocked")
    axes.set_title(title, loc="left", pad=62)
    over = axes.get_xaxis_transform()
    for place, (reached, keys) in enumerate(RANGES.items()):
        low, high = (value(key, "ng/mL") for key in keys)
        height = 1.025 + 0.05 * place
        axes.plot([low, high], [height, height], transform=over, clip_on=False, color=ORANGE, linewidth=4)
        if low == high:
            axes.plot([low], [height], transform=over, clip_on=False, color=ORANGE, marker="o", markersize=6)
        right = reached != "anesthetic"
        axes.annotate(
            reached, (high if right else low, height), xycoords=over, xytext=(8 if right else -8, 0),
            textcoords="offset points", fontsize=9, va="center", ha="left" if right else "right", color=GREY,
            annotation_clip=False,
        )  # fmt: skip
