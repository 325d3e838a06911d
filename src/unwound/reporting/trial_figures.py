"""The figures that a trial report owes: patient flow, forest plots, time to event, cumulative responders.

flow            CONSORT, means over virtual trials
forest...       differences of the endpoints that can share an axis: one figure per unit and good direction
survival...     Kaplan and Meier, for every endpoint that is a time
responders      share with every reduction of pain or more, at the visit of the cumulative (or last) endpoint
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from unwound.reporting.flow_figure import flow_figure
from unwound.reporting.forest_figure import ForestRow, forest_figure
from unwound.reporting.responder_figure import responder_figure
from unwound.reporting.survival_figure import survival_figure
from unwound.reporting.trial_flow import trial_flow
from unwound.trials.analysis import kaplan_meier, responder_curve
from unwound.trials.endpoint import TIMED
from unwound.trials.endpoint_rows import comparisons
from unwound.trials.endpoint_values import ratings_of, values_of, weeks_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from unwound.trials import Row, TrialResult
    from unwound.trials.endpoint import Endpoint

AXES = {
    "points": "difference in points",
    "percent": "difference in percentage points",
    "weeks": "difference of the restricted mean time, weeks",
    "mg/d": "difference in mg of morphine equivalents a day",
    "1": "difference in number of times",
}
THRESHOLDS = np.concatenate([[1e-9], np.linspace(0.02, 1.0, 50)])  # the first: any improvement at all
MOST_ROWS = 30


def trial_figures(results: Mapping[str, TrialResult], rows: Sequence[Row]) -> dict[str, tuple[str, Figure]]:
    """Name of a file -> (what it shows, the figure)."""
    first = next(iter(results.values()))
    several = len(results) > 1
    found = {"flow": _flow(first)}
    found |= _forests(first, rows, several)
    for short, result in results.items():
        under = f", {short}" if several else ""
        ending = f"_{short}" if several else ""
        timed = [endpoint for endpoint in result.trial.endpoints if endpoint.measure in TIMED]
        for n, endpoint in enumerate(timed, 1):
            number = f"_{n}" if len(timed) > 1 else ""
            found[f"survival{number}{ending}"] = _survival(result, endpoint, under)
        found[f"responders{ending}"] = _responders(result, under)
    return found


def _flow(result: TrialResult) -> tuple[str, Figure]:
    flow, endpoint = trial_flow(result)
    copies = f"Means over {result.replicates:,} virtual trials. " if result.replicates > 1 else "One virtual trial. "
    foot = (
        _name(result),
        f"{copies}Virtual patients fulfill the criteria; analyzed: for {endpoint}.",
    )
    title = "Flow of patients"
    return title, flow_figure(flow, title, foot)


def _forests(result: TrialResult, rows: Sequence[Row], several: bool) -> dict[str, tuple[str, Figure]]:
    """One figure for every unit and good direction that any comparison has."""
    sorts: dict[tuple[str, bool], list[Row]] = {}
    for row in rows:
        compares = row.arm == "difference" or " minus " in row.arm
        if compares and row.simulated is not None and not row.endpoint.startswith("probability"):
            sorts.setdefault((row.unit, _more_is_better(row)), []).append(row)
    found = {}
    for (unit, more), own in sorts.items():
        name = "forest" if len(sorts) == 1 else f"forest_{_file_name(unit, more)}"
        title = f"Differences between arms ({_kind(unit, more)})"
        found[name] = (title, _forest(result, sorted(own, key=_heading)[:MOST_ROWS], title, unit, more, several))
    return found


def _forest(
    result: TrialResult, rows: Sequence[Row], title: str, unit: str, more: bool, several: bool
) -> Figure:  # fmt: skip
    trial = result.trial
    lines, heading = [], ""
    many_arms = len(trial.arms) > 2
    for row in rows:
        parts = [row.hypothesis] if several else []
        parts += [row.arm] if many_arms else []
        if (head := ", ".join(parts)) != heading:
            heading = head
            lines.append(ForestRow(head))
        s = row.simulated
        assert s is not None
        when = row.window.removesuffix(", primary")
        seen = "" if when == "whole trial" else f", {when}"
        label = ("  " if heading else "") + row.endpoint + seen
        middle = float(np.clip(s.mean, s.low, s.high))  # a skewed count may have its mean beyond its 90 %
        lines.append(ForestRow(label, middle, s.low, s.high))
    against = {row.arm.split(" minus ")[1] for row in rows if " minus " in row.arm}
    control = trial.control.name if not against or len(against) > 1 else next(iter(against))
    treated = "the other arm" if many_arms else trial.treated.name
    left, right = (control, treated) if more else (treated, control)
    copies = f"Mean and 90 % interval over {result.replicates:,} virtual trials: what one trial of this size may find."
    left_out = f" {len(rows)} rows are shown; the table holds all." if len(rows) == MOST_ROWS else ""
    margins = [e.margin.value for e in trial.endpoints if e.margin is not None and unit == "points"]
    return forest_figure(
        lines,
        title,
        AXES.get(unit, f"difference in {unit}"),
        left,
        right,
        margin=margins[0] if margins else None,
        foot=(_name(result), copies + left_out),
    )


def _heading(row: Row) -> tuple[str, str]:
    return row.hypothesis, row.arm


def _name(result: TrialResult) -> str:
    under = "" if result.course.fitted is None else f"; {result.course.under}"
    return f"{result.trial.title or result.trial.name}{under}."


def _arms(result: TrialResult) -> list[str]:
    """The arms as curves are drawn: the first one, then the control, which is grey, then the others."""
    names, control = [arm.name for arm in result.trial.arms], result.trial.control.name
    others = [name for name in names if name != control]
    return [*others[:1], control, *others[1:]] if others else names


def _more_is_better(row: Row) -> bool:
    """Responders and time without the event are gains; pain, opioids, rescue and adverse events are not."""
    return row.endpoint.startswith(("responders", "time to", "share with"))


def _kind(unit: str, more: bool) -> str:
    if unit == "percent":
        return "responders" if more else "adverse events"
    return {"points": "pain", "weeks": "time to event", "mg/d": "opioids", "1": "rescue"}.get(unit, unit)


def _file_name(unit: str, more: bool) -> str:
    return _kind(unit, more).replace(" ", "_").replace("/", "_per_")


def _survival(result: TrialResult, endpoint: Endpoint, under: str) -> tuple[str, Figure]:
    weeks, curves = weeks_of(result), {}
    for arm in _arms(result):
        own = values_of(result, endpoint, arm)
        assert own.event is not None, "a time has an event"
        curves[arm] = kaplan_meier(own.values, own.event, weeks)
    found = []
    if len(result.trial.arms) > 1 and endpoint.analyzed != "none":
        found = [
            f"{pair.arm} against {pair.control}: P < {pair.level:g} in {100 * pair.rejects.mean():.0f} % of trials"
            for pair in comparisons(result, endpoint).values()
        ]
    event = endpoint.measure.removeprefix("time to ")
    reduction = endpoint.reduction or "30 %"
    title = f"{endpoint.measure.capitalize()} ({reduction}){under}"
    foot = (_name(result), *(f"{endpoint.analyzed}, {line}." for line in found))
    return title, survival_figure(curves, title, event, "weeks", foot)


def _responders(result: TrialResult, under: str) -> tuple[str, Figure]:
    trial = result.trial
    whole = next((e for e in trial.endpoints if e.measure == "cumulative responders"), None)
    whole = whole or next((e for e in trial.endpoints if e.measure == "responders"), None)
    hour = whole.at.value if whole is not None and whole.at is not None else trial.visit_h[-1]
    curves = {}
    for arm in _arms(result):
        rated = result.rated(arm) if whole is None else ratings_of(result, whole, arm)
        start = rated[0] if trial.run_in is None else result.of_arm(arm, result.ratings[0].ravel())
        curves[arm] = responder_curve(rated[result.visit(hour)], start, THRESHOLDS)
    when = f"{hour / 168.0:g} weeks" if whole is None or whole.at is None else whole.at.text
    title = f"Responders at {when}, for every reduction of pain{under}"
    return title, responder_figure(curves, THRESHOLDS, title, foot=(_name(result),))
