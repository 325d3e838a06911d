"""The figure of the divergence view: every model's curve, one panel per analyte, sites told apart by the line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from unwound.reporting.figures import drawable, head_and_foot, house_style, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from unwound.patient.divergence import Curve, Divergence

_LINES = {"venous": "-", "arterial": "--", "unstated": ":"}
_COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#8C6D31", "#7F3C8D")
MOST_PANELS = 4


def divergence_figure(divergence: Divergence, title: str) -> Figure:
    """Concentration over time, linear, with 5-95 % bands where a model knows how people differ."""
    analytes = list(dict.fromkeys(curve.analyte for curve in divergence.curves))[:MOST_PANELS]
    models = list(dict.fromkeys(curve.model for curve in divergence.curves))
    colors = {model: _COLORS[n % len(_COLORS)] for n, model in enumerate(models)}
    with house_style():
        figure = new_figure(height=700 if len(analytes) == 1 else 1100)
        rows, columns = (1, 1) if len(analytes) == 1 else ((len(analytes) + 1) // 2, 2)
        grid = figure.add_gridspec(
            rows, columns, left=0.07, right=0.82, top=0.88, bottom=0.2 if rows == 1 else 0.15, wspace=0.2, hspace=0.4
        )
        handles: dict[str, Any] = {}
        for n, analyte in enumerate(analytes):
            axes = figure.add_subplot(grid[n // columns, n % columns])
            for curve in divergence.curves:
                if curve.analyte == analyte:
                    handles[curve.model] = _draw(axes, curve, colors[curve.model])
            axes.set_title(drawable(analyte), loc="left", size=11, weight="bold")
            axes.set_xlabel("hours since the first dose")
            axes.set_ylabel("concentration (ng/mL)")
            axes.set_ylim(bottom=0)
            axes.margins(x=0.01)
        sites = {curve.model: curve.site for curve in divergence.curves}
        labels = [f"{model}\n({sites[model]})" for model in handles]
        figure.legend(handles.values(), labels, loc="upper left", bbox_to_anchor=(0.835, 0.88), fontsize=9)
        left_out = ", ".join(divergence.not_eligible) or "none"
        head_and_foot(
            figure,
            title,
            (
                f"Not eligible: {left_out}.",
                "Line: typical person (solid venous, dashed arterial, dotted unstated site); band: 5-95 %, "
                f"{_held(divergence)}.",
            ),
        )
    return figure


def _held(divergence: Divergence) -> str:
    """What the bands hold, all layers that any of them has."""
    held = ", ".join(dict.fromkeys(layer for curve in divergence.curves for layer in curve.layers))
    return f"{held} (where the model knows them)" if held else "none drawn"


def _draw(axes: Any, curve: Curve, color: str) -> Any:
    if curve.low_ng_per_mL is not None:
        axes.fill_between(curve.time_h, curve.low_ng_per_mL, curve.high_ng_per_mL, color=color, alpha=0.10, linewidth=0)
    (line,) = axes.plot(
        curve.time_h, curve.concentration_ng_per_mL, color=color, linestyle=_LINES[curve.site], linewidth=1.8
    )
    return line
