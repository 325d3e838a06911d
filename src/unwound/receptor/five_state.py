r"""The small scheme of native receptors: two bindings, one desensitized and one open state; a set of rates per paper.

    C0  <=>  C1  <=>  C2  <=>  O            s Rb A, Ru;  Rb A, s Ru;  Ro, Rc
                      ||
                      D                     Rd, Rr

s is 2 where the rates are those of one of two equal sites, and 1 where they are those of the step. Public files with
these rates disagree: the one by the authors of destexhe1996 has s = 1 for all five sets, another has 2. Here s = 1, and
2 for vargas2004, as in its own file; with s = 2 the five decays are 0.5 to 0.7 times as long.

The absolute open probability of some sets means little: they were fitted to the shape of currents. Room temperature,
glycine saturating.

Source: lester1992, clements1991, clements1992, edmonds1992, destexhe1996 (public files with their rates), vargas2004.
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
    per_site: bool = eqx.field(static=True)
    """Whether the rates of binding are those of one of two equal sites: s = 2."""
    prefix: str = eqx.field(static=True)
    title: str = eqx.field(static=True)
    subtype: str = eqx.field(static=True)

    states: ClassVar[tuple[str, ...]] = ("C0", "C1", "C2", "D", "O")
    open_states: ClassVar[tuple[str, ...]] = ("O",)
    resting: ClassVar[tuple[str, ...]] = ("C0",)
    temperature: ClassVar[float] = 23.0

    def transitions(self, agonists: Agonists) -> tuple[Transition, ...]:
        """Every way of the scheme."""
        bind, sites = self.binding * agonists.glutamate, 2.0 if self.per_site else 1.0
        return (
            Transition("C0", "C1", sites * bind),
            Transition("C1", "C0", self.unbinding),
            Transition("C1", "C2", bind),
            Transition("C2", "C1", sites * self.unbinding),
            Transition("C2", "D", self.desensitization),
            Transition("D", "C2", self.resensitization),
            Transition("C2", "O", self.opening),
            Transition("O", "C2", self.closing),
        )
