"""The figure of a frozen prediction: pain of the arms, their difference, and the chance of what the trial looks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from unwound.evidence import TrialRow
from unwound.reporting.figures import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PINK,
    VERMILLION,
    head_and_foot,
    house_style,
    new_figure,
)
from unwound.trials.forecast import CHANCE
from unwound.trials.ledger import AVERAGE
from unwound.trials.ledger_record import Frozen

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ARMS = (BLUE, VERMILLION, GREEN, PINK)
MODELS = (BLUE, VERMILLION, GREEN, PINK, ORANGE, GREY)


def ledger_figure(record: Frozen, title: str, results: Sequence[TrialRow] = ()) -> Figure:
    """Three panels; `results` are drawn on them as diamonds."""
    with house_style():
        figure = new_figure(height=820)
        grid = figure.add_gridspec(1, 3, left=0.05, right=0.985, top=0.86, bottom=0.17, wspace=0.22,
                                   width_ratios=(1.2, 1.2, 0.8))  # fmt: skip
        _pain(figure.add_subplot(grid[0, 0]), record, results)
        _difference(figure.add_subplot(grid[0, 1]), record, results)
        _chances(figure.add_subplot(grid[0, 2]), record)
        hashed, date = record.data["record_sha256"][:12], record.data["date"]
        head_and_foot(figure, title, (
            f"Frozen on {date} as {hashed}; {record.data['replicates']} virtual trials of the trial's own size per "
            f"model; average by weight ({record.data['weights_from']}).",
            "Bands: 50 and 90 % of virtual trials. They hold under each model; doubt about the protocol is not in them."
            + (" Diamonds: observed." if results else ""),
        ))  # fmt: skip
    return figure


def _rows(record: Frozen, kind: str, endpoint: str = "pain NRS") -> list[dict[str, Any]]:
    return [row for row in record.rows if row["kind"] == kind and row["endpoint"] == endpoint and row["foretold"]]


def _pain(axes: Any, record: Frozen, results: Sequence[TrialRow]) -> None:
    rows = _rows(record, "mean")
    for color, arm in zip(ARMS, dict.fromkeys(row["arm"] for row in rows), strict=False):
        _band(axes, [row for row in rows if row["arm"] == arm], AVERAGE, color, arm)
        _observed(axes, results, arm, color)
    axes.set_ylim(0, 10)
    axes.set_ylabel("pain (NRS 0-10), mean of the arm")
    _weeks(axes, "a  Pain in each arm, average of the models")


def _difference(axes: Any, record: Frozen, results: Sequence[TrialRow]) -> None:
    rows = _rows(record, "difference")
    labels = list(dict.fromkeys(row["arm"] for row in rows))
    own = [row for row in rows if labels and row["arm"] == labels[0]]
    _band(axes, own, AVERAGE, GREY, AVERAGE)
    for color, name in zip(MODELS, record.weights, strict=False):
        told = [(row["week"], row["foretold"]["0"][name]["mean"]) for row in own if name in row["foretold"]["0"]]
        axes.plot(*zip(*told, strict=True), color=color, linewidth=1.4, label=name)
    _observed(axes, results, labels[0] if labels else "", BLACK)
    axes.axhline(0.0, color=GREY, linewidth=0.8, linestyle=":")
    meant = record.data["difference"] if labels == ["difference"] else "".join(labels[:1])
    axes.set_ylabel(f"pain, {meant} (points)")
    _weeks(axes, "b  Difference of the arms")


def _chances(axes: Any, record: Frozen) -> None:
    rows = [row for row in record.rows if row["kind"] == CHANCE and row["primary"]] or [
        row for row in record.rows if row["kind"] == CHANCE
    ]
    row = rows[0]
    shares = list(row["foretold"])
    names = list(row["foretold"][shares[0]])
    for place, share in enumerate(shares):
        chances = [100.0 * row["foretold"][share][name]["mean"] for name in names]
        at = [n + 0.25 * (place - (len(shares) - 1) / 2.0) for n in range(len(names))]
        shade = (BLUE, ORANGE, VERMILLION, PINK)[place % 4]
        axes.barh(at, chances, height=0.22, color=shade, label=f"{share} %")
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.set_xlim(0, 100)
    axes.set_xlabel(f"chance of {row['endpoint'].split(',')[0]} (%)")
    axes.set_title("c  What the trial looks for", loc="left", pad=10)
    axes.legend(loc="lower right", fontsize=9, title="expectancy", title_fontsize=9)


def _band(axes: Any, rows: Sequence[dict[str, Any]], name: str, color: str, label: str) -> None:
    told = [(row["week"], row["foretold"]["0"][name]) for row in rows]
    weeks = [week for week, _ in told]
    for level, alpha in (("90", 0.13), ("50", 0.25)):
        low, high = ([own[f"{end}{level}"] for _, own in told] for end in ("low", "high"))
        axes.fill_between(weeks, low, high, color=color, alpha=alpha, linewidth=0)
    axes.plot(weeks, [own["mean"] for _, own in told], color=color, linewidth=2.2, label=label)


def _observed(axes: Any, results: Sequence[TrialRow], arm: str, color: str) -> None:
    own = [
        r for r in results if r.arm == arm and r.endpoint == "pain NRS" and r.value is not None and r.week is not None
    ]
    for row in own:
        half = 0.0 if row.spread is None else 1.645 * row.spread if row.spread_kind == "se" else 0.0
        axes.errorbar(
            [row.week], [row.value], yerr=[half] if half else None, fmt="D", color=color, markeredgecolor="white",
            markersize=7, zorder=5,
        )  # fmt: skip


def _weeks(axes: Any, title: str) -> None:
    axes.set_xlabel("weeks from the start of treatment")
    axes.set_title(title, loc="left", pad=10)
    axes.legend(loc="upper right" if title.startswith("a") else "lower right", fontsize=9)
