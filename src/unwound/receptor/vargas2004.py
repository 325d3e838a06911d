r"""Magnesium that holds the gate: the asymmetric trapping block of native cortical receptors.

    C0  <=>  C1  <=>  C2  <=>  O                    beta,    alpha
                      ||       ||                   k_on = 610 exp(-V/17) [Mg],  k_off = 5400 exp(V/47)
    C0' <=>  C1' <=>  C2' <=>  O'                   beta',   alpha'      each C2 has a desensitized state

A blocked channel closes 2.5 times as fast as a free one and opens at 0.9 of its rate; all else is the same. So
magnesium leaves in two phases when the cell is depolarized: at once from channels that are open, slowly from those
that have to open first. The scheme is the five-state gate of `five_state` in the full scheme of `pore`, with this
magnesium and this asymmetry; `full_generator(..., asymmetry=asymmetry())` gives the asymmetry to any other gate.

Its unbinding of glutamate is 17 times faster than that of the papers it builds on: for unblock, not for decays.

Source: vargas2004 (a public NEURON file). Leaves out: glycine binding, drugs that hold the gate.
"""

from __future__ import annotations

from unwound.core.arrays import Array, Float, Record, Scalar, jnp
from unwound.core.units import unit
from unwound.evidence import fill, value
from unwound.receptor.pore import Asymmetry, Magnesium, Solution, full_generator
from unwound.receptor.register import gating_scheme
from unwound.receptor.scheme import Agonists


class Rates(Record):
    """Binding and unbinding of magnesium as the paper writes them."""

    on_rate: Scalar = unit("1/mM/s")
    on_slope: Scalar = unit("mV")
    off_rate: Scalar = unit("1/s")
    off_slope: Scalar = unit("mV")


def rates() -> Rates:
    """The rates of the paper."""
    off_rate, off_slope = value("magnesium.off_rate", "1/s"), value("magnesium.off_slope", "mV")
    return fill(Rates, "vargas2004", off_rate=off_rate, off_slope=off_slope)


def magnesium(p: Rates) -> Magnesium:
    """The same block as a dissociation constant K_Mg = k_off/k_on, that of 0 mV, and its voltage dependence."""
    return Magnesium(
        dissociation=p.off_rate / p.on_rate,
        reference_voltage=jnp.zeros_like(jnp.asarray(p.on_rate)),
        slope=1.0 / (1.0 / p.on_slope + 1.0 / p.off_slope),
        off_rate=p.off_rate,
        off_slope=p.off_slope,
    )


def asymmetry() -> Asymmetry:
    """How magnesium in the pore changes opening and closing."""
    return fill(Asymmetry, "asymmetry")


def asymmetric_generator(glutamate: Scalar, voltage: Scalar, outside: Scalar) -> Float[Array, "state state"]:
    """The ten-state scheme [1/s] at glutamate [uM], voltage [mV] and magnesium [mM], laid out as in `pore`."""
    gate = gating_scheme("vargas2004")
    solution = Solution(Agonists(glutamate), outside, (), voltage)
    return full_generator(gate, solution, magnesium(rates()), (), 1.0, asymmetry=asymmetry())
