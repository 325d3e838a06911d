"""What `unwound fit pain` says and leaves behind: scores first, then rows, posteriors, pictures."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.stats import halfnorm

from unwound import evidence
from unwound.core.errors import UnknownName
from unwound.core.safety import SIMULATION_ONLY
from unwound.inference import pain_shipped
from unwound.inference.pain_parameters import ends, priors
from unwound.inference.rivals import TITLES
from unwound.inference.study import spread
from unwound.reporting.figures import png_bytes, svg_text
from unwound.reporting.pain_fit_figure import predicted_figure, scores_figure
from unwound.reporting.posterior_figure import learned, posterior_figure
from unwound.reporting.publish import assumed_in_words

if TYPE_CHECKING:
    from unwound.reporting.store import ResultFolder

TITLE = "The joint fit of pain"
AGAINST = "analysis"
SPREAD = "study spread"
SHOWN = ("average", "H0", "analysis", "placebo")
_INTERVAL = (5.0, 50.0, 95.0)
_PRIOR_POINTS = 2000
NOTES = (
    "Seven trials, few patients, read in abstracts: intervals are wide and weights are uncertain.",
    "The structure of the hypotheses was written with these trials in view; only their numbers were left out in turn.",
    "Rows of one trial are scored as if independent. Titration steps, disorders and some readings are assumed.",
    "Reset is a hypothesis, never a promise.",
)


def pain_summary(model: str) -> dict[str, Any]:
    """What every JSON door gives. Raises `UnknownName` for a model that was not fitted."""
    record = pain_shipped.record()
    if model not in record["predicted"]:
        raise UnknownName("fitted model", model, tuple(record["predicted"]))
    return {
        "verdict": record["first_line"]["sentence"],
        "simulation_only": SIMULATION_ONLY,
        "title": TITLE,
        "model": model,
        "skill_of_mechanisms": record["first_line"]["skill"],
        "scores": record["scores"],
        "weights": record["weights"],
        "weights_with_rivals": record["weights_with_rivals"],
        "rows": record["predicted"][model],
        "coverage": coverage(record["predicted"]),
        "four_non_responders": record["four_non_responders"],
        "effects": record["effects"],
        "parameters": parameters(model) if model in pain_shipped.models() else [],
        "potency_sd": record["potency_sd"].get(model),
        "mechanisms": record["mechanisms"],
        "recovery": record["recovery"].get(model, []),
        "diagnostics": record["diagnostics"].get(model, {}),
        "record": {name: record[name] for name in ("settings", "versions", "machine", "trials", "how")},
        "notes": list(NOTES),
        "assumed": assumed_in_words(keys()),
        "citations": [citation.text() for citation in evidence.citations(keys())],
    }


def coverage(predicted: Mapping[str, list[dict[str, Any]]]) -> dict[str, list[int]]:
    """Model -> (rows whose printed value lies in the 90 % interval, rows that have one)."""
    found = {}
    for name, rows in predicted.items():
        told = [row["covered"] for row in rows if row["covered"] is not None]
        found[name] = [sum(told), len(told)]
    return found


def parameters(model: str) -> list[dict[str, Any]]:
    """Prior and posterior of each open number of a fitted model."""
    prior, posterior = both(model)
    told = {page.name: page.contraction for page in learned(prior, posterior, list(posterior))}
    rows = []
    hypothesis, _, driver = model.partition(" ")
    for known, (least, most) in zip(priors(hypothesis), ends(hypothesis, driver), strict=True):
        if known.name in posterior:
            low, middle, high = np.percentile(posterior[known.name], _INTERVAL)
            rows.append({
                "parameter": known.name, "about": known.about, "unit": known.unit, "median": float(middle),
                "low_5": float(low), "high_95": float(high), "prior_low": float(known.at(least)),
                "prior_high": float(known.at(most)),
                "contraction": told[known.name],
            })  # fmt: skip
    return rows


def both(model: str) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """(prior draws, posterior draws) of the numbers that a model leaves open."""
    hypothesis, _, driver = model.partition(" ")
    part = (np.arange(_PRIOR_POINTS) + 0.5) / _PRIOR_POINTS
    prior, posterior = {}, {}
    for known, (low, high) in zip(priors(hypothesis), ends(hypothesis, driver), strict=True):
        if high > low:
            prior[known.name] = known.at(low + (high - low) * part)
            posterior[known.name] = np.array([draw[known.name] for draw in pain_shipped.draws()[model]])
    return prior, posterior


def keys() -> list[str]:
    """Evidence keys that the fit rests on."""
    prefixes = ("protected_switch.", "switch.", "turnover.", "empirical.", "tonic_driver.", "pain.", "placebo.")
    return [key for key in evidence.all_estimates() if key.startswith(prefixes)]


def publish_pain_fit(folder: ResultFolder, model: str, command: str) -> dict[str, str]:
    """Write figures, tables, JSON and manifest; gives back what lies where."""
    summary, record = pain_summary(model), pain_shipped.record()
    told = "Blue: foretells better than the meta-analysis; red: worse. Log score, natural logarithm."
    foot = (told, record["first_line"]["sentence"])
    shown = {name: record["predicted"][name] for name in SHOWN if name in record["predicted"]}
    shown = {TITLES.get(name, name): rows for name, rows in shown.items()}
    pictures = {
        "scores": scores_figure(record["scores"], AGAINST, "Trials left out, against the meta-analysis", foot),
        "rows": predicted_figure(shown, "What was printed, and what is expected of such a trial (90 %)", NOTES[:1]),
    }
    if model in pain_shipped.models():
        prior, posterior = both(model)
        prior[SPREAD] = spread() * halfnorm.ppf((np.arange(_PRIOR_POINTS) + 0.5) / _PRIOR_POINTS)
        posterior[SPREAD] = np.array([draw[pain_shipped.POTENCY_SD] for draw in pain_shipped.draws()[model]])
        units = {known.name: known.unit for known in priors(model.partition(" ")[0])}
        pictures["posterior"] = posterior_figure(prior, posterior, list(posterior), f"{model}: what is learned", units)
    with folder:
        for name, figure in pictures.items():
            folder.write_bytes(f"{name}.svg", svg_text(figure, name).encode())
            folder.write_bytes(f"{name}.png", png_bytes(figure, name))
        folder.write_json("result", summary)
        folder.write_bytes("rows.csv", rows_text(record["predicted"]).encode())
        folder.describe(
            command=command, seed=record["settings"]["seed"],
            specification={"record": summary["record"], "model": model},
            assumed=summary["assumed"], citations=summary["citations"], warnings=list(NOTES),
        )  # fmt: skip
    return {"folder": str(folder.path), **{name: str(folder.path / f"{name}.png") for name in pictures}}


def rows_text(predicted: Mapping[str, list[dict[str, Any]]]) -> str:
    """The observed-versus-predicted table of all models as CSV."""
    text = io.StringIO()
    columns = ["model", *next(iter(predicted.values()))[0], "simulation_only"]
    lines = csv.DictWriter(text, columns, lineterminator="\n")
    lines.writeheader()
    for model, rows in predicted.items():
        for row in rows:
            lines.writerow({"model": model, **row, "simulation_only": SIMULATION_ONLY})
    return text.getvalue()
