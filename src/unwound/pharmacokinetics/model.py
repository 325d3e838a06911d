"""The one signature of all population models, and the person they produce."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

from unwound.core.arrays import Array, Float, Record, Scalar
from unwound.core.units import unit
from unwound.pharmacokinetics.modes import Disposition


@dataclass(frozen=True)
class Analyte:
    """Something measured in blood: its name, the enantiomer it comes from, parent or metabolite."""

    name: str
    enantiomer: str
    is_parent: bool


class Individual(Record):
    """One person's kinetics of one enantiomer (or a population's: every field may carry a batch)."""

    parent: Disposition
    formation: Scalar = unit("L/h")
    """Clearance of the parent to the metabolite: the metabolite receives ``formation * C`` [mg/h]."""
    metabolite: Disposition | None = None


class PopulationModel(Protocol):
    """A published population model (an AuthorYear record)."""

    prefix: ClassVar[str]
    """Prefix of its rows in the evidence table."""
    title: ClassVar[str]
    sampling: ClassVar[str]
    """Where its samples were taken: "venous" or "arterial". Never compare across sites."""
    enantiomers: ClassVar[tuple[str, ...]]
    analytes: ClassVar[tuple[Analyte, ...]]
    random_effects: ClassVar[tuple[str, ...]]

    def covariance(self) -> Float[Array, "effects effects"]: ...

    def individual(self, weight: Scalar, eta: Float[Array, "effects *batch"]) -> Individual: ...
