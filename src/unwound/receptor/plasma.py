r"""Block of the pore at the plasma concentrations of analgesia, depression treatment, dissociation and anesthesia.

    C_free = fu Kp C_total / M                          fu free share in plasma, Kp unbound brain over unbound plasma
    block  = C/K / (1 + [Mg]/K_Mg + C/K)                of the current, at steady state, for any gating

Uncertainty: fu is drawn from a triangle over its range whose mean is the value of the table, Kp from a lognormal
around its value. Both are priors: **no human curve of occupancy against concentration exists**, and the dissociation
constants themselves are recalled (not drawn here). Draws are common to all concentrations, subtypes and voltages.

Source: zanos2018 (ranges of racemic ketamine), dayton1983, assumption (fu, Kp). Leaves out: the tonic site,
norketamine, the error of K and K_Mg, kinetics.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np

from unwound.core.arrays import jax, jnp
from unwound.core.errors import InputError, Problem
from unwound.core.random import root_key, stream
from unwound.evidence import estimate, keys_of, value
from unwound.receptor.averages import MEMBRANES, ROOM
from unwound.receptor.ligands import ligand
from unwound.receptor.pore import Magnesium, inhibition
from unwound.receptor.register import SUBTYPES, magnesium_of, thermal_voltage

RANGES: dict[str, tuple[str, str]] = {
    "analgesic": ("plasma.analgesic_low", "plasma.analgesic_high"),
    "antidepressant": ("plasma.antidepressant", "plasma.antidepressant"),
    "dissociative": ("plasma.dissociative_low", "plasma.dissociative_high"),
    "anesthetic": ("plasma.anesthetic_low", "plasma.anesthetic_high"),
}
"""What is reached -> rows of its lowest and highest total plasma ketamine."""
DRAWS = 2000
MOST_DRAWS = 1_000_000
BAND = (5.0, 95.0)
_DRUG = "ketamine"


class Entry(NamedTuple):
    """How drug in plasma becomes drug at the receptor, drawn many times."""

    unbound: np.ndarray
    brain: np.ndarray


@dataclass(frozen=True)
class PlasmaBlock:
    """Block of one subtype at one voltage over one range of plasma concentrations."""

    reached: str
    low_ng_per_mL: float  # noqa: N815
    high_ng_per_mL: float  # noqa: N815
    subtype: str
    membrane: str
    voltage_mV: float  # noqa: N815
    at_low: float
    at_high: float
    band_low: float
    """5th percentile over the draws at the lower end."""
    band_high: float
    """95th percentile over the draws at the upper end."""

    def as_dict(self) -> dict[str, Any]:
        """For the doors."""
        return asdict(self)


def draw_entry(draws: int = DRAWS, seed: int = 1) -> Entry:
    """fu and Kp, `draws` of each, from streams of their own. Raises `InputError`."""
    if not 1 <= draws <= MOST_DRAWS:
        raise InputError(Problem("draws", draws, f"must be 1 to {MOST_DRAWS:,}", "2000 is enough"))
    root, row = root_key(seed), estimate("plasma.unbound")
    assert row.spread is not None
    assert row.spread.interval is not None
    chance = np.asarray(jax.random.uniform(stream(root, "plasma unbound"), (draws,)))
    unbound = _triangle(chance, row.spread.interval.low, row.value, row.spread.interval.high)
    scatter = np.asarray(jax.random.normal(stream(root, "plasma brain entry"), (draws,)))
    width = np.sqrt(np.log1p(value("plasma.brain_entry_cv", "1") ** 2))
    return Entry(unbound, value("plasma.brain_entry", "1") * np.exp(width * scatter))


def _triangle(chance: np.ndarray, low: float, mean: float, high: float) -> np.ndarray:
    """The triangular distribution on (low, high) with this mean, at the probabilities `chance`."""
    mode = float(np.clip(3.0 * mean - low - high, low, high))
    rises = (mode - low) / (high - low)
    up = low + np.sqrt(chance * (high - low) * (mode - low))
    down = high - np.sqrt((1.0 - chance) * (high - low) * (high - mode))
    return np.where(chance < rises, up, down)


def free_concentration(total_ng_per_mL: Any, entry: Entry | None = None) -> np.ndarray:
    """Free ketamine at the receptor [uM]: typical, or for each draw on the last axis."""
    molar: np.ndarray = np.asarray(total_ng_per_mL, float) / (1000.0 * value("ketamine.molar_mass", "mg/umol"))
    if entry is None:
        return molar * (value("plasma.unbound", "1") * value("plasma.brain_entry", "1"))
    free: np.ndarray = molar[..., None] * entry.unbound * entry.brain
    return free


def block(subtype: str, voltage_mV: float, free_uM: np.ndarray) -> np.ndarray:
    """Share of the current of `subtype` that racemic ketamine takes at steady state, 1 mM Mg."""
    lost = inhibition(
        voltage_mV, value("synapses.magnesium", "mM"), [jnp.asarray(free_uM)], magnesium_of(subtype),
        [ligand(_DRUG).blocker(subtype)], thermal_voltage(ROOM),
    )  # fmt: skip
    return np.asarray(lost)


def predicted_block(
    draws: int = DRAWS, seed: int = 1, subtypes: Sequence[str] = SUBTYPES, membranes: Sequence[str] = tuple(MEMBRANES)
) -> tuple[PlasmaBlock, ...]:
    """Block by racemic ketamine over every range, subtype and membrane. Raises `InputError`."""
    entry = draw_entry(draws, seed)
    return tuple(
        _over(reached, subtype, membrane, entry) for reached in RANGES for subtype in subtypes for membrane in membranes
    )


def _over(reached: str, subtype: str, membrane: str, entry: Entry) -> PlasmaBlock:
    ends = np.array([value(key, "ng/mL") for key in RANGES[reached]])
    V = value(MEMBRANES[membrane], "mV")
    low, high = block(subtype, V, free_concentration(ends))
    drawn = block(subtype, V, free_concentration(ends, entry))
    return PlasmaBlock(
        reached=reached,
        low_ng_per_mL=float(ends[0]),
        high_ng_per_mL=float(ends[1]),
        subtype=subtype,
        membrane=membrane,
        voltage_mV=V,
        at_low=float(low),
        at_high=float(high),
        band_low=float(np.percentile(drawn[0], BAND[0])),
        band_high=float(np.percentile(drawn[1], BAND[1])),
    )


def finding(rows: Sequence[PlasmaBlock]) -> str:
    """What the table says about GluN2A and GluN2B at analgesic doses, in one sentence."""
    of = [row for row in rows if row.reached == "analgesic" and row.subtype in ("GluN2A", "GluN2B")]
    if not of:
        return "Nothing is said about GluN2A and GluN2B at analgesic concentrations: they were not asked for."
    low, high = min(row.at_low for row in of), max(row.at_high for row in of)
    most = max(row.band_high for row in of)
    size = "is small" if high < value("plasma.small", "1") else "is not small"
    return (
        f"At analgesic plasma concentrations the predicted pore block of GluN2A and GluN2B {size}: {100 * low:.0f} to "
        f"{100 * high:.0f} % of the current, up to {100 * most:.0f} % (95th percentile) with uncertain free fraction "
        "and brain entry. The pore of these subtypes alone explains analgesia thinly, and lasting relief less still."
    )


def plasma_keys() -> tuple[str, ...]:
    """Evidence keys that the prediction rests on."""
    ends = [key for pair in RANGES.values() for key in pair]
    drug = [key for subtype in SUBTYPES for key in ligand(_DRUG).keys(subtype)]
    magnesium = [f"magnesium.dissociation_{s.removeprefix('GluN').lower()}" for s in SUBTYPES]
    shared = [key for key in keys_of(Magnesium, "magnesium") if key != "magnesium.dissociation"]
    named = ("plasma.unbound", "plasma.brain_entry", "plasma.brain_entry_cv", "synapses.magnesium", *MEMBRANES.values())
    return tuple(dict.fromkeys((*ends, *named, "ketamine.molar_mass", *drug, *magnesium, *shared)))
