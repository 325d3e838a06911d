"""What `unwound cortex` leaves behind: figure, table, JSON and manifest, and what its JSON says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from unwound import evidence
from unwound.core.safety import SIMULATION_ONLY
from unwound.patient.cortical import CorticalCurve, cortical_finding, glutamate_in_people
from unwound.reporting.cortex_figure import cortex_figure
from unwound.reporting.figures import png_bytes, svg_text
from unwound.reporting.publish import assumed_in_words, values_of

if TYPE_CHECKING:
    from unwound.reporting.store import ResultFolder


def title_of(found: CorticalCurve) -> str:
    """The heading of the figure and of the JSON."""
    return f"Cortical glutamate under {found.drug}: surge and loss"


def cortex_summary(found: CorticalCurve) -> dict[str, Any]:
    """What every JSON door gives of a curve."""
    people = {}
    if found.drug == "ketamine":
        people = {name: {"low": low.as_dict(), "high": high.as_dict()}
                  for name, (low, high) in glutamate_in_people().items()}  # fmt: skip
    return {
        "simulation_only": SIMULATION_ONLY,
        "title": title_of(found),
        "finding": cortical_finding(found),
        **found.as_dict(),
        "in_people": people,
        "assumed": assumed_in_words(found.keys),
        "citations": [citation.text() for citation in evidence.citations(found.keys)],
    }


def publish_cortex(folder: ResultFolder, found: CorticalCurve, command: str) -> dict[str, str]:
    """Write figure, table, JSON and manifest; gives back what lies where."""
    title, summary = title_of(found), cortex_summary(found)
    figure = cortex_figure(found, title)
    rows = [point.as_dict() for point in found.points]
    columns = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    with folder:
        folder.write_bytes("figure.svg", svg_text(figure, title).encode())
        folder.write_bytes("figure.png", png_bytes(figure, title))
        folder.write_json("result", summary)
        folder.write_table("curve", columns, {name: "uM" if name.endswith("uM") else "1" for name in columns})
        folder.describe(
            command=command,
            seed=None,
            specification={"drug": found.drug, "evidence": values_of(found.keys)},
            assumed=summary["assumed"],
            citations=summary["citations"],
            warnings=[summary["finding"]],
        )
    names = {"figure": "figure.png", "result": "result.json", "manifest": "manifest.json"}
    return {"folder": str(folder.path), **{what: str(folder.path / name) for what, name in names.items()}}
