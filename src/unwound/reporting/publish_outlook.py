"""What `unwound outlook` says and leaves behind: figure, table, JSON and manifest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from unwound import evidence
from unwound.core.safety import SIMULATION_ONLY
from unwound.patient.safety_over_time import liver_counts
from unwound.population.outlook import FUNCTION, Outlook
from unwound.reporting.figures import png_bytes, svg_text
from unwound.reporting.outlook_figure import foot_of, outlook_figure
from unwound.reporting.publish import assumed_in_words, values_of

if TYPE_CHECKING:
    from unwound.reporting.store import ResultFolder

DAY_H = 24.0


def session_rows(found: Outlook) -> list[dict[str, Any]]:
    """One row per session within the course: when, affect where detachment is greatest, side effects."""
    rows = []
    time, effects = found.course.time_h, found.side_effects
    for n in range(len(effects.in_session["dissociation"])):
        one = found.sessions[n]
        inside = np.flatnonzero((time >= one.start_h - 1e-9) & (time <= one.end_h + 2.0))
        away = found.affect.detachment[inside].mean(axis=1)
        deepest = inside[int(np.argmax(away))] if len(inside) else 0
        rows.append({
            "session": n + 1, "day": one.start_h / DAY_H, "drug_h": one.hours,
            "pain_nrs": float(found.course.pain_nrs[deepest].mean()),
            "unpleasantness_points": float(found.affect.unpleasantness[deepest].mean()),
            "detachment": float(found.affect.detachment[deepest].mean()),
            "share": {name: float(shares[n]) for name, shares in effects.in_session.items()},
            "share_so_far": {name: float(shares[n]) for name, shares in effects.ever_by.items()},
        })  # fmt: skip
    return rows


def weekly(found: Outlook) -> dict[str, np.ndarray]:
    """Columns over weeks: means over people."""
    place = found.days[::7]
    columns = {
        "week": found.course.time_h[place] / (7.0 * DAY_H),
        "pain_nrs": found.course.pain_nrs[place].mean(axis=1),
        "pain_nrs_saline": found.untreated.pain_nrs[place].mean(axis=1),
    }
    if found.sensory is not None:
        sensory = found.sensory
        columns |= {
            "summation_ratio": sensory.summation_ratio[::7].mean(axis=1),
            "summation_z": sensory.summation_z[::7].mean(axis=1),
            "brush_spikes_per_s": sensory.allodynia[::7].mean(axis=1),
            "painful_touch_share": sensory.allodynic[::7].mean(axis=1),
        }
    if found.opioid_mg_per_d is not None:
        columns["opioid_mg_per_d"] = found.opioid_mg_per_d[::7]
    return columns


def outlook_summary(found: Outlook, title: str, seed: int) -> dict[str, Any]:
    """What the JSON says."""
    course, attacks, costs, liver = found.course, found.attacks, found.costs, found.safety.liver
    return {
        "simulation_only": SIMULATION_ONLY,
        "title": title,
        "gives": found.regimen.describe(),
        "disorder": found.disorder,
        "people": course.people,
        "hypothesis": course.hypothesis,
        "driver": course.driver,
        "model": course.model,
        "sampling": course.sampling,
        "seed": seed,
        "weekly": weekly(found),
        "healthy_summation_ratio": None if found.sensory is None else found.sensory.healthy_ratio,
        "attacks": None if attacks is None else {
            "window_start_d": attacks.start_d, "per_week": attacks.per_week, "days_in_28": attacks.days,
            "unmoved_share": attacks.unmoved,
        },
        "sessions": session_rows(found),
        "stopped_for_an_adverse_event_share": float(found.side_effects.stopped[-1]),
        "harm": {
            "liver": {
                "share": float(liver.probability[-1].mean()), "low": float(liver.low[-1].mean()),
                "high": float(liver.high[-1].mean()), "told": liver.told(),
            },
            **{one.what.replace(" ", "_"): {"told": one.told()} for one in found.safety.unknown},
            "counted": [
                {"what": one.what, "events": one.events, "people": one.people, "told": one.told()}
                for one in (*liver_counts(), *found.safety.counts)
            ],
        },
        "costs": {
            "outpatient_sessions": costs.outpatient_sessions, "inpatient_days": costs.inpatient_days,
            "chair_h": costs.chair_h, "currency": costs.total.currency, "total": costs.total.amount,
            "low": costs.low.amount, "high": costs.high.amount, "counted_in_full": costs.counted_in_full,
        },
        "function": FUNCTION,
        "notes": list(found.notes),
        "assumed": assumed_in_words(found.keys),
        "citations": [citation.text() for citation in evidence.citations(found.keys)],
    }  # fmt: skip


def publish_outlook(folder: ResultFolder, found: Outlook, title: str, seed: int, command: str) -> dict[str, str]:
    """Write figure, table, JSON and manifest; gives back what lies where."""
    summary = outlook_summary(found, title, seed)
    figure = outlook_figure(found, title, foot_of(found))
    columns = weekly(found)
    with folder:
        folder.write_bytes("figure.svg", svg_text(figure, title).encode())
        folder.write_bytes("figure.png", png_bytes(figure, title))
        folder.write_json("result", summary)
        folder.write_table("weekly", columns, {name: _unit(name) for name in columns})
        folder.describe(
            command=command,
            seed=seed,
            specification={"regimen": found.regimen.to_dict(), "disorder": found.disorder,
                           "people": found.course.people, "hypothesis": found.course.hypothesis,
                           "model": found.course.model, "evidence": values_of(found.keys)},
            assumed=summary["assumed"],
            citations=summary["citations"],
            warnings=summary["notes"],
        )  # fmt: skip
    names = {"figure": "figure.png", "result": "result.json", "manifest": "manifest.json"}
    return {"folder": str(folder.path), **{what: str(folder.path / name) for what, name in names.items()}}


def _unit(name: str) -> str:
    units = {"week": "week", "pain_nrs": "points", "pain_nrs_saline": "points", "brush_spikes_per_s": "1/s",
             "opioid_mg_per_d": "mg/d"}  # fmt: skip
    return units.get(name, "1")
