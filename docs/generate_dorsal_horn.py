"""The generated parts of the page that lays the dorsal horn beside Brian2 and beside a published model."""

from __future__ import annotations

import csv
import json
import pathlib
from collections.abc import Iterable, Mapping
from typing import Any

HERE = pathlib.Path(__file__).parent
PUBLISHED = HERE / "aguiar2010_computed.csv"
FROZEN = HERE.parent / "tests" / "papers" / "dorsal_horn_brian2.json"
OUTPUTS = ("wide", "lamina_one")
STIMULI = 16
NONE = "-"


def horn_parts() -> dict[str, str]:
    """Every part, by file name."""
    rows = published()
    found = beside(rows)
    return {
        "horn_brian2.md": brian2_table(),
        "horn_published.md": published_table(rows, found),
        "horn_differences.md": differences(rows, found),
    }


def published() -> list[dict[str, str]]:
    """The published model, as we ran it."""
    lines = PUBLISHED.read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def beside(rows: list[dict[str, str]]) -> dict[str, Any]:
    """Our circuit under the condition of every row: name -> output -> (C responses, A responses)."""
    from unwound.dorsal_horn import windup

    found: dict[str, Any] = {}
    for frequency in dict.fromkeys(row["frequency_hz"] for row in rows):
        here = [row for row in rows if row["frequency_hz"] == frequency and has_ours(row)]
        given = [dict([row["words"].split("=")]) if row["words"] else {} for row in here]
        columns = {
            word: [float(one.get(word, usual)) for one in given]
            for word, usual in (("block", 0), ("inhibition", 1), ("nmda", 1))
        }
        run = windup(float(frequency), STIMULI, touch=False, **columns)
        for n, row in enumerate(here):
            found[row["condition"]] = {out: (run.c_spikes[out][n], run.a_spikes[out][n]) for out in OUTPUTS}
    return found


def has_ours(row: dict[str, str]) -> bool:
    """Whether our circuit has that condition: a healthy one, or one in words."""
    return bool(row["words"]) or row["condition"] == f"{row['frequency_hz']} Hz"


def published_table(rows: list[dict[str, str]], found: dict[str, Any]) -> str:
    """C1, C8, C16 and the ratio, there and here."""
    header = (
        *("condition", "published: C1 / C8 / C16", "ratio", "A, first to last"),
        *("our deep cells: C1 / C8 / C16", "ratio", "A, first to last", "our lamina I: C1 / C8 / C16", "ratio"),
    )
    cells = []
    for row in rows:
        numbers = [float(row[name]) for name in ("c1", "c8", "c16")]
        a = f"{row['a_first']} to {row['a_last']}" if row["a_first"] else NONE
        one = (row["condition"], " / ".join(f"{x:g}" for x in numbers), _ratio(numbers[0], numbers[-1]), a)
        ours = found.get(row["condition"])
        if ours is None:
            cells.append((*one, *[NONE] * 5))
            continue
        c, touch = ours["wide"]
        nociceptive = ours["lamina_one"][0]
        deep = (_three(c), _ratio(c[0], c[-1]), f"{touch[0]:.1f} to {touch[-1]:.1f}")
        cells.append((*one, *deep, _three(nociceptive), _ratio(nociceptive[0], nociceptive[-1])))
    return _listed(header, cells)


def differences(rows: list[dict[str, str]], found: dict[str, Any]) -> str:
    """What the two models disagree about, with the numbers of the table."""
    there = {row["condition"]: [float(row[name]) for name in ("c1", "c8", "c16")] for row in rows}
    here = {name: one["wide"][0] for name, one in found.items()}
    named = (
        ("The first response", _first_response),
        ("A knife edge", _knife_edge),
        ("Inhibition", _inhibition),
        ("Frequency", _frequency),
    )
    lines = [f"- **{name}.** {' '.join(text(there, here).split())}" for name, text in named]
    counted = "There, spikes of one cell; here, the mean over ten. The C window begins after 150 ms in both."
    return "\n".join([*lines, f"- **What is counted.** {counted}", ""])


Responses = Mapping[str, Any]
"""Condition -> C responses of a deep cell: the first, .., the last."""
UP, DOWN, FREE = "1 Hz, NMDA x 1.2 (there: from the interneuron only)", "1 Hz, block 0.1", "1 Hz, without GABA"


def _first_response(there: Responses, here: Responses) -> str:
    from unwound.evidence import value

    left = {share: here[f"1 Hz, block {share}"][0] / here["1 Hz"][0] for share in ("0.2", "0.5", "1")}
    ampa, nmda = (value(f"c_to_wide.{receptor}", "nS") for receptor in ("ampa", "nmda"))
    return f"""
        There, {there["1 Hz, block 0.2"][0]:g} of {there["1 Hz"][0]:g} spikes of the first response are left under block
        0.2, and none of any response from 0.3 on: the interneuron that carries the volley to the deep cell opens as
        much NMDA as AMPA conductance there (0.2 nS each), and AMPA alone stays below threshold. The comments of the
        model files raise AMPA (0.2 to 0.47 nS) for the experiment with block. Here, C fibers also reach output cells
        directly, with {ampa:g} nS of AMPA for {nmda:g} nS of NMDA, so block {", ".join(left)} leaves
        {", ".join(f"{one:.2f}" for one in left.values())} of the first response. Sparing was asked of our circuit; it
        does not follow from the published one.
    """


def _knife_edge(there: Responses, here: Responses) -> str:
    up, down = ([_last(model, name) for model in (there, here)] for name in (UP, DOWN))
    return f"""
        NMDA x 1.2 makes the last response {up[0]:.1f} times as large there (of one connection) and {up[1]:.1f} times
        here (of all); block 0.1 leaves {down[0]:.2f} there and {down[1]:.2f} here. A single cell has one threshold that
        everything depends on; here ten cells, each with connections of its own, have many.
    """


def _inhibition(there: Responses, here: Responses) -> str:
    first = [model[FREE][0] / model["1 Hz"][0] for model in (there, here)]
    last = [_last(model, FREE) for model in (there, here)]
    return f"""
        Without GABA the first response is {first[0]:.1f} times as large there and {first[1]:.1f} times here, the last
        {last[0]:.1f} and {last[1]:.1f} times. There, one interneuron excites and inhibits the deep cell at the same
        time; here, relays excite it and other cells, driven by C fibers and by touch, inhibit relays and outputs, with
        weights that we assumed.
    """


def _frequency(there: Responses, here: Responses) -> str:
    def of(model: Responses, frequency: str) -> str:
        return f"{model[frequency][-1]:.3g}"

    return f"""
        From 0.1 to 0.5 Hz the last response goes from {of(there, "0.1 Hz")} to {of(there, "0.5 Hz")} spikes there and
        from {of(here, "0.1 Hz")} to {of(here, "0.5 Hz")} here; from 1 to 2 Hz it goes from {of(there, "1 Hz")} to
        {of(there, "2 Hz")} there and from {of(here, "1 Hz")} to {of(here, "2 Hz")} here. Both carry the memory in a
        current that calcium opens for seconds; there calcium also enters through channels of the membrane and with NK1
        currents, here with NMDA currents and spikes only.
    """


def _last(model: Responses, name: str) -> float:
    """The last response under a condition, relative to 1 Hz without anything."""
    return float(model[name][-1] / model["1 Hz"][-1])


def brian2_table() -> str:
    """The frozen counts: C spikes over 16 stimuli and of the last one, by both methods."""
    frozen = json.loads(FROZEN.read_text(encoding="utf-8"))
    steps, fine = (run["counts"] for run in frozen["runs"])
    cells = []
    for train in frozen["trains"]:
        for condition in frozen["conditions"]:
            row = [train, condition]
            for output in ("lamina_one", "wide"):
                for counts in (steps, fine):
                    c = counts[train][condition][output]["c"]
                    row.append(f"{sum(c):.1f} ({c[-1]:.1f})")
            cells.append(tuple(row))
    names = [f"{run['method']}, {run['dt_ms']:g} ms" for run in frozen["runs"]]
    header = ("train", "condition", *(f"{output}: {name}" for output in ("lamina I", "deep") for name in names))
    record = frozen["record"]
    lines = [_listed(header, cells)]
    for run, name in zip(frozen["runs"], names, strict=True):
        one = run["circuit"]
        lines.append(
            f"- {name}: the circuit at the same step has the same count in {one['same_windows']:,} of "
            f"{one['windows']:,} windows; the C spikes of a train differ by {100 * one['worst_train']:.1f} % at most, "
            f"those after its last stimulus by {100 * one['worst_last']:.1f} %."
        )
    used = (
        f"Brian2 {record['brian2']}, numpy {record['numpy']}, seed {record['seed']}, inputs `{record['inputs'][:12]}`."
    )
    return "\n".join([*lines, "", used, ""])


def _three(counts: Any) -> str:
    return " / ".join(f"{counts[n]:.1f}" for n in (0, 7, 15))


def _ratio(first: float, last: float) -> str:
    return f"{last / first:.1f}" if first else NONE


def _listed(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(header)} |", "|" + "---|" * len(header)]
    return "\n".join([*lines, *(f"| {' | '.join(cells)} |" for cells in rows), ""])
