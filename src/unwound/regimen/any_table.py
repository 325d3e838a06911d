"""One reader for every event table: NONMEM columns or those of CDISC ADPPK, told apart by the header.

A header with a time of ADPPK (AFRLT, NFRLT, ARRLT) and no TIME is an ADPPK data set. Which enantiomer was given is said
by the caller, by a column, or by the sidecar, and never guessed.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from typing import Any, Literal

from unwound.core.errors import EventTableError, InputError, Problem, UnsafeDose
from unwound.core.files import read_text
from unwound.core.signals import Enantiomer
from unwound.regimen.adppk import is_adppk, parse_adppk
from unwound.regimen.event_people import EventTable
from unwound.regimen.event_rows import table_lines
from unwound.regimen.event_said import Said
from unwound.regimen.event_sidecar import with_sidecar
from unwound.regimen.events import LARGEST, parse_events, require_said
from unwound.regimen.limits import check_limits
from unwound.regimen.regimen import Setting

Columns = Literal["auto", "nonmem", "adppk"]
SUFFIXES = (".csv", ".txt", ".dat")


def is_table(path: str | os.PathLike[str]) -> bool:
    """Whether `path` is named like an event table, and not like a protocol file."""
    return os.fspath(path).lower().endswith(SUFFIXES)


def read_table(
    path: str | os.PathLike[str],
    *,
    columns: Columns = "auto",
    enantiomer: Enantiomer | None = None,
    units: Mapping[str, str] | None = None,
    setting: Setting = "ward",
    at_once: bool = False,
) -> EventTable:
    """The event table of ketamine in a CSV file, and in its sidecar ``<file>.units.toml`` if there is one.

    `at_once` allows an ADPPK data set without RATE. Raises `EventTableError` with every problem of the table.
    """
    require_said(None, enantiomer)
    source = os.fspath(path)
    text = read_text(path, kind="an event table", largest=LARGEST, error=EventTableError)
    words: dict[str, Any] = with_sidecar(path, {"enantiomer": enantiomer, "units": units})
    header = [name.strip().upper() for name in table_lines(text, Said(), source)[0][1]]
    names = {str(theirs).strip().upper(): str(ours).upper() for ours, theirs in (words.get("columns") or {}).items()}
    told = {"enantiomer", "routes"} & set(words) or "ENANTIOMER" in (names.get(name, name) for name in header)
    if not told:
        remedy = "add --enantiomer S (or R, or racemic): a racemate taken for S-ketamine is a two-fold slip"
        raise EventTableError(
            Problem("--enantiomer", "(not given)", "an event table does not say what is given", remedy), source
        )
    words.setdefault("drug", "ketamine")
    if columns == "adppk" or (columns == "auto" and is_adppk(header)):
        return parse_adppk(text, setting=setting, at_once=at_once, source=source, **words)
    return parse_events(text, setting=setting, source=source, **words)


def limits_of_table(table: EventTable) -> list[str]:
    """Soft limits that anybody of `table` exceeds, each once with its IDs. Raises `UnsafeDose` naming every ID."""
    said: dict[str, list[str]] = {}
    problems: list[Problem] = []
    for person in table:
        for occasion in person.occasions:
            try:
                found = check_limits(occasion.regimen, person.weight_kg, person.age_y)
            except InputError as error:
                problems += [dataclasses.replace(p, field=f"ID {person.id}, {p.field}") for p in error.problems]
                continue
            for warning in found:
                said.setdefault(str(warning), []).append(person.id)
    if problems:
        raise UnsafeDose(problems)
    return [f"ID {', '.join(dict.fromkeys(ids))}: {warning}" for warning, ids in said.items()]
