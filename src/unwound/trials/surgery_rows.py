"""Surgical trials beside what was printed: of each row, whether it was fitted or predicted, and hit or missed."""

from __future__ import annotations

from typing import Any

import numpy as np

from unwound import evidence
from unwound.evidence import estimate
from unwound.evidence.estimates import Interval
from unwound.population.surgery import SurgeryResult

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
