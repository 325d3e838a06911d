"""What `unwound windup` says of its circuits: targets, the ensemble, and what the emulator answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from unwound.core.safety import SIMULATION_ONLY
from unwound.dorsal_horn import OUTPUTS, Target, calibration
from unwound.dorsal_horn.emulator import emulate, emulator
from unwound.dorsal_horn.targets import AIMS
from unwound.evidence import estimate

if TYPE_CHECKING:
    from unwound.dorsal_horn.calibration import Member
    from unwound.patient.synaptic_block import SynapticBlock

EMULATED = {
    "first": "C spikes, stimulus 1", "eighth": "C spikes, stimulus 8", "last": "C spikes, stimulus 16",
    "total": "C spikes of all 16", "a_first": "A spikes, first stimulus", "after": "after-discharge in 1 s, spikes",
    "brush": "brush for 1 s after rest, spikes", "train_rate": "mean rate under the train, 1/s",
    "ectopic_rate": "mean rate with every C fiber at 1 per second, 1/s",
}  # fmt: skip


def about_target(name: str) -> str:
    """A target in words; a name that no target has stays as it is."""
    return next((aim.about for aim in AIMS if aim.name == name), name)


def shipped_misses(circuit: int | None = None) -> str:
    """Which targets a circuit of the ensemble misses, in a sentence; the first one is that of the evidence."""
    name = f"circuit {circuit}" if circuit else "the circuit"
    try:
        members = {one.number: one for one in calibration.ensemble()}
    except FileNotFoundError:
        members = {}
    member = members.get(circuit or 1)
    if member is None:
        return f"which targets {name} misses is not on record here: `unwound windup --targets` judges it"
    missed = "; ".join(about_target(one) for one in member.missed)
    return (
        f"of {len(AIMS)} targets {name} misses {missed}" if missed else f"{name} meets all {len(AIMS)} stated targets"
    )


def targets_summary(found: Sequence[Target], circuit: int | None, seed: int) -> dict[str, Any]:
    """Every target of every output, and the names of those that any output misses."""
    rows = [
        {"name": t.name, "about": t.about, "output": t.output, "wanted": t.wanted, "found": t.found, "met": t.met}
        for t in found
    ]
    return {
        "simulation_only": SIMULATION_ONLY, "circuit": circuit, "seed": seed, "targets": rows,
        "missed": list(dict.fromkeys(t.about for t in found if not t.met)),
    }  # fmt: skip


def ensemble_summary(members: Sequence[Member]) -> dict[str, Any]:
    """Every circuit, what it misses, and how far their numbers lie apart."""
    spread = []
    for about, (key, *_) in calibration.FREE.items():
        row, numbers = estimate(key), [one.given[key] for one in members]
        assert row.spread is not None
        assert row.spread.interval is not None
        allowed = [row.spread.interval.low, row.spread.interval.high]
        spread.append({"about": about, "low": min(numbers), "high": max(numbers), "unit": row.unit, "allowed": allowed})
    return {
        "simulation_only": SIMULATION_ONLY,
        "members": [
            {"member": one.number, "loss": one.loss, "missed": [about_target(name) for name in one.missed],
             "numbers": dict(one.given)}
            for one in members
        ],
        "spread": spread,
    }  # fmt: skip


def emulated_summary(
    states: Mapping[str, float], chloride: float | None, drug: SynapticBlock | None, output: str
) -> dict[str, Any]:
    """Every read-out of the emulator with its error. Raises `InputError` outside the box, or without an emulator."""
    found, held = emulate(**states, chloride=chloride), emulator()
    outputs: dict[str, dict[str, dict[str, float]]] = {}
    for one in OUTPUTS:
        outputs[one] = {}
        for name in EMULATED:
            network, key = held.networks[f"{name}_{one}"], f"{name}_{one}"
            error = held.errors[key] * float(network.high - network.low)
            outputs[one][name] = {"value": float(found[key]), "error": error}
    told = outputs[output]
    first, last = told["first"]["value"], told["last"]["value"]
    return {
        "simulation_only": SIMULATION_ONLY,
        "emulated": True,
        "frequency_per_s": 1.0,
        "stimuli": 16,
        "condition": {**states, "chloride": chloride},
        "drug": None if drug is None else {"name": drug.drug, "concentration_uM": drug.concentration_uM},
        "output": output,
        "windup_ratio": last / first if first > 0 else None,
        "brush_spikes": told["brush"]["value"],
        "outputs": outputs,
        "about": EMULATED,
        "record": dict(held.record),
        "notes": [
            "a fitted function, not a run; error: root mean square against circuits it was not fitted to, "
            "over the whole box",
            "it knows the circuit of the evidence only, with constant block",
        ],
    }
