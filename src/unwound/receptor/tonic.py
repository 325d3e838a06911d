r"""A second, tighter site of ketamine that holds back ambient activation only: a hypothesis with a switch.

    ambient drive left          phi(C) = 1 - Imax C / (C + K_tonic)
    single channels, on cell    Po/Po_0 = phi(C) / (1 + C/K_pore)        drug reaches both sites
    outside-out patch           Po/Po_0 = 1 / (1 + C/K_pore)             the pore only

`no_tonic` switches it off. Synapse-like pulses are spared: phi applies to the current that ambient glutamate keeps
open, never to an EPSC.

How weak the evidence is: an abstract says that ketamine has a membrane-accessible site of about 0.1 uM whose
inhibition is incomplete, without a number for Imax. Imax and K_pore are our fit of **four points** of another
abstract (on cell 0.1 and 1 uM, outside-out 1 and 10 uM) with **three parameters**; the residuals reach 0.12, and other
triples do as well. A prior, not a finding.

Source: abbott2024 (K_tonic, incomplete, spares pulses), orser1997 (the four points), assumption (Imax, K_pore).
Leaves out: its dependence on pH and voltage (both reported, without numbers), its kinetics, other drugs.
"""

from __future__ import annotations

from unwound.core.arrays import Record, Scalar
from unwound.core.units import unit
from unwound.evidence import fill


class Tonic(Record):
    """The tonic site, and the pore as patches see it."""

    maximum: Scalar = unit("1")  # Imax
    half: Scalar = unit("uM")  # K_tonic
    pore_half: Scalar = unit("uM")  # K_pore


def tonic() -> Tonic:
    """The site as the table of evidence has it."""
    return fill(Tonic, "tonic")


def no_tonic() -> Tonic:
    """The same hypothesis switched off: nothing but the pore."""
    return fill(Tonic, "tonic", maximum=0.0)


def ambient_drive(concentration: Scalar, p: Tonic) -> Scalar:
    """phi: the share of ambient activation that is left at `concentration` [uM]."""
    return 1.0 - p.maximum * concentration / (concentration + p.half)


def outside_out(concentration: Scalar, p: Tonic) -> Scalar:
    """Open probability of an excised patch relative to no drug: only the pore is reached."""
    return p.pore_half / (p.pore_half + concentration)


def cell_attached(concentration: Scalar, p: Tonic) -> Scalar:
    """Open probability on the cell relative to no drug: the drug comes through the membrane and reaches both sites."""
    return ambient_drive(concentration, p) * outside_out(concentration, p)
