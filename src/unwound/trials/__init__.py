"""Trials: designed as files, conducted many times over, analysed, and laid beside what was observed."""

from unwound.trials.conduct import TrialResult, conduct
from unwound.trials.design import Arm, Trial, published_trials
from unwound.trials.verdict import Row, Simulated, rows_of

__all__ = ["Arm", "Row", "Simulated", "Trial", "TrialResult", "conduct", "published_trials", "rows_of"]
