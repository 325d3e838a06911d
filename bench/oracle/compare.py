"""Give the circuit's inputs to Brian2, lay both simulators side by side, and freeze what Brian2 counted.

    python compare.py inputs inputs.npz
    python compare.py freeze frozen.json counts.json [counts.json ...]

`scripts/oracle` does all of it. The comparison ends with exit code 1 when a train disagrees.
"""

from __future__ import annotations

import json
import pathlib
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from unwound.dorsal_horn import OUTPUTS, exported, windup

CONDITIONS: dict[str, dict[str, float]] = {
    "control": {},
    "block 0.2": {"block": 0.2},
    "block 0.5": {"block": 0.5},
    "block 1": {"block": 1.0},
    "inhibition x 0.3": {"inhibition": 0.3},
    "chloride -55 mV": {"chloride": -55.0},
    "NMDA x 2": {"nmda": 2.0},
    "opioid 0.5": {"opioid": 0.5},
}
TRAINS = {"1 Hz": (1.0, 16), "0.5 Hz": (0.5, 16)}
SEED = 0
BAR = 0.05
"""Greatest difference of the spikes of a train, and of its last response."""


def write_inputs(path: str) -> None:
    found = exported(CONDITIONS, TRAINS, seed=SEED)
    found.save(path)
    print(f"inputs {found.fingerprint}")


def circuit(about: dict[str, Any], substeps: int) -> dict[str, dict[str, dict[str, dict[str, np.ndarray]]]]:
    """What the circuit counts: protocol -> output -> read-out -> (condition, window), in the words of `brian.py`."""
    words = next(iter(about["conditions"].values()))
    columns = {word: [one[word] for one in about["conditions"].values()] for word in words}
    found: dict[str, Any] = {}
    for name, (frequency, stimuli) in TRAINS.items():
        touch = "brush" not in found
        run = windup(
            frequency, stimuli, seed=about["seed"], substeps=substeps, touch=touch, precision="double", **columns
        )
        found[name] = {
            output: {
                "a": run.a_spikes[output],
                "c": run.c_spikes[output],
                "after": run.after_discharge[output][:, None],
            }
            for output in OUTPUTS
        }
        if touch:
            found["brush"] = {
                output: {"rest": run.rest_rate[output][:, None], "brush": run.brush_spikes[output][:, None]}
                for output in OUTPUTS
            }
    return found


def rows(ours: dict[str, Any], theirs: dict[str, Any]) -> Iterator[tuple[str, str, str, float, float, float, float]]:
    """(protocol, output, condition, our sum, their sum, our last, their last) of C spikes, or of brush."""
    for protocol, conditions in theirs.items():
        read = "brush" if protocol == "brush" else "c"
        for output in OUTPUTS:
            for n, (condition, outputs) in enumerate(conditions.items()):
                mine, other = ours[protocol][output][read][n], outputs[output][read]
                yield protocol, output, condition, sum(mine), sum(other), mine[-1], other[-1]


def compare(run: dict[str, Any]) -> dict[str, Any]:
    """Print both side by side; how far apart they are."""
    ours = circuit(run["about"], round(1.0 / run["dt_ms"]))
    print(f"\ndt {run['dt_ms']} ms, {run['method']}; C spikes per cell (brush: all), unwound / Brian2")
    worst = {"train": 0.0, "last": 0.0}
    for protocol, output, condition, *numbers in rows(ours, run["counts"]):
        mine, other, last, other_last = numbers
        apart = {"train": _apart(mine, other), "last": _apart(last, other_last)}
        judged = protocol != "brush"
        if judged:
            worst = {name: max(worst[name], float(abs(one))) for name, one in apart.items()}
        beyond = judged and max(map(abs, apart.values())) > BAR
        print(
            f"{protocol:7} {output:11} {condition:17} sum {mine:7.1f} {other:7.1f} {100 * apart['train']:+6.2f} %   "
            f"last {last:6.1f} {other_last:6.1f} {100 * apart['last']:+6.2f} %{'   APART' if beyond else ''}"
        )
    same, every = identical(ours, run["counts"])
    print(f"windows with the same count: {same} of {every}")
    return {"same_windows": same, "windows": every, "worst_train": worst["train"], "worst_last": worst["last"]}


def identical(ours: dict[str, Any], theirs: dict[str, Any]) -> tuple[int, int]:
    """How many windows, A, C, after-discharge, rest and brush, have the same count; and how many there are."""
    same = [
        abs(mine - other) < 1e-6
        for protocol, conditions in theirs.items()
        for n, outputs in enumerate(conditions.values())
        for output, reads in outputs.items()
        for read, numbers in reads.items()
        for mine, other in zip(ours[protocol][output][read][n], numbers, strict=True)
    ]
    return int(sum(same)), len(same)


def _apart(mine: float, other: float) -> float:
    return mine / other - 1.0 if other else float(mine > 0)


def freeze(path: pathlib.Path, runs: Sequence[dict[str, Any]]) -> None:
    """One file with a record, one line per condition of each protocol."""
    record = {"renewed_by": "bash scripts/oracle", "unit": "spikes per cell in each window", **runs[0]["record"]}
    lines = [f'{{"record": {json.dumps(record)},', f'"trains": {json.dumps(TRAINS)},']
    lines += [f'"conditions": {json.dumps(CONDITIONS, indent=1)},', '"runs": [']
    for n, run in enumerate(runs):
        head = {"dt_ms": run["dt_ms"], "method": run["method"], "circuit": run["circuit"]}
        lines += [f'{json.dumps(head)[:-1]}, "counts": {{']
        for p, (protocol, conditions) in enumerate(run["counts"].items()):
            body = ",\n".join(f"  {json.dumps(name)}: {json.dumps(one)}" for name, one in conditions.items())
            lines += [f" {json.dumps(protocol)}: {{\n{body}\n }}{',' if p + 1 < len(run['counts']) else ''}"]
        lines += ["}}" + ("," if n + 1 < len(runs) else "")]
    path.write_text("\n".join([*lines, "]}", ""]), encoding="utf-8")
    print(f"\nfrozen in {path}")


def main(words: Sequence[str]) -> int:
    if len(words) == 2 and words[0] == "inputs":
        write_inputs(words[1])
        return 0
    if len(words) < 3 or words[0] != "freeze":
        print(__doc__, file=sys.stderr)
        return 2
    runs = [json.loads(pathlib.Path(one).read_text(encoding="utf-8")) for one in words[2:]]
    runs = [{**run, "circuit": compare(run)} for run in runs]
    freeze(pathlib.Path(words[1]), runs)
    worst = max(run["circuit"][name] for run in runs for name in ("worst_train", "worst_last"))
    return 0 if worst <= BAR else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
