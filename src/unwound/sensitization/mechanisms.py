"""The slow states beside the core, each to be switched on by name; all are off by default and off in fits.

A mechanism that is off keeps its state and loses its gains: what it does to the drive and to plasticity is zero.

Source: no numbers of its own. Leaves out: any evidence that one of them should be on.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from unwound.core.arrays import Record
from unwound.core.errors import UnknownName
from unwound.evidence import fill, keys_of
from unwound.sensitization.descending import Descending
from unwound.sensitization.disinhibition import Disinhibition
from unwound.sensitization.glia import Glia
from unwound.sensitization.opioid_tolerance import OpioidTolerance
from unwound.sensitization.receptor_number import ReceptorNumber


class Mechanisms(Record):
    """Parameters of every mechanism; which are on is said by their gains."""

    receptors: ReceptorNumber
    disinhibition: Disinhibition
    glia: Glia
    descending: Descending
    opioid: OpioidTolerance


NAMES = {
    "receptors": "more NMDA receptors while pain lasts (U)",
    "rebound": "the same, and block calls for more of them",
    "disinhibition": "glia weaken inhibition (H, in series with the receptors)",
    "glia": "injury and pain rouse glia, which raise release (G)",
    "anti_inflammatory": "the same, and ketamine quiets them",
    "descending": "descending control repaired under protection (D)",
    "opioid": "opioid tolerance, hyperalgesia and withdrawal (T)",
}
"""Name -> what it does."""

GAINS = {
    "receptors": ("receptors", ("strength",)),
    "rebound": ("receptors", ("strength", "rebound")),
    "disinhibition": ("disinhibition", ("drive_gain", "series_gain", "chloride_shift", "conductance_loss")),
    "glia": ("glia", ("release_gain",)),
    "anti_inflammatory": ("glia", ("release_gain", "anti_inflammatory")),
    "descending": ("descending", ("drive_gain",)),
    "opioid": ("opioid", ("analgesia", "hyperalgesia", "withdrawal")),
}
"""Name -> part of `Mechanisms`, and the gains that are zero while it is off."""

_RECORDS: dict[str, Any] = {
    "receptors": ReceptorNumber, "disinhibition": Disinhibition, "glia": Glia, "descending": Descending,
    "opioid": OpioidTolerance,
}  # fmt: skip


def mechanism_names(names: Iterable[str]) -> tuple[str, ...]:
    """The registered spellings, each once, in the order of `NAMES`. Raises `UnknownName`."""
    folded = []
    for name in names:
        one = name.strip().lower().replace("-", "_").replace(" ", "_")
        if one not in NAMES:
            raise UnknownName("mechanism", name, tuple(NAMES))
        folded.append(one)
    return tuple(name for name in NAMES if name in folded)


def _silent(names: tuple[str, ...], part: str) -> set[str]:
    """The gains of a part that nothing of `names` switches on."""
    kept = {gain for name in names for where, gains in [GAINS[name]] if where == part for gain in gains}
    return {gain for where, gains in GAINS.values() if where == part for gain in gains} - kept


def mechanisms_of(names: Iterable[str] = ()) -> Mechanisms:
    """The values of the evidence tables, with the gains of all that is not named at zero. Raises `UnknownName`."""
    on = mechanism_names(names)
    return Mechanisms(
        **{
            part: fill(record, record.prefix, **dict.fromkeys(_silent(on, part), 0.0))
            for part, record in _RECORDS.items()
        }
    )


def mechanism_keys(names: Iterable[str]) -> tuple[str, ...]:
    """Evidence keys that the mechanisms called `names` rest on."""
    on = mechanism_names(names)
    parts = dict.fromkeys(GAINS[name][0] for name in on)
    if "disinhibition" in parts:
        parts["glia"] = None  # which call it forth
    fields = {part: keys_of(_RECORDS[part], _RECORDS[part].prefix) for part in parts}
    return tuple(key for part, keys in fields.items() for key in keys if key.partition(".")[2] not in _silent(on, part))
