"""The runs of the dorsal horn behind its predictions: trains at many rates and blocks, and what follows a train.

Every condition of a kind is a lane of one run, so they differ by what was done to the circuit only. Doses become block
through plasma and receptor (`summation_studies`); block is constant, or follows use (`synaptic_block`).

Source: dorsal_horn.csv, summation.csv. Leaves out: other circuits of the ensemble unless `given` names one.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from unwound.dorsal_horn import OUTPUTS, Trapped, Windup, windup
from unwound.dorsal_horn.aftermath import Aftermath, aftermath
from unwound.dorsal_horn.circuit import SUBSTEPS, horn
from unwound.dorsal_horn.states import States, bursts, states
from unwound.dorsal_horn.stimulation import Bench, at_rest_and_brushed, conditions, of_outputs
from unwound.evidence import value
from unwound.patient.summation_studies import STUDIES, SummationStudy, block_of_total, summation_studies
from unwound.patient.synaptic_block import SynapticBlock, synaptic_block

FREQUENCIES = (0.05, 0.1, 1 / 6, 0.25, 1 / 3, 0.4, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0)  # 1/s
TOTALS = (50.0, 100.0, 200.0, 300.0, 500.0, 800.0, 1500.0, 4000.0)  # ng/mL
SHORT_BELOW, SHORT = 0.12, 3
"""Below this rate fewer stimuli: minutes of silence say nothing more."""
MATCHED = ("ketamine", "memantine")
NO_DRUG = Trapped(0.0, 0.0, 1.0)


@dataclass(frozen=True)
class Lane:
    """One condition of the train at 1 Hz."""

    block: float = 0.0
    trapped: Trapped = NO_DRUG
    nmda: float = 1.0
    opioid: float = 0.0


@dataclass(frozen=True)
class Effort:
    """How thoroughly the runs are made."""

    frequencies: tuple[float, ...] = FREQUENCIES
    totals: tuple[float, ...] = TOTALS
    substeps: int = SUBSTEPS
    stimuli: int = 16
    threads: int = 2


@dataclass(frozen=True)
class HornRuns:
    """What the runs gave; counts are spikes per cell, last axis of arrays: `OUTPUTS`."""

    frequencies: np.ndarray
    c_by_frequency: tuple[np.ndarray, ...]
    """One per frequency: (stimulus, output)."""
    totals: np.ndarray
    """ng/mL, 0 first"""
    blocks: np.ndarray
    """Of racemic ketamine at these totals, at rest."""
    s_blocks: np.ndarray
    """Of S-ketamine."""
    studies: tuple[SummationStudy, ...]
    lanes: Mapping[str, int]
    """Name -> place in `c`, `brush`."""
    c: np.ndarray
    """1 Hz: (lane, stimulus, output)."""
    brush: np.ndarray
    """(lane, output)"""
    five: np.ndarray
    """Graven-Nielsen's train: (none or under block, stimulus, output)."""
    disinhibited: Mapping[str, np.ndarray]
    """Touch with weak inhibition: condition -> output."""
    train_of_high_frequency: States
    """Lanes: no drug, block of klein2007."""
    after: Aftermath
    keys: tuple[str, ...] = field(default=())


def horn_runs(given: Mapping[str, float] | None = None, seed: int = 0, effort: Effort | None = None) -> HornRuns:
    """Every run; about two minutes at full effort."""
    effort, studies = effort or Effort(), summation_studies()
    totals = np.array([0.0, *effort.totals])
    doses = [block_of_total("ketamine", total) for total in effort.totals]
    s_doses = [block_of_total("S-ketamine", total) for total in effort.totals]
    lanes = _lanes(studies, effort.totals, doses)
    usual: dict[str, Any] = {"seed": seed, "given": given, "substeps": effort.substeps}
    with ThreadPoolExecutor(effort.threads) as pool:
        main = pool.submit(_at_one_hz, list(lanes.values()), effort.stimuli, usual)
        rates = sorted(effort.frequencies)  # the longest first
        curve = [pool.submit(_train, rate, effort.stimuli, usual) for rate in rates]
        bench = Bench(horn(seed, given), seed, effort.substeps)
        touch = pool.submit(_disinhibited, studies, bench)
        burst = pool.submit(_high_frequency, studies, bench)
        after = pool.submit(aftermath, conditions(_healthy()), bench, 1.0, effort.stimuli, value("recovery.wait", "s"))
        five = pool.submit(_five, studies, usual)
        ran = main.result()
        return HornRuns(
            frequencies=np.array(rates), c_by_frequency=tuple(one.result()[0] for one in curve), totals=totals,
            blocks=np.array([0.0, *(one.block for one in doses)]),
            s_blocks=np.array([0.0, *(one.block for one in s_doses)]), studies=studies,
            lanes={name: n for n, name in enumerate(lanes)}, c=_counts(ran),
            brush=np.stack([ran.brush_spikes[name] for name in OUTPUTS], axis=-1), five=five.result(),
            disinhibited=touch.result(), train_of_high_frequency=burst.result(), after=after.result(),
            keys=tuple(dict.fromkeys(key for one in (*doses, *s_doses) for key in one.keys)),
        )  # fmt: skip


@functools.cache
def matched(drug: str, block: float) -> SynapticBlock:
    """The concentration of `drug` that blocks this share at rest, by bisection in its logarithm."""
    low, high = -4.0, 4.0
    while high - low > 1e-4:
        middle = 0.5 * (low + high)
        low, high = (middle, high) if synaptic_block(drug, 10.0**middle).block < block else (low, middle)
    return synaptic_block(drug, 10.0**high)


def _lanes(
    studies: Sequence[SummationStudy], totals: Sequence[float], doses: Sequence[SynapticBlock]
) -> dict[str, Lane]:
    """Conditions of the train at 1 Hz by name."""
    half = value("identity.block", "1")
    lanes = {"none": Lane()}
    for total, dose in zip(totals, doses, strict=True):
        lanes[f"constant {total:g}"] = Lane(dose.block)
        lanes[f"used {total:g}"] = Lane(dose.block, dose.trapped)
    for study in studies:
        lanes[study.key] = Lane(study.block.block)
        lanes[f"used {study.key}"] = Lane(study.block.block, study.block.trapped)
    lanes["clinical"] = Lane(value("condition.high_block", "1"))
    lanes["opioid"] = Lane(opioid=value("condition.opioid_tone", "1"))
    lanes["identity"] = Lane(half, nmda=1.0 / (1.0 - half))
    for drug in MATCHED:
        one = matched(drug, half)
        lanes[f"identity {drug}"] = Lane(one.block, one.trapped, nmda=1.0 / (1.0 - one.block))
    return lanes


def _at_one_hz(lanes: Sequence[Lane], stimuli: int, usual: Mapping[str, Any]) -> Windup:
    trapped = Trapped(
        *(np.array([getattr(one.trapped, name) for one in lanes])
          for name in ("binding", "unbinding", "unbinding_voltage"))
    )  # fmt: skip
    conditions_of: dict[str, Any] = {n: [getattr(one, n) for one in lanes] for n in ("block", "nmda", "opioid")}
    return windup(1.0, stimuli, **conditions_of, trapped=trapped, **usual)


def _train(frequency: float, stimuli: int, usual: Mapping[str, Any]) -> np.ndarray:
    number = min(stimuli, SHORT) if frequency < SHORT_BELOW else stimuli
    return _counts(windup(frequency, number, touch=False, **usual))


def _five(studies: Sequence[SummationStudy], usual: Mapping[str, Any]) -> np.ndarray:
    one = next(study for study in studies if study.key == "gravennielsen2000")
    return _counts(windup(one.frequency, one.stimuli, block=[0.0, one.block.block], touch=False, **usual))


def _counts(ran: Windup) -> np.ndarray:
    """(condition, stimulus, output)"""
    return np.stack([ran.c_spikes[name] for name in OUTPUTS], axis=-1)


def _disinhibited(studies: Sequence[SummationStudy], bench: Bench) -> dict[str, np.ndarray]:
    blocks = {study.key: study.block.block for study in studies}
    names = ["none", *STUDIES, "opioid"]
    states = _healthy() | {
        "inhibition": value("condition.weak_inhibition", "1"),
        "block": [blocks.get(name, 0.0) for name in names],
        "opioid": [value("condition.opioid_tone", "1") if name == "opioid" else 0.0 for name in names],
    }
    counts = of_outputs(at_rest_and_brushed(conditions(states), bench, rest=500.0)[:, 1])
    return {name: np.array([counts[one][k] for one in OUTPUTS]) for k, name in enumerate(names)}


def _high_frequency(studies: Sequence[SummationStudy], bench: Bench) -> States:
    klein = next(study for study in studies if study.key == "klein2007")
    told = {name: value(f"klein2007.{name}", unit) for name, unit in
            (("frequency", "1/s"), ("burst", "s"), ("bursts", "1"), ("interval", "s"))}  # fmt: skip
    number, interval = round(told["bursts"]), told["interval"]
    spikes = bursts(told["frequency"], told["burst"], number, interval, bench.seed)
    states_of = _healthy() | {"block": [0.0, klein.block.block]}
    return states(conditions(states_of), bench, spikes, 1e3 * ((number - 1) * interval + told["burst"] + 1.0))


def _healthy() -> dict[str, Any]:
    return {"nmda": 1.0, "block": 0.0, "inhibition": 1.0, "chloride": value("condition.chloride", "mV"),
            "opioid": 0.0, "substance_p": 1.0}  # fmt: skip
