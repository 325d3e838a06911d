r"""The delay between blood and effect, and with which kinetics it was estimated.

    dCe/dt = ke0 (C - Ce),        ke0 = ln2 / t_half

The room pharmacokinetics solves this exactly as a follower of the plasma concentration; here stand only the rates,
one for each group of effects. A ke0 is estimated together with a pharmacokinetic model and a sampling site (an
arterial model that rises faster asks for a slower effect site): with any other model it is a guess, and
`mixing_warning` says so.

Source: kamp2021 (cardiac output, S-ketamine and S-norketamine), dahan2024 (pressure pain); assumption (fast effects).
Leaves out: spread between people; hysteresis from anything but delay.
"""

from __future__ import annotations

from typing import ClassVar

from unwound.core.arrays import Record, Scalar
from unwound.core.units import unit


class EffectSite(Record):
    """A first-order delay."""

    half_life: Scalar = unit("min")
    ke0: Scalar = unit("1/h")


class EffectSites(Record):
    """The delays of all groups of effects. An effect that names no group follows plasma (ventilation)."""

    fast: EffectSite
    """Drug high, dissociation, sedation, consciousness, EEG, blood pressure, heart rate."""
    cardiac: EffectSite
    """Cardiac output, S-ketamine."""
    cardiac_norketamine: EffectSite
    """Cardiac output, S-norketamine."""
    pressure_pain: EffectSite
    """Pressure-pain threshold; heat and electrical pain borrow it (assumed)."""

    prefixes: ClassVar[dict[str, str]] = {
        "fast": "fast_site",
        "cardiac": "cardiac_site",
        "cardiac_norketamine": "cardiac_norketamine_site",
        "pressure_pain": "pressure_pain_site",
    }


ESTIMATED_WITH = {
    "fast": None,
    "cardiac": "kamp2021",
    "cardiac_norketamine": "kamp2021",
    "pressure_pain": "dahan2024",
}
"""Effect site -> the pharmacokinetic model its ke0 was estimated with; None when the rate is assumed."""


def mixing_warning(site: str, model: str) -> str:
    """What to say when the ke0 of `site` follows the plasma of `model`; empty when they belong together."""
    own = ESTIMATED_WITH[site]
    if own is None:
        return f"the effect site {site!r} has an assumed delay, estimated with no model; here it follows {model}"
    if own == model:
        return ""
    return (
        f"the delay of the effect site {site!r} was estimated with the kinetics of {own}; here it follows {model}, "
        "so the time of its peak may be off by minutes"
    )
