r"""GluN1/GluN2C: two bindings, a fast and a slow step in either order, then two open states in a row.

    R  <=>  RA  <=>  RA2a  <=>  RA2b  <=>  RA2d  <=>  O1  <=>  O2      2 kon A, koff;  kon A, 2 koff
                     |  \\                  |          k3   k4          fast step kf+, kf-;  slow step ks+, ks-
                    D1  D2  RA2c  <========             RA2d follows when both steps are done

Scheme 3a of the paper. Room temperature, glycine saturating.

Source: dravid2008 (a public transcription of its rates). Leaves out: glycine binding, protons and zinc.
"""

from __future__ import annotations

from typing import ClassVar

from unwound.core.arrays import Record, Scalar, eqx
from unwound.core.units import unit
from unwound.receptor.scheme import Agonists, Transition


class Dravid2008(Record):
    """The ten-state scheme."""

    kon: Scalar = unit("1/uM/s")
    koff: Scalar = unit("1/s")
    kf_plus: Scalar = unit("1/s")
    kf_minus: Scalar = unit("1/s")
    ks_plus: Scalar = unit("1/s")
    ks_minus: Scalar = unit("1/s")
    k3_plus: Scalar = unit("1/s")
    k3_minus: Scalar = unit("1/s")
    k4_plus: Scalar = unit("1/s")
    k4_minus: Scalar = unit("1/s")
    kd1_plus: Scalar = unit("1/s")
    kd1_minus: Scalar = unit("1/s")
    kd2_plus: Scalar = unit("1/s")
    kd2_minus: Scalar = unit("1/s")
    glycine_half: Scalar = unit("uM")
    prefix: str = eqx.field(static=True)
    title: str = eqx.field(static=True)
    subtype: str = eqx.field(static=True)

    states: ClassVar[tuple[str, ...]] = ("R", "RA", "RA2a", "RA2b", "RA2c", "RA2d", "O1", "O2", "D1", "D2")
    open_states: ClassVar[tuple[str, ...]] = ("O1", "O2")
    resting: ClassVar[tuple[str, ...]] = ("R",)
    temperature: ClassVar[float] = 23.0

    def transitions(self, agonists: Agonists) -> tuple[Transition, ...]:
        """Every way of the scheme."""
        bind = self.kon * agonists.glutamate
        return (
            Transition("R", "RA", 2.0 * bind),
            Transition("RA", "R", self.koff),
            Transition("RA", "RA2a", bind),
            Transition("RA2a", "RA", 2.0 * self.koff),
            Transition("RA2a", "D1", self.kd1_plus),
            Transition("D1", "RA2a", self.kd1_minus),
            Transition("RA2a", "D2", self.kd2_plus),
            Transition("D2", "RA2a", self.kd2_minus),
            Transition("RA2a", "RA2b", self.kf_plus),
            Transition("RA2b", "RA2a", self.kf_minus),
            Transition("RA2a", "RA2c", self.ks_plus),
            Transition("RA2c", "RA2a", self.ks_minus),
            Transition("RA2b", "RA2d", self.ks_plus),
            Transition("RA2d", "RA2b", self.ks_minus),
            Transition("RA2c", "RA2d", self.kf_plus),
            Transition("RA2d", "RA2c", self.kf_minus),
            Transition("RA2d", "O1", self.k3_plus),
            Transition("O1", "RA2d", self.k3_minus),
            Transition("O1", "O2", self.k4_plus),
            Transition("O2", "O1", self.k4_minus),
        )
