"""What `unwound surgery` says and leaves behind: rows beside what was printed, figure, table, JSON and manifest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from unwound import evidence
from unwound.core.safety import SIMULATION_ONLY
from unwound.evidence import estimate
from unwound.evidence.estimates import Interval
from unwound.population.surgery import HOURS, SurgeryResult
from unwound.reporting.figures import png_bytes, svg_text
from unwound.reporting.publish import assumed_in_words, values_of
from unwound.reporting.surgery_figure import surgery_figure

if TYPE_CHECKING:
    from unwound.reporting.store import ResultFolder

FITTED = "fitted"
PREDICTED = "predicted"


def surgery_rows(result: SurgeryResult) -> list[dict[str, Any]]:
    """What was printed beside what comes out: of each row, whether it was fitted or predicted, and hit or missed."""
    own, arms = result.trial.key, result.arms
    if result.changed:
        return [_row(arm.name, "morphine in 24 h", "mg", None, arm.morphine_mg.mean(axis=1), "yours") for arm in arms]
    if own == "nielsen2017":
        rows = [
            _row(arms[0].name, "morphine in 24 h", "mg", "control_mean", arms[0].morphine_mg.mean(axis=1), FITTED),
            _row(arms[0].name, "standard deviation", "mg", "control_sd", _sd(arms[0].morphine_mg), FITTED),
            _row(arms[1].name, "morphine in 24 h", "mg", "ketamine_mean", arms[1].morphine_mg.mean(axis=1), PREDICTED),
            _row(arms[1].name, "standard deviation", "mg", "ketamine_sd", _sd(arms[1].morphine_mg), PREDICTED),
            _row("difference", "morphine in 24 h", "mg", "difference", result.difference_mg, PREDICTED),
        ]
    else:
        names = ("unsatisfactory_control", "unsatisfactory_ketamine")
        shares = [100.0 * arm.unsatisfactory.mean(axis=1) for arm in arms]
        rows = [
            _row(arm.name, "unsatisfactory treatment", "percent", name, share, PREDICTED)
            for arm, name, share in zip(arms, names, shares, strict=True)
        ]
        rows += [_row("difference", "unsatisfactory treatment", "percent", None, shares[1] - shares[0], PREDICTED)]
        printed = [evidence.value(f"{own}.{name}", "percent") for name in names]
        rows[-1] |= {"observed": printed[1] - printed[0], "observed_interval": None}
        size = evidence.value(f"{own}.patients", "1")
        half = 1.96 * float(np.sqrt(sum(p * (100.0 - p) / size for p in printed)))
        rows[-1]["observed_interval"] = [rows[-1]["observed"] - half, rows[-1]["observed"] + half]
        rows += [
            _row(arm.name, "morphine in 24 h", "mg", None, arm.morphine_mg.mean(axis=1), PREDICTED) for arm in arms
        ]
    return [_judged(row, own) for row in rows]


def _sd(amounts: np.ndarray) -> np.ndarray:
    return np.asarray(np.std(amounts, axis=1, ddof=1))


def _row(arm: str, what: str, unit: str, key: str | None, values: np.ndarray, kind: str) -> dict[str, Any]:
    low, high = np.percentile(values, (5, 95))
    return {
        "arm": arm, "what": what, "unit": unit, "key": key, "kind": kind, "observed": None, "observed_interval": None,
        "simulated": {"mean": float(values.mean()), "low": float(low), "high": float(high)}, "agrees": None,
    }  # fmt: skip


def _judged(row: dict[str, Any], prefix: str) -> dict[str, Any]:
    """Agrees when the simulated mean lies in the printed interval; without one, when the 90 % interval holds it."""
    if row["key"]:
        printed = estimate(f"{prefix}.{row['key']}")
        row["observed"] = printed.value
        if printed.spread is not None and isinstance(printed.spread.amount, Interval):
            row["observed_interval"] = [printed.spread.amount.low, printed.spread.amount.high]
    row["key"] = f"{prefix}.{row['key']}" if row["key"] else None
    if row["observed"] is not None:
        simulated = row["simulated"]
        low, high = row["observed_interval"] or (None, None)
        held = simulated["low"] <= row["observed"] <= simulated["high"]
        row["agrees"] = bool(held if low is None else low <= simulated["mean"] <= high)
    return row


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
