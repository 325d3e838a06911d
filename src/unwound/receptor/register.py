"""The register of gating schemes, the magnesium block of each subtype, and physical constants."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, cast

from unwound.core.errors import UnknownName
from unwound.core.units import units_of
from unwound.evidence import fill, value
from unwound.receptor.coagonist import Coagonist
from unwound.receptor.dravid2008 import Dravid2008
from unwound.receptor.erreger2005 import Erreger2005
from unwound.receptor.five_state import FiveState
from unwound.receptor.pore import Magnesium
from unwound.receptor.scheme import Gating
from unwound.receptor.schorge2005 import Schorge2005
from unwound.receptor.vance2012 import Vance2012

SUBTYPES = ("GluN2A", "GluN2B", "GluN2C", "GluN2D")


class _Known(NamedTuple):
    """How a scheme is built: its record, where its rows stand, and what no row says."""

    record: type[Any]
    prefix: str
    title: str
    subtype: str
    options: Mapping[str, Any] = MappingProxyType({})

    def build(self) -> Gating:
        """The scheme, from the evidence."""
        named = {"prefix": self.prefix, "title": self.title, "subtype": self.subtype, **self.options}
        if "glycine_half" in units_of(self.record):
            named["glycine_half"] = coagonist_of(self.subtype).glycine
        return cast(Gating, fill(self.record, self.prefix, **named))


def _native(prefix: str, paper: str, *, per_site: bool = False) -> _Known:
    return _Known(FiveState, prefix, f"{paper}: native receptor", "native", {"per_site": per_site})


_KNOWN = (
    _Known(Erreger2005, "erreger2005_2a", "Erreger 2005: GluN1/GluN2A", "GluN2A"),
    _Known(Erreger2005, "erreger2005_2b", "Erreger 2005: GluN1/GluN2B", "GluN2B"),
    _Known(Dravid2008, "dravid2008_2c", "Dravid 2008: GluN1/GluN2C", "GluN2C"),
    _Known(Vance2012, "vance2012_2d_1a", "Vance 2012: GluN1-1a/GluN2D", "GluN2D"),
    _Known(Vance2012, "vance2012_2d_1b", "Vance 2012: GluN1-1b/GluN2D", "GluN2D"),
    _Known(Schorge2005, "schorge2005_2a", "Schorge 2005: GluN1/GluN2A with glycine", "GluN2A"),
    _native("lester1992", "Lester and Jahr 1992"),
    _native("clements1991", "Clements and Westbrook 1991"),
    _native("clements1992", "Clements 1992"),
    _native("edmonds1992", "Edmonds and Colquhoun 1992"),
    _native("destexhe1996", "Destexhe 1996"),
    _native("vargas2004", "Vargas-Caballero and Robinson 2004, free of magnesium", per_site=True),
)

SCHEMES: dict[str, Callable[[], Gating]] = {known.prefix: known.build for known in _KNOWN}
"""Every scheme, built when asked for."""

DEFAULT = {
    "GluN2A": "erreger2005_2a",
    "GluN2B": "erreger2005_2b",
    "GluN2C": "dravid2008_2c",
    "GluN2D": "vance2012_2d_1a",
}
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


def coagonist_of(subtype: str) -> Coagonist:
    """How much glycine and D-serine a subtype, or a "native" receptor, needs. Raises `UnknownName`."""
    short = subtype if subtype == "native" else subtype_name(subtype).removeprefix("GluN").lower()
    glycine, d_serine = (value(f"coagonist.{who}_{short}", "uM") for who in ("glycine", "d_serine"))
    return fill(Coagonist, "coagonist", glycine=glycine, d_serine=d_serine)


def thermal_voltage(temperature: float) -> float:
    """RT/F [mV] at `temperature` [deg C]."""
    gas, faraday = value("physics.gas_constant", "1"), value("physics.faraday", "1")
    return 1000.0 * gas * (temperature + 273.15) / faraday
