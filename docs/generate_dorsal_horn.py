"""Writes the page of predictions of the dorsal horn and the tables of its room; takes minutes, so by hand and not in
every build:

    python docs/generate_dorsal_horn.py [result.json]

`result.json` is what ``unwound windup --predictions --out DIR`` left behind; without it the predictions are computed.
Run it after a number of the circuit has changed: the page keeps a fingerprint of them, and a test compares.
"""

from __future__ import annotations

import json
import pathlib
import re
import sys
from collections.abc import Iterable
from typing import Any

ROOMS = pathlib.Path(__file__).parent / "rooms"
PAGE, ROOM = ROOMS / "dorsal_horn_predictions.md", ROOMS / "dorsal_horn.md"
GROUPS = {
    "frequency": "Rate of stimuli", "dose": "Ketamine in people", "signs": "Morphine and ketamine",
    "plasticity": "Homosynaptic and heterosynaptic", "normal": "Normal pathways",
    "identity": "Block against up-regulation",
}  # fmt: skip
CONDITIONS = {
    "healthy": {}, "block 0.15": {"block": 0.15}, "block 0.25": {"block": 0.25}, "block 0.5": {"block": 0.5},
    "block 1": {"block": 1.0}, "inhibition x 0.3": {"inhibition": 0.3}, "chloride -55 mV": {"chloride": -55.0},
    "NMDA x 2": {"nmda": 2.0}, "NMDA x 2, inhibition x 0.3": {"nmda": 2.0, "inhibition": 0.3},
    "opioid tone 0.5": {"opioid": 0.5},
}  # fmt: skip
CELLS = {"lamina_one": "lamina I", "wide": "deep WDR"}


def predictions_page(summary: dict[str, Any]) -> str:
    """The whole page from the JSON of ``--predictions``."""
    from unwound.dorsal_horn.emulator import fingerprint

    rows = summary["predictions"]
    lines = [
        "# Predictions of the dorsal horn", "",
        f"<!-- made by docs/generate_dorsal_horn.py from the circuit {fingerprint()}; do not edit -->", "",
        "What the circuit should do was written down before the calibrated circuit was there, with a range, and is "
        "compared here. The statements are never edited: a miss stays. `unwound windup --predictions` computes this.",
        "", f"**{_score(rows)}**", "", *(f"- {_sentence(line)}" for line in summary["notes"]), "",
    ]  # fmt: skip
    for group, title in GROUPS.items():
        lines += [f"## {title}", "", _table(
            ("prediction", "expected", "found", "verdict", "study printed", "study"),
            [_row(one) for one in rows if one["group"] == group],
        ), ""]  # fmt: skip
        lines += [f"- *{one['statement']}*: {one['why']}." for one in rows if one["group"] == group] + [""]
    lines += ["## Where the studies lie", "", _studies(summary["studies"]), "", MODEL, ""]
    lines += ["## The curves", "", _frequency(summary["frequency"]), "", _dose(summary["dose"]), ""]
    lines += ["## Numbers", "", "```{include} ../generated/parts/numbers_summation.md", "```", ""]
    return "\n".join(lines)


MODEL = (
    "Concentrations are those of a typical adult under `kamp2020` (arterial, S + R) at the time of testing, with "
    "`clements1981` beside it. Within minutes of a bolus arterial plasma runs ahead of venous plasma and of the spinal "
    "cord. Where the speed of an injection or the time of testing is not in what we read it is assumed; the range is "
    "that of this time."
)


def _score(rows: list[dict[str, Any]]) -> str:
    held = sum(one["verdict"] == "held" for one in rows)
    words = {word: sum(one["study"] == word for one in rows) for word in ("agrees", "disagrees", "cannot be compared")}
    apart = [one for one in rows if not one["target"] and not one["by_construction"]]
    kept = sum(one["verdict"] == "held" for one in apart)
    return (
        f"{held} of {len(rows)} predictions held; of the {len(apart)} that neither overlap a target of the calibration "
        f"nor hold by construction, {kept}. Of their studies {words['agrees']} agree with the circuit, "
        f"{words['disagrees']} disagree, {words['cannot be compared']} cannot be compared."
    )


def _row(one: dict[str, Any]) -> tuple[str, ...]:
    marks = [
        word for word, yes in (("by construction", one["by_construction"]), ("overlaps a target", one["target"])) if yes
    ]
    verdict = f"**{one['verdict']}**" if one["verdict"] == "missed" else one["verdict"]
    study = f"{one['study']}: {one['why_not']}" if one["why_not"] else one["study"]
    seen = {"abstract": "abstract read", "recalled": "recalled", "none": "not seen"}[one["seen"]]
    printed = f"{one['printed']} ({one['name']}; {seen})" if one["seen"] != "none" else "-"
    return (
        one["statement"], one["expected"], one["shown"], ", ".join((verdict, *marks)), printed, study,
    )  # fmt: skip


def _studies(studies: list[dict[str, Any]]) -> str:
    header = (
        "study",
        "dose of the racemate",
        "tested, min",
        "ng/mL",
        "range",
        "clements1981",
        "free, uM",
        "block at rest",
    )
    return _table(header, [
        (s["name"], s["dose"], f"{s['tested_min']:g}", f"{s['total_ng_per_mL']:.0f}",
         f"{s['least_ng_per_mL']:.0f} to "
         f"{s['most_ng_per_mL']:.0f}",
         f"{s['rival_ng_per_mL']:.0f}", f"{s['free_uM']:.2f}", f"{100 * s['block_at_rest']:.1f} %")
        for s in studies
    ])  # fmt: skip


def _frequency(curve: dict[str, Any]) -> str:
    rows = zip(curve["per_s"], *(curve["ratio"][name] for name in CELLS), strict=True)
    return _table(
        ("stimuli per second", *(f"ratio, {name}" for name in CELLS.values())),
        [(f"{rate:.2g}", *(f"{one:.2f}" for one in ratios)) for rate, *ratios in rows],
    )


def _dose(curve: dict[str, Any]) -> str:
    rows = []
    for n, total in enumerate(curve["total_ng_per_mL"]):
        cells = [f"{total:g}", f"{100 * curve['block_at_rest'][n]:.1f} %"]
        for kind in ("constant", "use_dependent"):
            for what, digits in (("ratio", 2), ("first", 1), ("last", 1)):
                cells.append(" / ".join(f"{curve[kind][what][name][n]:.{digits}f}" for name in CELLS))
        rows.append(tuple(cells))
    used = ("ratio, use", "first, use", "last, use")
    return _table(("ng/mL racemate", "block at rest", "ratio", "first", "last", *used), rows)


def targets_table() -> str:
    """Every target of the circuit of the evidence, as computed now."""
    from unwound.dorsal_horn import judge

    rows = [(t.about, CELLS[t.output], t.wanted, f"{t.found:.2f}", "hit" if t.met else "missed") for t in judge()]
    return _table(("target", "output", "wanted", "found", ""), rows)


def conditions_table() -> str:
    """What follows from the circuit: 16 stimuli at 1 Hz, lamina I / deep cells."""
    from unwound.dorsal_horn import windup
    from unwound.evidence import value

    healthy = {
        "nmda": 1.0,
        "block": 0.0,
        "inhibition": 1.0,
        "chloride": value("condition.chloride", "mV"),
        "opioid": 0.0,
    }
    states = {name: [one.get(name, usual) for one in CONDITIONS.values()] for name, usual in healthy.items()}
    ran, rows = windup(1.0, 16, **states), []
    for k, name in enumerate(CONDITIONS):
        of = [ran.of(k, output) for output in CELLS]
        reads = ([one["c_spikes"][0] for one in of], [one["c_spikes"][-1] for one in of],
                 [one["windup_ratio"] for one in of], [one["after_discharge_spikes"] for one in of],
                 [one["brush_spikes"] for one in of])  # fmt: skip
        rows.append((name, *(" / ".join(f"{number:.1f}" for number in pair) for pair in reads)))
    return _table(("condition", "first C response", "last", "ratio", "after-discharge", "brush"), rows)


def ensemble_table() -> str:
    """The circuits that ship."""
    from unwound.dorsal_horn.calibration import ensemble
    from unwound.reporting.horn_summaries import about_target

    rows = [
        (str(one.number), f"{one.loss:.3f}", "; ".join(map(about_target, one.missed)) or "none") for one in ensemble()
    ]
    return _table(("circuit", "loss", "misses"), rows)


def replaced(text: str, name: str, table: str) -> str:
    """A page with the table between the marks of `name` replaced."""
    pattern = re.compile(rf"(<!-- {name} -->\n).*?(\n<!-- end of {name} -->)", re.DOTALL)
    assert pattern.search(text), f"the page has no place for {name}"
    return pattern.sub(lambda found: f"{found[1]}\n{table}{found[2]}", text)


def _table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    header = tuple(header)
    lines = [header, ("---",) * len(header), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines) + "\n"


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:] + "."


def _computed() -> dict[str, Any]:
    from unwound.patient.horn_predictions import outcomes
    from unwound.patient.horn_runs import horn_runs
    from unwound.reporting.manifest import plain
    from unwound.reporting.publish_predictions import predictions_summary

    runs = horn_runs()
    found: dict[str, Any] = plain(predictions_summary(outcomes(runs), runs, None, 0))
    return found


def main() -> None:
    """Write both pages."""
    if len(sys.argv) > 1:
        summary = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
    else:
        summary = _computed()
    PAGE.write_text(predictions_page(summary), encoding="utf-8")
    text = ROOM.read_text(encoding="utf-8")
    tables = {"targets": targets_table(), "conditions": conditions_table(), "ensemble": ensemble_table()}
    for name, table in tables.items():
        text = replaced(text, name, table)
    ROOM.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
