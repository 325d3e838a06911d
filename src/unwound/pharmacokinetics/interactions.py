r"""Drugs, juices and genes that change how fast ketamine is metabolized: two factors, and how sure we are of them.

    CLint -> m CLint  (kel and kmet alike),      Fgut -> min(1, g Fgut)

Studies disagree, and an oral AUC alone cannot tell the liver from the gut wall. So one interaction has several
*readings* that stay side by side: each gives m and g with a wide log-normal spread (the range of the row is its 95 %
interval). `exposure_ratios` carries that spread to the exposure by route, next to what was observed.

Source: the rows `<name>_<reading>.hepatic` and `.gut` of the table `interactions`, and the folds they come from.
Leaves out: time course of induction, inactivation and recovery; the dose of the other drug; induction of the
elimination of norketamine itself (rifampicin); a shift from one pathway to the other (itraconazole).
"""

from __future__ import annotations

import dataclasses
import math
import re
from dataclasses import dataclass
from statistics import NormalDist

from unwound.core.arrays import Array, jax, jnp
from unwound.core.errors import EvidenceError, InputError, Problem, UnknownName
from unwound.evidence import Estimate, all_estimates, estimate
from unwound.pharmacokinetics.perezruixo2021 import PerezRuixo2021

CENTRAL = 0.95
"""Probability that the range of a factor holds, and the interval of what is predicted from it."""

READINGS: dict[str, tuple[str, ...]] = {
    "ticlopidine": ("oral", "nasal", "complete"),
    "clarithromycin": ("liver", "gut", "both", "nasal"),
    "itraconazole": ("oral",),
    "grapefruit_juice": ("liver", "gut", "both"),
    "st_johns_wort": ("liver", "gut"),
    "rifampicin": ("injection", "infusion"),
    "cyp2b6_1_6": ("single", "infusion"),
    "cyp2b6_6_6": ("single", "infusion"),
}
"""Interactions and their rival readings: named after the study, or after where the change is supposed to happen."""

UNSIZED = {"barbiturate": "long-term barbiturates lower the steady state of ketamine by an amount nobody has printed"}
"""Interactions of known direction and unknown size: flags, without numbers."""

OTHER_NAMES = {
    "rifampin": "rifampicin",
    "grapefruit": "grapefruit_juice",
    "hypericum": "st_johns_wort",
    "barbiturates": "barbiturate",
    "phenobarbital": "barbiturate",
}


@dataclass(frozen=True)
class Factor:
    """A multiplier: its median, and the log-normal spread that its range stands for."""

    median: float
    log_sd: float

    def draws(self, key: Array, count: int) -> Array:
        """`count` draws, shape (draws,)."""
        return self.median * jnp.exp(self.log_sd * jax.random.normal(key, (count,)))


@dataclass(frozen=True)
class Interaction:
    """One reading of one interaction."""

    name: str
    reading: str

    @property
    def prefix(self) -> str:
        """Prefix of its evidence rows, and its full name: ``ticlopidine_oral``."""
        return f"{self.name}_{self.reading}"

    @property
    def keys(self) -> tuple[str, str]:
        """Its evidence rows."""
        return f"{self.prefix}.hepatic", f"{self.prefix}.gut"

    @property
    def hepatic(self) -> Factor:
        """Factor on the intrinsic clearance of the liver (m)."""
        return _factor(self.keys[0])

    @property
    def gut(self) -> Factor:
        """Factor on the share that escapes the gut wall (g)."""
        return _factor(self.keys[1])


INTERACTIONS: dict[str, Interaction] = {
    found.prefix: found for name, readings in READINGS.items() for found in (Interaction(name, r) for r in readings)
}
"""Every reading, by its full name."""


def readings(name: str) -> tuple[Interaction, ...]:
    """All readings of an interaction. Raises `UnknownName`; `InputError` for one without a number."""
    folded = re.sub(r"[\W_]+", "_", re.sub(r"['’.]", "", name.strip().lower())).strip("_")
    folded = OTHER_NAMES.get(folded, folded)
    if folded in UNSIZED:
        raise InputError(Problem("interaction", name, UNSIZED[folded], "see cautions_for; it cannot be computed"))
    if folded in INTERACTIONS:
        return (INTERACTIONS[folded],)
    if folded not in READINGS:
        raise UnknownName("interaction", name, (*READINGS, *INTERACTIONS, *OTHER_NAMES, *UNSIZED))
    return tuple(INTERACTIONS[f"{folded}_{reading}"] for reading in READINGS[folded])


def interaction(name: str) -> Interaction:
    """One reading, by full name, or the only one there is. Raises `UnknownName`; `InputError` where several rival."""
    found = readings(name)
    if len(found) > 1:
        rule = f"{len(found)} readings of it contradict each other, and none is the default"
        raise InputError(Problem("interaction", name, rule, "choose one of " + ", ".join(i.prefix for i in found)))
    return found[0]


def perturbed(
    model: PerezRuixo2021, effect: Interaction, hepatic: Array | None = None, gut: Array | None = None
) -> PerezRuixo2021:
    """The same people with the interaction: at its medians, or at given factors (then fields carry their shape).

    Interactions that act independently are applied one after the other.
    """
    m = effect.hepatic.median if hepatic is None else hepatic
    g = effect.gut.median if gut is None else gut
    return dataclasses.replace(
        model,
        other_rate=m * model.other_rate,
        metabolite_rate=m * model.metabolite_rate,
        gut_fraction=jnp.minimum(1.0, g * jnp.asarray(model.gut_fraction)),
    )


def observed(name: str, route: str) -> dict[str, Estimate]:
    """Observed ratios of one interaction and route, by quantity: auc, cmax, half_life, metabolite_auc, ..."""
    start = f"{name}.{route}_"
    return {key.removeprefix(start): row for key, row in all_estimates().items() if key.startswith(start)}


def _factor(key: str) -> Factor:
    row = estimate(key)
    if row.spread is None or row.spread.interval is None or row.spread.interval.low <= 0:
        raise EvidenceError(f"{key}: a factor has a range above 0")
    width = 2.0 * NormalDist().inv_cdf(0.5 + CENTRAL / 2.0)
    return Factor(row.value, math.log(row.spread.interval.high / row.spread.interval.low) / width)
