r"""Glycine and D-serine: a receptor opens only where its GluN1 sites are taken.

    G* = G + D EC50_G / EC50_D                     D-serine as an equivalent amount of glycine: one site for both
    share = G* / (G* + EC50_G)                     multiplies every rate of opening

Schemes with binding of glycine of their own (schorge2005) take G* as their glycine and no share. The share multiplies
openings, not the current: at the EC50 0.50 to 0.52 of the steady current is left, but 0.66 of the peak of GluN2A, whose
channels are often open (0.50 to 0.53 of the peak in the other subtypes). The EC50s are recalled, not read.

Source: none that we have seen (assumed). Leaves out: speed of binding; cooperation of the two glycine sites;
the mutual weakening of glutamate and glycine binding, and with it glycine-dependent desensitization.
"""

from __future__ import annotations

from unwound.core.arrays import Record, Scalar
from unwound.core.units import unit


class Coagonist(Record):
    """How much of each co-agonist half of the receptors of a subtype need."""

    glycine: Scalar = unit("uM")
    d_serine: Scalar = unit("uM")


def glycine_equivalent(glycine: Scalar, d_serine: Scalar, p: Coagonist) -> Scalar:
    """Glycine and D-serine [uM] as one amount of glycine [uM]."""
    return glycine + d_serine * p.glycine / p.d_serine


def share(glycine: Scalar, half: Scalar) -> Scalar:
    """Share of receptors that may open at `glycine` [uM] with its EC50 `half` [uM]."""
    return glycine / (glycine + half)
