"""Totals of a qualification, branch by branch, with what they rest on. No number here stands for all branches.

    log score    sum over rows of weight x log predictive score
    skill        the same less that of "placebo only", over the rows that both have; above 0 the drug's course helps
    coverage     share of observed values inside the simulated 90 % interval, of rows that have one
    interval     5th to 95th percentile of the total over trials drawn with replacement; none with a single trial

Rows that were fitted count as the others do and are named: on them a score shows the fit.
"""

from __future__ import annotations

from typing import Any

import numpy as np

BRANCHES = ("pain", "wind-up signs", "opioid", "surgery", "mood")
DRAWS, SEED = 2000, 20261126


def totals(counted: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Branch -> its totals over the pages that count; a branch without any is there, with none."""
    return {branch: _of_branch([page for page in counted if page["branch"] == branch]) for branch in BRANCHES}


def _of_branch(pages: list[dict[str, Any]]) -> dict[str, Any]:
    rows = [row for page in pages for row in page["rows"]]
    with_interval = [row for row in rows if row["covered"] is not None]
    passed = [row for row in rows if row["passed"]]
    return {
        "trials": [page["id"] for page in pages],
        "rows": len(rows),
        "passed": len(passed),
        "missed": len(rows) - len(passed),
        "missed_and_read": sum(row["fails"] for row in rows),
        "fitted": sum(bool(row["fitted"]) for row in rows) if any(row["fitted"] is not None for row in rows) else None,
        "weight": sum(row["weight"] for row in rows),
        "weight_passed": sum(row["weight"] for row in passed),
        "with_interval": len(with_interval),
        "covered": sum(row["covered"] for row in with_interval),
        "scored": sum(row["log_score"] is not None for row in rows),
        "log_score": _with_interval([log_score(page["rows"]) for page in pages]),
        "compared": sum(_both(row) for row in rows),
        "skill": _with_interval([skill(page["rows"]) for page in pages]),
        "trials_without_a_read_miss": [page["id"] for page in pages if not any(row["fails"] for row in page["rows"])],
    }


def log_score(rows: list[dict[str, Any]]) -> float:
    """Weighted sum of the log scores that there are."""
    return float(sum(row["weight"] * row["log_score"] for row in rows if row["log_score"] is not None))


def skill(rows: list[dict[str, Any]]) -> float:
    """Weighted sum of the log scores less those of "placebo only", over rows that have both."""
    return float(sum(row["weight"] * (row["log_score"] - row["rival_score"]) for row in rows if _both(row)))


def _both(row: dict[str, Any]) -> bool:
    return row["log_score"] is not None and row["rival_score"] is not None


def _with_interval(parts: list[float]) -> dict[str, float | None]:
    """The total of `parts`, one for each trial, and its interval when trials are drawn again."""
    if not parts:
        return {"total": None, "low": None, "high": None}
    if len(parts) == 1:
        return {"total": parts[0], "low": None, "high": None}
    drawn = np.random.default_rng(SEED).integers(0, len(parts), (DRAWS, len(parts)))
    low, high = np.percentile(np.asarray(parts)[drawn].sum(axis=1), (5.0, 95.0))
    return {"total": float(sum(parts)), "low": float(low), "high": float(high)}
