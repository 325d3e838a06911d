r"""Loss of consciousness and emergence, in the anesthetic range.

    unconscious, if the peak so far was above  c_loss z  and the concentration now is above  c_wake z
    ln z logistic with scale 1/k,  one z per person, so that

    P = x^k / (1 + x^k),      x = min(peak / c_loss, C / c_wake)

People wake at a lower concentration than the one at which they lost consciousness, and whoever is hard to put to sleep
wakes early. Concentrations are S-equivalents; the racemic thresholds are converted with the potency ratio of the EEG.

Source: zanos2018 (Table 1: general anesthesia at 1200 to 2400 ng/mL racemate), herd2007 and hornik2018 (awakening at
750 ng/mL, children), schuttler1987 (potency ratio); k so that 0.3 % lose consciousness at the peak of 84 mg
esketamine (esketamine_information); assumption. Leaves out: a second loss after waking (which would need c_loss
again), other sedatives, stimulation, age.
"""

from __future__ import annotations

from typing import ClassVar

from unwound.core.arrays import Array, Record, Scalar, jnp
from unwound.core.units import unit


class Consciousness(Record):
    """Thresholds of the median person, and how alike people are."""

    loss_concentration: Scalar = unit("uM")  # c_loss
    awakening_concentration: Scalar = unit("uM")  # c_wake
    slope: Scalar = unit("1")  # k
    r_potency: Scalar = unit("1")  # f

    prefix: ClassVar[str] = "consciousness"


def unconscious(peak: Array, concentration: Array, p: Consciousness) -> Array:
    """Probability of being unconscious at `concentration` [uM] after a `peak` [uM] not below it."""
    x = jnp.minimum(peak / p.loss_concentration, concentration / p.awakening_concentration)
    odds = x**p.slope
    return odds / (1.0 + odds)
