"""What `unwound trial power` says and leaves behind: tables, the paragraph on sample size, figures, JSON, manifest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from unwound import evidence
from unwound.core.safety import SIMULATION_ONLY
from unwound.reporting.figures import png_bytes, svg_text
from unwound.reporting.power_figure import power_figure
from unwound.reporting.publish import assumed_in_words, values_of
from unwound.reporting.sample_size import Assumptions, sample_size_paragraph
from unwound.reporting.trial_power_figure import trial_power_figure
from unwound.trials.power import told

if TYPE_CHECKING:
    from unwound.reporting.store import ResultFolder
    from unwound.trials import TrialPower
    from unwound.trials.power import Curve

ANALYSES = {
    "ANCOVA": "analysis of covariance with the baseline as covariate",
    "MMRM": "a mixed model for repeated measures",
    "multiple imputation": "analysis of covariance after multiple imputation",
    "LOCF": "analysis of covariance, the last rating carried forward",
    "BOCF": "analysis of covariance, the baseline carried forward",
    "log-rank": "the log-rank test",
    "t test": "a t test",
}


def power_summary(found: TrialPower) -> dict[str, Any]:
    """What every JSON door gives of the power of a trial."""
    trial = found.trial
    return {
        "simulation_only": SIMULATION_ONLY,
        "trial": trial.name,
        "title": trial.title,
        "endpoint": told(found.endpoint),
        "analysis": found.endpoint.analyzed,
        "level": found.level,
        "unit": found.unit,
        "counted": found.counted,
        "replicates": found.replicates,
        "seed": found.setting.seed,
        "hypothesis": found.setting.hypothesis,
        "model": found.setting.model,
        "target": found.target,
        "curves": [_curve(found, curve) for curve in found.curves],
        "at_size": found.at_size,
        "visits": [
            {"week": week, "comparisons": {label: point.as_dict() for label, point in points.items()}}
            for week, points in found.visits.items()
        ],
        "expectancy": [
            {
                "expectancy_percent": under.share_percent,
                "comparisons": {label: point.as_dict() for label, point in under.points.items()},
                "felt_something_percent": under.felt_percent,
            }
            for under in found.expectancy
        ],
        "no_effect": {label: point.as_dict() for label, point in found.no_effect.items()},
        "lost": found.lost,
        "sentences": paragraphs(found),
        "notes": list(found.notes),
        "assumed": [*trial.assumed, *trial.choices(), *assumed_in_words(found.keys)],
        "citations": [citation.text() for citation in evidence.citations(found.keys)],
        "warnings": list(found.warnings),
    }


def _curve(found: TrialPower, curve: Curve) -> dict[str, Any]:
    own = curve.found
    return {
        "comparison": curve.label,
        "arm": curve.arm,
        "control": curve.control,
        "sizes": [
            {"size": size, "patients": found.patients(size), **point.as_dict()} for size, point in curve.points.items()
        ],
        "sample_size": None
        if own is None
        else {"size": own.per_arm, "patients": found.patients(own.per_arm), "fewest": own.fewest, "most": own.most},
    }


def paragraphs(found: TrialPower) -> dict[str, str]:
    """Comparison -> the paragraph on sample size, or the sentence that the target is not reached."""
    return {curve.label: _paragraph(found, curve) for curve in found.curves}


def _paragraph(found: TrialPower, curve: Curve) -> str:
    last = found.sizes[-1]
    if curve.found is None:
        power = curve.points[last].power
        if power.share >= found.target:
            return f"{last} {found.counted} reach the target; ask for a larger size as well to find the smallest."
        return (
            f"A power of {100 * found.target:g} % is not reached with up to {last} {found.counted}: there it is "
            f"{100 * power.share:.1f} % (Monte-Carlo standard error {100 * power.error:.1f} points). "
            "Ask for larger sizes, or accept that the difference is too small."
        )
    trial, endpoint, setting = found.trial, found.endpoint, found.setting
    size = curve.found.per_arm
    difference = curve.points[min(curve.points, key=lambda n: abs(n - size))].difference
    unit = {"1": "times"}.get(found.unit, found.unit)
    analysis = ANALYSES.get(endpoint.analyzed, endpoint.analyzed)
    if endpoint.analyzed == "non-inferiority":
        analysis = f"a test of non-inferiority with a margin of {endpoint.margin}"
    assumed = Assumptions(
        design=_design(found),
        endpoint=f"{told(endpoint)}, {curve.arm} against {curve.control},",
        analysis="a paired t test" if trial.crossover is not None and analysis == "a t test" else analysis,
        alpha=found.level,
        sides=1 if endpoint.analyzed == "non-inferiority" else 2,
        difference=f"{difference:.2g} {unit}, {curve.arm} minus {curve.control}",
        source=f"what a model predicts for this protocol in {trial.disorder} under hypothesis {setting.hypothesis} "
        f"with the kinetics of {setting.model}; not an observation",
        dropout=float(np.round(found.lost, 3)),
        dropout_simulated=True,
        arms=found.patients(size) / size,
        counted=found.counted,
    )
    return sample_size_paragraph(curve.found, assumed)


def _design(found: TrialPower) -> str:
    trial, arms = found.trial, len(found.trial.arms)
    method = {"simple": "simply randomized ", "blocked": "block-randomized ", "stratified": "stratified "}
    kind = {"parallel": "parallel-group", "non-inferiority": "parallel-group non-inferiority"}
    return f"{arms}-arm {method.get(trial.randomization.method, '')}{kind.get(trial.design, trial.design)} trial"


def publish_power(folder: ResultFolder, found: TrialPower, command: str) -> dict[str, str]:
    """Write figures, table, paragraph, JSON and manifest; gives back what lies where."""
    summary = power_summary(found)
    title = f"Power of {found.trial.title or found.trial.name}"
    figures = {"figure": trial_power_figure(found, title)}
    main = found.curves[0]
    if main.found is not None:
        what = f"{told(found.endpoint)}: {main.arm} against {main.control}"
        figures["sample_size"] = power_figure(main.found, what, counted=found.counted)
    names = {
        "figure": "figure.png",
        "result": "result.json",
        "sentence": "sample_size.txt",
        "manifest": "manifest.json",
    }
    with folder:
        for name, figure in figures.items():
            folder.write_bytes(f"{name}.svg", svg_text(figure, title).encode())
            folder.write_bytes(f"{name}.png", png_bytes(figure, title))
        folder.write_bytes("sample_size.txt", ("\n\n".join(paragraphs(found).values()) + "\n").encode())
        folder.write_json("result", summary)
        folder.write_table("power", *_columns(found))
        folder.describe(
            command=command,
            seed=found.setting.seed,
            specification={
                "trial": found.trial.model_dump(mode="json", exclude_none=True),
                "endpoint": summary["endpoint"],
                "sizes": list(found.sizes),
                "target": found.target,
                "replicates": found.replicates,
                "hypothesis": summary["hypothesis"],
                "model": summary["model"],
                "evidence": values_of(found.keys),
            },
            assumed=summary["assumed"],
            citations=summary["citations"],
            warnings=[*found.warnings, *found.notes],
        )
    return {"folder": str(folder.path), **{what: str(folder.path / name) for what, name in names.items()}}


def _columns(found: TrialPower) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """One line per comparison and size that was looked at."""
    lines = [
        (curve.label, size, power)
        for curve in found.curves
        for size, power in sorted(
            ({n: p.power for n, p in curve.points.items()} | (curve.found.tried if curve.found else {})).items()
        )
    ]
    columns = {
        "comparison": np.array([label for label, _, _ in lines]),
        "size": np.array([size for _, size, _ in lines]),
        "patients": np.array([found.patients(size) for _, size, _ in lines]),
        "power": np.array([power.share for _, _, power in lines]),
        "error": np.array([power.error for _, _, power in lines]),
        "low": np.array([power.low for _, _, power in lines]),
        "high": np.array([power.high for _, _, power in lines]),
    }
    return columns, {name: "1" for name in columns if name != "comparison"}
