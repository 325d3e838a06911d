"""What is given: doses as people write them, on an exact clock, and within the limits they must keep.

A `Regimen` is a setting and a list of doses: `Bolus`, `Infusion`, `Titration`, each once or as a series. It
is read from TOML, or from an event table (`read_table`: NONMEM style as `read_events`, or ADPPK as `read_adppk`), and
written for NONMEM by `to_nonmem`. `check_limits` says which doses are unusual and refuses unsafe ones;
`compile_regimen` gives the piecewise-constant rates that the room of pharmacokinetics needs. This is for research
and education, not for clinical use.
"""

from unwound.regimen.adppk import parse_adppk, read_adppk
from unwound.regimen.any_table import is_table, limits_of_table, read_table
from unwound.regimen.compile import ROUTES, TOLERANCE_H, compile_regimen, total_mg
from unwound.regimen.doses import AnyDose, Bolus, Dose, Infusion, Titration
from unwound.regimen.dosing_weight import dosing_weight
from unwound.regimen.event_occasions import Occasion
from unwound.regimen.event_people import EventTable, Person
from unwound.regimen.event_units import UNITS_SENTENCE, parse_units
from unwound.regimen.events import parse_events, read_events
from unwound.regimen.limits import LimitWarning, check_limits
from unwound.regimen.nonmem_export import NonmemFiles, as_person, to_nonmem
from unwound.regimen.regimen import Regimen, Setting
from unwound.regimen.series import Repeat
from unwound.regimen.weight_basis import for_person

__all__ = [
    "ROUTES",
    "TOLERANCE_H",
    "UNITS_SENTENCE",
    "AnyDose",
    "Bolus",
    "Dose",
    "EventTable",
    "Infusion",
    "LimitWarning",
    "NonmemFiles",
    "Occasion",
    "Person",
    "Regimen",
    "Repeat",
    "Setting",
    "Titration",
    "as_person",
    "check_limits",
    "compile_regimen",
    "dosing_weight",
    "for_person",
    "is_table",
    "limits_of_table",
    "parse_adppk",
    "parse_events",
    "parse_units",
    "read_adppk",
    "read_events",
    "read_table",
    "to_nonmem",
    "total_mg",
]
