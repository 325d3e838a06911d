"""unwound: from the dose in the syringe to the pain score three months later.

The story in three nouns and one verb::

    import unwound

    regimen = unwound.Protocol.from_toml("examples/protocols/ten_weekdays.toml").regimen
    person = unwound.Person(weight="70 kg", pain="7 points")
    course = unwound.simulate(person, regimen, until="12 weeks")
    course.at(0.0), course.relief_days(regimen.end), course.assumptions(), course.citations()

Many people are a cohort (`simulate_cohort`), a published trial is a `Trial` that can be conducted again
(`conduct`, `rows_of`), every number is a row of the evidence (`estimate`, `assumptions`, `citations`).
Names load when they are first used: importing the package imports neither JAX nor pyarrow.
Research and education, not for clinical use.
"""

from __future__ import annotations

import importlib
from typing import Any

_HOME = {
    "unwound.core.errors": ("InputError", "NumericalError", "Problem", "StoreError", "UnsafeDose", "UnwoundError"),
    "unwound.core.safety": ("SIMULATION_ONLY",),
    "unwound.core.verdicts": ("Verdict",),
    "unwound.evidence": ("Estimate", "assumptions", "citations", "estimate", "trial_results"),
    "unwound.regimen": ("Bolus", "Infusion", "Regimen", "Titration", "check_limits", "read_events"),
    "unwound.patient": ("Accuracy", "Course", "Person", "Protocol", "Setting", "simulate"),
    "unwound.population": ("simulate_cohort",),
    "unwound.trials": ("Trial", "TrialResult", "conduct", "rows_of"),
}
_FOUND_IN = {name: room for room, names in _HOME.items() for name in names}

__all__ = sorted(_FOUND_IN)


def __getattr__(name: str) -> Any:
    if name not in _FOUND_IN:
        raise AttributeError(f"module 'unwound' has no name {name!r}")
    value = getattr(importlib.import_module(_FOUND_IN[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*globals(), *__all__]
