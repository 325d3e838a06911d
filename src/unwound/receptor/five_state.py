r"""The small scheme of native receptors: two bindings, one desensitized and one open state; a set of rates per paper.

    C0  <=>  C1  <=>  C2  <=>  O            2 Rb A, Ru;  Rb A, 2 Ru;  Ro, Rc
                      ||
                      D                     Rd, Rr

The absolute open probability of some sets means little: they were fitted to the shape of currents. Room temperature,
glycine saturating.

Source: lester1992, clements1991, clements1992, edmonds1992, destexhe1996 (a public file with their rates), vargas2004.
Leaves out: glycine binding; a second open or desensitized state; the subtype, which is a mixture.
"""

from __future__ import annotations

from typing import ClassVar

from unwound.core.arrays import Record, Scalar, eqx
from unwound.core.units import unit
from unwound.receptor.scheme import Agonists, Transition


class FiveState(Record):
    """The five-state scheme."""

    binding: Scalar = unit("1/uM/s")
    unbinding: Scalar = unit("1/s")
    desensitization: Scalar = unit("1/s")
    resensitization: Scalar = unit("1/s")
    opening: Scalar = unit("1/s")
    closing: Scalar = unit("1/s")
    glycine_half: Scalar = unit("uM")
    prefix: str = eqx.field(static=True)
    title: str = eqx.field(static=True)
    subtype: str = eqx.field(static=True)

    states: ClassVar[tuple[str, ...]] = ("C0", "C1", "C2", "D", "O")
    open_states: ClassVar[tuple[str, ...]] = ("O",)
    resting: ClassVar[tuple[str, ...]] = ("C0",)
    temperature: ClassVar[float] = 23.0

    def transitions(self, agonists: Agonists) -> tuple[Transition, ...]:
        """Every way of the scheme."""
        bind = self.binding * agonists.glutamate
        return (
            Transition("C0", "C1", 2.0 * bind),
            Transition("C1", "C0", self.unbinding),
            Transition("C1", "C2", bind),
            Transition("C2", "C1", 2.0 * self.unbinding),
            Transition("C2", "D", self.desensitization),
            Transition("D", "C2", self.resensitization),
            Transition("C2", "O", self.opening),
            Transition("O", "C2", self.closing),
        )
