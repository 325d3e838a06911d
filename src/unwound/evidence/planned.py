"""Planned trials whose design is public and whose result this project does not know: `ledger/`, read as text.

    ledger/NAME/protocol.toml          the design, a trial file like any other (`unwound.trials`)
    ledger/NAME/predictions/*.json     predictions that were frozen, one file each, never edited (`trials.ledger`)
    ledger/NAME/results.csv            what was printed, in the columns of every trial; absent until it is known

A planned trial is none of `trial_names()`: it cannot be fitted, nor counted among published trials.
"""

from __future__ import annotations

import functools
import tomllib
from importlib.resources import files
from typing import Any

from unwound.core.errors import UnknownName
from unwound.evidence.shipped import names_in, text_of
from unwound.evidence.trial_rows import TrialRow, read_results

FOLDER = "ledger"


@functools.cache
def planned_names() -> tuple[str, ...]:
    """The planned trials, by folder name, sorted."""
    return tuple(name for name in names_in(FOLDER, "") if _has(f"{FOLDER}/{name}", "protocol.toml"))


def planned_name(name: str) -> str:
    """The folder name of a planned trial, asked for in any case, with or without a dash. Raises `UnknownName`."""
    wanted = name.lower().replace("-", "")
    if wanted not in planned_names():
        raise UnknownName("planned trial", name, planned_names())
    return wanted


def planned_protocol(name: str) -> tuple[dict[str, Any], str]:
    """The design as plain data, and where it stands. Raises `UnknownName`."""
    source = f"{FOLDER}/{planned_name(name)}/protocol.toml"
    return tomllib.loads(text_of(source)), source


def planned_protocol_text(name: str) -> str:
    """The text of the design, of which a frozen prediction keeps the hash."""
    return text_of(f"{FOLDER}/{planned_name(name)}/protocol.toml")


def planned_results(name: str) -> tuple[TrialRow, ...] | None:
    """What was printed of the trial; None as long as it is not known. Raises `EvidenceError`."""
    folder = f"{FOLDER}/{planned_name(name)}"
    if not _has(folder, "results.csv"):
        return None
    return read_results(text_of(f"{folder}/results.csv"), f"{folder}/results.csv")


def frozen_texts(name: str) -> dict[str, str]:
    """The frozen predictions that ship: file name -> text, in the order of their dates."""
    own = planned_name(name)
    if not _has(f"{FOLDER}/{own}", "predictions"):
        return {}
    folder = f"{FOLDER}/{own}/predictions"
    return {f"{stem}.json": text_of(f"{folder}/{stem}.json") for stem in names_in(folder, ".json")}


def _has(folder: str, name: str) -> bool:
    place = files("unwound.evidence").joinpath(folder).joinpath(name)
    return place.is_file() or place.is_dir()
