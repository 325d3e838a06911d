"""What was predicted of the dorsal horn, before it was computed, beside what the circuit does and what a study printed.

    held      the number lies in the range that was written down, for every output that is named
    missed    it does not; the prediction stays as it was written
    study     agrees, disagrees, or cannot be compared (with the reason); apart from the verdict on the prediction

Source: ``evidence/predictions/dorsal_horn.toml``. Leaves out: significance in the studies.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from unwound.dorsal_horn import OUTPUTS
from unwound.evidence import value
from unwound.evidence.prediction_rows import Prediction, predictions
from unwound.patient.horn_runs import MATCHED, HornRuns

NAME = "dorsal_horn"
ONSET_RATIO = "target.ratio_onset_low"
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Outcome:
    """One prediction, what was found for each output, and the verdicts."""

    prediction: Prediction
    found: dict[str, float]
    """Output -> number; NaN where the circuit gave none."""
    verdict: str
    """held or missed"""
    study: str
    """agrees, disagrees, or cannot be compared"""

    def as_dict(self) -> dict[str, Any]:
        """For the doors; a bound that is not there is None."""
        told = asdict(self.prediction) | {"date": self.prediction.date.isoformat()}
        told = {name: None if one in (math.inf, -math.inf) else one for name, one in told.items()}
        told["outputs"], told["cite"] = list(self.found), told.pop("study")
        return {**told, "found": self.found, "verdict": self.verdict, "study": self.study}


def outcomes(runs: HornRuns) -> tuple[Outcome, ...]:
    """Every prediction compared, in the order in which they were written."""
    found = quantities(runs)
    return tuple(_outcome(one, found[one.quantity]) for one in predictions(NAME))


def _outcome(one: Prediction, numbers: np.ndarray) -> Outcome:
    asked = one.outputs or OUTPUTS
    found = {name: float(numbers[OUTPUTS.index(name)]) for name in asked}
    held = all(_within(number, one.low, one.high) for number in found.values())
    study = "cannot be compared"
    if one.comparable:
        agrees = all(_within(number, one.study_low, one.study_high) for number in found.values())
        study = "agrees" if agrees else "disagrees"
    return Outcome(one, found, "held" if held else "missed", study)


def _within(number: float, low: float, high: float) -> bool:
    """NaN lies nowhere."""
    return low - _ROUNDING <= number <= high + _ROUNDING


def quantities(runs: HornRuns) -> dict[str, np.ndarray]:
    """Every number that a prediction names, one per output."""
    return {**_of_frequency(runs), **_of_dose(runs), **_of_states(runs)}


def _of_frequency(runs: HornRuns) -> dict[str, np.ndarray]:
    ratios = frequency_ratios(runs)

    def at(rate: float) -> np.ndarray:
        place = int(np.argmin(np.abs(runs.frequencies - rate)))
        return ratios[place] if abs(runs.frequencies[place] / rate - 1.0) < 0.05 else np.full(len(OUTPUTS), np.nan)

    wanted = value(ONSET_RATIO, "1")
    return {
        "ratio_third_hz": at(value("staud2007.summing", "1/s")),
        "ratio_sixth_hz": at(value("staud2007.silent", "1/s")),
        "ratio_two_over_one_hz": at(2.0) / at(1.0),
        "onset_frequency": _each(lambda k: _crossing(runs.frequencies, ratios[:, k], wanted)),
    }


def frequency_ratios(runs: HornRuns) -> np.ndarray:
    """Last over first C response, (frequency, output)."""
    return np.stack([_ratio(counts) for counts in runs.c_by_frequency])


def dose_response(runs: HornRuns, used: bool = False) -> dict[str, np.ndarray]:
    """Over `runs.totals`: first and last C response and their ratio, (total, output)."""
    kind = "used" if used else "constant"
    places = [runs.lanes["none"], *(runs.lanes[f"{kind} {total:g}"] for total in runs.totals[1:])]
    c = runs.c[places]
    return {"first": c[:, 0], "last": c[:, -1], "ratio": np.stack([_ratio(one) for one in c])}


def _of_dose(runs: HornRuns) -> dict[str, np.ndarray]:
    none, found = _lane(runs, "none"), dict[str, np.ndarray]()
    for study in runs.studies:
        blocked, healthy = _lane(runs, study.key), none
        if study.key == "gravennielsen2000":
            healthy, blocked = runs.five
        elif study.frequency == 1.0:
            healthy, blocked = none[: study.stimuli], blocked[: study.stimuli]
        found[f"{study.key}_ratio_left"] = _ratio(blocked) / _ratio(healthy)
        found[f"{study.key}_first_left"] = blocked[0] / healthy[0]
        found[f"{study.key}_allodynia_left"] = _over(runs.disinhibited[study.key], runs.disinhibited["none"])
    curve = dose_response(runs)["ratio"]
    half = 1.0 + 0.5 * (curve[0] - 1.0)
    blocks = np.array([_crossing(runs.blocks, curve[:, k], half[k]) for k in range(len(OUTPUTS))])
    racemic = np.array([np.interp(b, runs.blocks, runs.totals) for b in blocks])
    enantiomer = np.array([np.interp(b, runs.s_blocks, runs.totals) for b in blocks])
    opioid = _lane(runs, "opioid")
    return found | {
        "half_windup_concentration": racemic,
        "half_windup_s_over_racemic": enantiomer / racemic,
        "trapped_over_constant_ratio": _ratio(_lane(runs, "used guirimand2000")) / _ratio(_lane(runs, "guirimand2000")),
        "opioid_first_left": opioid[0] / none[0],
        "opioid_ratio": _ratio(opioid),
        "opioid_ratio_left": _ratio(opioid) / _ratio(none),
        "opioid_allodynia_left": _over(runs.disinhibited["opioid"], runs.disinhibited["none"]),
    }


def _of_states(runs: HornRuns) -> dict[str, np.ndarray]:
    inside, none = runs.train_of_high_frequency, _lane(runs, "none")
    healthy, clinical = (runs.brush[runs.lanes[name]] for name in ("none", "clinical"))
    total = none.sum(axis=0)
    return {
        "calcium_left": _each(lambda k: _peak(inside.calcium, k)),
        "neurokinin_left": _each(lambda k: _peak(inside.neurokinin_nS, k)),
        "single_after_train": _each(lambda k: _after(runs.after.c_spikes, k)),
        "touch_after_train": _each(lambda k: _after(runs.after.brush_spikes, k)),
        "touch_clinical_block": _over(clinical, healthy),
        "first_clinical_block": _lane(runs, "clinical")[0] / none[0],
        "identity_constant": np.abs(_lane(runs, "identity") - none).max(axis=0),
        **{f"identity_{drug}": _lane(runs, f"identity {drug}").sum(axis=0) / total - 1.0 for drug in MATCHED},
    }


def _lane(runs: HornRuns, name: str) -> np.ndarray:
    """(stimulus, output)"""
    found: np.ndarray = runs.c[runs.lanes[name]]
    return found


def _ratio(counts: np.ndarray) -> np.ndarray:
    """Last over first of (stimulus, output)."""
    return _over(counts[-1], counts[0])


def _over(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """part / whole; NaN where there is no whole."""
    found: np.ndarray = np.divide(part, whole, out=np.full(np.shape(whole), np.nan), where=np.asarray(whole) > 0)
    return found


def _each(number: Any) -> np.ndarray:
    return np.array([number(k) for k in range(len(OUTPUTS))], float)


def _peak(by_output: Mapping[str, np.ndarray], k: int) -> float:
    """Greatest reading under block over the greatest without."""
    without, blocked = by_output[OUTPUTS[k]].max(axis=0)
    return float(blocked / without)


def _after(by_output: Mapping[str, np.ndarray], k: int) -> float:
    without, after = by_output[OUTPUTS[k]][0]
    return float(after / without) if without > 0 else math.nan


def _crossing(x: np.ndarray, y: np.ndarray, level: float) -> float:
    """Where y first crosses `level` on straight lines between points; NaN: nowhere."""
    beyond = (y[1:] - level) * (y[:-1] - level) <= 0.0
    if not beyond.any():
        return math.nan
    n = int(np.argmax(beyond))
    if y[n + 1] == y[n]:
        return float(x[n])
    return float(x[n] + (level - y[n]) * (x[n + 1] - x[n]) / (y[n + 1] - y[n]))
