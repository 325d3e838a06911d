r"""From a free concentration to cortical glutamate: the block of each class of cells, then the circuit.

    pyramidal cells   b_E = mean of GluN2A and GluN2B at rest
    interneurons      b_I = (1 - q) mean(2A, 2B) + q mean(2C, 2D), depolarized          q share of 2C and 2D
    each              b   = C / (C + IC50(V)),       IC50(V) = K(V) (1 + [Mg]/K_Mg(V)),  1 mM Mg

Interneurons fire more, so they are taken at the voltage of a firing synapse, where magnesium leaves room for the drug;
and part of their receptors are 2C and 2D, which magnesium guards less. Both make IC50 smaller. Where glutamate comes
back to its drug-free state is a root of a polynomial: G k - (1 + G) m = sum_j a_j C/(C + IC50_j) = 0.

Source: assumption (which cells stand at which voltage, with which subtypes). Leaves out: use dependence and time of
block, norketamine, other targets (HCN1 among them), which an anesthetic dose reaches.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from unwound.core.arrays import jnp
from unwound.core.errors import InputError, Problem
from unwound.cortex import Block, Disinhibition, steady_state
from unwound.evidence import fill, keys_of, table, value
from unwound.receptor.averages import MEMBRANES, ROOM
from unwound.receptor.ligands import Ligand, ligand
from unwound.receptor.plasma import RANGES, free_concentration
from unwound.receptor.pore import Magnesium, half_inhibition
from unwound.receptor.register import magnesium_of, thermal_voltage

GRID = tuple(float(f"{c:.3g}") for c in np.geomspace(0.01, 100.0, 41))
"""Free concentrations that are shown unless told otherwise [uM]."""
MOST = 1.0e6
_COMMON, _LATE = ("GluN2A", "GluN2B"), ("GluN2C", "GluN2D")
Part = tuple[float, float]
"""Weight and IC50 [uM] of one kind of receptor."""


@dataclass(frozen=True)
class CorticalPoint:
    """The circuit at rest at one free concentration; rates and glutamate relative to the drug-free state."""

    concentration_uM: float  # noqa: N815
    block_pyramidal: float
    block_interneuron: float
    pyramidal_rate: float
    interneuron_rate: float
    glutamate: float

    def as_dict(self) -> dict[str, float]:
        """For the doors."""
        return asdict(self)


@dataclass(frozen=True)
class CorticalCurve:
    """Glutamate over concentration."""

    drug: str
    points: tuple[CorticalPoint, ...]
    peak: CorticalPoint
    """The highest point, on a grid of its own; the drug-free state where glutamate never rises."""
    lost_uM: float | None  # noqa: N815
    """Free concentration beyond which glutamate is below its drug-free state; none without a surge or its end."""
    keys: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """For the doors."""
        return {
            "drug": self.drug,
            "points": [point.as_dict() for point in self.points],
            "peak": self.peak.as_dict(),
            "lost_uM": self.lost_uM,
        }


def circuit() -> Disinhibition:
    """The circuit of the evidence tables."""
    return fill(Disinhibition, Disinhibition.prefix)


def receptors(drug: str = "ketamine") -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """(weight, IC50 [uM]) of the receptors of both classes. Raises `UnknownName`, `InputError`."""
    found, late = ligand(drug), value("cortical_receptors.interneuron_2c2d", "1")
    pyramidal = tuple((1.0 / len(_COMMON), _half(found, subtype, "rest")) for subtype in _COMMON)
    weights = {subtype: (1.0 - late) / len(_COMMON) for subtype in _COMMON} | {s: late / len(_LATE) for s in _LATE}
    return pyramidal, tuple((weight, _half(found, s, "depolarized")) for s, weight in weights.items())


def cortical_block(concentration_uM: Any, drug: str = "ketamine") -> Block:
    """Share of the NMDA current that a free concentration blocks in each class, at steady state. Raises too."""
    pyramidal, interneuron = receptors(drug)
    return Block(pyramidal=_blocked(concentration_uM, pyramidal), interneuron=_blocked(concentration_uM, interneuron))


def glutamate_curve(
    concentrations: Sequence[float] = GRID, drug: str = "ketamine", p: Disinhibition | None = None
) -> CorticalCurve:
    """Rates and glutamate at every free concentration [uM]. Raises `UnknownName`, `InputError`."""
    p = circuit() if p is None else p
    _check(concentrations, p)
    lost = _lost(drug, p)
    candidates = _points(np.concatenate([[0.0], np.geomspace(1e-3, 1e3, 1201) * receptors(drug)[1][0][1]]), drug, p)
    return CorticalCurve(
        drug=ligand(drug).name,
        points=_points(np.asarray(concentrations, float), drug, p),
        peak=max(candidates, key=lambda point: point.glutamate),
        lost_uM=lost,
        keys=cortical_keys(drug),
    )


def glutamate_in_people(p: Disinhibition | None = None) -> dict[str, tuple[CorticalPoint, CorticalPoint]]:
    """The circuit at both ends of the plasma ranges of racemic ketamine in people; typical free share, brain entry."""
    ends = np.array([[value(key, "ng/mL") for key in pair] for pair in RANGES.values()])
    points = _points(free_concentration(ends).ravel(), "ketamine", circuit() if p is None else p)
    return {reached: (points[2 * n], points[2 * n + 1]) for n, reached in enumerate(RANGES)}


def cortical_finding(found: CorticalCurve) -> str:
    """What a curve says, in one or two sentences."""
    rise, peak = 100.0 * (found.peak.glutamate - 1.0), found.peak.concentration_uM
    if rise <= 0.0:
        return f"{found.drug}: glutamate never rises above its drug-free state."
    end = "and never falls below it" if found.lost_uM is None else f"and is below it beyond {found.lost_uM:.2g} uM"
    signs = (
        "The weights were chosen for these two signs"
        if found.drug == "ketamine"
        else "A prediction: no weight is its own"
    )
    return (
        f"{found.drug}: glutamate is at most {rise:.1f} % above its drug-free state, at {peak:.2g} uM free, {end}. "
        f"{signs}; the size is not to be compared with any measurement. Uptake plays no part."
    )


def cortical_keys(drug: str = "ketamine") -> tuple[str, ...]:
    """Evidence keys behind a curve, what was observed included."""
    found, subtypes = ligand(drug), (*_COMMON, *_LATE)
    own = [row.key for row in table("cortex")]
    magnesium = [f"magnesium.dissociation_{s.removeprefix('GluN').lower()}" for s in subtypes]
    shared = [key for key in keys_of(Magnesium, "magnesium") if key != "magnesium.dissociation"]
    affinity = [key for subtype in subtypes for key in found.keys(subtype)]
    return tuple(dict.fromkeys((*own, "synapses.magnesium", *MEMBRANES.values(), *affinity, *magnesium, *shared)))


def _half(drug: Ligand, subtype: str, membrane: str) -> float:
    V, volts = value(MEMBRANES[membrane], "mV"), thermal_voltage(ROOM)
    magnesium = value("synapses.magnesium", "mM")
    return float(half_inhibition(V, magnesium, magnesium_of(subtype), drug.blocker(subtype), volts))


def _blocked(concentration: Any, parts: Sequence[Part]) -> Any:
    C = jnp.asarray(concentration, float)
    return sum(weight * C / (C + half) for weight, half in parts)


def _points(concentrations: np.ndarray, drug: str, p: Disinhibition) -> tuple[CorticalPoint, ...]:
    block = cortical_block(concentrations, drug)
    rates = steady_state(block, p)
    columns = (concentrations, block.pyramidal, block.interneuron, rates.pyramidal, rates.interneuron, rates.pyramidal)
    return tuple(CorticalPoint(*map(float, row)) for row in zip(*map(np.asarray, columns), strict=True))


def _lost(drug: str, p: Disinhibition) -> float | None:
    """The largest concentration at which G k = (1 + G) m: sum_j a_j / (C + K_j) = 0, times every (C + K_j)."""
    pyramidal, interneuron = receptors(drug)
    G, n_E, n_I = float(p.feedback), float(p.pyramidal_nmda), float(p.interneuron_nmda)
    terms = [(-(1.0 + G) * n_E * w, half) for w, half in pyramidal] + [(G * n_I * w, half) for w, half in interneuron]
    scale = math.exp(sum(math.log(half) for _, half in terms) / len(terms))
    whole = np.polynomial.Polynomial([0.0])
    for n, (weight, _) in enumerate(terms):
        others = [-half / scale for i, (_, half) in enumerate(terms) if i != n]
        whole = whole + weight * np.polynomial.Polynomial.fromroots(others)
    if whole.coef[-1] >= 0.0:  # the losses of interneurons win at any concentration
        return None
    roots = whole.roots()
    positive = [float(one.real) for one in map(complex, roots) if abs(one.imag) < 1e-9 * abs(one) and one.real > 0.0]
    return scale * max(positive) if positive else None


def _check(concentrations: Sequence[float], p: Disinhibition) -> None:
    problems = [
        Problem("concentration", f"{c:g} uM", f"must be 0 to {MOST:g} uM", 'give for example "1 uM"')
        for c in concentrations
        if not 0.0 <= c <= MOST
    ]
    if not concentrations:
        problems.append(Problem("concentration", "nothing", "must be at least one", 'give for example "1 uM"'))
    if not 0.0 <= float(p.recurrence) < 1.0:
        rule = "must be 0 or more and below 1: the closed form holds for a circuit that is stable without inhibition"
        problems.append(Problem("recurrence", float(p.recurrence), rule, "give for example 0.5"))
    if problems:
        raise InputError(problems)
