"""What `unwound population` says and leaves: numbers with their marks, a table of people, figure and manifest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from unwound import evidence
from unwound.core.safety import SIMULATION_ONLY
from unwound.core.units import units_of
from unwound.evidence import estimate
from unwound.population import DISORDERS, Disorder, Population, population
from unwound.population.populations import UNTOLD, rows_beside
from unwound.population.priors import prior_of
from unwound.population.sampled import Sampled
from unwound.reporting.figures import png_bytes, svg_text
from unwound.reporting.population_figure import population_figure
from unwound.reporting.publish import assumed_in_words, values_of

if TYPE_CHECKING:
    from unwound.reporting.store import ResultFolder


def marks_of(keys: tuple[str, ...]) -> dict[str, int]:
    """How many rows are read in the source, in a summary, or assumed."""
    rows = [estimate(key) for key in keys]
    assumed = sum(row.is_assumption for row in rows)
    primary = sum(row.seen == "primary" and not row.is_assumption for row in rows)
    return {"primary": primary, "secondary": len(rows) - assumed - primary, "assumed": assumed}


def listed() -> list[dict[str, Any]]:
    """Every disorder in one line."""
    found = [population(name) for name in DISORDERS]
    return [
        {
            "name": one.name, "title": one.title, "scale": one.scale.name, "baseline_points": one.who.baseline_mean,
            "female_share": one.who.female_share, "age_mean_y": one.who.age_mean, "marks": marks_of(one.keys),
            "caution": one.caution,
        }
        for one in found
    ]  # fmt: skip


def population_list_summary() -> dict[str, Any]:
    """The JSON of the list."""
    return {
        "simulation_only": SIMULATION_ONLY,
        "populations": listed(),
        "without_evidence": [{"name": name, "needs": "a [population] table"} for name in UNTOLD],
    }


def rows_shown(found: Population) -> list[dict[str, Any]]:
    """Every number of a population with value, unit, mark and source; those on record and not used last."""
    shown = []
    for key, used in ((key, used) for keys, used in ((found.keys, True), (rows_beside(found), False)) for key in keys):
        row = estimate(key)
        shown.append(
            {
                "key": key, "about": row.about, "value": row.value, "unit": row.unit,
                "spread": str(row.spread) if row.spread else "", "basis": row.basis, "seen": row.seen,
                "cite": list(row.cite), "note": row.note, "used": used,
            }
        )  # fmt: skip
    return shown


def population_summary(found: Population, drawn: Sampled | None = None, seed: int | None = None) -> dict[str, Any]:
    """What the JSON says of a population, and of people drawn from it."""
    said: dict[str, Any] = {
        "simulation_only": SIMULATION_ONLY,
        "name": found.name,
        "title": found.title,
        "scale": {"name": found.scale.name, "highest": found.scale.most, "about": found.scale.about},
        "caution": found.caution,
        "own": list(found.own),
        "numbers": {name: {"value": getattr(found.who, name), "unit": unit} for name, unit in _units().items()},
        "marks": marks_of(found.keys),
        "assumed": assumed_in_words(found.keys),
        "citations": [citation.text() for citation in evidence.citations(found.keys)],
    }
    if drawn is None:
        prior = prior_of(found.name)
        return {**said, "mechanism_prior": prior.as_dict() if prior else None, "rows": rows_shown(found)}
    return {**said, "patients": len(drawn.columns["age_y"]), "seed": seed, "sampled": drawn.summary()}


def _units() -> dict[str, str]:
    return units_of(Disorder)


def publish_population(
    folder: ResultFolder, found: Population, drawn: Sampled, seed: int, command: str
) -> dict[str, str]:
    """Write people, figure, JSON and manifest; gives back what lies where."""
    summary = population_summary(found, drawn, seed)
    count = summary["patients"]
    title = found.title if found.title == found.name else f"{found.name}: {found.title}"
    title = f"{title}; {count} people drawn"
    figure = population_figure(found, drawn, title)
    with folder:
        folder.write_bytes("figure.svg", svg_text(figure, title).encode())
        folder.write_bytes("figure.png", png_bytes(figure, title))
        folder.write_json("result", summary)
        folder.write_table("people", {"id": np.arange(count), **drawn.columns}, {"id": "1", **drawn.units})
        folder.describe(
            command=command,
            seed=seed,
            specification={"population": found.name, "patients": count, "own": list(found.own),
                           "evidence": values_of(found.keys)},
            assumed=summary["assumed"],
            citations=summary["citations"],
            warnings=[*found.own, *filter(None, [found.caution])],
        )  # fmt: skip
    names = {"figure": "figure.png", "people": "people.parquet", "result": "result.json", "manifest": "manifest.json"}
    return {"folder": str(folder.path), **{what: str(folder.path / name) for what, name in names.items()}}
