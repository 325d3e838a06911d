"""What `unwound predict` says in JSON and leaves behind: tables, a figure, a manifest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from unwound.core.safety import SIMULATION_ONLY
from unwound.evidence import TrialRow, bibliography
from unwound.evidence.planned import planned_names, planned_results
from unwound.reporting.figures import png_bytes, svg_text
from unwound.reporting.ledger_figure import ledger_figure
from unwound.trials.frozen import model_hash
from unwound.trials.ledger_record import Frozen, frozen_records, planned_trial
from unwound.trials.ledger_score import Score

if TYPE_CHECKING:
    from unwound.reporting.store import ResultFolder


def ledger_summary() -> dict[str, Any]:
    """Every planned trial, what is frozen for it, and whether its results are here."""
    return {"simulation_only": SIMULATION_ONLY, "planned": [_planned(name) for name in planned_names()]}


def _planned(name: str) -> dict[str, Any]:
    trial = planned_trial(name)
    return {
        "trial": name, "title": trial.title, "disorder": trial.disorder, "design": trial.design,
        "patients": trial.size, "weeks": trial.weeks, "regimen": trial.told_regimens(),
        "assumed": list(trial.assumed), "citation": bibliography()[trial.cite].text(),
        "results_entered": planned_results(name) is not None,
        "frozen": [
            {"file": file, "date": one.data["date"], "replicates": one.data["replicates"],
             "foretellers": one.weights, "model_sha256": one.data["model_sha256"]}
            for file, one in frozen_records(name).items()
        ],
    }  # fmt: skip


def record_notes(record: Frozen) -> list[str]:
    """What a reader of a frozen prediction must know."""
    notes = []
    if record.data["results_known"]:
        notes.append("frozen when results were already entered: this is no prediction")
    if record.data["model_sha256"] != model_hash():
        notes.append("frozen with another model than the one installed now, as it should be once the model is mended")
    return notes


def score_summary(record: Frozen, found: Score) -> dict[str, Any]:
    """A score as JSON gives it."""
    return {
        "simulation_only": SIMULATION_ONLY,
        "trial": record.data["trial"],
        "record": record.file_name,
        "expectancy_percent": found.share,
        "totals": [total.as_dict() for total in found.totals],
        "rows": [row.as_dict() for row in found.rows],
        "not_foretold": list(found.not_foretold),
        "assumed": list(record.data["assumed"]),
        "notes": record_notes(record),
    }


def publish_score(
    folder: ResultFolder, record: Frozen, found: Score, results: Sequence[TrialRow], command: str
) -> dict[str, str]:
    """Write figure, JSON and manifest; gives back what lies where."""
    title = f"Foretold and observed: {record.data['title'] or record.data['trial']}"
    figure = ledger_figure(record, title, results)
    with folder:
        folder.write_bytes("figure.svg", svg_text(figure, title).encode())
        folder.write_bytes("figure.png", png_bytes(figure, title))
        folder.write_json("result", score_summary(record, found))
        folder.describe(
            command=command,
            seed=None,
            specification={"record_sha256": record.data["record_sha256"], "expectancy_percent": found.share},
            assumed=list(record.data["assumed"]),
            citations=[bibliography()[record.data["cite"]].text()] if record.data["cite"] else [],
            warnings=record_notes(record),
        )
    names = {"figure": "figure.png", "result": "result.json", "manifest": "manifest.json"}
    return {"folder": str(folder.path), **{what: str(folder.path / name) for what, name in names.items()}}


def publish_record(folder: ResultFolder, record: Frozen, command: str) -> dict[str, str]:
    """Write the figure and the numbers of a frozen prediction; gives back what lies where."""
    title = f"Foretold: {record.data['title'] or record.data['trial']}"
    figure = ledger_figure(record, title)
    with folder:
        folder.write_bytes("figure.svg", svg_text(figure, title).encode())
        folder.write_bytes("figure.png", png_bytes(figure, title))
        folder.write_json("result", dict(record.data))
        folder.describe(
            command=command, seed=None, specification={"record_sha256": record.data["record_sha256"]},
            assumed=list(record.data["assumed"]), citations=[], warnings=record_notes(record),
        )  # fmt: skip
    names = {"figure": "figure.png", "result": "result.json", "manifest": "manifest.json"}
    return {"folder": str(folder.path), **{what: str(folder.path / name) for what, name in names.items()}}
