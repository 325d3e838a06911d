"""What `unwound sensitivity` leaves behind, and what its JSON says.

figure.svg, .png       indices and tornado             indices.parquet    one row per outcome and number
result.json            what `--json` prints            manifest.json      specification, versions, sha256
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from unwound import evidence
from unwound.core.safety import SIMULATION_ONLY
from unwound.patient.sensitivity import OUTCOMES
from unwound.reporting.figures import png_bytes, svg_text
from unwound.reporting.publish import assumed_in_words, values_of
from unwound.reporting.sensitivity_figure import sensitivity_figure

if TYPE_CHECKING:
    from unwound.patient.sensitivity import Index, Sensitivity
    from unwound.reporting.store import ResultFolder

EVEN = "each number is drawn evenly from its range; most ranges were chosen by us and are no probabilities"
MODEL = "which assumption moves the model says nothing about patients; hypothesis and driver are held"


def sensitivity_summary(found: Sensitivity) -> dict[str, Any]:
    """What every JSON door gives: factors, and of every outcome the indices in their order."""
    return {
        "simulation_only": SIMULATION_ONLY,
        "hypothesis": found.hypothesis,
        "driver": found.driver,
        "model": found.model,
        "sampling": found.sampling,
        "regimen": list(found.regimen),
        "samples": found.samples,
        "people": found.people,
        "in_pain_share": found.in_pain,
        "numerically_failed": found.failed,
        "seed": found.seed,
        "factors": [
            {"key": f.key, "about": f.about, "unit": f.unit, "value": f.value, "low": f.low, "high": f.high,
             "basis": f.basis} for f in found.factors
        ],
        "outcomes": {name: _outcome(found, name, index) for name, index in found.outcomes.items()},
        "notes": notes_of(found),
        "warnings": list(found.warnings),
        "assumed": assumed_in_words(found.keys),
        "citations": [citation.text() for citation in evidence.citations(found.keys)],
    }  # fmt: skip


def notes_of(found: Sensitivity) -> list[str]:
    """What every result of this run must say."""
    told = f"{100 * found.in_pain:.0f} % of the draws have a pain state to be relieved; the others count as no relief"
    return [EVEN, MODEL, *([told] if found.hypothesis != "H0" else [])]


def _outcome(found: Sensitivity, name: str, index: Index) -> dict[str, Any]:
    return {
        "about": OUTCOMES[name],
        "typical": index.typical,
        "mean": index.mean,
        "sd": index.sd,
        "pawn_noise": index.pawn_noise,
        "indices": [
            {
                "key": found.factors[n].key,
                "first": index.first[n],
                "first_error": index.first_error[n],
                "total": index.total[n],
                "total_error": index.total_error[n],
                "pawn": index.pawn[n],
                "at_low": index.tornado[n, 0],
                "at_high": index.tornado[n, 1],
            }
            for n in np.argsort(-index.total)
        ],
    }


def title_of(found: Sensitivity) -> str:
    """What was done, in a line."""
    driven = f", {found.driver} driver" if found.driver else ""
    return f"Which assumption sets the relief: {found.hypothesis}{driven}, {found.model}"


def publish_sensitivity(folder: ResultFolder, found: Sensitivity, command: str) -> dict[str, str]:
    """Write figure, table, JSON and manifest; gives back what lies where."""
    summary, title = sensitivity_summary(found), title_of(found)
    lines = (
        f"Note: {summary['notes'][0]}.",
        "Note: " + "; ".join(summary["notes"][1:]) + ".",
        f"{'; '.join(found.regimen)}; {found.samples} base samples of Saltelli's scheme, {found.people} people; "
        "lines: 95 % bootstrap intervals.",
    )
    figure = sensitivity_figure(found, title, lines)
    rows = [{"outcome": name, **one} for name, told in summary["outcomes"].items() for one in told["indices"]]
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    units = {name: "1" for name in columns if name not in ("outcome", "key")}
    with folder:
        folder.write_bytes("figure.svg", svg_text(figure, title).encode())
        folder.write_bytes("figure.png", png_bytes(figure, title))
        folder.write_json("result", summary)
        folder.write_table("indices", columns, units)
        folder.describe(
            command=command,
            seed=found.seed,
            specification={
                "regimen": found.regimen,
                "samples": found.samples,
                "hypothesis": found.hypothesis,
                "driver": found.driver,
                "model": found.model,
                "ranges": {f.key: [f.low, f.high] for f in found.factors},
                "evidence": values_of(found.keys),
            },
            assumed=summary["assumed"],
            citations=summary["citations"],
            verdicts={"numerically_failed": found.failed},
            warnings=[*summary["notes"], *summary["warnings"]],
        )
    names = {"figure": "figure.png", "result": "result.json", "manifest": "manifest.json"}
    return {"folder": str(folder.path), **{what: str(folder.path / name) for what, name in names.items()}}
