"""What was asked of `unwound windup`, read from its options; what is wrong is kept and told at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from unwound.interfaces.asked import Asked

if TYPE_CHECKING:
    from unwound.dorsal_horn.calibration import Member
    from unwound.patient.synaptic_block import SynapticBlock

HEALTHY = {"nmda": 1.0, "block": 0.0, "inhibition": 1.0, "opioid": 0.0, "substance_p": 1.0}
WRITE = ("", "--predictions")
"""Modes that write a folder."""


@dataclass(frozen=True)
class Told:
    """One run as it was asked for."""

    frequency: float
    stimuli: int
    ectopic: float
    output: str
    drug: SynapticBlock | None
    use_dependent: bool
    states: Mapping[str, float]
    """Without chloride."""
    chloride: float | None
    """mV; None: healthy"""
    circuit: int | None
    member: Member | None
    seed: int

    @property
    def given(self) -> dict[str, float] | None:
        """The values of evidence that the member of the ensemble replaces."""
        return dict(self.member.given) if self.member else None

    def side_by_side(self) -> dict[str, Any]:
        """Conditions for `windup`: the healthy circuit first, unless that is what was asked for."""
        import numpy as np

        from unwound.dorsal_horn import Trapped
        from unwound.evidence import value

        usual = value("condition.chloride", "mV")
        asked = {**self.states, "chloride": usual if self.chloride is None else self.chloride}
        healthy = {**HEALTHY, "chloride": usual}
        if asked == healthy:
            return dict(asked)
        both: dict[str, Any] = {name: [healthy[name], one] for name, one in asked.items()}
        if self.use_dependent and self.drug:
            t = self.drug.trapped
            pairs = ((0.0, t.binding), (0.0, t.unbinding), (1.0, t.unbinding_voltage))
            both["trapped"] = Trapped(*(np.array(pair, float) for pair in pairs))
        return both


def mode_of(asked: Asked, modes: Mapping[str, bool], out: str | None) -> str:
    """What is wanted instead of a run; empty: a run."""
    from unwound.core.errors import Problem

    wanted = [name for name, yes in modes.items() if yes]
    if len(wanted) > 1:
        rule = f"{' and '.join(wanted)} are each a command of their own"
        asked.problems.append(Problem("options", " ".join(wanted), rule, "give one of them"))
    mode = wanted[0] if wanted else ""
    if out is not None and mode not in WRITE:
        asked.problems.append(Problem("--out", out, f"{mode} writes no folder", "use --json and keep what it prints"))
    return mode


def member_of(asked: Asked, circuit: int | None) -> Member | None:
    """The member of the ensemble that was asked for."""
    if circuit is None:
        return None
    from unwound.core.errors import Problem

    members = asked.held(ensemble, (), "--circuit", circuit)
    found = {one.number: one for one in members}
    if members and circuit not in found:
        rule = f"the ensemble has the circuits {min(found)} to {max(found)}"
        remedy = "choose one of them; `unwound windup --ensemble` lists them"
        asked.problems.append(Problem("--circuit", circuit, rule, remedy))
    return found.get(circuit)


def ensemble(field: str, value: Any) -> tuple[Member, ...]:
    """The circuits that ship. Raises `InputError` for an installation without them."""
    from unwound.core.errors import InputError, Problem
    from unwound.dorsal_horn import calibration

    try:
        return calibration.ensemble()
    except FileNotFoundError:
        rule = "this installation has no ensemble of circuits (data/ensemble.csv is missing)"
        raise InputError(Problem(field, value, rule, "leave it out, or install the package again")) from None


def drug_of(
    asked: Asked, block: float | None, drug: str | None, concentration: str | None, voltage: str | None,
    use_dependent: bool,
) -> SynapticBlock | None:  # fmt: skip
    """The block of the drug that was asked for."""
    from unwound.core.errors import Problem

    if drug is None:
        orphans = [("--concentration", concentration), ("--voltage", voltage)]
        orphans += [("--use-dependent", "on")] if use_dependent else []
        for option, text in orphans:
            if text is not None:
                asked.problems.append(Problem(option, text, "belongs to a drug", "add --drug ketamine, for example"))
        return None
    if block is not None:
        asked.problems.append(Problem("--block", block, "stands for what --drug computes", "give one of the two"))
    if concentration is None:
        rule = "a drug needs its free concentration"
        asked.problems.append(Problem("--concentration", "(none)", rule, 'add --concentration "1 uM"'))
    amount = asked.number(concentration or "1 uM", "uM", "--concentration")
    mv = None if voltage is None else asked.number(voltage, "mV", "--voltage", -66.0)
    from unwound.patient.synaptic_block import synaptic_block

    found: SynapticBlock | None = asked.held(synaptic_block, None, drug, amount, mv)
    return found
