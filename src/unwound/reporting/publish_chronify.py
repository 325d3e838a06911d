"""What `unwound chronify` says and leaves: the course or the map, figure, JSON and manifest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from unwound import evidence
from unwound.core.safety import SIMULATION_ONLY
from unwound.patient.chronification import ChronicMap, Chronification
from unwound.reporting.chronify_figure import chronic_map_figure, chronify_figure
from unwound.reporting.figures import png_bytes, svg_text
from unwound.reporting.publish import assumed_in_words, values_of

if TYPE_CHECKING:
    from unwound.reporting.store import ResultFolder


def title_of(found: Chronification | ChronicMap) -> str:
    """What was done, in a line."""
    who = found.who
    said = [found.title, who.hypothesis]
    said += [f"with {', '.join(who.mechanisms)}"] if who.mechanisms else []
    said += [f"own input x {who.input_factor:g}"] if who.input_factor != 1.0 else []
    said += [f"latent memory x {who.latent_factor:g}"] if who.latent_factor != 1.0 else []
    return "From acute to chronic: " + ", ".join(said)


def chronify_summary(found: Chronification) -> dict[str, Any]:
    """The JSON of a course."""
    return {
        **_head(found),
        "strength": float(found.strength[0]),
        "duration_d": float(found.duration_d[0]),
        "chronic": bool(found.chronic[0]),
        "no_reset_lasts_from_d": float(found.not_undone_d[0]),
        "time_d": found.time_d,
        "pain_nrs": found.pain_nrs[:, 0],
        "states": {name: values[:, 0] for name, values in found.states.items()},
        "added_input": found.added_input[:, 0],
        "injury": found.injury[:, 0],
        "opioid": found.opioid[:, 0],
        **_foot(found),
    }


def chronic_map_summary(found: ChronicMap) -> dict[str, Any]:
    """The JSON of a map: rows are durations, columns strengths."""
    return {
        **_head(found),
        "strength": found.strength,
        "duration_d": found.duration_d,
        "chronic": found.chronic,
        "pain_nrs": found.pain_nrs,
        "shortest_chronic_duration_d": found.border_d,
        "latent_memory_from_which_no_reset_lasts": found.latent_limit,
        **_foot(found),
    }


def _head(found: Chronification | ChronicMap) -> dict[str, Any]:
    return {
        "simulation_only": SIMULATION_ONLY,
        "cause": found.cause,
        "title": found.title,
        "hypothesis": found.who.hypothesis,
        "mechanisms": list(found.who.mechanisms),
        "input_factor": found.who.input_factor,
        "latent_factor": found.who.latent_factor,
    }


def _foot(found: Chronification | ChronicMap) -> dict[str, Any]:
    return {
        "warnings": list(found.warnings),
        "assumed": assumed_in_words(found.keys),
        "citations": [citation.text() for citation in evidence.citations(found.keys)],
    }


def publish_chronify(folder: ResultFolder, found: Chronification | ChronicMap, command: str) -> dict[str, str]:
    """Write figure, table, JSON and manifest; gives back what lies where."""
    title, notes = title_of(found), tuple(f"Note: {text}." for text in found.warnings)
    if isinstance(found, ChronicMap):
        summary, figure = chronic_map_summary(found), chronic_map_figure(found, title, notes)
        grid = np.meshgrid(found.duration_d, found.strength, indexing="ij")
        columns = {"strength": grid[1].ravel(), "duration_d": grid[0].ravel(), "pain_nrs": found.pain_nrs.ravel(),
                   "chronic": found.chronic.ravel().astype(float)}  # fmt: skip
    else:
        summary, figure = chronify_summary(found), chronify_figure(found, title, notes)
        states = {name: values[:, 0] for name, values in found.states.items()}
        columns = {"time_d": found.time_d, "pain_nrs": found.pain_nrs[:, 0], **states}
    units = {name: {"duration_d": "d", "time_d": "d", "pain_nrs": "points"}.get(name, "1") for name in columns}
    with folder:
        folder.write_bytes("figure.svg", svg_text(figure, title).encode())
        folder.write_bytes("figure.png", png_bytes(figure, title))
        folder.write_json("result", summary)
        folder.write_table("map" if isinstance(found, ChronicMap) else "course", columns, units)
        folder.describe(
            command=command,
            seed=None,
            specification={**_head(found), "evidence": values_of(found.keys)},
            assumed=summary["assumed"],
            citations=summary["citations"],
            warnings=list(found.warnings),
        )
    names = {"figure": "figure.png", "result": "result.json", "manifest": "manifest.json"}
    return {"folder": str(folder.path), **{what: str(folder.path / name) for what, name in names.items()}}
