"""What `unwound windup` leaves behind, and what its JSON says.

figure.svg, .png       counts, bars, raster        stimuli.parquet    spikes per stimulus, output and condition
result.json            what `--json` prints        manifest.json      specification, versions, sha256
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from unwound import evidence
from unwound.core.safety import SIMULATION_ONLY
from unwound.dorsal_horn import OUTPUTS
from unwound.dorsal_horn.stimulation import KEYS
from unwound.reporting.figures import png_bytes, svg_text
from unwound.reporting.horn_summaries import shipped_misses
from unwound.reporting.publish import assumed_in_words, values_of
from unwound.reporting.windup_figure import windup_figure

if TYPE_CHECKING:
    from unwound.dorsal_horn import Windup
    from unwound.patient.synaptic_block import SynapticBlock
    from unwound.reporting.store import ResultFolder

ASSUMED = (
    "numbers of the circuit are assumed: searched for so that it meets stated targets, not fitted to data; no brain, "
    "no pain score"
)
CONSTANT = "block is constant during a run; with a drug, --use-dependent lets it follow use"
FOLLOWS = (
    "block follows use: it starts at that of rest, and moves with open receptors and voltage, per class of synapses"
)


@dataclass(frozen=True)
class How:
    """How a run was made, beside its conditions."""

    drug: SynapticBlock | None = None
    use_dependent: bool = False
    circuit: int | None = None
    """Member of the ensemble; None: the circuit of the evidence."""
    given: Mapping[str, float] | None = None
    """Values of evidence that it replaces."""


def notes_of(how: How) -> list[str]:
    """What every result of this run must say."""
    return [ASSUMED, shipped_misses(how.circuit), FOLLOWS if how.use_dependent else CONSTANT,
            *(how.drug.notes if how.drug else ())]  # fmt: skip


def keys_of_windup(drug: SynapticBlock | None) -> tuple[str, ...]:
    """The rows of evidence that a run rests on."""
    return (*KEYS, *(drug.keys if drug else ()))


def windup_summary(found: Windup, output: str, how: How | None = None) -> dict[str, Any]:
    """What every JSON door gives: read-outs of `output` on top, of both below, under the last condition."""
    how, last = how or How(), len(found.conditions["block"]) - 1
    keys = keys_of_windup(how.drug)
    return {
        "simulation_only": SIMULATION_ONLY,
        "frequency_per_s": found.frequency,
        "stimuli": found.c_spikes[output].shape[1],
        "seed": found.seed,
        "circuit": how.circuit,
        "condition": {**found.condition(last), "ectopic_per_s": found.ectopic},
        "drug": drug_summary(how.drug, how.use_dependent),
        "output": output,
        **found.of(last, output),
        "allodynia_index": found.brush_spikes["lamina_one"][last],
        "outputs": {name: found.of(last, name) for name in OUTPUTS},
        "healthy": {name: found.of(0, name) for name in OUTPUTS} if last else None,
        "notes": notes_of(how),
        "assumed": assumed_in_words(keys),
        "citations": [citation.text() for citation in evidence.citations(keys)],
    }


def publish_windup(
    folder: ResultFolder, found: Windup, output: str, how: How, title: str, command: str
) -> dict[str, str]:
    """Write figure, table, JSON and manifest; gives back what lies where."""
    summary = windup_summary(found, output, how)
    figure = windup_figure(found, title, tuple(f"Note: {line}." for line in summary["notes"][:2]))
    with folder:
        folder.write_bytes("figure.svg", svg_text(figure, title).encode())
        folder.write_bytes("figure.png", png_bytes(figure, title))
        folder.write_json("result", summary)
        folder.write_table("stimuli", _columns(found), {"stimulus": "1", "c_spikes": "1", "a_spikes": "1"})
        folder.describe(
            command=command,
            seed=found.seed,
            specification={
                "frequency_per_s": found.frequency,
                "condition": summary["condition"],
                "evidence": {
                    **values_of(keys_of_windup(how.drug)),
                    **{key: f"{number!r} {evidence.estimate(key).unit}" for key, number in (how.given or {}).items()},
                },
            },
            assumed=summary["assumed"],
            citations=summary["citations"],
            warnings=summary["notes"],
        )
    names = {"figure": "figure.png", "result": "result.json", "manifest": "manifest.json"}
    return {"folder": str(folder.path), **{what: str(folder.path / name) for what, name in names.items()}}


def drug_summary(drug: SynapticBlock | None, use_dependent: bool = False) -> dict[str, Any] | None:
    """The drug, for every JSON door."""
    if drug is None:
        return None
    return {
        "name": drug.drug,
        "concentration_uM": drug.concentration_uM,
        "voltage_mV": drug.voltage_mV,
        "block": drug.block,
        "block_by_subtype": drug.by_subtype,
        "use_dependent": use_dependent,
    }


def _columns(found: Windup) -> dict[str, Any]:
    """One line per condition, output and stimulus."""
    conditions = len(found.conditions["block"])
    names = ["asked"] if conditions == 1 else ["healthy", *["asked"] * (conditions - 1)]
    columns: dict[str, list[Any]] = {"condition": [], "output": [], "stimulus": [], "c_spikes": [], "a_spikes": []}
    for k, name in enumerate(names):
        for output in OUTPUTS:
            count = found.c_spikes[output].shape[1]
            columns["condition"] += [name] * count
            columns["output"] += [output] * count
            columns["stimulus"] += list(range(1, count + 1))
            columns["c_spikes"] += list(found.c_spikes[output][k])
            columns["a_spikes"] += list(found.a_spikes[output][k])
    texts = ("condition", "output")
    return {name: list(cells) if name in texts else np.asarray(cells, float) for name, cells in columns.items()}
