"""Trials: designed as files, conducted many times over, analysed, and laid beside what was observed."""

from unwound.trials.catalog import Listed, catalog
from unwound.trials.conduct import TrialResult, conduct
from unwound.trials.described import Described, published_protocol, published_protocols
from unwound.trials.design import Arm
from unwound.trials.drivers import DriverVerdict, driver_verdicts
from unwound.trials.expectancy import UnderExpectancy, under_expectancy
from unwound.trials.power import Asked, TrialPower, trial_power
from unwound.trials.row import Row, Simulated
from unwound.trials.trial import Trial, published_trials
from unwound.trials.verdict import rows_of

__all__ = [
    "Arm",
    "Asked",
    "Described",
    "DriverVerdict",
    "Listed",
    "Row",
    "Simulated",
    "Trial",
    "TrialPower",
    "TrialResult",
    "UnderExpectancy",
    "catalog",
    "conduct",
    "driver_verdicts",
    "published_protocol",
    "published_protocols",
    "published_trials",
    "rows_of",
    "trial_power",
    "under_expectancy",
]
