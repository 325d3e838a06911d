"""Any model that gives an `Individual`, in the routed form: compartments, depots for the other routes, metabolite."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from unwound.core.arrays import Array, Float, Scalar, jnp
from unwound.pharmacokinetics.model import Analyte, Covariates, Entry
from unwound.pharmacokinetics.routes import BY_DEPOT, depot_rate, require_route, simple_entries
from unwound.pharmacokinetics.system import LinearSystem, Network


@dataclass(frozen=True)
class Mammillary:
    """A `PopulationModel` seen as a `RoutedModel`: it gains the generic routes, and its metabolite stays."""

    model: Any
    peripherals: int
    metabolite_peripherals: int = 0  # only with a metabolite
    with_metabolite: bool = False
    depots: tuple[str, ...] = BY_DEPOT
    """Routes that get a depot; leaving out those not used makes the matrix smaller."""
    depot_rates: dict[str, float] = field(default_factory=lambda: {route: depot_rate(route) for route in BY_DEPOT})
    """First-order rate constants of the depots [1/h]."""

    @property
    def prefix(self) -> str:
        """Prefix of its evidence rows."""
        return str(self.model.prefix)

    @property
    def title(self) -> str:
        """What the model is."""
        return str(self.model.title)

    @property
    def sampling(self) -> str:
        """Where its samples were taken."""
        return str(self.model.sampling)

    @property
    def enantiomers(self) -> tuple[str, ...]:
        """Drug forms it knows; "racemic" for models of total ketamine."""
        return tuple(self.model.enantiomers)

    @property
    def analytes(self) -> tuple[Analyte, ...]:
        """What it gives concentrations of."""
        return tuple(self.model.analytes)

    @property
    def random_effects(self) -> tuple[str, ...]:
        """Its random effects."""
        return tuple(self.model.random_effects)

    @property
    def occasion_effects(self) -> tuple[str, ...]:
        """None of these sources has any."""
        return ()

    @property
    def routes(self) -> tuple[str, ...]:
        """Intravenous, as estimated; the others generic and assumed."""
        return ("intravenous", *self.depots)

    def covariance(self) -> Float[Array, "effects effects"]:
        """Covariance of the random effects."""
        return self.model.covariance()

    def compartments(self) -> tuple[str, ...]:
        """Depots, parent, metabolite."""
        names = [f"depot_{route}" for route in self.depots] + ["central"]
        names += [f"central_{n}" for n in range(2, 2 + self.peripherals)]
        if self.with_metabolite:
            names += ["metabolite", *(f"metabolite_{n}" for n in range(2, 2 + self.metabolite_peripherals))]
        return tuple(names)

    def of_enantiomer(self, enantiomer: str) -> Any:
        """The record whose `individual` is this enantiomer's."""
        return self.model.enantiomer(enantiomer) if hasattr(self.model, "enantiomer") else self.model

    def system(self, who: Covariates, eta: Float[Array, "effects *batch"], enantiomer: str) -> LinearSystem:
        """Kinetics of one enantiomer."""
        person = self.of_enantiomer(enantiomer).individual(who.weight, eta)
        net = Network(*self.compartments())
        for route in self.depots:
            net.flow(f"depot_{route}", "central", self.depot_rates[route])
        parent = person.parent
        readouts = [("central", 1.0 / parent.central)]
        for n in range(self.peripherals):
            net.exchange("central", f"central_{n + 2}", parent.exchange[n], parent.central, parent.peripheral[n])
        if self.with_metabolite:
            child = person.metabolite
            net.flow("central", "metabolite", person.formation / parent.central)
            net.flow("central", None, (parent.clearance - person.formation) / parent.central)
            net.flow("metabolite", None, child.clearance / child.central)
            for n in range(self.metabolite_peripherals):
                net.exchange("metabolite", f"metabolite_{n + 2}", child.exchange[n], child.central, child.peripheral[n])
            readouts.append(("metabolite", 1.0 / child.central))
        else:
            net.flow("central", None, parent.clearance / parent.central)
        batch = jnp.shape(parent.central)
        return LinearSystem(net.matrix(batch), net.readout(batch, *readouts))

    def entries(
        self, who: Covariates, eta: Float[Array, "effects *batch"], enantiomer: str, route: str, amount: Scalar
    ) -> tuple[Entry, ...]:
        """Straight into the blood, or through the depot of the route."""
        del who, eta, enantiomer, amount
        require_route(self.prefix, route, self.routes)
        return simple_entries(route)
