r"""An interaction in models that know a clearance only: its factor on the enzymes, read through the flow of the liver.

    CL' / CL = m / (1 - E + m E),      E: share of the drug that the liver removes in one passage

m is the factor of a reading (`interactions`), E that of the well-stirred model of Perez-Ruixo 2021, carried over to
other models (assumed): they were estimated without a liver. Ashraf 2018 has a liver, and takes m itself. With m of
`rifampicin_injection` this gives the observed intravenous area, 0.86, back by construction. Only for doses that pass
neither gut nor liver on their way in.

Source: the rows `<name>_<reading>.hepatic` and `well_stirred.extraction`. Leaves out: oral and swallowed doses (their
first pass is in no such model), the metabolite's own clearance, clearance outside the liver.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

from unwound.core.arrays import Scalar
from unwound.evidence import value
from unwound.pharmacokinetics.ashraf2018 import Ashraf2018
from unwound.pharmacokinetics.interactions import CENTRAL, Interaction
from unwound.pharmacokinetics.mammillary import Mammillary
from unwound.pharmacokinetics.model import Individual
from unwound.pharmacokinetics.simons2022 import Simons2022

PAST_THE_LIVER = ("intravenous", "intramuscular", "subcutaneous")
"""Routes whose doses pass neither gut nor liver on their way in."""

EXTRACTION = "well_stirred.extraction"


def clearance_factor(intrinsic: Scalar, extraction: Scalar) -> Scalar:
    """Factor on clearance when the intrinsic clearance of a well-stirred liver is multiplied by `intrinsic` (m)."""
    return intrinsic / (1.0 - extraction + intrinsic * extraction)


@dataclass(frozen=True)
class Cleared:
    """A population model whose clearance is multiplied; everything else is that of `model`."""

    model: Any
    factor: float

    def __getattr__(self, name: str) -> Any:
        return getattr(self.model, name)

    def enantiomer(self, which: str) -> Cleared:
        """The same for one enantiomer."""
        return Cleared(self.model.enantiomer(which), self.factor) if hasattr(self.model, "enantiomer") else self

    def individual(self, weight: Scalar, eta: Any) -> Individual:
        """The person with the interaction; the metabolite is formed in proportion."""
        person: Individual = self.model.individual(weight, eta)
        parent = dataclasses.replace(person.parent, clearance=person.parent.clearance * self.factor)
        return dataclasses.replace(person, parent=parent, formation=person.formation * self.factor)


def with_factor(model: Mammillary, factor: float) -> Mammillary:
    """`model` with its clearance multiplied."""
    return dataclasses.replace(model, model=Cleared(model.model, factor))


def carried(model: Any, reading: Interaction) -> Any:
    """`model` with the interaction at its median, for doses past the liver; None for a model that cannot carry one.

    A model with an intrinsic clearance of its own (ashraf2018) takes m itself; every other a factor on clearance.
    """
    if isinstance(model, Ashraf2018):
        return dataclasses.replace(model, hepatic=model.hepatic * reading.hepatic.median)
    factor = factor_of(reading)[0]
    if isinstance(model, Simons2022):
        return dataclasses.replace(model, clearance=model.clearance * factor)
    return with_factor(model, factor) if isinstance(model, Mammillary) else None


def factor_of(reading: Interaction) -> tuple[float, float, float]:
    """(median, low, high) of the factor on clearance; low and high are the 95 % interval of the reading."""
    m, e = reading.hepatic, value(EXTRACTION, "1")
    spread = NormalDist().inv_cdf(0.5 + CENTRAL / 2.0) * m.log_sd
    low, high = (m.median * math.exp(shift) for shift in (-spread, spread))
    return tuple(float(clearance_factor(x, e)) for x in (m.median, low, high))  # type: ignore[return-value]
