r"""GluN1/GluN2A and GluN1/GluN2B: two bindings, two desensitized states, a fast and a slow step before opening.

    R  <=>  RA  <=>  RA2  <=>  RA2f  <=>  O          2 kon A, koff;  kon A, 2 koff
                      |  \\               |           fast step kf+, kf-;  slow step ks+, ks-
                     D1  D2  RA2s <=======           the two steps are independent: O follows when both are done

Outside-out patches at room temperature, glycine saturating.

Source: erreger2005 (a public transcription of its tables). Leaves out: glycine binding, proton and zinc inhibition.
"""

from __future__ import annotations

from typing import ClassVar

from unwound.core.arrays import Record, Scalar, eqx
from unwound.core.units import unit
from unwound.receptor.scheme import Agonists, Transition


class Erreger2005(Record):
    """The eight-state scheme; the two subtypes differ in its rates only."""

    kon: Scalar = unit("1/uM/s")
    koff: Scalar = unit("1/s")
    kf_plus: Scalar = unit("1/s")
    kf_minus: Scalar = unit("1/s")
    ks_plus: Scalar = unit("1/s")
    ks_minus: Scalar = unit("1/s")
    kd1_plus: Scalar = unit("1/s")
    kd1_minus: Scalar = unit("1/s")
    kd2_plus: Scalar = unit("1/s")
    kd2_minus: Scalar = unit("1/s")
    glycine_half: Scalar = unit("uM")
    prefix: str = eqx.field(static=True)
    title: str = eqx.field(static=True)
    subtype: str = eqx.field(static=True)

    states: ClassVar[tuple[str, ...]] = ("R", "RA", "RA2", "RA2f", "RA2s", "D1", "D2", "O")
    open_states: ClassVar[tuple[str, ...]] = ("O",)
    resting: ClassVar[tuple[str, ...]] = ("R",)
    temperature: ClassVar[float] = 23.0

    def transitions(self, agonists: Agonists) -> tuple[Transition, ...]:
        """Every way of the scheme."""
        bind = self.kon * agonists.glutamate
        return (
            Transition("R", "RA", 2.0 * bind),
            Transition("RA", "R", self.koff),
            Transition("RA", "RA2", bind),
            Transition("RA2", "RA", 2.0 * self.koff),
            Transition("RA2", "D1", self.kd1_plus),
            Transition("D1", "RA2", self.kd1_minus),
            Transition("RA2", "D2", self.kd2_plus),
            Transition("D2", "RA2", self.kd2_minus),
            Transition("RA2", "RA2f", self.kf_plus),
            Transition("RA2f", "RA2", self.kf_minus),
            Transition("RA2", "RA2s", self.ks_plus),
            Transition("RA2s", "RA2", self.ks_minus),
            Transition("RA2f", "O", self.ks_plus),
            Transition("O", "RA2f", self.ks_minus),
            Transition("RA2s", "O", self.kf_plus),
            Transition("O", "RA2s", self.kf_minus),
        )
