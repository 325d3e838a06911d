"""The sidecar ``<file>.units.toml`` of an event table: what its numbers do not carry.

::

    AMT = "mg"                 # units, by column
    TIME = "h"
    DV = "ng/mL"
    drug = "ketamine"          # of every dose, unless [routes] says otherwise
    enantiomer = "S"           # racemic, S or R
    form = "base"
    [routes]                   # codes of CMT in doses
    1 = "intravenous"
    2 = { route = "nasal", enantiomer = "R" }
    [analytes]                 # codes of DVID, or of CMT, in samples
    1 = "S-ketamine"
    [columns]                  # our names and those of the table
    TIME = "TAFD"
    [ids]                      # numbers and the names behind them
    1 = "CRPS-017"

What the caller says comes first.
"""

from __future__ import annotations

import os
import pathlib
from collections.abc import Mapping
from typing import Any

from unwound.core.files import read_toml
from unwound.regimen.drugs import require_known

_WORDS = ("drug", "enantiomer", "form", "route", "slowest_half_life")
_TABLES = ("routes", "analytes", "columns", "ids")


def sidecar_path(path: str | os.PathLike[str]) -> pathlib.Path:
    """Where the sidecar of the table at `path` lies."""
    return pathlib.Path(f"{os.fspath(path)}.units.toml")


def with_sidecar(path: str | os.PathLike[str], said: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments that the caller gave, completed by the sidecar of `path`, if there is one."""
    file = sidecar_path(path)
    beside = read_toml(file, kind="a table of units") if file.exists() else {}
    words: dict[str, Any] = {}
    units: dict[str, Any] = {}
    for name, value in beside.items():
        if name.lower() in (*_WORDS, *_TABLES):
            words[name.lower()] = value
        else:
            units[name.upper()] = value
    require_known(words.get("drug", "ketamine"), words.get("enantiomer", "S"))
    given = {name: value for name, value in said.items() if value is not None and name != "units"}
    units.update({str(name).upper(): unit for name, unit in (said.get("units") or {}).items()})
    return {**words, **given, "units": units}
