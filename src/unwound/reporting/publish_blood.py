"""What `unwound pk TABLE` leaves behind: figure, tables, manifest, and what its JSON says.

figure.svg, figure.png   points over curves       observed.parquet    samples beside predictions
curves.parquet           every curve of everybody agreement.parquet   bias and spread of each model
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from unwound import evidence
from unwound.core.safety import SIMULATION_ONLY
from unwound.patient.observed_blood import samples_as_dicts
from unwound.reporting import frames
from unwound.reporting.figures import png_bytes, svg_text
from unwound.reporting.publish import assumed_in_words, keys_of_divergence, values_of
from unwound.reporting.table_figure import table_figure

if TYPE_CHECKING:
    from unwound.patient.observed_blood import TableBlood
    from unwound.reporting.store import ResultFolder


def table_summary(found: TableBlood, title: str, warnings: Sequence[str]) -> dict[str, Any]:
    """What every JSON door gives of an event table's blood."""
    keys = _keys(found)
    return {
        "simulation_only": SIMULATION_ONLY,
        "title": title,
        "people": [
            {
                "name": person.name,
                "gives": person.regimen.describe(),
                "curves": [curve.as_dict() for curve in person.blood.curves],
                "not_eligible": person.blood.not_eligible,
            }
            for person in found.people
        ],
        "observed": samples_as_dicts(found.samples),
        "agreement": [row.as_dict() for row in found.agreement],
        "warnings": list(dict.fromkeys([*warnings, *found.warnings])),
        "assumed": assumed_in_words(keys),
        "citations": [citation.text() for citation in evidence.citations(keys)],
    }


def publish_table(
    folder: ResultFolder, found: TableBlood, title: str, command: str, seed: int, warnings: Sequence[str]
) -> dict[str, str]:
    """Write figure, tables and manifest; gives back what lies where."""
    figure = table_figure(found, title)
    summary = table_summary(found, title, warnings)
    with folder:
        folder.write_bytes("figure.svg", svg_text(figure, title).encode())
        folder.write_bytes("figure.png", png_bytes(figure, title))
        folder.write_json("result", summary)
        folder.write_table("curves", *frames.table_blood_columns(found))
        if found.samples:
            folder.write_table("observed", *frames.samples_columns(found.samples))
            folder.write_table("agreement", *frames.agreement_columns(found.agreement))
        folder.describe(
            command=command,
            seed=seed,
            specification={
                "regimens": {person.name: person.regimen.to_dict() for person in found.people},
                "evidence": values_of(_keys(found)),
            },
            assumed=summary["assumed"],
            citations=summary["citations"],
            warnings=summary["warnings"],
        )
    return {"folder": str(folder.path), "figure": str(folder.path / "figure.png")}


def _keys(found: TableBlood) -> list[str]:
    return list(dict.fromkeys(key for person in found.people for key in keys_of_divergence(person.blood)))
