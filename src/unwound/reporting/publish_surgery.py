"""What `unwound surgery` says and leaves behind: rows beside what was printed, figure, table, JSON and manifest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from unwound import evidence
from unwound.core.safety import SIMULATION_ONLY
from unwound.population.surgery import HOURS, SurgeryResult
from unwound.reporting.figures import png_bytes, svg_text
from unwound.reporting.publish import assumed_in_words, values_of
from unwound.reporting.surgery_figure import surgery_figure
from unwound.trials.surgery_rows import surgery_rows

if TYPE_CHECKING:
    from unwound.reporting.store import ResultFolder


def surgery_notes(result: SurgeryResult) -> list[str]:
    """What a reader must know of the numbers."""
    said = ["fitted: tolerance and the spread of C50, to the control arm of NIE17; all that ketamine does is predicted"]
    spread = [difference for _, difference, _ in result.extremes]
    if spread:
        said.append(
            f"with the assumed numbers of ketamine's action at the ends of their ranges, one at a time, the difference "
            f"runs from {min(spread):.0f} to {max(spread):.0f} mg"
        )
    if not result.trial.dependent:
        said += [
            "without tolerance ketamine can only relieve pain directly: hardly any difference, as was found",
            "the level of unsatisfactory treatment is missed by far: nausea, sedation and giving up are not in the "
            "model, and how the trial counted was not available to us",
        ]
    else:
        said.append("the arm with ketamine differs less between people than was printed: everybody responds alike here")
    return said + list(result.warnings)


def surgery_summary(result: SurgeryResult) -> dict[str, Any]:
    """What the JSON says."""
    return {
        "simulation_only": SIMULATION_ONLY,
        "trial": result.trial.short,
        "title": result.trial.title,
        "replicates": result.replicates,
        "patients_per_arm": result.patients,
        "seed": result.seed,
        "hours": HOURS,
        "rows": surgery_rows(result),
        "extremes": [
            {"number": name, "morphine_difference_mg": mg, "unsatisfactory_difference_percent": share}
            for name, mg, share in result.extremes
        ],
        "notes": surgery_notes(result),
        "assumed": assumed_in_words(result.keys),
        "citations": [citation.text() for citation in evidence.citations(result.keys)],
    }


def publish_surgery(folder: ResultFolder, result: SurgeryResult, command: str) -> dict[str, str]:
    """Write figure, table, JSON and manifest; gives back what lies where."""
    summary = surgery_summary(result)
    title = f"{result.trial.short}: {result.trial.title}"
    figure = surgery_figure(result, title, surgery_rows(result))
    columns = {"time_h": result.arms[0].course.time_h}
    for n, arm in enumerate(result.arms):
        for name in ("pain", "morphine_ng_per_ml", "ketamine_um", "tolerance"):
            columns[f"{name}_{'control' if n == 0 else 'ketamine'}"] = getattr(arm.course, name).mean(axis=1)
    with folder:
        folder.write_bytes("figure.svg", svg_text(figure, title).encode())
        folder.write_bytes("figure.png", png_bytes(figure, title))
        folder.write_json("result", summary)
        folder.write_table("course", columns, {name: _unit(name) for name in columns})
        folder.describe(
            command=command,
            seed=result.seed,
            specification={"trial": result.trial.short, "replicates": result.replicates,
                           "patients_per_arm": result.patients, "evidence": values_of(result.keys)},
            assumed=summary["assumed"],
            citations=summary["citations"],
            warnings=summary["notes"],
        )  # fmt: skip
    names = {"figure": "figure.png", "result": "result.json", "manifest": "manifest.json"}
    return {"folder": str(folder.path), **{what: str(folder.path / name) for what, name in names.items()}}


def _unit(name: str) -> str:
    units = {"time": "h", "pain": "points", "morphine": "ng/mL", "ketamine": "uM", "tolerance": "1"}
    return units[name.split("_")[0]]
