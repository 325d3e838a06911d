"""Shares, time to event, burden, margins, withdrawal, planning: each at its edges."""

import numpy as np
import pytest
from scipy import optimize

from unwound.core.errors import InputError
from unwound.trials.analysis import (
    Fit,
    ancova,
    area_under,
    censored,
    compare,
    compare_restricted_means,
    compare_shares,
    comparison,
    event_share,
    hazard_under_expectancy,
    joined,
    kaplan_meier,
    log_rank,
    mean_pain,
    non_inferior_interval,
    non_inferiority,
    opioid_equivalents,
    power_of,
    replicates_for,
    responder_curve,
    responses,
    restricted_mean,
    sample_size,
    several_periods,
    share_of,
    two_periods,
    unblinding_shares,
    under_expectancy,
)

NAN = np.nan


def row(*values):
    return np.array([values], dtype=float)


# -------------------------------------------------------------------------------------------------------- responders


def test_a_missing_rating_is_no_response_and_a_missing_baseline_no_patient():
    found = responses(row(4.9, 5.0, NAN, 1.0, 1.0), row(7.0, 7.0, 7.0, NAN, 0.0), 0.30)
    np.testing.assert_array_equal(found, row(1, 0, 0, NAN, NAN))


def test_a_patient_who_needed_rescue_is_no_responder_however_little_pain_is_left():
    found = responses(row(1.0, 1.0), row(7.0, 7.0), 0.5, failed=np.array([[True, False]]))
    np.testing.assert_array_equal(found, row(0, 1))


def test_the_responder_curve_falls_and_holds_the_usual_thresholds():
    rng = np.random.default_rng(1)
    baseline, ratings = np.full((3, 50), 7.0), rng.uniform(0, 9, (3, 50))
    ratings[:, :5] = NAN
    thresholds = np.linspace(0.0, 1.0, 21)
    curve = responder_curve(ratings, baseline, thresholds)
    assert (np.diff(curve, axis=0) <= 0).all()
    np.testing.assert_allclose(curve[6], responses(ratings, baseline, 0.30).mean(axis=-1))
    np.testing.assert_allclose(curve[10], responses(ratings, baseline, 0.50).mean(axis=-1))


def test_arms_without_a_responder_are_no_finding_and_their_interval_is_not_empty():
    found = compare_shares(np.zeros((1, 20)), np.arange(20)[None] % 2)
    assert (found.difference[0], found.p[0]) == (0.0, 1.0)
    assert found.low[0] < 0 < found.high[0]


# ----------------------------------------------------------------------------------------------------- time to event


def brute_mean(time, event, until):
    """Area under the product-limit curve, step by step, as a textbook writes it."""
    share, area, before = 1.0, 0.0, 0.0
    for t in sorted({float(t) for t, e in zip(time, event, strict=True) if e and t <= until}):
        area += share * (t - before)
        at_risk, events = np.sum(time >= t), np.sum((time == t) & event)
        share, before = share * (1 - events / at_risk), t
    return area + share * (until - before)


def test_the_restricted_mean_is_the_area_under_the_curve():
    rng = np.random.default_rng(2)
    time, event = censored(np.ceil(rng.exponential(8, (5, 30))), rng.integers(6, 13, (5, 30)))
    time[:, 0], event[:, 0] = 12.0, False
    mean, error = restricted_mean(time, event, 12.0)
    np.testing.assert_allclose(mean, [brute_mean(t, e, 12.0) for t, e in zip(time, event, strict=True)])
    assert (error > 0).all()


def test_without_censoring_the_restricted_mean_is_a_mean_with_its_standard_error():
    time = np.random.default_rng(3).exponential(5, (4, 200))
    mean, error = restricted_mean(time, np.ones(time.shape, dtype=bool), 6.0)
    cut = np.minimum(time, 6.0)
    np.testing.assert_allclose(mean, cut.mean(axis=1))
    np.testing.assert_allclose(error, cut.std(axis=1) / np.sqrt(200 - 0.5), rtol=5e-3)


def test_a_restricted_mean_beyond_the_follow_up_is_unknown():
    mean, _ = restricted_mean(row(3, 4, 5), np.array([[True, True, False]]), 9.0)
    assert np.isnan(mean[0])
    known, _ = restricted_mean(row(3, 4, 5), np.array([[True, True, True]]), 9.0)  # nobody is left
    assert known[0] == pytest.approx(4.0)


def test_treatment_that_delays_relapse_has_a_hazard_ratio_below_one_and_gains_time():
    rng = np.random.default_rng(4)
    arm = np.tile(np.arange(400) % 2, (50, 1))
    time, event = censored(rng.exponential(np.where(arm == 1, 10.0, 6.0)), 12.0)
    test = log_rank(time, event, arm)
    assert np.exp(np.log(test.hazard_ratio).mean()) == pytest.approx(0.6, abs=0.03)
    gained = compare_restricted_means(time, event, arm, 12.0)
    expected = 10 * (1 - np.exp(-1.2)) - 6 * (1 - np.exp(-2.0))
    assert gained.difference.mean() == pytest.approx(expected, abs=0.15)
    assert (gained.low < expected).mean() > 0.9


def test_a_curve_starts_at_one_and_counts_whom_it_follows():
    curve = kaplan_meier(row(2, 2, 5, NAN), np.array([[True, False, True, True]]), np.array([0.0, 2.0, 5.0, 6.0]))
    np.testing.assert_allclose(curve.share[:, 0], [1, 2 / 3, 0, 0])
    np.testing.assert_array_equal(curve.at_risk[:, 0], [3, 3, 1, 0])


def test_an_endless_or_negative_time_is_refused_with_the_remedy():
    with pytest.raises(InputError, match="censor at the end of follow-up"):
        kaplan_meier(row(2, np.inf), np.array([[True, False]]), np.array([1.0]))
    with pytest.raises(InputError, match="count from randomization"):
        log_rank(row(-1, 2), np.ones((1, 2), dtype=bool), np.array([[0, 1]]))


# ------------------------------------------------------------------------------------------- burden and adverse events


def test_steady_pain_has_its_own_level_as_mean_and_a_gap_has_no_area():
    steady = np.full((4, 1, 2), 6.0)
    steady[2, 0, 1] = NAN
    np.testing.assert_array_equal(mean_pain(steady, np.array([0.0, 1.0, 4.0, 12.0])), [[6.0, NAN]])
    assert area_under(steady, np.array([0.0, 1.0, 4.0, 12.0]))[0, 0] == 72.0


def test_opioids_add_up_by_the_factors_of_the_caller_and_none_is_guessed():
    doses = {"oxycodone": np.array([[20.0]]), "morphine": np.array([[30.0]])}
    assert opioid_equivalents(doses, {"oxycodone": 1.5, "morphine": 1.0})[0, 0] == 60.0
    with pytest.raises(InputError, match="no factor for 'oxycodone'"):
        opioid_equivalents(doses, {"morphine": 1.0})


def test_no_event_has_no_share_and_an_upper_bound_and_only_events_a_lower_one():
    none, all_of_them, some = (share_of(np.array([k]), np.array([20])) for k in (0, 20, 5))
    assert np.isnan(none.share[0])
    assert np.isnan(all_of_them.share[0])
    assert none.high[0] == pytest.approx(1 - 0.05 ** (1 / 20)) == 1 - all_of_them.low[0]
    assert some.low[0] < some.share[0] == 0.25 < some.high[0]


def test_who_was_not_observed_is_not_counted_as_free_of_events():
    found = event_share(row(1, 0, 0, NAN), members=np.array([[True, True, True, True]]))
    assert (found.events[0], found.patients[0]) == (1, 3)


# ----------------------------------------------------------------------------------------------------------- margins


def a_difference(value, error=0.5, freedom=58.0):
    return comparison(np.array([value]), np.array([error]), np.array([freedom]))


@pytest.mark.parametrize(("margin", "better"), [(-1.0, "lower"), (0.0, "lower"), (1.0, "higher"), (NAN, "lower")])
def test_a_margin_of_the_wrong_sign_is_refused(margin, better):
    with pytest.raises(InputError, match="the margin of treated minus control must be"):
        non_inferiority(a_difference(0.0), margin, better)


@pytest.mark.parametrize("value", [-1.0, -0.3, 0.0, 0.01, 0.6])
def test_not_worse_is_shown_exactly_when_the_interval_stays_on_the_good_side(value):
    found = a_difference(value)
    lower = non_inferiority(found, 1.0, "lower")
    assert lower.shown[0] == non_inferior_interval(found.low, found.high, 1.0, "lower")[0]
    mirrored = a_difference(-value)
    higher = non_inferiority(mirrored, -1.0, "higher")
    assert (higher.shown[0], higher.p[0]) == (lower.shown[0], pytest.approx(lower.p[0]))


def test_a_replicate_that_could_not_be_analyzed_shows_nothing():
    found = comparison(row(-5.0)[0], row(0.1)[0], row(58.0)[0], fit=np.array([Fit.NOT_CONVERGED]))
    assert not non_inferiority(found, 1.0).shown[0]


# ---------------------------------------------------------------------------------------------------------- planning


def test_power_carries_its_monte_carlo_error():
    found = power_of(np.arange(400) % 5 != 0)
    assert found.share == 0.8
    assert found.error == pytest.approx(0.02)
    assert found.low < 0.8 < found.high
    assert replicates_for(0.02, 0.8) == 400
    assert replicates_for(0.01) == 2500


def test_certain_power_still_has_an_interval():
    found = power_of(np.ones(100, dtype=bool))
    assert (found.share, found.error) == (1.0, 0.0)
    assert found.low < 0.97


def by_draws(per_arm, seed):
    """Rejections of a trial whose power is 1 - exp(-n / 20), with common random numbers."""
    return np.random.default_rng(seed).random(4000) < 1 - np.exp(-per_arm / 20)


def test_the_search_finds_the_smallest_number_that_reaches_the_target():
    found = sample_size(by_draws, target=0.8, seed=3)
    assert by_draws(found.per_arm, 3).mean() >= 0.8 > by_draws(found.per_arm - 1, 3).mean()
    truth = optimize.brentq(lambda n: 1 - np.exp(-n / 20) - 0.8, 1, 100)
    assert found.fewest <= truth <= found.most
    assert found.fewest <= found.per_arm <= found.most
    assert len(found.tried) < 30


def test_a_target_out_of_reach_is_refused_with_what_was_reached():
    with pytest.raises(InputError, match="does not reach it"):
        sample_size(by_draws, target=0.9, largest=20)


def test_every_effect_is_given_with_none_a_quarter_and_half_of_it_unblinding():
    assert unblinding_shares() == (0.0, 0.25, 0.5)
    found = under_expectancy(a_difference(-2.0))
    np.testing.assert_allclose([d.found.difference[0] for d in found], [-2.0, -1.5, -1.0])
    assert len({d.found.error[0] for d in found}) == 1
    assert found[0].found.p[0] < found[1].found.p[0] < found[2].found.p[0]
    assert hazard_under_expectancy(np.array([0.25]), 0.5)[0] == pytest.approx(0.5)


# ------------------------------------------------------------------------------------------------------------- slips


def test_arrays_that_do_not_belong_together_are_told_by_name():
    with pytest.raises(InputError, match="shape of baseline"):
        ancova(np.zeros((5, 10)), np.zeros((5, 10)), np.zeros((5, 9)))
    with pytest.raises(InputError, match=r"no patient of the treated arm \(1\)"):
        ancova(np.zeros((5, 10)), np.zeros((5, 10), dtype=int))


def test_values_of_two_arms_apart_become_one_array_and_give_the_same_answer():
    rng = np.random.default_rng(5)
    drug, none = rng.normal(5, 1, (3, 10)), rng.normal(6, 1, (3, 12))
    values, arm = joined(drug, none)
    np.testing.assert_allclose(ancova(values, arm).p, compare(drug, none).p)
    assert joined(np.zeros((4, 3, 10)), np.zeros((4, 3, 12)))[0].shape == (4, 3, 22)


def test_designs_that_are_no_crossover_are_refused():
    values = np.zeros((2, 1, 4))
    with pytest.raises(InputError, match="one of each treatment"):
        two_periods(values, np.ones((2, 1, 4), dtype=int))
    with pytest.raises(InputError, match="no patient receives it"):
        several_periods(values, np.zeros((2, 1, 4), dtype=int))
