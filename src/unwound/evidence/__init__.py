"""What has been measured, and how sure we are of it.

Every number of the package is a row of a table here: its value with a unit, its spread, what it is about,
whether it was measured, fitted, derived or assumed, which source says so and whether we have seen that source
ourselves. The rooms ask for a whole record of parameters (`fill`) or for one number (`estimate`, `value`); a
result asks which papers it rests on (`citations`) and what was merely assumed (`assumptions`). Beside the
tables lie the published trials (`trial_results`) and the dose limits (`dose_limits`). A defect in a shipped
file is an `EvidenceError` that names file, row and column. Nothing here needs JAX or loads a unit library.
"""

from unwound.evidence.bibliography import Citation, bibliography
from unwound.evidence.estimates import Estimate, Interval, Spread
from unwound.evidence.limits import DoseLimit, dose_limits
from unwound.evidence.load import all_estimates, estimate, rooms, table, value
from unwound.evidence.records import fill, fill_own, keys_of
from unwound.evidence.trace import assumptions, citations, cited_keys, recompute, search
from unwound.evidence.trial_index import TrialNote, for_fitting, trial_index, trial_name, trial_names, trial_note
from unwound.evidence.trial_rows import TrialRow, trial_results

__all__ = [
    "Citation",
    "DoseLimit",
    "Estimate",
    "Interval",
    "Spread",
    "TrialNote",
    "TrialRow",
    "all_estimates",
    "assumptions",
    "bibliography",
    "citations",
    "cited_keys",
    "dose_limits",
    "estimate",
    "fill",
    "fill_own",
    "for_fitting",
    "keys_of",
    "recompute",
    "rooms",
    "search",
    "table",
    "trial_index",
    "trial_name",
    "trial_names",
    "trial_note",
    "trial_results",
    "value",
]
