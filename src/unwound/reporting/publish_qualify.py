"""What `unwound qualify` says and leaves behind: one JSON object, one page of HTML, the overview figure.

Misses come first and by name; totals stand branch by branch, and no single number is given for all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from unwound import evidence
from unwound.core.safety import SIMULATION_ONLY
from unwound.inference import mood_shipped
from unwound.inference.pain_shipped import record as pain_record
from unwound.reporting.figures import png_bytes, svg_text
from unwound.reporting.manifest import pretty
from unwound.reporting.publish import assumed_in_words, values_of
from unwound.reporting.qualify_figure import overview_figure
from unwound.reporting.qualify_report import qualify_report
from unwound.trials.qualify import counted
from unwound.trials.qualify_totals import log_score, skill, totals

if TYPE_CHECKING:
    from unwound.reporting.pages import PageFolder
    from unwound.trials.qualify import Planned

TITLE = "Qualification: every published trial beside its virtual copies"


def qualify_summary(
    pages: Sequence[dict[str, Any]], not_run: Sequence[Planned], settings: Mapping[str, Any]
) -> dict[str, Any]:
    """What every JSON door gives of a qualification."""
    count = counted(list(pages))
    ids = {page["id"] for page in count}
    keys = keys_of(pages)
    return {
        "out_of_sample": out_of_sample(),
        "simulation_only": SIMULATION_ONLY,
        "title": TITLE,
        "settings": dict(settings),
        "totals": totals(count),
        "trials": [
            {
                **{name: value for name, value in page.items() if name != "keys"},
                "counted": page["id"] in ids,
                "passed": sum(bool(row["passed"]) for row in page["rows"]),
                "missed": sum(row["passed"] is False for row in page["rows"]),
                "log_score": log_score(page["rows"]),
                "skill": skill(page["rows"]),
            }
            for page in pages
        ],
        "missed": missed(pages, ids),
        "not_simulated": [{"id": one.note.short, "title": one.note.title, "why": one.why} for one in not_run],
        "numerically_failed": {page["id"]: page["failed"] for page in pages if page["failed"]},
        "notes": notes(),
        "assumed": assumed_in_words(keys),
        "citations": [citation.text() for citation in evidence.citations(keys)],
    }


def out_of_sample() -> dict[str, str]:
    """Branch -> whether the mechanism beats a meta-analysis on trials left out: it stands first, whatever it says."""
    mood = mood_shipped.record_of(mood_shipped.SCORES)["verdict"]
    return {"pain": pain_record()["first_line"]["sentence"], "mood": str(mood)}


def missed(pages: Sequence[dict[str, Any]], count: set[str]) -> list[dict[str, Any]]:
    """Missed rows: those of trials that count first, among them those that were read, worst score first."""
    rows = [
        {**row, "counted": page["id"] in count, "branch": page["branch"]}
        for page in pages
        for row in page["rows"]
        if row["passed"] is False
    ]
    return sorted(rows, key=lambda row: (not row["counted"], not row["fails"], _lost(row)))


def _lost(row: Mapping[str, Any]) -> float:
    score = row["log_score"]
    return 0.0 if score is None else float(score * row["weight"])


def notes() -> list[str]:
    """How to read the numbers."""
    return [
        "Role calibration says that a trial may inform the model. Rows that did are marked fitted in mood, surgery and "
        "wind-up signs; of pain, only rows of SIG09 were fitted. On fitted rows a score shows the fit, no prediction.",
        "The log score is compared between models over the same rows, never with zero; a few far misses decide it.",
        "One set of parameters is run: intervals hold the chance of sampling patients, not what is unsure of the "
        "model, so coverage below 90 % is expected.",
        'The only rival here is "placebo only". Disorder mean with exponential decay and a meta-analysis without '
        "mechanism are stronger rivals and are not here yet.",
        "Mood is computed for the exposure of the typical person, without replicates: its rows are judged by band and "
        "left out of coverage; its log score uses the standard error of the observed value.",
        "Wind-up signs are ranges for one circuit of the dorsal horn: hit or missed, without interval or log score.",
        "Trials against saline cannot tell drug from expectancy: what is simulated under 0, 25 and 50 % stands beside "
        "each row that a comparison gives.",
        "A recalled number counts half and cannot fail a trial; one from a secondary source counts three quarters.",
    ]


def keys_of(pages: Sequence[dict[str, Any]]) -> list[str]:
    """The evidence keys behind the pages and the rules."""
    rules = [key for key in evidence.all_estimates() if key.startswith(("judgement.", "mood_judgement."))]
    return list(dict.fromkeys((*(key for page in pages for key in page["keys"]), *rules)))


def publish_qualify(
    folder: PageFolder, pages: Sequence[dict[str, Any]], summary: dict[str, Any], command: str
) -> dict[str, str]:
    """Write figure, report, JSON and manifest beside the pages; gives back what lies where."""
    figure = overview_figure(pages, TITLE)
    svg, keys = svg_text(figure, TITLE), keys_of(pages)
    parts = {
        "report.html": qualify_report(summary, svg, keys, command=command).encode(),
        "figure.svg": svg.encode(),
        "figure.png": png_bytes(figure, TITLE),
        "result.json": pretty(summary),
    }
    about = {
        "command": command,
        "seed": summary["settings"]["seed"],
        "specification": {"settings": summary["settings"], "evidence": values_of(keys)},
        "assumed": summary["assumed"],
        "citations": summary["citations"],
        "verdicts": {page["id"]: page["verdicts"] for page in pages},
        "warnings": summary["notes"],
    }
    return folder.finish(parts, about)
