r"""Concentration against inhibition, by subtype, magnesium and voltage.

    inhibition(C) = C / (C + IC50),        IC50 = K(V) (1 + [Mg]/K_Mg(V))

Source: no numbers of its own. Leaves out: a Hill coefficient other than 1. Of an allosteric drug the
IC50 told is that of the opening rate; its curve is that of the current, in the glutamate of the patch.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from unwound.core.arrays import Array, jax, jnp
from unwound.core.errors import InputError, Problem
from unwound.receptor.allosteric import allosteric, opening_left
from unwound.receptor.experiments.notes import HILL, MEMANTINE, NO_SITE, RECALLED
from unwound.receptor.experiments.patch import Patch
from unwound.receptor.experiments.record import Curve, Experiment, Panel
from unwound.receptor.pore import half_inhibition, inhibition
from unwound.receptor.scheme import generator, opened, stationary

DECADES = 2.0
"""The curve reaches this far below the smallest IC50, and above the largest."""


def concentration_inhibition(
    drug: str = "ketamine", subtypes: Sequence[str] = ("GluN2A", "GluN2B"), magnesium: Sequence[float] = (0.0, 1.0),
    voltage: Sequence[float] = (-66.0,), temperature: float = 23.0, concentration: np.ndarray | None = None,
) -> Experiment:  # fmt: skip
    """Inhibition by `drug` for every combination of `subtypes`, `magnesium` [mM] and `voltage` [mV].

    `concentration` [uM] spans all of it unless given. Raises `InputError`.
    """
    patches = {
        (s, m, v): Patch(subtype=s, drugs=((drug, 1.0),), magnesium=m, voltage=v, temperature=temperature)
        for s in subtypes for m in magnesium for v in voltage
    }  # fmt: skip
    if not patches:
        raise InputError(Problem("subtype", "(none)", "no curve is asked for", "name at least one"))
    labels = {key: _label(patch, len(magnesium) > 1, len(voltage) > 1) for key, patch in patches.items()}
    halves = {labels[key]: _half(patch) for key, patch in patches.items()}
    if concentration is None:
        low, high = np.log10(min(halves.values())) - DECADES, np.log10(max(halves.values())) + DECADES
        concentration = np.logspace(low, high, 121)
    curves = tuple(Curve(labels[key], concentration, _lost(patch, concentration)) for key, patch in patches.items())
    first = next(iter(patches.values()))
    name = first.drugs[0][0]
    panel = Panel("inhibition", "Inhibition at steady state", "concentration_uM", "inhibition", curves, True)
    notes = {"memantine": (HILL, RECALLED, MEMANTINE)}.get(name, (NO_SITE,) if first.slowing else (HILL, RECALLED))
    return Experiment(
        name="curve",
        title=f"{name}: concentration and inhibition",
        conditions=(
            f"magnesium {_listed(magnesium)} mM; voltage {_listed(voltage)} mV; {temperature:g} C",
            f"{first.glutamate:g} uM glutamate, until nothing changes any more",
        ),
        numbers={"ic50_uM": halves},
        panels=(panel,),
        notes=notes,
        keys=tuple(dict.fromkeys(key for patch in patches.values() for key in patch.pore_keys)),
    )


def _listed(numbers: Sequence[float]) -> str:
    return ", ".join(f"{number:g}" for number in numbers)


def _half(patch: Patch) -> float:
    """IC50; of an allosteric drug that of the opening rate."""
    if patch.slowing:
        return float(allosteric(patch.drugs[0][0]).at(patch.subtype).half)
    c = patch.channel()
    return float(half_inhibition(patch.voltage, patch.magnesium, c.magnesium, c.blockers[0], patch.thermal_voltage))


def _lost(patch: Patch, concentration: np.ndarray) -> np.ndarray:
    c = patch.channel()
    if not patch.slowing:
        vt = patch.thermal_voltage
        return np.asarray(inhibition(patch.voltage, patch.magnesium, [concentration], c.magnesium, c.blockers, vt))
    agonists = patch.solution().agonists

    def current(opening: Array) -> Array:
        return opened(c.gating, stationary(generator(c.gating, agonists, opening, c.speed)))

    factors = opening_left(jnp.append(0.0, concentration), allosteric(patch.drugs[0][0]).at(patch.subtype))
    left = np.asarray(jax.vmap(current)(factors))
    return np.asarray(1.0 - left[1:] / left[0])


def _label(patch: Patch, by_magnesium: bool, by_voltage: bool) -> str:
    parts = [patch.subtype]
    if by_magnesium:
        parts.append(f"{patch.magnesium:g} mM Mg2+")
    if by_voltage:
        parts.append(f"{patch.voltage:g} mV")
    return ", ".join(parts)
