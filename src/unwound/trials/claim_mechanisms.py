"""What the circuit of the dorsal horn, the receptors and the cortex say about claims of mechanism.

    dorsal horn    the emulator; interval: 1.64 times its own error, for the one circuit it was fitted to
    receptors      block at analgesic plasma concentrations; interval: 90 % of draws of free share and brain entry
    cortex         the whole analgesic range; no interval: weights are assumed

Numbers of the circuit are assumed: a sign says that the mechanism can do it, and nothing of whether people have it.
"""

from __future__ import annotations

from typing import Any

from unwound.dorsal_horn.emulator import emulate, emulator
from unwound.evidence import value
from unwound.patient.cortical import glutamate_curve
from unwound.receptor.plasma import predicted_block
from unwound.trials.claim_findings import Finding, finding

_Z = 1.64
_ERROR = "error of the emulator"


def up_regulation(seed: int) -> list[Finding]:
    """Wind-up with twice the receptors, and what block makes of it."""
    del seed  # the circuit has no chance
    more, high, half = (value(f"condition.{n}", "1") for n in ("more_receptors", "high_block", "half_block"))
    states = {
        "healthy": {},
        f"{more:g} times the receptors": {"nmda": more},
        f"the same with {100 * high:g} % blocked": {"nmda": more, "block": high},
        f"the same with {100 * half:g} % blocked": {"nmda": more, "block": half},
    }  # fmt: skip
    return [
        _read(f"{name}: {what}", readout, state)
        for readout, what in (("last_lamina_one", "C spikes of the last of 16 stimuli, lamina I"),
                              ("brush_lamina_one", "spikes under 1 s of brush, lamina I"))
        for name, state in states.items()
    ]  # fmt: skip


def inhibition(seed: int) -> list[Finding]:
    """Touch in lamina I when brakes fail, and under block."""
    del seed
    weak, half = value("condition.weak_inhibition", "1"), value("condition.half_block", "1")
    shift = value("condition.chloride_shift", "mV")
    states = {
        "healthy": {},
        f"{100 * weak:g} % of inhibition left": {"inhibition": weak},
        f"the same with {100 * half:g} % blocked": {"inhibition": weak, "block": half},
        f"inhibition reversed at {shift:g} mV": {"chloride": shift},
        f"the same, with {100 * half:g} % blocked": {"chloride": shift, "block": half},
    }
    return [
        _read(f"{name}: spikes under 1 s of brush, lamina I", "brush_lamina_one", own) for name, own in states.items()
    ]


def normal_pathways(seed: int) -> list[Finding]:
    """The healthy circuit under block: touch in deep cells, the first response to C and to A fibers."""
    del seed
    high, half = value("condition.high_block", "1"), value("condition.half_block", "1")
    return [
        _read(f"{what}, healthy, {100 * block:g} % blocked", readout, {"block": block})
        for readout, what in (
            ("brush_wide", "deep spikes under 1 s of brush"), ("first_lamina_one", "first C response, lamina I"),
            ("a_first_wide", "first A response, deep"), ("last_lamina_one", "C response after 16 stimuli, lamina I"),
        )
        for block in (0.0, high, half)
    ]  # fmt: skip


def subtypes(seed: int) -> list[Finding]:
    """Block of each subtype at the upper end of analgesic plasma concentrations, at rest."""
    rows = predicted_block(seed=seed, membranes=("rest",))
    return [
        finding(f"{row.subtype}: current blocked at rest, {row.high_ng_per_mL:g} ng/mL racemate", 100 * row.at_high,
                "percent", 100 * row.band_low, 100 * row.band_high,
                f"90 % of draws over {row.low_ng_per_mL:g} to {row.high_ng_per_mL:g} ng/mL")
        for row in rows
        if row.reached == "analgesic"
    ]  # fmt: skip


def glutamate(seed: int) -> list[Finding]:
    """The cortical surge: how large, and without any part of reuptake."""
    del seed
    found = glutamate_curve()
    none = "no interval: weights of the circuit are assumed"
    rows = [finding("largest rise of cortical glutamate at any concentration", 100.0 * (found.peak.glutamate - 1.0),
                    "percent", spread=none)]  # fmt: skip
    for name in ("glx_peak", "glutamine_enrichment"):
        observed = value(f"observed_glutamate.{name}", "%")
        rows.append(finding(f"measured in people: {name.replace('_', ' ')}", observed, "percent", spread="as printed"))
    return rows


def _read(what: str, readout: str, state: dict[str, Any]) -> Finding:
    own = emulator()
    network = own.networks[readout]
    half = _Z * own.errors[readout] * float(network.high - network.low)
    number = float(emulate(**state)[readout])
    return finding(what, number, "spikes", max(number - half, 0.0), number + half, _ERROR)
