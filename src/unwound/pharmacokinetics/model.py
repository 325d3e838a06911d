"""The signatures of population models, and the person they produce."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

from unwound.core.arrays import Array, Float, Record, Scalar, eqx
from unwound.core.units import unit
from unwound.pharmacokinetics.modes import Disposition
from unwound.pharmacokinetics.system import LinearSystem


@dataclass(frozen=True)
class Analyte:
    """Something measured in blood: its name, the enantiomer it comes from, parent or metabolite."""

    name: str
    enantiomer: str
    is_parent: bool


class Metabolite(Record):
    """A metabolite beyond the first, formed from the parent or from another metabolite."""

    disposition: Disposition
    formation: Scalar = unit("L/h")
    """Clearance of the source to this metabolite, which receives ``formation * C_source`` [mg/h]."""
    source: int | None = eqx.field(static=True, default=0)
    """The metabolite it is formed from, numbered from 0 (`Individual.metabolite`); None: the parent."""


class Individual(Record):
    """One person's kinetics of one enantiomer (or a population's: every field may carry a batch)."""

    parent: Disposition
    formation: Scalar = unit("L/h")
    """Clearance of the parent to the metabolite: the metabolite receives ``formation * C`` [mg/h]."""
    metabolite: Disposition | None = None
    later: tuple[Metabolite, ...] = ()
    """Further metabolites; each is formed from the parent or from a metabolite before it."""


class Covariates(Record):
    """What a population model may want to know of a person (or people)."""

    weight: Scalar = unit("kg")
    age: Scalar = unit("y")
    female: Scalar = unit("1")
    asian: Scalar = unit("1")
    japanese: Scalar = unit("1")


@dataclass(frozen=True)
class Entry:
    """How a dose enters a compartment: a fraction of it, after a lag, at once or over a duration."""

    compartment: str
    fraction: Scalar
    duration: float | Scalar | None
    """Zero-order input over so many hours, an array where people differ; 0: at once; None: as the pump gives it."""
    lag: float = 0.0


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


class RoutedModel(Protocol):
    """A model of any linear structure and any route; every model of the register can be asked for this form."""

    prefix: ClassVar[str]
    title: ClassVar[str]
    sampling: ClassVar[str]
    enantiomers: ClassVar[tuple[str, ...]]
    analytes: ClassVar[tuple[Analyte, ...]]
    random_effects: ClassVar[tuple[str, ...]]
    occasion_effects: ClassVar[tuple[str, ...]]
    """What varies from occasion to occasion within a person; those of `OccasionModel`, else none."""
    routes: ClassVar[tuple[str, ...]]

    def covariance(self) -> Float[Array, "effects effects"]: ...

    def system(self, who: Covariates, eta: Float[Array, "effects *batch"], enantiomer: str) -> LinearSystem:
        """Kinetics of one enantiomer in this person; its analytes are those of `analytes` with that enantiomer."""
        ...

    def compartments(self) -> tuple[str, ...]:
        """Names of the compartments, in the order of the system."""
        ...

    def entries(
        self, who: Covariates, eta: Float[Array, "effects *batch"], enantiomer: str, route: str, amount: Scalar
    ) -> tuple[Entry, ...]:
        """How a dose of `amount` [mg of the whole dose] by `route` enters. Raises `InputError`."""
        ...


class OccasionModel(RoutedModel, Protocol):
    """A model whose people also differ from occasion to occasion: `kappa` holds the effects of one occasion."""

    def system(
        self, who: Covariates, eta: Float[Array, "effects *batch"], enantiomer: str,
        kappa: Float[Array, "occasion_effects *batch"] | None = None,
    ) -> LinearSystem:  # fmt: skip
        """Kinetics on an occasion; None: a typical one. The readout is the same on every occasion."""
        ...

    def entries(
        self, who: Covariates, eta: Float[Array, "effects *batch"], enantiomer: str, route: str, amount: float,
        kappa: Float[Array, "occasion_effects *batch"] | None = None,
    ) -> tuple[Entry, ...]:  # fmt: skip
        """How a dose on that occasion enters. Raises `InputError`."""
        ...
