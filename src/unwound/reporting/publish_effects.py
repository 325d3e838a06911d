"""What `unwound effects` leaves behind: figure, report, tables and manifest, and what its JSON says.

report.html            one self-contained page     effects.parquet    every effect over time
figure.svg, .png       the picture alone           effects.csv        the same, for a spreadsheet
result.json            what `--json` prints        manifest.json      specification, versions, sha256
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from unwound import evidence
from unwound.core.safety import SIMULATION_ONLY
from unwound.reporting.effects_figure import effects_figure
from unwound.reporting.figures import png_bytes, svg_text
from unwound.reporting.publish import assumed_in_words, values_of
from unwound.reporting.report import effects_report

if TYPE_CHECKING:
    from unwound.patient.acute import AcuteCourse
    from unwound.regimen import Regimen
    from unwound.reporting.frames import Frame
    from unwound.reporting.store import ResultFolder


def effects_summary(course: AcuteCourse, title: str, gives: Sequence[str], warnings: Sequence[str]) -> dict[str, Any]:
    """What every JSON door gives of acute effects."""
    return {
        "simulation_only": SIMULATION_ONLY,
        "title": title,
        "gives": list(gives),
        "model": course.model,
        "sampling": course.sampling,
        "time_h": course.time_h,
        "concentration_ng_per_mL": course.concentration_ng_per_mL,
        "beside": [
            {"drug": one.drug, "where": one.where, "concentration_ng_per_mL": one.ng_per_ml[:, 0]}
            for one in course.beside
        ],
        "effects": course.effects,
        "units": course.units,
        "warnings": list(warnings),
        "assumed": assumed_in_words(course.keys),
        "citations": [citation.text() for citation in evidence.citations(course.keys)],
    }


def effects_columns(course: AcuteCourse) -> Frame:
    """One line per time: concentrations, what stands beside, every effect."""
    columns: dict[str, Any] = {"time_h": np.asarray(course.time_h, float)}
    units = {"time_h": "h"}
    blood = course.concentration_ng_per_mL | {one.drug: one.ng_per_ml[:, 0] for one in course.beside}
    for name, values in blood.items():
        column = f"{name.replace('-', '_')}_ng_per_mL"
        columns[column], units[column] = np.asarray(values, np.float32), "ng/mL"
    for name, values in course.effects.items():
        columns[name], units[name] = np.asarray(values, np.float32), course.units[name]
    return columns, units


def publish_effects(
    folder: ResultFolder, course: AcuteCourse, regimen: Regimen, title: str, gives: Sequence[str], command: str,
    warnings: Sequence[str],
) -> dict[str, str]:  # fmt: skip
    """Write figure, report, tables and manifest; gives back what lies where."""
    figure = effects_figure(course, title, regimen)
    svg = svg_text(figure, title)
    summary = effects_summary(course, title, gives, warnings)
    columns, units = effects_columns(course)
    with folder:
        page = effects_report(course, svg, title=title, gives=gives, warnings=warnings, command=command)
        folder.write_bytes("report.html", page.encode())
        folder.write_bytes("figure.svg", svg.encode())
        folder.write_bytes("figure.png", png_bytes(figure, title))
        folder.write_json("result", summary)
        folder.write_table("effects", columns, units)
        folder.write_bytes("effects.csv", _csv(columns, units).encode())
        folder.describe(
            command=command,
            seed=None,
            specification={
                "regimen": regimen.to_dict(),
                "gives": list(gives),
                "model": course.model,
                "evidence": values_of(course.keys),
            },
            assumed=summary["assumed"],
            citations=summary["citations"],
            warnings=list(warnings),
        )
    names = {"report": "report.html", "figure": "figure.png", "manifest": "manifest.json"}
    return {"folder": str(folder.path), **{what: str(folder.path / name) for what, name in names.items()}}


def _csv(columns: dict[str, Any], units: dict[str, str]) -> str:
    """The table for a spreadsheet; the first line is the safety sentence, the second the units."""
    buffer = io.StringIO()
    buffer.write(f"# {SIMULATION_ONLY}\n# units: {', '.join(units[name] for name in columns)}\n")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*([f"{value:.6g}" for value in values] for values in columns.values()), strict=True))
    return buffer.getvalue()
