"""Our analyses, over all replicates at once, against statsmodels and scipy, one replicate at a time."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.duration.survfunc import SurvfuncRight, survdiff
from statsmodels.stats.contingency_tables import Table2x2
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from unwound.trials.analysis import (
    ancova,
    compare_shares,
    event_share,
    exact_interval,
    kaplan_meier,
    log_rank,
    mean_change,
    mmrm,
    paired,
    randomized_withdrawal,
    several_periods,
    two_periods,
    two_sided_p,
)
from unwound.trials.analysis.distributions import t_quantile, upper_p

NAN = np.nan
REPLICATES, PATIENTS = 4, 40


@pytest.fixture(scope="module")
def trial():
    """Ratings at three visits, arm, baseline, strata; some ratings missing at the last visit."""
    rng = np.random.default_rng(11)
    shape = (REPLICATES, PATIENTS)
    arm = rng.permuted(np.tile(np.arange(PATIENTS) % 2, (REPLICATES, 1)), axis=1)
    baseline, strata = rng.normal(6.5, 1.5, shape), rng.integers(0, 3, shape)
    person = rng.normal(0, 1, shape)
    visits = [0.6 * baseline + person + 0.4 * strata - 0.8 * arm + rng.normal(0, 1, shape) for _ in range(3)]
    return np.stack(visits), arm, baseline, strata


def dummies(strata):
    return (strata[:, None] == np.array([1, 2])).astype(float)


# ----------------------------------------------------------------------------------------------------- distributions


@pytest.mark.parametrize("doubt", [0.1, 0.05, 0.001])
def test_the_quantile_of_student_is_that_of_scipy(doubt):
    freedom = np.array([1, 1.5, 2, 5.3, 58, 1e4])
    np.testing.assert_allclose(t_quantile(doubt, freedom), stats.t.isf(doubt / 2, freedom), rtol=1e-9)


def test_one_and_two_sided_p_are_those_of_scipy():
    t, freedom = np.array([-3.0, -0.1, 0.0, 1.7, 6.0]), np.array([3, 8.5, 20, 58, 400])
    np.testing.assert_allclose(upper_p(t, freedom), stats.t.sf(t, freedom), rtol=1e-9)
    np.testing.assert_allclose(two_sided_p(t, freedom), 2 * stats.t.sf(abs(t), freedom), rtol=1e-9)


def test_the_exact_interval_of_a_share_is_that_of_statsmodels():
    events, tries = np.array([1, 7, 30, 59]), np.array([101, 60, 60, 60])
    low, high = exact_interval(events, tries)
    expected = proportion_confint(events, tries, method="beta")
    np.testing.assert_allclose([low, high], expected, rtol=1e-8)


# --------------------------------------------------------------------------------------------------- means and models


def test_the_mean_change_is_compared_as_scipy_does(trial):
    ratings, arm, baseline, _ = trial
    found = mean_change(ratings[-1], baseline, arm)
    for r in range(REPLICATES):
        change = ratings[-1, r] - baseline[r]
        expected = stats.ttest_ind(change[arm[r] == 1], change[arm[r] == 0])
        interval = expected.confidence_interval()
        assert found.p[r] == pytest.approx(expected.pvalue, rel=1e-9)
        assert (found.low[r], found.high[r]) == (pytest.approx(interval.low), pytest.approx(interval.high))


def test_covariance_analysis_is_least_squares_of_statsmodels_with_missing_ratings(trial):
    ratings, arm, baseline, strata = trial
    last = ratings[-1].copy()
    last[:, 3:9] = NAN
    found = ancova(last, arm, baseline, strata)
    for r in range(REPLICATES):
        seen = np.isfinite(last[r])
        X = np.column_stack([np.ones(PATIENTS), arm[r], baseline[r], dummies(strata[r])])[seen]
        fit = sm.OLS(last[r][seen], X).fit()
        ours = (found.difference[r], found.error[r], found.p[r], found.low[r], found.high[r], found.freedom[r])
        theirs = (fit.params[1], fit.bse[1], fit.pvalues[1], *fit.conf_int()[1], fit.df_resid)
        np.testing.assert_allclose(ours, theirs, rtol=1e-8)


def test_a_stratum_that_a_replicate_lacks_changes_nothing(trial):
    ratings, arm, baseline, strata = trial
    strata = strata.copy()
    strata[0, strata[0] == 2] = 1
    found = ancova(ratings[-1], arm, baseline, strata)
    X = np.column_stack([np.ones(PATIENTS), arm[0], baseline[0], strata[0] == 1]).astype(float)
    fit = sm.OLS(ratings[-1, 0], X).fit()
    np.testing.assert_allclose((found.error[0], found.freedom[0]), (fit.bse[1], fit.df_resid), rtol=1e-8)


def test_a_mixed_model_of_complete_data_is_covariance_analysis_at_the_visit(trial):
    ratings, arm, baseline, strata = trial
    mixed, alone = mmrm(ratings, arm, baseline, strata), ancova(ratings[-1], arm, baseline, strata)
    for field in ("difference", "error", "freedom", "p", "low"):
        np.testing.assert_allclose(getattr(mixed, field), getattr(alone, field), rtol=1e-8)


def test_a_mixed_model_over_all_visits_is_covariance_analysis_of_the_mean_rating(trial):
    ratings, arm, baseline, strata = trial
    mixed = mmrm(ratings, arm, baseline, strata, weights=np.full(3, 1 / 3))
    alone = ancova(ratings.mean(axis=0), arm, baseline, strata)
    for field in ("difference", "error", "freedom"):
        np.testing.assert_allclose(getattr(mixed, field), getattr(alone, field), rtol=1e-8)


# -------------------------------------------------------------------------------------------------------- crossovers


@pytest.fixture(scope="module")
def crossover():
    """Three periods, three treatments, each patient in a random order; one period missing in some."""
    rng = np.random.default_rng(4)
    order = rng.permuted(np.tile(np.arange(3)[:, None, None], (1, REPLICATES, 24)), axis=0)
    person = rng.normal(5, 2, (REPLICATES, 24))
    values = person - 0.9 * (order == 1) - 0.3 * (order == 2) + 0.5 * np.arange(3)[:, None, None]
    values = values + rng.normal(0, 1, values.shape)
    values[2, :, :4] = NAN
    return values, order


def fixed_effects(values, treatment, levels):
    """statsmodels OLS with a dummy per patient and per period; values (periods, patients)."""
    periods, patients = values.shape
    period, patient = np.divmod(np.arange(values.size), patients)
    columns = [treatment.ravel() == t for t in levels] + [period == p for p in range(1, periods)]
    columns += [patient == i for i in range(patients)]
    seen = np.isfinite(values.ravel())
    return sm.OLS(values.ravel()[seen], np.column_stack(columns).astype(float)[seen]).fit()


def test_several_periods_are_fixed_effects_of_patients_and_periods(crossover):
    values, order = crossover
    found = several_periods(values, order)
    for r in range(REPLICATES):
        fit = fixed_effects(values[:, r], order[:, r], (1, 2))
        theirs = (fit.params[0], fit.bse[0], fit.pvalues[0], fit.df_resid)
        ours = (found.difference[r], found.error[r], found.p[r], found.freedom[r])
        np.testing.assert_allclose(ours, theirs, rtol=1e-7)


def test_two_periods_are_fixed_effects_too_and_tell_the_period_apart():
    rng = np.random.default_rng(5)
    first = np.tile(np.arange(20) % 2, (REPLICATES, 1))
    treatment = np.stack([first, 1 - first])
    values = rng.normal(5, 1, (2, REPLICATES, 20)) + rng.normal(0, 2, (REPLICATES, 20)) - treatment
    values[1] += 0.7
    drug, period = two_periods(values, treatment)
    general = several_periods(values, treatment)
    np.testing.assert_allclose(drug.error, general.error, rtol=1e-9)
    for r in range(REPLICATES):
        fit = fixed_effects(values[:, r], treatment[:, r], (1,))
        np.testing.assert_allclose((drug.difference[r], drug.p[r]), (fit.params[0], fit.pvalues[0]), rtol=1e-8)
        np.testing.assert_allclose((-period.difference[r], period.p[r]), (fit.params[1], fit.pvalues[1]), rtol=1e-7)


def test_a_paired_analysis_is_the_paired_t_test_of_scipy():
    rng = np.random.default_rng(6)
    first = np.tile(np.arange(20) % 2, (REPLICATES, 1))
    treatment, values = np.stack([first, 1 - first]), rng.normal(5, 1, (2, REPLICATES, 20))
    found = paired(values, treatment)
    drug, none = (np.where(treatment == t, values, 0).sum(axis=0) for t in (1, 0))
    np.testing.assert_allclose(found.p, stats.ttest_rel(drug, none, axis=1).pvalue, rtol=1e-9)


# ------------------------------------------------------------------------------------------------ shares and survival


@pytest.mark.parametrize("counts", [(18, 30, 9, 30), (0, 30, 4, 28), (12, 12, 3, 15), (1, 50, 1, 60)])
def test_shares_are_compared_as_statsmodels_and_scipy_do(counts):
    a, n1, c, n0 = counts
    responses = np.array([[1.0] * a + [0.0] * (n1 - a) + [1.0] * c + [0.0] * (n0 - c)])
    arm = np.array([[1] * n1 + [0] * n0])
    found = compare_shares(responses, arm)
    low, high = confint_proportions_2indep(a, n1, c, n0, compare="diff", method="newcomb")
    np.testing.assert_allclose((found.low[0], found.high[0]), (low, high), rtol=1e-9, atol=1e-12)
    table = np.array([[a, n1 - a], [c, n0 - c]])
    assert found.p[0] == pytest.approx(stats.chi2_contingency(table, correction=False).pvalue, rel=1e-9)
    odds = Table2x2(table + (0.5 if 0 in table else 0.0))
    np.testing.assert_allclose(
        (found.odds_ratio[0], found.odds_low[0], found.odds_high[0]),
        (odds.oddsratio, *odds.oddsratio_confint()),
        rtol=1e-9,
    )


@pytest.fixture(scope="module")
def relapses():
    """Whole weeks (many ties), some censored early, some never."""
    rng = np.random.default_rng(8)
    arm = np.tile(np.arange(PATIENTS) % 2, (REPLICATES, 1))
    event = np.ceil(rng.exponential(np.where(arm == 1, 14, 7)))
    end = np.where(rng.random(arm.shape) < 0.2, rng.integers(2, 10, arm.shape), 12)
    return np.minimum(event, end), event <= end, arm


def test_the_survival_curve_and_its_error_are_those_of_statsmodels(relapses):
    time, event, arm = relapses
    weeks = np.arange(0.5, 13.0)
    found = kaplan_meier(time, event, weeks, arm == 1)
    for r in range(REPLICATES):
        mine = arm[r] == 1
        theirs = SurvfuncRight(time[r, mine], event[r, mine].astype(int))
        at = np.searchsorted(theirs.surv_times, weeks, side="right")
        np.testing.assert_allclose(found.share[:, r], np.concatenate([[1.0], theirs.surv_prob])[at], rtol=1e-9)
        errors = np.concatenate([[0.0], theirs.surv_prob_se])[at]
        np.testing.assert_allclose(found.error[:, r], errors, rtol=1e-8, atol=1e-12)


def test_the_log_rank_test_is_that_of_statsmodels(relapses):
    time, event, arm = relapses
    found = log_rank(time, event, arm)
    for r in range(REPLICATES):
        chi2, p = survdiff(time[r], event[r].astype(int), arm[r])
        np.testing.assert_allclose((found.z[r] ** 2, found.p[r]), (chi2, p), rtol=1e-8)


def test_randomized_withdrawal_is_the_log_rank_test_of_those_randomized(relapses):
    time, event, arm = relapses
    responded = np.random.default_rng(9).random(arm.shape) < 0.6
    found = randomized_withdrawal(responded, arm, time, event, np.array([4.0, 8.0]))
    for r in range(REPLICATES):
        chosen = responded[r]
        _, p = survdiff(time[r, chosen], event[r, chosen].astype(int), arm[r, chosen])
        assert found.test.p[r] == pytest.approx(p, rel=1e-8)
        assert (found.entered[r], found.randomized[r]) == (PATIENTS, chosen.sum())


def test_no_event_among_101_patients_is_up_to_three_percent():
    found = event_share(np.zeros((1, 101)))
    assert np.isnan(found.share[0])
    assert found.low[0] == 0.0
    assert found.high[0] == pytest.approx(1 - 0.05 ** (1 / 101), rel=1e-9)
    assert round(100 * found.high[0]) == 3
