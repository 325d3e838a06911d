"""How a trial is analyzed: pure functions on arrays, over all virtual replicates at once.

    ratings   (visits, replicates, patients), NaN where missing;   per patient   (replicates, patients)
    arm       0 control, 1 treated (`joined` makes it);   every difference is treated minus control

    two means            compare, mean_change                                     t test
    adjusted             ancova, mmrm                                             baseline, strata; repeated measures
    missing              last_carried, baseline_carried, analyze_imputed          LOCF, BOCF, multiple imputation
    the question         Estimand, prepare                                        intercurrent events
    shares               responses, compare_shares, responder_curve, event_share  responders, adverse events
    time to an event     censored, kaplan_meier, log_rank, restricted_mean
    sums                 area_under, mean_pain, opioid_equivalents
    other designs        non_inferiority, two_periods, several_periods, paired, randomized_withdrawal
    planning             power_of, replicates_for, sample_size, under_expectancy

A replica of a published trial uses the t test: week w, the ratings at that week; overall, each patient's mean rating
over weeks 1 to the last (with complete data the between-patient main effect of a repeated-measures analysis of
variance).
"""

from unwound.trials.analysis.adverse import EventShare, event_share, share_of
from unwound.trials.analysis.burden import area_under, mean_pain, opioid_equivalents
from unwound.trials.analysis.carried import baseline_carried, last_carried
from unwound.trials.analysis.comparison import Comparison, Fit, comparison
from unwound.trials.analysis.crossover import paired, several_periods, two_periods
from unwound.trials.analysis.distributions import exact_interval, two_sided_p
from unwound.trials.analysis.estimand import STRATEGIES, Estimand, Prepared, prepare
from unwound.trials.analysis.expectancy import Discounted, hazard_under_expectancy, unblinding_shares, under_expectancy
from unwound.trials.analysis.imputation import Imputation, analyze_imputed, imputed, pooled
from unwound.trials.analysis.inputs import joined, split
from unwound.trials.analysis.linear import ancova
from unwound.trials.analysis.margin import NonInferiority, non_inferior_interval, non_inferiority
from unwound.trials.analysis.mixed import mmrm
from unwound.trials.analysis.power import Power, SampleSize, power_of, replicates_for, sample_size
from unwound.trials.analysis.responders import (
    REDUCTIONS,
    ShareDifference,
    compare_shares,
    reduction,
    responder_curve,
    responses,
    wilson,
)
from unwound.trials.analysis.survival import (
    LogRank,
    Survival,
    censored,
    compare_restricted_means,
    kaplan_meier,
    log_rank,
    restricted_mean,
)
from unwound.trials.analysis.two_sample import compare, mean_and_sd, mean_change
from unwound.trials.analysis.withdrawal import Withdrawal, randomized_withdrawal

__all__ = [
    "REDUCTIONS",
    "STRATEGIES",
    "Comparison",
    "Discounted",
    "Estimand",
    "EventShare",
    "Fit",
    "Imputation",
    "LogRank",
    "NonInferiority",
    "Power",
    "Prepared",
    "SampleSize",
    "ShareDifference",
    "Survival",
    "Withdrawal",
    "analyze_imputed",
    "ancova",
    "area_under",
    "baseline_carried",
    "censored",
    "compare",
    "compare_restricted_means",
    "compare_shares",
    "comparison",
    "event_share",
    "exact_interval",
    "hazard_under_expectancy",
    "imputed",
    "joined",
    "kaplan_meier",
    "last_carried",
    "log_rank",
    "mean_and_sd",
    "mean_change",
    "mean_pain",
    "mmrm",
    "non_inferior_interval",
    "non_inferiority",
    "opioid_equivalents",
    "paired",
    "pooled",
    "power_of",
    "prepare",
    "randomized_withdrawal",
    "reduction",
    "replicates_for",
    "responder_curve",
    "responses",
    "restricted_mean",
    "sample_size",
    "several_periods",
    "share_of",
    "split",
    "two_periods",
    "two_sided_p",
    "unblinding_shares",
    "under_expectancy",
    "wilson",
]
