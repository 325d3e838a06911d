"""CDISC ADPPK data sets (ADaM for population pharmacokinetics) as event tables.

    event table      ADPPK, the first one present
    -----------      ----------------------------------------------------------------
    ID               USUBJID, SUBJID, USUBJIDN, ID
    TIME             AFRLT, NFRLT, ARRLT (or the argument `time`)      unit FRLTU, RRLTU
    AMT              AMT, DOSEA                                        unit DOSEU
    RATE             RATE; without it the caller must say at_once=True
    II ADDL SS       II, ADDL, SS                                      unit IIU, else that of TIME
    EVID MDV CMT     EVID, MDV, CMT
    DV               DV, AVAL                                          unit AVALU, in samples
    ANALYTE          PARAMCD, in samples; `analytes` gives its codes a name
    DVID OCC ROUTE   DVID, OCC, ROUTE (CDISC words such as INTRAVENOUS DRIP are known)
    WT AGE SEX       WTBL or WT, AGE, SEX                              unit WTBLU or WTU, AGEU

Times before the first dose (samples of AFRLT -0.5 h) are kept: the clock of the regimen then begins with them, see
`Occasion.lead_h`. ``NA`` is a missing value. ADPPK's FORM is the dosage form (tablet), so drug, enantiomer and salt
form are said by the caller. Columns without a unit column need `units`, as in every event table.

Source: CDISC ADaM Implementation Guide for population pharmacokinetics, version 1.0; names of unit columns as in
ADNCA where that guide has none.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from unwound.core.errors import EventTableError, Problem
from unwound.core.files import read_text
from unwound.core.signals import Enantiomer
from unwound.regimen.doses import Form, Route
from unwound.regimen.event_people import EventTable
from unwound.regimen.event_rows import table_lines
from unwound.regimen.event_said import Said, said
from unwound.regimen.event_sidecar import with_sidecar
from unwound.regimen.events import LARGEST, require_said, table_of
from unwound.regimen.regimen import Setting

ADPPK_COLUMNS: dict[str, tuple[str, ...]] = {
    "ID": ("USUBJID", "SUBJID", "USUBJIDN", "ID"),
    "TIME": ("AFRLT", "NFRLT", "ARRLT"),
    "AMT": ("AMT", "DOSEA"),
    "DV": ("DV", "AVAL"),
    "ANALYTE": ("PARAMCD",),
    "WT": ("WTBL", "WT"),
    "AMT_UNIT": ("DOSEU",),
    "DV_UNIT": ("AVALU",),
    "II_UNIT": ("IIU",),
    "WT_UNIT": ("WTBLU", "WTU"),
    "AGE_UNIT": ("AGEU",),
}
"""Our columns and the ADPPK columns that can play their part; RATE, EVID, MDV, CMT and the rest keep their names."""

_TIME_UNITS = {"AFRLT": "FRLTU", "NFRLT": "FRLTU", "ARRLT": "RRLTU"}
_MISSING = ("", ".", "NA")


def read_adppk(
    path: str | os.PathLike[str],
    *,
    drug: str | None = None,
    enantiomer: Enantiomer | None = None,
    form: Form | None = None,
    route: Route | None = None,
    units: Mapping[str, str] | None = None,
    setting: Setting = "ward",
    time: str | None = None,
    at_once: bool = False,
    routes: Mapping[Any, Any] | None = None,
    analytes: Mapping[Any, str] | None = None,
) -> EventTable:
    """The ADPPK data set in a CSV file, as `parse_adppk`; what is not said may stand in ``<file>.units.toml``."""
    require_said(drug, enantiomer)
    text = read_text(path, kind="an ADPPK table", largest=LARGEST, error=EventTableError)
    here: dict[str, Any] = {
        "drug": drug, "enantiomer": enantiomer, "form": form, "route": route, "routes": routes,
        "analytes": analytes, "units": units,
    }  # fmt: skip
    words = with_sidecar(path, here)
    return parse_adppk(text, setting=setting, time=time, at_once=at_once, source=os.fspath(path), **words)


def parse_adppk(
    text: str,
    *,
    setting: Setting = "ward",
    time: str | None = None,
    at_once: bool = False,
    source: str = "",
    columns: Mapping[str, str] | None = None,
    **words: Any,
) -> EventTable:
    """The ADPPK data set in a CSV text; `time` names the column of times, `at_once` allows a table without RATE.

    Further arguments (drug, enantiomer, form, route, units, routes, analytes, ids, slowest_half_life) are those of
    `parse_events`. Raises `EventTableError` with every problem, each with its row, ID and column.
    """
    require_said(words.get("drug"), words.get("enantiomer"))
    header = [name.strip().upper() for name in table_lines(text, Said(), source)[0][1]]
    if "RATE" not in header and not at_once:
        remedy = "add it (0 gives all at once), or say at_once=True (--at-once) if every dose is given at once"
        raise EventTableError(Problem("header", ", ".join(header), "the column RATE is missing", remedy), source)
    columns = {**mapped(header, time), **(columns or {})}
    meaning = said(columns=columns, before_zero=True, missing=_MISSING, absent=("RATE",) if at_once else (), **words)
    return table_of(text, meaning, setting, source)


def is_adppk(header: Sequence[str]) -> bool:
    """Whether a `header` is one of ADPPK: it has a time of ADPPK, and no TIME."""
    names = {name.strip().upper() for name in header}
    return "TIME" not in names and not names.isdisjoint(_TIME_UNITS)


def mapped(header: list[str], time: str | None = None) -> dict[str, str]:
    """Our names and those of an ADPPK `header`, for the columns that have another name there."""
    columns = {}
    for ours, theirs in ADPPK_COLUMNS.items():
        if (found := next((name for name in theirs if name in header), None)) not in (None, ours):
            columns[ours] = str(found)
    if time is not None:
        columns["TIME"] = time.strip().upper()
    unit = _TIME_UNITS.get(columns.get("TIME", ""))
    if unit in header:
        columns["TIME_UNIT"] = str(unit)
    return columns
