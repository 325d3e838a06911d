"""The page of a qualification: misses first, totals by branch, every trial with its rows drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from unwound.reporting.methods import Method, methods_of
from unwound.reporting.methods import _text_of as text_of_module
from unwound.reporting.report import _data_uri, _page, _sources
from unwound.reporting.versions import versions
from unwound.reporting.wording import number, provenance_text

WIDTH, EDGE = 160.0, 8.0  # of the small drawing in a row, px


def qualify_report(summary: dict[str, Any], figure_svg: str, keys: Sequence[str], *, command: str = "") -> str:
    """The whole page as HTML."""
    hypothesis = summary["settings"]["hypothesis"]
    own = [
        Method("What is run and what counts", "unwound.trials.qualify", text_of_module("unwound.trials.qualify")),
        Method("Scores", "unwound.trials.scoring", text_of_module("unwound.trials.scoring")),
        Method("Totals", "unwound.trials.qualify_totals", text_of_module("unwound.trials.qualify_totals")),
        Method("Rules of verdict", "unwound.trials.verdict", text_of_module("unwound.trials.verdict")),
    ]
    return _page(
        "qualify.html.jinja",
        title=summary["title"],
        summary=summary,
        branches=[{"name": name, **told(total)} for name, total in summary["totals"].items()],
        missed=[shown(row) for row in summary["missed"]],
        trials=[{**trial, "rows": [shown(row) for row in trial["rows"]]} for trial in summary["trials"]],
        figure=_data_uri(figure_svg),
        methods=own + methods_of("otto2021", [hypothesis]),
        command=command,
        versions=versions(),
        **_sources(keys, []),
    )


def told(total: dict[str, Any]) -> dict[str, Any]:
    """The totals of a branch as words."""
    return {
        "trials": ", ".join(total["trials"]) or "none",
        "rows": total["rows"],
        "passed": f"{total['passed']} of {total['rows']}" if total["rows"] else "none judged",
        "weighted": f"{total['weight_passed']:g} of {total['weight']:g}" if total["rows"] else "-",
        "missed": total["missed_and_read"],
        "covered": f"{total['covered']} of {total['with_interval']}" if total["with_interval"] else "no intervals",
        "log_score": _interval(total["log_score"], total["scored"]),
        "skill": _interval(total["skill"], total["compared"]),
        "reproduced": ", ".join(total["trials_without_a_read_miss"]) or "none",
    }


def _interval(found: dict[str, Any], rows: int) -> str:
    if found["total"] is None or not rows:
        return "-"
    text = f"{found['total']:.1f}"
    if found["low"] is not None:
        text += f" ({found['low']:.1f} to {found['high']:.1f})"
    return f"{text}, {rows} rows"


def shown(row: dict[str, Any]) -> dict[str, Any]:
    """A row with its numbers as words and its drawing as numbers."""
    unit = "" if row["unit"] in ("1", "points") else f" {'%' if row['unit'] == 'percent' else row['unit']}"
    interval = "" if row["low"] is None else f"{number(row['low'])} to {number(row['high'])}{unit}"
    verdict = "hit" if row["passed"] else ("MISSED" if row["fails"] else "missed (recalled)")
    return {
        **row,
        "simulated": _mean(row, unit),
        "interval": interval,
        "verdict": verdict,
        "style": "hit" if row["passed"] else "missed",
        "provenance_words": provenance_text(row["provenance"]) + (", fitted" if row["fitted"] else ""),
        "score": "-" if row["log_score"] is None else f"{row['log_score']:.2f}",
        "rival": "-" if row["rival_score"] is None else f"{row['rival_score']:.2f}",
        "under": {share: number(mean) for share, mean in row["expectancy"].items()},
        "drawn": drawing(row),
    }


def _mean(row: dict[str, Any], unit: str) -> str:
    """The simulated mean; a share of all replicates is never a bare 0 or 100 %."""
    most = 1.0 if row["endpoint"].startswith("probability of") else 100.0 if row["unit"] == "percent" else None
    if most is not None and row["mean"] in (0.0, most):
        return "in no replicate" if row["mean"] == 0.0 else "in every replicate"
    return f"{number(row['mean'])}{unit}"


def drawing(row: dict[str, Any]) -> dict[str, float] | None:
    """Places [px] of interval, mean and observed value on a line of their own scale; None for a printed range."""
    probability = row["endpoint"].startswith("probability of")
    observed = 0.5 if probability else row["observed"]
    if observed is None:
        return None
    half = row["half"] or 0.0
    low = row["mean"] if row["low"] is None else row["low"]
    high = row["mean"] if row["high"] is None else row["high"]
    band = (observed - half, observed + half) if half and not row["logarithm"] else (observed, observed)
    ends = (0.0, 1.0) if probability else (min(low, band[0]), max(high, band[1]))
    scale = (WIDTH - 2.0 * EDGE) / ((ends[1] - ends[0]) or 1.0)

    def place(value: float) -> float:
        return round(EDGE + (value - ends[0]) * scale, 1)

    return {
        "low": place(low), "high": place(high), "mean": place(row["mean"]), "observed": place(observed),
        "band_low": place(band[0]), "band_high": place(band[1]), "probability": float(probability),
    }  # fmt: skip
