r"""GluN1/GluN2A with two glutamate and two glycine sites, all independent, and two steps before opening.

    R[e,g]  holds e glutamates and g glycines         (2 - e) k+glu E, e k-glu;  (2 - g) k+gly G, g k-gly;  e, g <= 2

    R[2,2] <=> Fb <=> Db                 step b: gamma_b+, gamma_b-;  d+, d-
      ||       ||
      Fa  <=> Fab <=> O1                 step a: gamma_a+, gamma_a-;  beta1, alpha1
      ||
      O2                                 beta2, alpha2

The steps a and b are independent. Glycine is explicit: without it nothing opens. Glycine None stands for glycine that
saturates: no site that holds it empties, and one that does not fills, at the rate k-gly, which no stationary state
and no response of a receptor at rest feels.

Source: schorge2005 (a public transcription of its rates, which calls glutamate e and glycine g). Leaves out: any
cooperation between the sites.
"""

from __future__ import annotations

from typing import ClassVar

from unwound.core.arrays import Record, Scalar, eqx
from unwound.core.units import unit
from unwound.receptor.scheme import Agonists, Transition


class Schorge2005(Record):
    """The fifteen-state scheme."""

    k_plus_glutamate: Scalar = unit("1/uM/s")
    k_minus_glutamate: Scalar = unit("1/s")
    k_plus_glycine: Scalar = unit("1/uM/s")
    k_minus_glycine: Scalar = unit("1/s")
    gamma_a_plus: Scalar = unit("1/s")
    gamma_a_minus: Scalar = unit("1/s")
    gamma_b_plus: Scalar = unit("1/s")
    gamma_b_minus: Scalar = unit("1/s")
    d_plus: Scalar = unit("1/s")
    d_minus: Scalar = unit("1/s")
    beta1: Scalar = unit("1/s")
    alpha1: Scalar = unit("1/s")
    beta2: Scalar = unit("1/s")
    alpha2: Scalar = unit("1/s")
    prefix: str = eqx.field(static=True)
    title: str = eqx.field(static=True)
    subtype: str = eqx.field(static=True)

    states: ClassVar[tuple[str, ...]] = (
        *("R00", "R10", "R20", "R01", "R11", "R21", "R02", "R12", "R22"),
        *("Fa", "Fb", "Fab", "Db", "O1", "O2"),
    )
    open_states: ClassVar[tuple[str, ...]] = ("O1", "O2")
    resting: ClassVar[tuple[str, ...]] = ("R00", "R01", "R02")
    temperature: ClassVar[float] = 23.0
    glycine_half: ClassVar[None] = None

    def transitions(self, agonists: Agonists) -> tuple[Transition, ...]:
        """Every way of the scheme."""
        return (*self._binding(agonists), *self._gating())

    def _binding(self, agonists: Agonists) -> list[Transition]:
        bind, unbind = self.k_plus_glutamate * agonists.glutamate, self.k_minus_glutamate
        saturated = agonists.glycine is None
        fill = self.k_minus_glycine if saturated else self.k_plus_glycine * agonists.glycine
        empty = 0.0 * self.k_minus_glycine if saturated else self.k_minus_glycine
        steps: list[Transition] = []
        for one in range(3):
            for bound in range(2):
                fewer, more = f"R{bound}{one}", f"R{bound + 1}{one}"
                steps += [Transition(fewer, more, (2 - bound) * bind), Transition(more, fewer, (bound + 1) * unbind)]
                fewer, more = f"R{one}{bound}", f"R{one}{bound + 1}"
                steps += [Transition(fewer, more, (2 - bound) * fill), Transition(more, fewer, (bound + 1) * empty)]
        return steps

    def _gating(self) -> tuple[Transition, ...]:
        return (
            Transition("R22", "Fa", self.gamma_a_plus),
            Transition("Fa", "R22", self.gamma_a_minus),
            Transition("R22", "Fb", self.gamma_b_plus),
            Transition("Fb", "R22", self.gamma_b_minus),
            Transition("Fa", "Fab", self.gamma_b_plus),
            Transition("Fab", "Fa", self.gamma_b_minus),
            Transition("Fb", "Fab", self.gamma_a_plus),
            Transition("Fab", "Fb", self.gamma_a_minus),
            Transition("Fb", "Db", self.d_plus),
            Transition("Db", "Fb", self.d_minus),
            Transition("Fab", "O1", self.beta1),
            Transition("O1", "Fab", self.alpha1),
            Transition("Fa", "O2", self.beta2),
            Transition("O2", "Fa", self.alpha2),
        )
