"""What `unwound windup --predictions` leaves behind, and what its JSON says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from unwound import evidence
from unwound.core.safety import SIMULATION_ONLY
from unwound.dorsal_horn import OUTPUTS
from unwound.dorsal_horn.stimulation import KEYS
from unwound.patient.horn_predictions import Outcome, dose_response, frequency_ratios
from unwound.patient.summation_studies import study_keys
from unwound.reporting.figures import png_bytes, svg_text
from unwound.reporting.predictions_figure import predictions_figure
from unwound.reporting.publish import assumed_in_words, values_of

if TYPE_CHECKING:
    from unwound.patient.horn_runs import HornRuns
    from unwound.reporting.store import ResultFolder

SHORT = {"lamina_one": "I", "wide": "WDR"}


def predictions_summary(found: Sequence[Outcome], runs: HornRuns, circuit: int | None, seed: int) -> dict[str, Any]:
    """Every prediction with what was found, the curves behind them, and where the studies lie."""
    held = sum(one.verdict == "held" for one in found)
    keys = keys_of_predictions(runs)
    return {
        "simulation_only": SIMULATION_ONLY,
        "title": f"Predictions of the dorsal horn: {held} held, {len(found) - held} missed",
        "circuit": circuit,
        "seed": seed,
        "predictions": [_row(one) for one in found],
        "studies": [_study(one) for one in runs.studies],
        "frequency": {"per_s": runs.frequencies, "ratio": _by_output(frequency_ratios(runs))},
        "dose": {"total_ng_per_mL": runs.totals, "block_at_rest": runs.blocks, **_curves(runs)},
        "notes": [*notes_of(found), *about_doses(found, runs)],
        "assumed": assumed_in_words(keys),
        "citations": [citation.text() for citation in evidence.citations(keys)],
    }


def keys_of_predictions(runs: HornRuns) -> tuple[str, ...]:
    """The rows of evidence behind the predictions."""
    own = tuple(row.key for row in evidence.table("summation"))
    return tuple(dict.fromkeys((*KEYS, *own, *study_keys(), *runs.keys)))


def notes_of(found: Sequence[Outcome]) -> list[str]:
    """How to read the table."""
    built = [one.prediction.id for one in found if one.prediction.by_construction]
    overlapping = sum(bool(one.prediction.target) for one in found)
    return [
        f"written down on {found[0].prediction.date.isoformat()} before the calibrated circuit was there, and not "
        "edited since; held or missed is about what we expected, the last column about what the study printed: its "
        "direction, and whether the change is large enough to be seen",
        f"{overlapping} of {len(found)} overlap a target of the calibration, so holding is weak evidence; "
        f"{' and '.join(built)} hold by construction",
        "studies measured reflexes and sensation, the circuit counts spikes; block is that of the pore at rest by the "
        "free share of plasma (assumed), without norketamine",
    ]


def about_doses(found: Sequence[Outcome], runs: HornRuns) -> list[str]:
    """What the studies of doses say together, where they disagree with the circuit."""
    of = [one for one in found if one.prediction.quantity in {f"{study.key}_ratio_left" for study in runs.studies}]
    off = sorted({name_of(one) for one in of if one.study == "disagrees"})
    if not off:
        return []
    blocks = [100.0 * study.block.block for study in runs.studies]
    return [
        f"at the doses of studies the pore at rest is blocked by {min(blocks):.0f} to {max(blocks):.0f} % and wind-up "
        f"falls by less than people felt ({', '.join(off)}): either more block reaches these synapses than the pore at "
        "rest tells, or wind-up in people rests on more than this circuit",
    ]


def publish_predictions(
    folder: ResultFolder, found: Sequence[Outcome], runs: HornRuns, summary: dict[str, Any], command: str
) -> dict[str, str]:
    """Write figure, table, JSON and manifest; gives back what lies where."""
    title = summary["title"]
    figure = predictions_figure(runs, title)
    rows = [(one, output, number) for one in found for output, number in one.found.items()]
    columns: dict[str, Any] = {
        "prediction": [one.prediction.id for one, _, _ in rows],
        "output": [output for _, output, _ in rows],
        "found": np.array([number for *_, number in rows]),
        "low": np.array([one.prediction.low for one, _, _ in rows]),
        "high": np.array([one.prediction.high for one, _, _ in rows]),
        "verdict": [one.verdict for one, _, _ in rows],
        "study": [one.study for one, _, _ in rows],
    }
    with folder:
        folder.write_bytes("figure.svg", svg_text(figure, title).encode())
        folder.write_bytes("figure.png", png_bytes(figure, title))
        folder.write_json("result", summary)
        folder.write_table(
            "predictions", columns, {"found": "as predicted", "low": "as predicted", "high": "as predicted"}
        )
        folder.describe(
            command=command,
            seed=summary["seed"],
            specification={"circuit": summary["circuit"], "evidence": values_of(keys_of_predictions(runs))},
            assumed=summary["assumed"],
            citations=summary["citations"],
            warnings=summary["notes"],
        )
    names = {"figure": "figure.png", "result": "result.json", "manifest": "manifest.json"}
    return {"folder": str(folder.path), **{what: str(folder.path / name) for what, name in names.items()}}


def _row(one: Outcome) -> dict[str, Any]:
    return {**one.as_dict(), "expected": expected(one), "shown": shown(one), "name": name_of(one)}


def expected(one: Outcome) -> str:
    """The range that was written down, in words."""
    p, unit = one.prediction, "" if one.prediction.unit == "1" else f" {one.prediction.unit}"
    if p.low == p.high:
        return f"{p.low:g}{unit}"
    if np.isfinite(p.low) and np.isfinite(p.high):
        return f"{p.low:g} to {p.high:g}{unit}"
    return f"at least {p.low:g}{unit}" if np.isfinite(p.low) else f"at most {p.high:g}{unit}"


def shown(one: Outcome) -> str:
    """What was found: lamina I / deep cells."""
    return " / ".join(f"{SHORT[output]} {_three(number)}" for output, number in one.found.items())


def _three(number: float) -> str:
    return f"{number:.0f}" if abs(number) >= 100.0 else f"{number:.3g}"


def name_of(one: Outcome) -> str:
    """The study as a person would say it."""
    fields = evidence.bibliography()[one.prediction.study].fields
    if "author" not in fields:
        return " ".join(filter(None, (fields.get("journal"), fields.get("volume")))) or one.prediction.study
    return f"{fields['author'].split(' and ')[0]} {fields.get('year', '')}".strip()


def _study(one: Any) -> dict[str, Any]:
    told = {name: getattr(one, name) for name in one.__dataclass_fields__ if name != "block"}
    return {**told, "block_at_rest": one.block.block, "free_uM": one.block.concentration_uM}


def _by_output(numbers: np.ndarray) -> dict[str, np.ndarray]:
    return {name: numbers[..., k] for k, name in enumerate(OUTPUTS)}


def _curves(runs: HornRuns) -> dict[str, Any]:
    return {
        word: {name: _by_output(numbers) for name, numbers in dose_response(runs, used).items()}
        for word, used in (("constant", False), ("use_dependent", True))
    }
