"""An experiment on a channel as a folder.

figure.svg, .png       the curves                  PANEL.parquet, PANEL.csv    one table per panel, in long form
result.json            what `--json` prints        manifest.json               specification, versions, sha256
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import numpy as np

from unwound import evidence
from unwound.core.safety import SIMULATION_ONLY
from unwound.reporting.figures import png_bytes, svg_text
from unwound.reporting.publish import assumed_in_words, values_of
from unwound.reporting.receptor_figure import receptor_figure

if TYPE_CHECKING:
    from unwound.receptor.experiments import Experiment, Panel
    from unwound.reporting.frames import Frame
    from unwound.reporting.store import ResultFolder

_UNITS = {"uM": "uM", "mM": "mM", "s": "s", "ms": "ms", "mV": "mV", "per_s": "1/s"}
_WORDS = {"ic50": "IC50", "k": "K", "k_magnesium": "K of Mg2+"}


def name_and_unit(name: str) -> tuple[str, str]:
    """``time_to_half_s`` -> its words and its unit ("1" for a share)."""
    for ending, unit in sorted(_UNITS.items(), key=lambda pair: -len(pair[0])):
        if name.endswith(f"_{ending}"):
            bare = name.removesuffix(f"_{ending}")
            return _WORDS.get(bare, bare.replace("_", " ")), unit
    return name.replace("_", " "), "1"


def in_words(name: str) -> str:
    """``time_to_half_s`` -> "time to half [s]"."""
    words, unit = name_and_unit(name)
    return words if unit == "1" else f"{words} [{unit}]"


def receptor_summary(found: Experiment) -> dict[str, Any]:
    """What every JSON door gives of an experiment."""
    return {
        "simulation_only": SIMULATION_ONLY,
        **found.as_dict(),
        "assumed": assumed_in_words(found.keys),
        "citations": [citation.text() for citation in evidence.citations(found.keys)],
    }


def publish_experiment(folder: ResultFolder, found: Experiment, command: str) -> dict[str, str]:
    """Write figure, tables and manifest; gives back what lies where."""
    figure = receptor_figure(found)
    summary = receptor_summary(found)
    with folder:
        folder.write_bytes("figure.svg", svg_text(figure, found.title).encode())
        folder.write_bytes("figure.png", png_bytes(figure, found.title))
        folder.write_json("result", summary)
        for panel in found.panels:
            columns, units = panel_columns(panel)
            folder.write_table(panel.name, columns, units)
            folder.write_bytes(f"{panel.name}.csv", _csv(columns, units).encode())
        folder.describe(
            command=command,
            seed=None,
            specification={"conditions": list(found.conditions), "evidence": values_of(found.keys)},
            assumed=summary["assumed"],
            citations=summary["citations"],
            warnings=list(found.notes),
        )
    names = {"figure": "figure.png", "result": "result.json", "manifest": "manifest.json"}
    return {"folder": str(folder.path), **{what: str(folder.path / name) for what, name in names.items()}}


def panel_columns(panel: Panel) -> Frame:
    """One line per curve and point."""
    labels = [label for curve in panel.curves for label in [curve.label] * len(curve.x)]
    columns: dict[str, Any] = {
        "curve": labels,
        panel.x: np.concatenate([np.asarray(curve.x, float) for curve in panel.curves]),
        panel.y: np.concatenate([np.asarray(curve.y, float) for curve in panel.curves]),
    }
    return columns, {name: name_and_unit(name)[1] for name in (panel.x, panel.y)}


def _csv(columns: dict[str, Any], units: dict[str, str]) -> str:
    """The table for a spreadsheet; the first line is the safety sentence, the second the units."""
    buffer = io.StringIO()
    told = ", ".join(f"{name} in {unit}" for name, unit in units.items())
    buffer.write(f"# {SIMULATION_ONLY}\n# units: {told}\n")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    for row in zip(*columns.values(), strict=True):
        writer.writerow([cell if isinstance(cell, str) else f"{cell:.8g}" for cell in row])
    return buffer.getvalue()
