"""The register of gating schemes, the magnesium block of each subtype, and physical constants."""

from __future__ import annotations

from collections.abc import Callable

from unwound.core.errors import UnknownName
from unwound.evidence import fill, value
from unwound.receptor.erreger2005 import Erreger2005
from unwound.receptor.pore import Magnesium
from unwound.receptor.scheme import Gating

SUBTYPES = ("GluN2A", "GluN2B", "GluN2C", "GluN2D")

SCHEMES: dict[str, Callable[[], Gating]] = {
    "erreger2005_2a": lambda: fill(
        Erreger2005, "erreger2005_2a", prefix="erreger2005_2a", title="Erreger 2005: GluN1/GluN2A", subtype="GluN2A"
    ),
    "erreger2005_2b": lambda: fill(
        Erreger2005, "erreger2005_2b", prefix="erreger2005_2b", title="Erreger 2005: GluN1/GluN2B", subtype="GluN2B"
    ),
}
"""Every scheme, built when asked for."""

DEFAULT = {"GluN2A": "erreger2005_2a", "GluN2B": "erreger2005_2b"}
"""The scheme of each subtype when no scheme is named."""


def subtype_name(name: str) -> str:
    """The registered spelling of a subtype: "2a", "NR2A", "glun2a" are GluN2A. Raises `UnknownName`."""
    folded = name.lower().replace("glun1/", "").replace("glun", "").replace("nr", "").strip()
    for known in SUBTYPES:
        if folded == known.removeprefix("GluN").lower():
            return known
    raise UnknownName("receptor subtype", name, SUBTYPES)


def gating_scheme(name: str) -> Gating:
    """The scheme called `name`, or the default one of a subtype. Raises `UnknownName`."""
    folded = name.lower().replace(" ", "").replace("-", "_")
    if folded in SCHEMES:
        return SCHEMES[folded]()
    try:
        return SCHEMES[DEFAULT[subtype_name(name)]]()
    except UnknownName:
        raise UnknownName("gating scheme", name, (*SCHEMES, *SUBTYPES)) from None


def magnesium_of(subtype: str) -> Magnesium:
    """Magnesium block of a subtype. Raises `UnknownName`."""
    short = subtype_name(subtype).removeprefix("GluN").lower()
    return fill(Magnesium, "magnesium", dissociation=value(f"magnesium.dissociation_{short}", "mM"))


def thermal_voltage(temperature: float) -> float:
    """RT/F [mV] at `temperature` [deg C]."""
    gas, faraday = value("physics.gas_constant", "1"), value("physics.faraday", "1")
    return 1000.0 * gas * (temperature + 273.15) / faraday
