"""What `unwound population variance` says and leaves behind: shares of the layers, figure, JSON and manifest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from unwound import evidence
from unwound.core.safety import SIMULATION_ONLY
from unwound.population.layers import Variance
from unwound.regimen import Regimen
from unwound.reporting.figures import (
    BLUE,
    GREY,
    ORANGE,
    head_and_foot,
    house_style,
    new_figure,
    png_bytes,
    svg_text,
)
from unwound.reporting.publish import assumed_in_words, values_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from unwound.reporting.store import ResultFolder


def variance_summary(found: Variance, regimen: Regimen, disorder: str) -> dict[str, Any]:
    """What the JSON says."""
    return {
        "simulation_only": SIMULATION_ONLY,
        "disorder": disorder,
        "gives": regimen.describe(),
        "outcome": found.outcome,
        "layers_on": list(found.layers.on),
        "layers_off": list(found.layers.off),
        "mean_points": found.mean,
        "sd_points": found.sd,
        "sd_error_points": found.sd_error,
        "shares": [
            {
                "layer": one.layer, "alone": one.alone, "alone_error": one.alone_error, "without": one.without,
                "without_error": one.without_error,
            }
            for one in found.shares
        ],
        "mean_points_by_hypothesis": dict(found.by_hypothesis),
        "patients": found.patients,
        "draws": found.draws,
        "seed": found.seed,
        "held": found.held,
        "assumed": assumed_in_words(found.keys),
        "citations": [citation.text() for citation in evidence.citations(found.keys)],
    }  # fmt: skip


def variance_figure(found: Variance, title: str) -> Figure:
    """The shares of each layer: alone, and what is lost without it."""
    with house_style():
        figure = new_figure(height=760)
        axes = figure.add_axes((0.12, 0.22, 0.84, 0.66))
        place = np.arange(len(found.shares))[::-1]
        for shift, color, name, error, label in (
            (0.2, BLUE, "alone", "alone_error", "this layer alone"),
            (-0.2, ORANGE, "without", "without_error", "lost when this layer is switched off"),
        ):
            values = [100 * getattr(one, name) for one in found.shares]
            errors = [100 * getattr(one, error) for one in found.shares]
            axes.barh(place + shift, values, 0.36, xerr=errors, color=color, label=label, error_kw={"ecolor": GREY})
        axes.axvline(0.0, color=GREY, linewidth=0.8)
        axes.set_yticks(place, [one.layer for one in found.shares])
        axes.set_xlabel("percent of the variance with every layer on")
        axes.set_title(f"{found.outcome}: mean {found.mean:.1f}, SD {found.sd:.2f}")
        axes.legend(loc="lower right")
        first = f"{found.patients} people, {found.draws} draws of parameters, {', '.join(found.hypotheses)}; bars: "
        head_and_foot(figure, title, (first + "standard errors of the random draws.", found.held.capitalize() + "."))
    return figure


def publish_variance(
    folder: ResultFolder, found: Variance, regimen: Regimen, disorder: str, command: str
) -> dict[str, str]:
    """Write figure, JSON and manifest; gives back what lies where."""
    summary = variance_summary(found, regimen, disorder)
    title = f"Layers of variance in {disorder}"
    figure = variance_figure(found, title)
    with folder:
        folder.write_bytes("figure.svg", svg_text(figure, title).encode())
        folder.write_bytes("figure.png", png_bytes(figure, title))
        folder.write_json("result", summary)
        folder.describe(
            command=command,
            seed=found.seed,
            specification={"disorder": disorder, "layers": list(found.layers.on), "patients": found.patients,
                           "draws": found.draws, "evidence": values_of(found.keys)},
            assumed=summary["assumed"],
            citations=summary["citations"],
            warnings=[found.held],
        )  # fmt: skip
    names = {"figure": "figure.png", "result": "result.json", "manifest": "manifest.json"}
    return {"folder": str(folder.path), **{what: str(folder.path / name) for what, name in names.items()}}
