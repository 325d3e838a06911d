"""What `unwound receptor plasma` leaves behind: figure, table, JSON and manifest, and what its JSON says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from unwound import evidence
from unwound.core.safety import SIMULATION_ONLY
from unwound.receptor.plasma import PlasmaBlock, finding, plasma_keys
from unwound.reporting.figures import png_bytes, svg_text
from unwound.reporting.plasma_figure import plasma_figure
from unwound.reporting.publish import assumed_in_words, values_of

if TYPE_CHECKING:
    from unwound.reporting.store import ResultFolder

TITLE = "Predicted pore block by ketamine against plasma concentration"


def plasma_summary(rows: Sequence[PlasmaBlock], draws: int, seed: int) -> dict[str, Any]:
    """What every JSON door gives of the prediction."""
    keys = plasma_keys()
    return {
        "simulation_only": SIMULATION_ONLY,
        "title": TITLE,
        "finding": finding(rows),
        "draws": draws,
        "seed": seed,
        "rows": [row.as_dict() for row in rows],
        "assumed": assumed_in_words(keys),
        "citations": [citation.text() for citation in evidence.citations(keys)],
    }


def publish_plasma(
    folder: ResultFolder, rows: Sequence[PlasmaBlock], draws: int, seed: int, command: str
) -> dict[str, str]:
    """Write figure, JSON and manifest; gives back what lies where."""
    figure, summary = plasma_figure(draws, seed, TITLE), plasma_summary(rows, draws, seed)
    with folder:
        folder.write_bytes("figure.svg", svg_text(figure, TITLE).encode())
        folder.write_bytes("figure.png", png_bytes(figure, TITLE))
        folder.write_json("result", summary)
        folder.describe(
            command=command,
            seed=seed,
            specification={"draws": draws, "evidence": values_of(plasma_keys())},
            assumed=summary["assumed"],
            citations=summary["citations"],
            warnings=[summary["finding"]],
        )
    names = {"figure": "figure.png", "result": "result.json", "manifest": "manifest.json"}
    return {"folder": str(folder.path), **{what: str(folder.path / name) for what, name in names.items()}}
