r"""GluN1/GluN2D with either splice form of GluN1: two arms of seven states, one opening often, one seldom.

    H0 <=> H1 <=> H2 <=> H3 <=> H4 <=> HO1 <=> HO2        2 b+ A, b-;  b+ A, 2 b-;  k1, k2, k3 (opening), k4
    ||     ||     ||     ||     ||                        k5+ down, k5- up, the same for all five shut states
    L0 <=> L1 <=> L2 <=> L3 <=> L4 <=> LO1 <=> LO2        2 b+ A, b-;  b+ A, 2 b-;  k6, k7, k8 (opening), k9

The arms exchange without glutamate too, so a resting receptor is H0 or L0, in the ratio k5- : k5+.

The printed rates break detailed balance: round the loop H2 H3 L3 L2 the product of the rates one way is 0.45 (splice
form 1a) or 1.43 (1b) of that the other way, round H3 H4 L4 L3 it is 1.78 or 2.35. A receptor of this scheme
cycles as long as glutamate is bound. What follows from a stationary state is still exact; what needs
reversibility is not.

Room temperature, glycine saturating. Source: vance2012 (a public transcription of its rates). Leaves out: glycine
binding, protons.
"""

from __future__ import annotations

from typing import ClassVar

from unwound.core.arrays import Record, Scalar, eqx
from unwound.core.units import unit
from unwound.receptor.scheme import Agonists, Transition


class Vance2012(Record):
    """The fourteen-state scheme; the splice forms differ in its rates only."""

    b_plus: Scalar = unit("1/uM/s")
    b_minus: Scalar = unit("1/s")
    k1_plus: Scalar = unit("1/s")
    k1_minus: Scalar = unit("1/s")
    k2_plus: Scalar = unit("1/s")
    k2_minus: Scalar = unit("1/s")
    k3_plus: Scalar = unit("1/s")
    k3_minus: Scalar = unit("1/s")
    k4_plus: Scalar = unit("1/s")
    k4_minus: Scalar = unit("1/s")
    k5_plus: Scalar = unit("1/s")
    k5_minus: Scalar = unit("1/s")
    k6_plus: Scalar = unit("1/s")
    k6_minus: Scalar = unit("1/s")
    k7_plus: Scalar = unit("1/s")
    k7_minus: Scalar = unit("1/s")
    k8_plus: Scalar = unit("1/s")
    k8_minus: Scalar = unit("1/s")
    k9_plus: Scalar = unit("1/s")
    k9_minus: Scalar = unit("1/s")
    glycine_half: Scalar = unit("uM")
    prefix: str = eqx.field(static=True)
    title: str = eqx.field(static=True)
    subtype: str = eqx.field(static=True)

    states: ClassVar[tuple[str, ...]] = (
        *("H0", "H1", "H2", "H3", "H4", "HO1", "HO2"),
        *("L0", "L1", "L2", "L3", "L4", "LO1", "LO2"),
    )
    open_states: ClassVar[tuple[str, ...]] = ("HO1", "HO2", "LO1", "LO2")
    resting: ClassVar[tuple[str, ...]] = ("H0", "L0")
    temperature: ClassVar[float] = 23.0

    def transitions(self, agonists: Agonists) -> tuple[Transition, ...]:
        """Every way of the scheme."""
        bind = self.b_plus * agonists.glutamate
        high = ((self.k1_plus, self.k1_minus), (self.k2_plus, self.k2_minus), (self.k3_plus, self.k3_minus))
        low = ((self.k6_plus, self.k6_minus), (self.k7_plus, self.k7_minus), (self.k8_plus, self.k8_minus))
        arms = (("H", (*high, (self.k4_plus, self.k4_minus))), ("L", (*low, (self.k9_plus, self.k9_minus))))
        binding = ((2.0 * bind, self.b_minus), (bind, 2.0 * self.b_minus))
        steps: list[Transition] = []
        for arm, gating in arms:
            places = [f"{arm}{n}" for n in ("0", "1", "2", "3", "4", "O1", "O2")]
            for here, there, (forth, back) in zip(places[:-1], places[1:], (*binding, *gating), strict=True):
                steps += [Transition(here, there, forth), Transition(there, here, back)]
        for n in range(5):
            steps += [Transition(f"H{n}", f"L{n}", self.k5_plus), Transition(f"L{n}", f"H{n}", self.k5_minus)]
        return tuple(steps)
